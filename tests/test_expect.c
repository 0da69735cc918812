/*
 * Lines of expectations and programs, both random, against making all calls
 * that can be told apart.  Constants and masks are chosen so that these are
 * few: bits 0 to 3, 15 and 31 of a low word, and the ends of its range.
 */
#include <check.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "compiler/explain/expect.h"
#include "corpus.h"
#include "eval.h"
#include "expect-lines.h"

enum { CASES = 3000, CODE_MAX = 120 };

/* Low and high words, one for each that can be told apart. */
static const uint32_t low_bases[] = {
	0,	    0x10,	0x8000,	    0x8010,	0x10000,
	0x10010,    0x18000,	0x80000000, 0x80000010, 0x80008000,
	0x80008010, 0x80010000, 0xfff0,	    0x8000fff0, 0xfffffff0,
};
static const uint32_t highs[] = {
	0, 1, 2, 3, 0x80000000, 0x80000001, 0x80000002, 0xfffffffe, 0xffffffff,
};

static const uint32_t answers[] = {
	SECCOMP_RET_ALLOW,	 SECCOMP_RET_ALLOW,
	SECCOMP_RET_ALLOW,	 SECCOMP_RET_LOG,
	SECCOMP_RET_ERRNO | 1,	 SECCOMP_RET_ERRNO | 38,
	SECCOMP_RET_KILL_THREAD, SECCOMP_RET_KILL_PROCESS,
	SECCOMP_RET_TRAP,	 SECCOMP_RET_TRACE | 5,
	SECCOMP_RET_USER_NOTIF,
};

struct made {
	struct sock_filter code[CODE_MAX];
	size_t n;
};

static void
put(struct made *m, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	m->code[m->n++] = (struct sock_filter){ code, jt, jf, k };
}

/* A test of which the true side goes on and the false one skips so many. */
static void
put_test(struct made *m, const struct subject *s, unsigned skip)
{
	static const uint32_t some_highs[] = { 0, 1, 0x80000000, UINT32_MAX };
	static const uint16_t ops[] = { BPF_JEQ, BPF_JGE, BPF_JSET };
	uint16_t op = ops[draw(3)];
	unsigned word = DD_ARGS + 2 * s->arg;
	uint32_t k = op == BPF_JSET ? draw_mask() : draw_low();

	switch (draw(6)) {
	case 0:
		word = DD_NUMBER;
		op = draw(3) ? BPF_JEQ : BPF_JGE;
		k = s->number[draw(ABI_COUNT)] + draw(2);
		break;
	case 1:
		word = DD_ARCH;
		op = BPF_JEQ;
		k = line_tokens[draw(2)];
		break;
	case 2:
		word++;
		k = some_highs[draw(4)];
		break;
	case 3:
		word = DD_ARGS + 4;
		op = draw(2) ? BPF_JEQ : BPF_JGE;
		k = draw(4);
		break;
	}
	put(m, BPF_LD | BPF_W | BPF_ABS, 0, 0, 4 * word);
	if (draw(2))
		put(m, BPF_JMP | BPF_K | op, 0, (uint8_t)skip, k);
	else
		put(m, BPF_JMP | BPF_K | op, (uint8_t)skip, 0, k);
}

static void
make_program(struct made *m, const struct subject *s)
{
	unsigned blocks = 1 + draw(6);

	m->n = 0;
	for (unsigned i = 0; i < blocks; i++) {
		unsigned tests = 1 + draw(3);

		for (unsigned j = tests; j-- > 0;)
			put_test(m, s, 2 * j + 1);
		put(m, BPF_RET | BPF_K, 0, 0, answers[draw(LENGTH(answers))]);
	}
	put(m, BPF_RET | BPF_K, 0, 0, answers[draw(LENGTH(answers))]);
}

/* Whether a line is about a call, and what it then says of it. */
static bool
is_wrong(const struct line *l, const struct made *m, enum abi abi,
	 const struct seccomp_data *call)
{
	return line_is_about(l, abi, (uint32_t)call->nr) &&
	       line_takes(l, abi, call->args[l->subject->arg]) &&
	       (l->other < 0 || call->args[2] == (uint64_t)l->other) &&
	       !line_is_good(l, bpf_run(m->code, m->n, call, NULL));
}

