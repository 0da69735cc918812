/*
 * Tests on arguments against the best that there are: of decisions on words
 * of a few bits all trees of tests are tried.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"

/*
 * Words are reduced to some bits, and one that stands for all higher ones:
 * with constants of these bits alone no test tells other values apart.
 */
enum {
	HIGH_BITS = 2,
	LOW_BITS = 3,
	HIGHS = 1 << HIGH_BITS,
	LOWS = 1 << LOW_BITS,
	MAX_TESTS = 4,
	NOTHING = 2 * LOWS, /* in the accumulator */
	HELD = 2 * LOWS + 1,
};

/* What is in the accumulator: a word by its mask of reduced bits, low ones
 * in the second half, or NOTHING. */
static unsigned
held(bool low, unsigned mask)
{
	return low * LOWS + mask;
}

struct best {
	bool made;
	uint32_t expected, worst;
};

struct oracle {
	uint8_t action[HIGHS][LOWS];
	uint32_t weight[HIGHS][LOWS];
	uint32_t weights[1 << HIGHS][1 << LOWS]; /* of sets of values */
	bool both;				 /* words count */
	struct best best[1 << HIGHS][1 << LOWS][HELD];
};

/* A test of a word: the values for which it holds. */
static unsigned
held_values(bool low, unsigned kind, unsigned mask, unsigned k)
{
	unsigned values = 0, count = low ? LOWS : HIGHS;

	for (unsigned x = 0; x < count; x++) {
		bool holds = kind == 0	 ? (x & mask) == k
			     : kind == 1 ? x >= k
					 : (x & k) != 0;

		values |= (unsigned)holds << x;
	}
	return values;
}

static struct best *solve(struct oracle *o, unsigned highs, unsigned lows,
			  unsigned holds);

static void
add_side(struct oracle *o, struct best *made, unsigned highs, unsigned lows,
	 unsigned holds, unsigned cost)
{
	const struct best *side = solve(o, highs, lows, holds);

	made->expected += side->expected;
	if (cost + side->worst > made->worst)
		made->worst = cost + side->worst;
}

static void
try_test(struct oracle *o, struct best *best, unsigned highs, unsigned lows,
	 unsigned holds, bool low, unsigned kind, unsigned mask, unsigned k)
{
	unsigned all = low ? LOWS - 1 : HIGHS - 1;
	unsigned in = held_values(low, kind, mask, k);
	unsigned values = low ? lows : highs;
	struct best made = { .made = true };
	unsigned cost;

	if (!(in & values) || !(~in & values))
		return;
	cost = holds == held(low, mask)	 ? 1
	       : holds == held(low, all) ? 2
	       : mask == all		 ? 2
					 : 3;
	made.expected = cost * o->weights[highs][lows];
	holds = held(low, mask);
	add_side(o, &made, low ? highs : highs & in, low ? lows & in : lows,
		 holds, cost);
	add_side(o, &made, low ? highs : highs & ~in, low ? lows & ~in : lows,
		 holds, cost);
	if (best->expected > made.expected ||
	    (best->expected == made.expected && best->worst > made.worst))
		*best = made;
}

static void
try_word(struct oracle *o, struct best *best, unsigned highs, unsigned lows,
	 unsigned holds, bool low)
{
	unsigned count = low ? LOWS : HIGHS, all = count - 1;

	for (unsigned mask = 1; mask <= all; mask++) {
		for (unsigned k = 0; k <= all; k++) {
			/* The highest bit is many: none or all are meant. */
			if (!(k & ~mask) && !(mask & k & (count / 2)))
				try_test(o, best, highs, lows, holds, low, 0,
					 mask, k);
		}
	}
	for (unsigned k = 1; k <= count / 2; k++)
		try_test(o, best, highs, lows, holds, low, 1, all, k);
	for (unsigned k = 1; k <= all; k++)
		try_test(o, best, highs, lows, holds, low, 2, all, k);
}

static struct best *
solve(struct oracle *o, unsigned highs, unsigned lows, unsigned holds)
{
	struct best *best = &o->best[highs][lows][holds];
	bool same = true;
	int action = -1;

	if (best->made)
		return best;
	for (unsigned h = 0; h < HIGHS; h++) {
		for (unsigned l = 0; l < LOWS; l++) {
			if (!(highs >> h & lows >> l & 1))
				continue;
			same &= action < 0 || action == o->action[h][l];
			action = o->action[h][l];
		}
	}
	best->made = true;
	if (same)
		return best;
	best->expected = best->worst = UINT32_MAX;
	if (o->both)
		try_word(o, best, highs, lows, holds, false);
	try_word(o, best, highs, lows, holds, true);
	return best;
}

