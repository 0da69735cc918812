/*
 * Diagrams against plain evaluation: what they decide, that equal functions
 * are one node, and where different ones differ.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "expressions.h"
#include "random-bpf.h"

enum { LOOPS = 1500, CALLS = 250, MAX_LIST = 9 };

/* What the functions of some loops came to, so that none is tested in vain. */
static size_t equal_pairs, different_pairs, by_bits, by_thresholds;
static uint64_t first_seed;

/* One random case, which work on diagrams may start anew. */
struct trial {
	struct ground ground;
	struct expr *a, *b, *list[MAX_LIST];
	size_t count;
	uint32_t first[MAX_LIST], k;
	unsigned word;
	uint32_t bits; /* words that are read bit by bit from the start */
	uint32_t cuts[DD_WORDS]; /* others in fields, where they are allowed */
	bool interleaved, fields, any_words;
	uint32_t table[2][GROUND_POINTS];
};

static void
open_trial(struct trial *t, int loop, uint64_t salt)
{
	random_state = first_seed + (uint64_t)loop * 0x10001 + (salt << 40);
	expr_reset(random_state + 1);
	memset(t, 0, sizeof(*t));
	t->fields = below(2);
	for (unsigned i = 0; i < DD_WORDS; i++)
		if (below(2))
			t->cuts[i] = random_word() & random_word() & ~1u;
	switch (below(4)) {
	case 0:
		t->interleaved = below(2);
		t->bits = UINT32_MAX;
		break;
	case 1:
		t->bits = random_word();
		break;
	}
}

static void
run(struct trial *t, void (*work)(struct dd_set *, void *))
{
	struct dd_set set;
	enum dd_end end = (t->fields ? dd_run_fields : dd_run)(&set, work, t);

	ck_assert_int_eq(end, DD_DONE);
	dd_finish(&set);
}

/* Each of these starts the work anew, once. */
static void
choose_bits(struct dd_set *set, const struct trial *t)
{
	for (unsigned i = 0; i < DD_WORDS; i++)
		if (t->bits >> i & 1)
			dd_need_bits(set, i);
		else if (t->fields && t->cuts[i])
			dd_need_cuts(set, i, t->cuts[i]);
	if (t->interleaved)
		dd_need_interleaved(set);
}

static uint32_t
value_of(const struct dd_set *set, dd a, const uint32_t words[DD_WORDS])
{
	struct seccomp_data data;

	memcpy(&data, words, sizeof(data));
	return dd_decide(set, a, &data);
}

static void
fill(uint32_t words[DD_WORDS])
{
	for (unsigned i = 0; i < DD_WORDS; i++)
		words[i] = random_word();
}

/* Check writes to a file at each assertion, and calls are many. */
static void
expect(uint32_t got, uint32_t wanted, const char *what)
{
	if (got != wanted)
		ck_abort_msg("%s: 0x%x, not 0x%x", what, got, wanted);
}

static void
decide_expression(struct dd_set *set, void *data)
{
	struct trial *t = data;
	struct expr_values values[DD_WORDS] = { 0 };
	uint32_t words[DD_WORDS];
	dd a;

	choose_bits(set, t);
	a = expr_build(set, t->a);
	expr_collect(t->a, values);
	for (unsigned i = 0; i < CALLS; i++) {
		fill(words);
		for (unsigned j = 0; j < GROUND_WORDS; j++) {
			struct expr_values *v = &values[t->ground.word[j]];

			if (v->n && below(16))
				words[t->ground.word[j]] =
					v->v[below((uint32_t)v->n)];
		}
		expect(value_of(set, a, words), expr_evaluate(t->a, words),
		       "a call");
	}
}

/* Constants and masks of all kinds, on calls at and around them. */
START_TEST(decisions)
{
	struct trial t;

	open_trial(&t, _i, 1);
	ground_choose_shape(&t.ground, SHAPE_ANY);
	t.a = below(2) ? expr_truth(&t.ground, 4) : expr_action(&t.ground, 4);
	run(&t, decide_expression);
}
END_TEST

static void
tabulate(struct trial *t, const struct expr *e, uint32_t table[GROUND_POINTS])
{
	static const uint32_t zero[DD_WORDS];
	uint32_t words[DD_WORDS];

	for (unsigned i = 0; i < GROUND_POINTS; i++) {
		ground_point(&t->ground, i, zero, words);
		table[i] = expr_evaluate(e, words);
	}
}

