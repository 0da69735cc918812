#include "compiler.h"

#include <string.h>

enum word
state_word(unsigned rank)
{
	return (enum word)(WORD_ARGS + (rank ^ 1));
}

bool
state_looks(const struct open_test *test, unsigned rank)
{
	return test->arg == rank / 2 && (rank & 1 ? test->low : test->high);
}

/* What a test compares the word of a rank with. */
static uint32_t
constant(const struct open_test *test, unsigned rank, uint64_t value)
{
	return (uint32_t)(test->low && !(rank & 1) ? value >> 32 : value);
}

struct word_part
state_part(const struct open_test *test, unsigned rank)
{
	uint32_t k = constant(test, rank, test->value);
	bool both = test->low && test->high;

	switch (test->op) {
	case CMP_MASKED_EQ:
		return word_mask(k, constant(test, rank, test->value2));
	case CMP_LT:
	case CMP_GE:
		/* Where the high word is equal the low one counts. */
		if (!both || rank & 1)
			return (struct word_part){ .first = k,
						   .last = UINT32_MAX };
		break;
	default:
		break;
	}
	return (struct word_part){ .first = k, .last = k };
}

unsigned
state_words(const struct state *state)
{
	unsigned words = 0;

	for (size_t i = 0; i < state->n; i++) {
		for (size_t j = 0; j < state->v[i].count; j++) {
			const struct open_test *test = &state->v[i].tests[j];

			words |= (test->high | (unsigned)test->low << 1)
				 << 2 * test->arg;
		}
	}
	return words;
}

/* Leaves a test of one word, low or high, with a value that may be 2^32. */
static enum test_truth
keep_word(struct open_test *test, bool low, uint64_t value, uint64_t value2)
{
	struct test word = {
		.low = true, .op = test->op, .value = value, .value2 = value2
	};
	enum test_truth truth;

	if (value > UINT32_MAX)
		return test->op == CMP_LT ? TEST_ALWAYS : TEST_NEVER;
	truth = test_normalise(&word);
	test->low = low;
	test->high = !low;
	test->op = word.op;
	test->value = word.value;
	test->value2 = word.value2;
	return truth;
}

/* Leaves the half of a test that is not the word of a rank. */
static enum test_truth
keep_half(struct open_test *test, unsigned rank, uint64_t add)
{
	unsigned other = rank ^ 1;

	return keep_word(test, other & 1,
			 constant(test, other, test->value) + add,
			 constant(test, other, test->value2));
}

static enum test_truth
truth(bool holds)
{
	return holds ? TEST_ALWAYS : TEST_NEVER;
}

static enum test_truth
settle_compare(struct open_test *test, unsigned rank, uint32_t x)
{
	uint32_t k = constant(test, rank, test->value);
	bool both = test->low && test->high;

	switch (test->op) {
	case CMP_LT:
	case CMP_GE:
		/* 0x100000005 is more than the values with a smaller low word
		 * and a high word of up to 1, or any and one of up to 0. */
		if (both && rank & 1)
			return keep_half(test, rank, x < k);
		if (both && x == k)
			return keep_half(test, rank, 0);
		return truth((x < k) == (test->op == CMP_LT));
	default:
		if (x != k)
			return truth(test->op == CMP_NE);
		return both ? keep_half(test, rank, 0)
			    : truth(test->op == CMP_EQ);
	}
}

static enum test_truth
settle_mask(struct state_maker *m, struct open_test *test, unsigned rank,
	    const struct word_domain *d, const uint32_t *x)
{
	struct word_part part = state_part(test, rank);
	bool yes, no;

	if (part.masked && !d) {
		yes = (*x & part.mask) == part.value;
	} else if (part.masked) {
		word_weigh(d, &part, &yes, &no, &m->steps);
		if (yes && no)
			return TEST_OPEN;
	} else if (x) {
		yes = *x >= part.first && *x <= part.last;
	} else {
		return TEST_OPEN;
	}
	if (!yes || !test->low || !test->high)
		return truth(yes);
	return keep_half(test, rank, 0);
}

/*
 * Settles what is known of a test on a word of which the domain is known
 * and, if x is given, the value; what is open is left in test.
 */
static enum test_truth
settle_test(struct state_maker *m, struct open_test *test, unsigned rank,
	    const struct word_domain *d, const uint32_t *x)
{
	if (test->op == CMP_MASKED_EQ)
		return settle_mask(m, test, rank, d, x);
	return x ? settle_compare(test, rank, *x) : TEST_OPEN;
}

/* Settles an alternative into m->tests; false if it cannot hold. */
static bool
settle_rest(struct state_maker *m, const struct rest *rest, unsigned rank,
	    const struct word_domain *d, const uint32_t *x, struct rest *out)
{
	size_t start = m->tests.n;

	m->steps += rest->count;
	for (size_t i = 0; i < rest->count; i++) {
		struct open_test *test = vec_push(m->arena, &m->tests);

		*test = rest->tests[i];
		if (!state_looks(test, rank))
			continue;
		switch (settle_test(m, test, rank, d, x)) {
		case TEST_NEVER:
			m->tests.n = start;
			return false;
		case TEST_ALWAYS:
			m->tests.n--;
			break;
		case TEST_OPEN:
			break;
		}
	}
	out->count = m->tests.n - start;
	out->action = rest->action;
	return true;
}

