/*
 * Diagrams as conditions: random conditions are joined, expressed anew, and
 * the result is held against the diagram and, on many calls, against counting
 * out what was joined.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "express.h"

enum { MAX_TERMS = 5, MAX_PARTS = 3, PLENTY = 100, CALLS = 400 };

/* How words are tested in the set. */
enum mode {
	RANGES,
	BITS,
	INTERLEAVED,
	LOW_WORDS, /* as conditions of i386 are */
	MODES,
};

static const uint64_t values[] = {
	0,
	1,
	2,
	3,
	5,
	7,
	8,
	16,
	38,
	40,
	0xff,
	0x5401,
	0x5412,
	0x7e020000,
	0x7fffffff,
	0x80000000,
	0xfffffffe,
	0xffffffff,
	0x100000000,
	0x100000001,
	0x200000005,
	0xffffffff80000000,
	0xffffffffffffffff,
};

struct term {
	struct piece v[MAX_PARTS];
	size_t n;
};

struct subject {
	enum mode mode;
	unsigned arguments; /* that conditions look at */
	struct term v[MAX_TERMS];
	size_t n;
	bool negated; /* all but that */
	uint64_t seed;
};

static uint64_t
draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static uint64_t
draw_value(uint64_t *seed)
{
	return draw(seed) % 8 ? values[draw(seed) % LENGTH(values)]
			      : draw(seed);
}

static struct piece
draw_piece(struct subject *s)
{
	uint64_t *seed = &s->seed, whole = UINT64_MAX, swap;
	struct piece p = { .arg = (uint8_t)(draw(seed) % s->arguments) };

	p.low = s->mode == LOW_WORDS || draw(seed) % 4 == 0;
	if (p.low)
		whole = UINT32_MAX;
	p.negated = draw(seed) % 4 == 0;
	p.masked = draw(seed) % 2;
	if (p.masked && s->mode == RANGES) {
		p.mask = whole << draw(seed) % 33 & whole;
		p.value = draw_value(seed) & p.mask;
	} else if (p.masked) {
		p.mask = draw_value(seed) & whole;
		p.value = draw_value(seed) & p.mask;
	} else {
		p.first = draw_value(seed) & whole;
		p.last = draw(seed) % 2 ? p.first : draw_value(seed) & whole;
		if (p.first > p.last) {
			swap = p.first;
			p.first = p.last;
			p.last = swap;
		}
	}
	return p;
}

static void
draw_subject(struct subject *s, enum mode mode, int round)
{
	memset(s, 0, sizeof(*s));
	s->seed = (uint64_t)round * UINT64_C(0x9e3779b97f4a7c15) + 88172645463;
	s->mode = mode;
	s->arguments = 1 + (unsigned)(draw(&s->seed) % 4);
	s->n = 1 + draw(&s->seed) % MAX_TERMS;
	s->negated = draw(&s->seed) % 5 == 0;
	for (size_t i = 0; i < s->n; i++) {
		s->v[i].n = 1 + draw(&s->seed) % MAX_PARTS;
		for (size_t j = 0; j < s->v[i].n; j++)
			s->v[i].v[j] = draw_piece(s);
	}
}

/* Arithmetic, not diagrams. */
static bool
piece_holds(const struct piece *p, const uint64_t args[6])
{
	uint64_t x = args[p->arg];
	bool holds;

	if (p->low)
		x = (uint32_t)x;
	holds = p->masked ? (x & p->mask) == p->value
			  : x >= p->first && x <= p->last;
	return holds != p->negated;
}

static bool
subject_holds(const struct subject *s, const uint64_t args[6])
{
	bool any = false;

	for (size_t i = 0; i < s->n; i++) {
		bool all = true;

		for (size_t j = 0; j < s->v[i].n; j++)
			all &= piece_holds(&s->v[i].v[j], args);
		any |= all;
	}
	return any != s->negated;
}

static bool
list_holds(const struct conjunctions *list, const uint64_t args[6])
{
	bool any = false;

	for (size_t i = 0; i < list->n; i++) {
		bool all = true;

		for (size_t j = 0; j < list->v[i].n; j++)
			all &= piece_holds(&list->v[i].v[j], args);
		any |= all;
	}
	return any;
}

static dd
build(struct dd_set *set, const struct subject *s)
{
	dd any = DD_FALSE;

	for (size_t i = 0; i < s->n; i++) {
		dd all = DD_TRUE;

		for (size_t j = 0; j < s->v[i].n; j++)
			all = dd_apply(set, DD_AND, all,
				       express_piece(set, &s->v[i].v[j]),
				       DD_FALSE);
		any = dd_apply(set, DD_OR, any, all, DD_FALSE);
	}
	return s->negated ? dd_not(set, any) : any;
}

/* The union of a list without one of its members. */
static dd
join(struct dd_set *set, const struct conjunctions *list, size_t without)
{
	dd any = DD_FALSE;

	for (size_t i = 0; i < list->n; i++)
		if (i != without)
			any = dd_apply(set, DD_OR, any,
				       express_conjunction(set, &list->v[i]),
				       DD_FALSE);
	return any;
}