/* A diagram says what a table does, whatever is in the other bits. */
static void
expect_table(struct dd_set *set, const struct trial *t, dd a,
	     const uint32_t table[GROUND_POINTS])
{
	uint32_t words[DD_WORDS], filler[DD_WORDS];

	for (unsigned i = 0; i < GROUND_POINTS; i++) {
		fill(filler);
		ground_point(&t->ground, i, filler, words);
		expect(value_of(set, a, words), table[i], "a point");
	}
}

/* Words that were not looked at do not change either value. */
static void
expect_difference(struct dd_set *set, const struct trial *t, dd a, dd b)
{
	static const uint32_t zero[DD_WORDS];
	struct seccomp_data data;
	uint32_t words[DD_WORDS], first[DD_WORDS], matter, x, y;
	unsigned i = 0;

	matter = dd_difference(set, a, b, &data);
	memcpy(words, &data, sizeof(words));
	x = expr_evaluate(t->a, words);
	y = expr_evaluate(t->b, words);
	ck_assert_uint_ne(x, y);
	for (unsigned j = 0; j < DD_WORDS; j++)
		if (!(matter >> j & 1))
			words[j] = random_word();
	expect(expr_evaluate(t->a, words), x, "words that do not matter");
	expect(expr_evaluate(t->b, words), y, "words that do not matter");
	if (set->interleaved)
		return;
	/* It is the first one in the order of words. */
	while (t->table[0][i] == t->table[1][i])
		i++;
	ground_point(&t->ground, i, zero, first);
	ck_assert_mem_eq(&data, first, sizeof(first));
}

static void
compare_pair(struct dd_set *set, void *data)
{
	struct trial *t = data;
	bool equal = !memcmp(t->table[0], t->table[1], sizeof(t->table[0]));
	dd a, b;

	choose_bits(set, t);
	a = expr_build(set, t->a);
	b = expr_build(set, t->b);
	expect_table(set, t, a, t->table[0]);
	expect_table(set, t, b, t->table[1]);
	expect(a == b, equal, "whether functions are the same node");
	if (!equal)
		expect_difference(set, t, a, b);
	equal_pairs += equal;
	different_pairs += !equal;
	by_bits += set->bits != 0;
	by_thresholds += set->bits == 0;
}

/* Functions of nine bits, so that all calls can be tried. */
START_TEST(pairs)
{
	struct trial t;

	open_trial(&t, _i, 2);
	ground_choose(&t.ground);
	t.a = below(2) ? expr_truth(&t.ground, 3) : expr_action(&t.ground, 4);
	t.b = expr_rewrite(t.a);
	for (uint32_t i = below(5); i > 0; i--)
		t.b = expr_spoil(&t.ground, t.b);
	tabulate(&t, t.a, t.table[0]);
	tabulate(&t, t.b, t.table[1]);
	run(&t, compare_pair);
}
END_TEST

static void
fix_word(struct dd_set *set, void *data)
{
	struct trial *t = data;
	dd a;

	choose_bits(set, t);
	a = dd_at(set, expr_build(set, t->a), t->word, t->k);
	expect_table(set, t, a, t->table[0]);
}

START_TEST(at)
{
	struct trial t;

	open_trial(&t, _i, 3);
	ground_choose(&t.ground);
	t.a = expr_truth(&t.ground, 4);
	t.word = t.ground.word[below(GROUND_WORDS)];
	t.k = random_constant();
	tabulate(&t, expr_apply(DD_WITH, t.a, expr_word_is(t.word, t.k), NULL),
		 t.table[0]);
	run(&t, fix_word);
}
END_TEST