/*
 * Drops what no longer matters: all behind an alternative that holds, and
 * then those at the end that say what follows them anyway.
 */
static struct state
simplify(struct state s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!s.v[i].count) {
			s.otherwise = s.v[i].action;
			s.n = i;
		}
	}
	while (s.n && s.v[s.n - 1].action == s.otherwise)
		s.n--;
	return s;
}

struct state
state_keep(struct state_maker *m, struct state s)
{
	struct open_test *tests;
	struct rest *rests;
	size_t count = 0, size;

	for (size_t i = 0; i < s.n; i++)
		count += s.v[i].count;
	size = s.n * sizeof(*rests) + count * sizeof(*tests);
	m->bytes += size;
	/* In one piece, as most states are small. */
	rests = arena_alloc(m->arena, size);
	tests = (struct open_test *)(rests + s.n);
	for (size_t i = 0; i < s.n; i++) {
		rests[i] = s.v[i];
		rests[i].tests = tests;
		memcpy(tests, s.v[i].tests, s.v[i].count * sizeof(*tests));
		tests += s.v[i].count;
	}
	s.v = rests;
	return s;
}

/* A test as it is before any word is settled. */
static struct open_test
open_whole(const struct test *test)
{
	struct open_test open = { test->arg, true,	  !test->low,
				  test->op,  test->value, test->value2 };
	bool ordered = test->op == CMP_LT || test->op == CMP_GE;

	/* Its low word may not matter: x < 2^32 asks of the high one alone. */
	if (!test->low && !(uint32_t)test->value &&
	    (ordered || test->op == CMP_MASKED_EQ))
		keep_half(&open, 1, 0);
	return open;
}

struct state
state_start(struct state_maker *m, const struct decision *decision)
{
	size_t n = decision->alternatives.n, count = 0;
	struct open_test *tests;
	struct rest *list;

	for (size_t i = 0; i < n; i++)
		count += decision->alternatives.v[i].count;
	list = arena_alloc(m->arena,
			   n * sizeof(*list) + count * sizeof(*tests));
	tests = (struct open_test *)(list + n);
	for (size_t i = 0; i < n; i++) {
		const struct alternative *a = &decision->alternatives.v[i];

		list[i] = (struct rest){ tests, a->count, a->action };
		for (size_t j = 0; j < a->count; j++)
			*tests++ = open_whole(&a->tests[j]);
	}
	return simplify((struct state){ list, n, decision->otherwise });
}

/*
 * The state after settling a word.  It lies in m->rests and m->tests until
 * the next call.
 */
struct state
state_advance(struct state_maker *m, const struct state *state, unsigned rank,
	      const struct word_domain *d, const uint32_t *x)
{
	size_t offset = 0;

	m->rests.n = 0;
	m->tests.n = 0;
	for (size_t i = 0; i < state->n; i++) {
		struct rest out = { 0 };

		if (!settle_rest(m, &state->v[i], rank, d, x, &out))
			continue;
		*vec_push(m->arena, &m->rests) = out;
		if (!out.count)
			break;
	}
	/* m->tests has stopped moving. */
	for (size_t i = 0; i < m->rests.n; i++) {
		m->rests.v[i].tests = m->tests.v + offset;
		offset += m->rests.v[i].count;
	}
	return simplify(
		(struct state){ m->rests.v, m->rests.n, state->otherwise });
}

size_t
state_hash(const struct state *state)
{
	uint64_t h = state->otherwise;

	for (size_t i = 0; i < state->n; i++) {
		const struct rest *rest = &state->v[i];

		h = (h ^ rest->action) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
		for (size_t j = 0; j < rest->count; j++) {
			const struct open_test *test = &rest->tests[j];

			h = (h ^ test->value) * UINT64_C(0xbf58476d1ce4e5b9);
			h ^= h >> 32 ^ test->value2 << 5 ^
			     (uint64_t)(test->arg * 32u + test->low * 16u +
					test->high * 8u + test->op);
		}
	}
	return (size_t)(h ^ h >> 27);
}

static bool
same_tests(const struct open_test *a, const struct open_test *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (a[i].arg != b[i].arg || a[i].low != b[i].low ||
		    a[i].high != b[i].high || a[i].op != b[i].op ||
		    a[i].value != b[i].value || a[i].value2 != b[i].value2)
			return false;
	return true;
}

bool
state_same(const struct state *a, const struct state *b)
{
	if (a->n != b->n || a->otherwise != b->otherwise)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct rest *x = &a->v[i], *y = &b->v[i];

		if (x->action != y->action || x->count != y->count ||
		    !same_tests(x->tests, y->tests, x->count))
			return false;
	}
	return true;
}