/* Tries all calls with a number. */
static bool
is_wrong_at(const struct line *l, const struct made *m, enum abi abi,
	    uint32_t number, bool *about)
{
	struct seccomp_data call = { .nr = (int)number,
				     .arch = line_tokens[abi] };
	__u64 *value = &call.args[l->subject->arg];

	if (!line_is_about(l, abi, number))
		return false;
	for (size_t i = 0; i < LENGTH(low_bases) * 16; i++) {
		for (size_t j = 0; j < LENGTH(highs); j++) {
			*value = (uint64_t)highs[j] << 32 |
				 (low_bases[i / 16] + i % 16);
			if (!line_takes(l, abi, *value))
				continue;
			*about = true;
			for (call.args[2] = 0; call.args[2] < LINE_OTHERS;
			     call.args[2]++)
				if (is_wrong(l, m, abi, &call))
					return true;
		}
	}
	return false;
}

static bool
is_wrong_on(const struct line *l, const struct made *m, enum abi abi,
	    bool *about)
{
	static const uint32_t ends[] = { 0,	     0x3fffffff,
					 0x40000000, LINE_X32 + 1,
					 0x7fffffff, 0x80000000,
					 UINT32_MAX };
	bool wrong = false;

	for (size_t i = 0; i < LENGTH(ends); i++)
		wrong |= is_wrong_at(l, m, abi, ends[i], about);
	for (size_t i = 0; i < ABI_COUNT; i++)
		for (uint32_t j = 0; j < 5; j++)
			wrong |= is_wrong_at(l, m, abi,
					     l->subject->number[i] + j - 1,
					     about);
	return wrong;
}

static void
check_failure(const struct line *l, const struct made *m,
	      const struct expect_failure *f)
{
	ck_assert_uint_eq(f->call.arch, line_tokens[f->abi]);
	ck_assert_uint_eq(f->actual, bpf_run(m->code, m->n, &f->call, NULL));
	ck_assert_msg(is_wrong(l, m, f->abi, &f->call), "%s: no failure: %llx",
		      l->text,
		      (unsigned long long)f->call.args[l->subject->arg]);
}

static void
read_lines(struct expectations *list, const char *text)
{
	struct buf errors = { .arena = list->arena };
	struct source source = { "lines", text, strlen(text) };

	ck_assert_msg(expect_read(list, &source, &errors), "%.200s\n%.500s",
		      text, errors.data);
}

static enum expect_answer
try_case(struct arena *arena)
{
	const struct subject *s = &subjects[draw(LENGTH(subjects))];
	struct expectations list = { .arena = arena };
	struct expect_result result;
	struct expect_subject subject = { .abis = 1 + draw(7) };
	struct made m;
	struct line l;
	bool wrong = false, about = false;
	char why[160];
	size_t at;

	make_program(&m, s);
	draw_line(&l, s, subject.abis);
	subject.code = m.code;
	subject.count = m.n;
	read_lines(&list, l.text);
	ck_assert_int_eq(
		expect_decide(&list, &subject, &result, &at, why, sizeof(why)),
		DD_DONE);
	for (size_t i = 0, n = 0; i < ABI_COUNT; i++) {
		bool here = l.abis >> i & 1 &&
			    is_wrong_on(&l, &m, (enum abi)i, &about);

		wrong |= here;
		ck_assert_msg((n < result.count &&
			       result.failures[n].abi == i) == here,
			      "%s: on %s: %d", l.text, arch_table[i]->name,
			      here);
		n += here;
	}
	ck_assert_msg(result.answer == (wrong	? EXPECT_FAILS
					: about ? EXPECT_HOLDS
						: EXPECT_EMPTY),
		      "%s: %d", l.text, result.answer);
	for (size_t i = 0; i < result.count; i++)
		check_failure(&l, &m, &result.failures[i]);
	return result.answer;
}

START_TEST(random_lines)
{
	size_t count[EXPECT_EMPTY + 1] = { 0 };
	struct arena arena;

	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	for (size_t i = 0; i < CASES; i++) {
		count[try_case(&arena)]++;
		arena_finish(&arena);
	}
	/* Both answers, often. */
	ck_assert_uint_gt(count[EXPECT_HOLDS], CASES / 16);
	ck_assert_uint_gt(count[EXPECT_FAILS], CASES / 8);
}
END_TEST