static int
compare_words(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
build_ranges(struct dd_set *set, void *data)
{
	struct trial *t = data;
	struct dd_range ranges[MAX_LIST];
	uint32_t words[DD_WORDS];
	dd a, whole;

	choose_bits(set, t);
	for (size_t i = 0; i < t->count; i++)
		ranges[i] = (struct dd_range){ t->first[i],
					       expr_build(set, t->list[i]) };
	a = (t->any_words ? dd_cells : dd_ranges)(set, t->word, ranges,
						  t->count);
	whole = ranges[0].node;
	for (size_t i = 1; i < t->count; i++)
		whole = dd_apply(set, DD_ITE,
				 dd_less(set, t->word, t->first[i]), whole,
				 ranges[i].node);
	expect(a, whole, "all ranges");
	for (unsigned i = 0; i < CALLS; i++) {
		size_t n = below((uint32_t)t->count);

		fill(words);
		words[t->word] = t->first[n] + below(3) - 1;
		words[t->ground.word[2]] = random_constant();
		for (n = 0; n + 1 < t->count;)
			if (t->first[n + 1] <= words[t->word])
				n++;
			else
				break;
		expect(value_of(set, a, words),
		       expr_evaluate(t->list[n], words), "a range");
	}
}

/* Ranges of one word, of functions of others or of all. */
static void
try_ranges(int loop, bool any_words)
{
	struct trial t;
	uint32_t all[MAX_LIST] = { 0 };

	open_trial(&t, loop, 4 + any_words);
	t.any_words = any_words;
	ground_choose_shape(&t.ground, SHAPE_ANY);
	t.word = t.ground.word[any_words ? below(GROUND_WORDS) : 0];
	if (!any_words)
		t.ground.word[0] = t.ground.word[1];
	for (size_t i = 1; i < MAX_LIST; i++)
		all[i] = random_constant();
	qsort(all, MAX_LIST, sizeof(*all), compare_words);
	for (size_t i = 0; i < MAX_LIST; i++) {
		if (i && all[i] == all[i - 1])
			continue;
		t.first[t.count] = all[i];
		t.list[t.count++] = expr_truth(&t.ground, below(3));
	}
	run(&t, build_ranges);
}

START_TEST(ranges)
{
	try_ranges(_i, false);
}
END_TEST

/* The same of functions of all words, that one too. */
START_TEST(cells)
{
	try_ranges(_i, true);
}
END_TEST

static void
combine_list(struct dd_set *set, void *data)
{
	static const enum dd_op ops[] = { DD_FIRST, DD_MERGE, DD_STRICTEST,
					  DD_LAXEST, DD_STACKED };
	struct trial *t = data;
	dd list[MAX_LIST], all = DD_NONE;
	uint32_t values[2 * MAX_LIST];
	size_t n;

	choose_bits(set, t);
	for (size_t i = 0; i < t->count; i++)
		list[i] = expr_build(set, t->list[i]);
	for (size_t j = 0; j < LENGTH(ops); j++) {
		all = DD_NONE;
		for (size_t i = 0; i < t->count; i++)
			all = dd_apply(set, ops[j], all, list[i], DD_FALSE);
		expect(dd_combine(set, ops[j], list, t->count, DD_NONE), all,
		       "a list");
	}
	/* The values of the last one. */
	ck_assert(dd_values(set, all, values, &n, LENGTH(values)));
	tabulate(t, t->a, t->table[0]);
	for (size_t i = 0; i < GROUND_POINTS; i++) {
		size_t j = 0;

		while (j < n && values[j] != t->table[0][i])
			j++;
		ck_assert_uint_lt(j, n);
	}
	for (size_t j = 0; j < n; j++) {
		size_t i = 0;

		while (i < GROUND_POINTS && values[j] != t->table[0][i])
			i++;
		ck_assert_uint_lt(i, GROUND_POINTS);
	}
	ck_assert(!dd_values(set, all, values, &n, n - 1));
}

/* A list at once is as its members one by one. */
START_TEST(lists)
{
	struct trial t;

	open_trial(&t, _i, 6);
	ground_choose(&t.ground);
	t.count = below(MAX_LIST + 1);
	t.a = expr_value(DD_NONE);
	for (size_t i = 0; i < t.count; i++) {
		t.list[i] = expr_action(&t.ground, 2);
		t.a = expr_apply(DD_STACKED, t.a, t.list[i], NULL);
	}
	run(&t, combine_list);
}
END_TEST

/* What the pairs were. */
START_TEST(balance)
{
	printf("%zu pairs are equal, %zu differ; %zu by bits, %zu by "
	       "thresholds\n",
	       equal_pairs, different_pairs, by_bits, by_thresholds);
	ck_assert_uint_gt(equal_pairs, LOOPS / 10);
	ck_assert_uint_gt(different_pairs, LOOPS / 10);
	ck_assert_uint_gt(by_bits, LOOPS / 10);
	ck_assert_uint_gt(by_thresholds, LOOPS / 10);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("diagram");
	TCase *tcase = tcase_create("diagram");
	SRunner *runner;
	int failed;

	random_init();
	first_seed = random_state;
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, decisions, 0, LOOPS);
	tcase_add_loop_test(tcase, pairs, 0, LOOPS);
	tcase_add_test(tcase, balance);
	tcase_add_loop_test(tcase, at, 0, LOOPS / 2);
	tcase_add_loop_test(tcase, ranges, 0, LOOPS / 2);
	tcase_add_loop_test(tcase, cells, 0, LOOPS / 2);
	tcase_add_loop_test(tcase, lists, 0, LOOPS / 2);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	/* One process: thousands of small loops that add up to figures. */
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