static void
check_shape(const struct conjunctions *list, bool plainly)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct conjunction *c = &list->v[i];

		for (size_t j = 0; j < c->n; j++) {
			const struct piece *p = &c->v[j];

			ck_assert(!plainly || !p->negated);
			ck_assert(!j || c->v[j - 1].arg < p->arg);
			ck_assert(!p->low || !p->masked ||
				  p->mask <= UINT32_MAX);
			ck_assert(!(p->value & ~p->mask) || !p->masked);
			ck_assert(p->masked || p->first <= p->last);
		}
	}
}

/* Values near those that a subject asks of an argument. */
static uint64_t
draw_argument(uint64_t *seed, const struct subject *s)
{
	const struct term *t = &s->v[draw(seed) % s->n];
	const struct piece *p = &t->v[draw(seed) % t->n];

	switch (draw(seed) % 6) {
	case 0:
		return (p->masked ? p->value : p->first) + draw(seed) % 3 - 1;
	case 1:
		return (p->masked ? p->value : p->last) + draw(seed) % 3 - 1;
	case 2:
		return p->value | (draw(seed) & ~p->mask);
	case 3:
		return (p->value ^ UINT64_C(1) << draw(seed) % 64) |
		       (draw(seed) & ~p->mask);
	case 4:
		return (uint32_t)p->first | draw(seed) << 32;
	default:
		return draw_value(seed);
	}
}

static void
check_calls(struct dd_set *set, struct subject *s, dd where,
	    const struct conjunctions *list)
{
	struct seccomp_data data = { 0 };
	uint64_t args[6];

	for (int i = 0; i < CALLS; i++) {
		bool wanted;

		for (int j = 0; j < 6; j++)
			args[j] = draw_argument(&s->seed, s);
		memcpy(data.args, args, sizeof(args));
		wanted = subject_holds(s, args);
		if (list_holds(list, args) != wanted ||
		    dd_decide(set, where, &data) != (uint32_t)wanted)
			ck_abort_msg("arguments 0x%llx, 0x%llx, 0x%llx",
				     (unsigned long long)args[0],
				     (unsigned long long)args[1],
				     (unsigned long long)args[2]);
	}
}

static void
work(struct dd_set *set, void *data)
{
	struct subject s = *(const struct subject *)data;
	struct conjunctions list, some;
	dd where;

	for (unsigned i = 0; i < 12 && s.mode == INTERLEAVED; i++)
		dd_need_bits(set, DD_ARGS + i);
	if (s.mode == INTERLEAVED)
		dd_need_interleaved(set);
	where = build(set, &s);
	for (int plainly = 0; plainly < 2; plainly++) {
		bool all = plainly ? express_plainly(set, where, &list, PLENTY)
				   : express(set, where, &list, PLENTY);

		check_shape(&list, plainly);
		if (!all) {
			ck_assert(dd_apply(set, DD_OR, where,
					   join(set, &list, SIZE_MAX),
					   DD_FALSE) == where);
			continue;
		}
		ck_assert_uint_eq(join(set, &list, SIZE_MAX), where);
		for (size_t i = 0; i < list.n && list.n < 30; i++)
			ck_assert_uint_ne(join(set, &list, i), where);
		check_calls(set, &s, where, &list);
	}
	ck_assert(!express(set, where, &some, 2) || some.n <= 2);
	ck_assert(some.n <= 2);
	ck_assert_uint_eq(dd_apply(set, DD_OR, where,
				   join(set, &some, SIZE_MAX), DD_FALSE),
			  where);
}

START_TEST(random_conditions)
{
	static struct dd_set set;
	struct subject s;

	for (enum mode mode = RANGES; mode < MODES; mode++) {
		draw_subject(&s, mode, _i);
		ck_assert_int_eq(dd_run(&set, work, &s), DD_DONE);
		dd_finish(&set);
	}
}
END_TEST

struct text {
	struct conjunction c[4];    /* joined; up to the first without pieces */
	const char *socket, *plain; /* in words, with and without names */
};

/* clang-format off */
#define VALUE(a, k) { .arg = a, .first = k, .last = k }
#define NOT(a, k) { .arg = a, .first = k, .last = k, .negated = true }
#define RANGE(a, x, y) { .arg = a, .first = x, .last = y }
#define MASK(a, m, k) { .arg = a, .masked = true, .mask = m, .value = k }
#define LOW(a, x, y) { .arg = a, .low = true, .first = x, .last = y }
#define ALL(...) { { __VA_ARGS__ }, sizeof((struct piece[]){ __VA_ARGS__ }) / \
				    sizeof(struct piece), false }