/* Alternatives of one test each, with constants of the lower of the bits. */
struct subject {
	struct test tests[MAX_TESTS];
	struct alternative alternatives[MAX_TESTS];
	struct decision decision;
	bool low;
};

static void
make_subject(struct subject *s, uint64_t *seed, unsigned args)
{
	static const enum cmp_op ops[] = { CMP_EQ,	  CMP_EQ,	CMP_EQ,
					   CMP_NE,	  CMP_LT,	CMP_GE,
					   CMP_MASKED_EQ, CMP_MASKED_EQ };
	size_t n = 1 + calls_random(seed) % MAX_TESTS, count = 0;
	unsigned kinds = 1 + (unsigned)(calls_random(seed) % LENGTH(ops));
	uint64_t bits = LOWS / 2 - 1;

	memset(s, 0, sizeof(*s));
	s->low = calls_random(seed) % 2;
	if (!s->low)
		bits |= (uint64_t)(calls_random(seed) % (HIGHS / 2)) << 32;
	for (size_t i = 0; i < n; i++) {
		struct condition c = {
			.arg = (uint8_t)(calls_random(seed) % args),
			.op = ops[calls_random(seed) % kinds],
			.value = calls_random(seed) & bits,
		};
		struct test *test = &s->tests[count];
		bool exact;

		c.value2 = c.value & calls_random(seed);
		if (test_from_condition(test, &c, s->low ? ARGS_LOW : ARGS_64,
					false, &exact) != TEST_OPEN)
			continue;
		s->alternatives[count] =
			(struct alternative){ test, 1,
					      1 + calls_random(seed) % 4 / 3 };
		count++;
	}
	s->decision.alternatives.v = s->alternatives;
	s->decision.alternatives.n = count;
}

static uint64_t
value_of(unsigned high, unsigned low)
{
	const uint64_t more = 0x100;
	uint64_t h = high & (HIGHS / 2 - 1), l = low & (LOWS / 2 - 1);

	h |= high & (HIGHS / 2) ? more : 0;
	l |= low & (LOWS / 2) ? more : 0;
	return h << 32 | l;
}

static uint32_t
decide_args(const struct subject *s, const uint64_t args[6])
{
	for (size_t i = 0; i < s->decision.alternatives.n; i++) {
		const struct alternative *a = &s->alternatives[i];
		bool holds = true;

		for (size_t j = 0; j < a->count; j++)
			holds &= test_holds(&a->tests[j], args);
		if (holds)
			return a->action;
	}
	return s->decision.otherwise;
}

static uint32_t
decide_value(const struct subject *s, uint64_t value)
{
	const uint64_t args[6] = { value };

	return decide_args(s, args);
}

/* Zero as often as not, and what the tests name. */
static void
weigh(struct oracle *o, const struct subject *s)
{
	o->weight[0][0] = 1;
	for (size_t i = 0; i < s->decision.alternatives.n; i++) {
		const struct test *test = &s->tests[i];
		uint64_t x =
			test->op == CMP_MASKED_EQ ? test->value2 : test->value;

		x -= test->op == CMP_LT;
		o->weight[0][0] += 2;
		o->weight[x >> 32 & (HIGHS - 1)][x & (LOWS - 1)]++;
	}
	for (unsigned hs = 0; hs < 1 << HIGHS; hs++)
		for (unsigned ls = 0; ls < 1 << LOWS; ls++)
			for (unsigned h = 0; h < HIGHS; h++)
				for (unsigned l = 0; l < LOWS; l++)
					if (hs >> h & ls >> l & 1)
						o->weights[hs][ls] +=
							o->weight[h][l];
}

/* The node for a subject in a graph. */
static uint32_t
build(const struct subject *s, enum optimize_mode mode, struct graph *graph)
{
	struct arena *arena = graph->arena;
	struct decisions decisions = { 0 };
	struct number_space *space = vec_push(arena, &decisions.spaces);

	*vec_push(arena, &decisions.list) = s->decision;
	*vec_push(arena, &space->ranges) = (struct range){ 0, UINT32_MAX, 0 };
	return args_build(arena, graph, &decisions, mode)
		->spaces.v[0]
		.ranges.v[0]
		.decision;
}