/* Every syscall of a profile with all arguments 0, against eval.c. */
static void
hold_profile(const struct compilation *c, enum abi abi)
{
	struct arena arena;
	struct expectations list = { .arena = &arena };
	struct buf text = { .arena = &arena };
	const uint64_t zero[6] = { 0 };
	struct expect_subject subject = { c->program->code.v,
					  c->program->code.n,
					  c->ruleset->abis };
	struct expect_result *results;
	char why[160];
	size_t at;

	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	for (size_t i = 0; i < syscall_number_count[abi]; i++) {
		const struct syscall_name *name =
			&syscall_names[syscall_numbers[abi][i]];

		unsigned count =
			name->args[abi].known ? name->args[abi].count : 6;

		buf_printf(&text, "%s %s(", arch_table[abi]->name, name->name);
		for (unsigned j = 0; j < count; j++)
			buf_printf(&text, j ? ", 0" : "0");
		buf_printf(&text, ") allow\n");
	}
	read_lines(&list, text.data);
	results = arena_alloc(&arena, list.list.n * sizeof(*results));
	ck_assert_int_eq(
		expect_decide(&list, &subject, results, &at, why, sizeof(why)),
		DD_DONE);
	for (size_t i = 0; i < list.list.n; i++) {
		uint32_t nr =
			(uint32_t)list.list.v[i].calls.v[0].name->number[abi] |
			arch_table[abi]->number_bit;
		uint32_t action = eval_call(
			c->ruleset, arch_table[abi]->audit_token, nr, zero);
		bool allowed = action == SECCOMP_RET_ALLOW;

		ck_assert_msg((results[i].answer == EXPECT_HOLDS) == allowed,
			      "%s", list.list.v[i].text);
		if (!allowed)
			ck_assert_uint_eq(results[i].failures[0].actual,
					  action);
	}
	arena_finish(&arena);
}

static void
try_profile(void *context, const char *path, const char *text, size_t len)
{
	size_t *count = context;
	struct compilation c;

	compilation_init(&c, path, text, len);
	c.options.caps_given = c.options.kernel_given = true;
	c.options.kernel = 0x601;
	if (compile(&c)) {
		++*count;
		for (size_t i = 0; i < ABI_COUNT; i++)
			if (c.ruleset->abis >> i & 1)
				hold_profile(&c, (enum abi)i);
	}
	compilation_finish(&c);
}

START_TEST(profiles)
{
	size_t count = 0;

	ck_assert(corpus_visit("docs/examples", try_profile, &count));
	ck_assert(corpus_visit("tests/golden", try_profile, &count));
	ck_assert_uint_gt(count, getenv("SECCOMPC_CORPUS_STEP") ? 0 : 20);
}
END_TEST

/* Without a rule set, which ABIs a program is for. */
START_TEST(abis)
{
	static const struct sock_filter x86_64[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 4 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64 },
		{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_THREAD },
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 },
		{ BPF_JMP | BPF_JGE | BPF_K, 0, 1, LINE_X32 },
		{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 38 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 41 },
		{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 1 },
		{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW },
	};
	static const struct sock_filter all[] = {
		{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW },
		{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS },
	};
	abi_set set;

	ck_assert_int_eq(expect_abis(x86_64, LENGTH(x86_64), &set), DD_DONE);
	ck_assert_uint_eq(set, 1u << ABI_X86_64);
	ck_assert_int_eq(expect_abis(all, 1, &set), DD_DONE);
	ck_assert_uint_eq(set, 7);
	ck_assert_int_eq(expect_abis(all + 1, 1, &set), DD_DONE);
	ck_assert_uint_eq(set, 7);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("expect");
	TCase *tcase = tcase_create("expect");
	SRunner *runner;
	const char *seed = getenv("SECCOMPC_SEED");
	int failed;

	lines_seed(seed ? strtoull(seed, NULL, 0) : 1);
	tcase_set_timeout(tcase, 0);
	tcase_add_test(tcase, random_lines);
	tcase_add_test(tcase, profiles);
	tcase_add_test(tcase, abis);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
