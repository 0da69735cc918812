#include "compiler.h"

#include <string.h>

/* Settling goes by this order: arg0.high, arg0.low, arg1.high, ... */
unsigned
state_rank(const struct test *test)
{
	return test->arg * 2u + test->low;
}

enum word
state_word(unsigned rank)
{
	return (enum word)(WORD_ARGS + (rank ^ 1));
}

struct word_part
state_part(const struct test *test)
{
	unsigned shift = test->low ? 0 : 32;
	uint32_t k = (uint32_t)(test->value >> shift);

	if (test->op == CMP_MASKED_EQ)
		return word_mask(k, (uint32_t)(test->value2 >> shift));
	/* LT and GE on the low word cut before k only, which is as good. */
	return (struct word_part){ .first = k, .last = k };
}

/* The first word, by rank, that any alternative looks at. */
unsigned
state_first_rank(const struct state *state)
{
	unsigned rank = UINT8_MAX;

	for (size_t i = 0; i < state->n; i++)
		for (size_t j = 0; j < state->v[i].count; j++)
			if (state_rank(&state->v[i].tests[j]) < rank)
				rank = state_rank(&state->v[i].tests[j]);
	return rank;
}

/* What is known of a test, or of its high half if it has one. */
enum settled { IS_FALSE, IS_TRUE, IS_OPEN };

static enum settled
settle_compare(const struct test *test, uint32_t x)
{
	uint32_t k = (uint32_t)(test->value >> (test->low ? 0 : 32));
	bool less = test->op == CMP_LT || test->op == CMP_NE;
	bool greater = test->op == CMP_GE || test->op == CMP_NE;

	if (x < k)
		return less ? IS_TRUE : IS_FALSE;
	if (x > k)
		return greater ? IS_TRUE : IS_FALSE;
	if (!test->low)
		return IS_OPEN;
	return test->op == CMP_EQ || test->op == CMP_GE ? IS_TRUE : IS_FALSE;
}

static enum settled
settle_mask(struct state_maker *m, const struct word_part *part,
	    const struct word_domain *d, const uint32_t *x)
{
	bool yes, no;

	if (!part->masked) {
		if (!x)
			return IS_OPEN;
		return *x >= part->first && *x <= part->last ? IS_TRUE
							     : IS_FALSE;
	}
	word_weigh(d, part, &yes, &no, &m->steps);
	if (yes && no)
		return IS_OPEN;
	return yes ? IS_TRUE : IS_FALSE;
}

/* The low half of a test whose high half holds; false if it never does. */
static bool
low_half(struct test *test, bool *open)
{
	test->low = true;
	test->value &= UINT32_MAX;
	test->value2 &= UINT32_MAX;
	switch (test_normalise(test)) {
	case TEST_NEVER:
		return false;
	case TEST_ALWAYS:
		*open = false;
		return true;
	case TEST_OPEN:
		break;
	}
	*open = true;
	return true;
}

/*
 * Settles what is known of a test on a word of which the domain is known
 * and, if x is given, the value.  False if the test is false; *open says
 * whether something is left of it.
 */
static bool
settle_test(struct state_maker *m, struct test *test,
	    const struct word_domain *d, const uint32_t *x, bool *open)
{
	struct word_part part = state_part(test);
	enum settled known = IS_OPEN;

	*open = true;
	if (test->op == CMP_MASKED_EQ)
		known = settle_mask(m, &part, d, x);
	else if (x)
		known = settle_compare(test, *x);
	if (known == IS_FALSE)
		return false;
	if (known == IS_TRUE && (test->low || test->op != CMP_MASKED_EQ))
		*open = false;
	else if (known == IS_TRUE || x)
		return low_half(test, open);
	return true;
}

/* Settles an alternative into m->tests; false if it cannot hold. */
static bool
settle_rest(struct state_maker *m, const struct rest *rest, unsigned rank,
	    const struct word_domain *d, const uint32_t *x, struct rest *out)
{
	size_t start = m->tests.n;
	bool open;

	m->steps += rest->count;
	for (size_t i = 0; i < rest->count; i++) {
		struct test *test = vec_push(m->arena, &m->tests);

		*test = rest->tests[i];
		if (state_rank(test) != rank)
			continue;
		if (!settle_test(m, test, d, x, &open)) {
			m->tests.n = start;
			return false;
		}
		m->tests.n -= !open;
	}
	out->count = m->tests.n - start;
	out->action = rest->action;
	return true;
}

/*
 * Drops what no longer matters: all behind an alternative that holds, and
 * then those at the end that say what follows them anyway.
 */
struct state
state_simplify(struct state s)
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
	struct rest *rests = arena_alloc(m->arena, s.n * sizeof(*rests));
	struct test *tests;
	size_t count = 0;

	for (size_t i = 0; i < s.n; i++)
		count += s.v[i].count;
	tests = arena_alloc(m->arena, count * sizeof(*tests));
	m->bytes += s.n * sizeof(*rests) + count * sizeof(*tests);
	for (size_t i = 0; i < s.n; i++) {
		rests[i] = s.v[i];
		rests[i].tests = tests;
		memcpy(tests, s.v[i].tests, s.v[i].count * sizeof(*tests));
		tests += s.v[i].count;
	}
	s.v = rests;
	return s;
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
	return state_simplify(
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
			const struct test *test = &rest->tests[j];

			h = (h ^ test->value) * UINT64_C(0xbf58476d1ce4e5b9);
			h ^= h >> 32 ^ test->value2 << 5 ^
			     (uint64_t)(state_rank(test) * 8u + test->op);
		}
	}
	return (size_t)(h ^ h >> 27);
}

static bool
same_tests(const struct test *a, const struct test *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (state_rank(&a[i]) != state_rank(&b[i]) ||
		    a[i].op != b[i].op || a[i].value != b[i].value ||
		    a[i].value2 != b[i].value2)
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