/* What the compiler's tests cost. */
static struct best
measure(const struct oracle *o, const struct subject *s,
	enum optimize_mode mode, size_t *size)
{
	struct arena arena;
	struct graph graph;
	const struct program *program;
	struct best cost = { .made = true };

	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	graph_init(&graph, &arena);
	graph.root = build(s, mode, &graph);
	program = emit(&arena, &graph, &(struct options){ 0 });
	*size += program->code.n;
	for (unsigned h = 0; h < HIGHS; h++) {
		for (unsigned l = 0; l < LOWS; l++) {
			struct seccomp_data data = { .args = {
							     value_of(h, l) } };
			unsigned executed;

			ck_assert_uint_eq(bpf_run(program->code.v,
						  program->code.n, &data,
						  &executed),
					  o->action[h][l]);
			executed--;
			cost.expected += executed * o->weight[h][l];
			if (executed > cost.worst)
				cost.worst = executed;
		}
	}
	arena_finish(&arena);
	return cost;
}

/*
 * Against all trees of tests with any constants.  The best one may come back
 * to a word that it has left, which the compiler's never do, so that a few
 * are better, but not by much; for size, all of them are together no larger.
 */
START_TEST(best)
{
	static struct oracle o;
	uint64_t seed = 1;
	size_t sizes[2] = { 0, 0 }, others = 0;
	enum { ROUNDS = 1000 };

	for (int i = 0; i < ROUNDS; i++) {
		struct subject s;
		const struct best *least;
		struct best cost;
		uint32_t all;

		memset(&o, 0, sizeof(o));
		make_subject(&s, &seed, 1);
		for (unsigned h = 0; h < HIGHS; h++)
			for (unsigned l = 0; l < LOWS; l++)
				o.action[h][l] = (uint8_t)decide_value(
					&s, value_of(h, l));
		o.both = !s.low;
		weigh(&o, &s);
		all = o.weights[(1 << HIGHS) - 1][(1 << LOWS) - 1];
		least = solve(&o, (1 << HIGHS) - 1, (1 << LOWS) - 1, NOTHING);
		cost = measure(&o, &s, OPTIMIZE_SPEED, &sizes[0]);
		measure(&o, &s, OPTIMIZE_SIZE, &sizes[1]);
		ck_assert_uint_ge(cost.expected, least->expected);
		ck_assert_uint_le(2 * cost.expected, 2 * least->expected + all);
		ck_assert_uint_le(cost.worst, least->worst + 2);
		others += cost.expected > least->expected ||
			  cost.worst > least->worst;
	}
	ck_assert_uint_le(others, ROUNDS * 4 / 100);
	ck_assert_uint_lt(sizes[1], sizes[0]);
}
END_TEST

/* Whether a subject decides alike for all arguments. */
static bool
is_constant(const struct subject *s)
{
	const uint64_t zero[6] = { 0 };

	for (unsigned x = 0; x < HIGHS * LOWS * HIGHS * LOWS; x++) {
		unsigned a = x % (HIGHS * LOWS), b = x / (HIGHS * LOWS);
		const uint64_t args[6] = { value_of(a / LOWS, a % LOWS),
					   value_of(b / LOWS, b % LOWS) };

		if (decide_args(s, args) != decide_args(s, zero))
			return false;
	}
	return true;
}

/* Whether the compiler makes no test at all. */
static bool
is_leaf(const struct subject *s, enum optimize_mode mode)
{
	struct arena arena;
	struct graph graph;
	uint32_t node;
	bool leaf;

	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	graph_init(&graph, &arena);
	node = build(s, mode, &graph);
	leaf = graph.nodes.v[node].kind == NODE_RETURN;
	arena_finish(&arena);
	return leaf;
}

/*
 * Decisions that are one action whatever the arguments are one node and no
 * others are, in whatever order words are settled.
 */
START_TEST(constant)
{
	uint64_t seed = 2;
	size_t constants = 0;

	for (int i = 0; i < 6000; i++) {
		enum optimize_mode mode = (enum optimize_mode)(i % 3);
		struct subject s;

		make_subject(&s, &seed, 2);
		/* Some of them are conjunctions with the next one. */
		for (size_t j = 0; j + 1 < s.decision.alternatives.n; j++)
			s.alternatives[j].count += calls_random(&seed) % 4 == 0;
		ck_assert_int_eq(is_leaf(&s, mode), is_constant(&s));
		constants += s.decision.alternatives.n > 1 && is_constant(&s);
	}
	ck_assert_uint_ge(constants, 100);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("args");
	TCase *tcase = tcase_create("args");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, best);
	tcase_add_test(tcase, constant);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