static const struct text texts[] = {
	{ { ALL(VALUE(0, 16)) }, "family == 16", "arg0 == 16" },
	{ { ALL(NOT(0, 16)) }, "family != 16", "arg0 != 16" },
	{ { ALL(RANGE(1, 2, 5)) }, "2 <= type <= 5", "2 <= arg1 <= 5" },
	{ { ALL(RANGE(1, 0, 5)) }, "type <= 5", "arg1 <= 5" },
	{ { ALL(RANGE(1, 70000, UINT64_MAX)) },
	  "type >= 0x11170",
	  "arg1 >= 0x11170" },
	{ { ALL(MASK(3, 0x7e020000, 0)) },
	  "(arg3 & 0x7e020000) == 0",
	  "(arg3 & 0x7e020000) == 0" },
	{ { ALL(MASK(1, 0x804, 0x800)) },
	  "(type & 0x804) == 0x800",
	  "(arg1 & 0x804) == 0x800" },
	{ { ALL(MASK(1, 0x800, 0x800)) },
	  "(type & 0x800) == 0x800",
	  "(arg1 & 0x800) == 0x800" },
	{ { ALL(LOW(0, 2, 2)) },
	  "(family & 0xffffffff) == 2",
	  "(arg0 & 0xffffffff) == 2" },
	{ { ALL(LOW(0, 2, 9)) },
	  "2 <= (family & 0xffffffff) <= 9",
	  "2 <= (arg0 & 0xffffffff) <= 9" },
	/* One after the other, without what the first one says. */
	{ { ALL(VALUE(0, 2)), ALL(VALUE(1, 3)) },
	  "type == 3; family == 2",
	  "arg1 == 3; arg0 == 2" },
	{ { ALL(VALUE(0, 2), VALUE(1, 3)), ALL(VALUE(0, 2), VALUE(1, 5)) },
	  "family == 2 and type == 3; family == 2 and type == 5",
	  "arg0 == 2 and arg1 == 3; arg0 == 2 and arg1 == 5" },
	{ { ALL(VALUE(0, 1)), ALL(VALUE(0, 2)), ALL(VALUE(0, 3)) },
	  "1 <= family <= 3",
	  "1 <= arg0 <= 3" },
	{ { ALL(VALUE(0, 1)), ALL(VALUE(0, 3)) },
	  "family == 1; family == 3",
	  "arg0 == 1; arg0 == 3" },
	/* All but a range. */
	{ { ALL(RANGE(0, 0, 4)), ALL(RANGE(0, 8, UINT64_MAX)) },
	  "not 5 <= family <= 7",
	  "not 5 <= arg0 <= 7" },
	{ { ALL(NOT(0, 4)), ALL(VALUE(0, 4)) }, "always", "always" },
};

/* clang-format on */

static void
write_list(struct buf *buf, const struct conjunctions *list,
	   const struct syscall_args *args)
{
	for (size_t i = 0; i < list->n; i++) {
		buf_printf(buf, "%s", i ? "; " : "");
		express_write(buf, &list->v[i], args);
	}
}

static void
write_text(struct dd_set *set, void *data)
{
	const struct text *text = data;
	const struct syscall_name *socket = syscall_find("socket");
	struct buf named = { .arena = &set->arena };
	struct buf plain = { .arena = &set->arena };
	struct conjunctions list;
	dd where = DD_FALSE;

	for (size_t i = 0; i < 4 && text->c[i].n; i++)
		where = dd_apply(set, DD_OR, where,
				 express_conjunction(set, &text->c[i]),
				 DD_FALSE);
	ck_assert(express(set, where, &list, 10));
	write_list(&named, &list, &socket->args[ABI_X86_64]);
	write_list(&plain, &list, NULL);
	ck_assert_str_eq(named.data, text->socket);
	ck_assert_str_eq(plain.data, text->plain);
}

START_TEST(in_words)
{
	static struct dd_set set;
	struct text text = texts[_i];

	ck_assert_int_eq(dd_run(&set, write_text, &text), DD_DONE);
	dd_finish(&set);
}
END_TEST

static void
write_narrow(struct dd_set *set, void *data)
{
	const struct piece piece = LOW(0, 2, 9);
	struct conjunctions list;
	struct buf buf = { .arena = &set->arena };

	(void)data;
	ck_assert(express(set, express_piece(set, &piece), &list, 1));
	list.v[0].narrow = true;
	write_list(&buf, &list, NULL);
	ck_assert_str_eq(buf.data, "2 <= arg0 <= 9");
	ck_assert(express(set, DD_FALSE, &list, 1));
	ck_assert_uint_eq(list.n, 0);
}

START_TEST(narrow)
{
	static struct dd_set set;

	ck_assert_int_eq(dd_run(&set, write_narrow, NULL), DD_DONE);
	dd_finish(&set);
}
END_TEST

int
main(void)
{
	const char *rounds = getenv("EXPRESS_ROUNDS");
	Suite *suite = suite_create("express");
	TCase *tcase = tcase_create("express");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 0);
	tcase_add_loop_test(tcase, in_words, 0, LENGTH(texts));
	tcase_add_test(tcase, narrow);
	tcase_add_loop_test(tcase, random_conditions, 0,
			    rounds ? atoi(rounds) : 60);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
