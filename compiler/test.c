#include "compiler.h"

#include <string.h>

static const uint64_t low_bits = UINT32_MAX;

/* An always-true test for what no comparison is left of. */
static enum test_truth
truth(bool holds)
{
	return holds ? TEST_ALWAYS : TEST_NEVER;
}

/* MASKED_EQ: a mask within one word leaves a test of that word. */
static enum test_truth
normalise_mask(struct test *test)
{
	uint64_t all = test->low ? low_bits : UINT64_MAX;

	if (test->value2 & ~test->value)
		return TEST_NEVER;
	if (!test->value)
		return TEST_ALWAYS;
	if (!(test->value & ~low_bits)) {
		test->low = true;
		all = low_bits;
	}
	if (test->value == all) {
		test->op = CMP_EQ;
		test->value = test->value2;
		test->value2 = 0;
	}
	return TEST_OPEN;
}

/* Leaves EQ, NE, LT, GE and MASKED_EQ, none of them trivial. */
enum test_truth
test_normalise(struct test *test)
{
	uint64_t max = test->low ? low_bits : UINT64_MAX;

	if (test->op == CMP_MASKED_EQ)
		return normalise_mask(test);
	test->value2 = 0;
	if (test->op == CMP_LE || test->op == CMP_GT) {
		if (test->value == max)
			return truth(test->op == CMP_LE);
		test->op = test->op == CMP_LE ? CMP_LT : CMP_GE;
		test->value++;
	}
	if (!test->value && (test->op == CMP_LT || test->op == CMP_GE))
		return truth(test->op == CMP_GE);
	return TEST_OPEN;
}

/* Whether a 64-bit constant is a negative 32-bit one, sign-extended. */
static bool
is_negative_int(uint64_t value)
{
	return value >= UINT64_C(0xffffffff80000000);
}

/*
 * i386: constants that are negative ints are cut where only equality counts;
 * others that do not fit are compared by their true value, which decides at
 * once.
 */
static enum test_truth
low_words_only(struct test *test, bool *exact)
{
	bool equality = test->op == CMP_EQ || test->op == CMP_NE ||
			test->op == CMP_MASKED_EQ;

	test->low = true;
	if (equality && is_negative_int(test->value))
		test->value &= low_bits;
	if (equality && is_negative_int(test->value2))
		test->value2 &= low_bits;
	if (test->value <= low_bits && test->value2 <= low_bits)
		return test_normalise(test);
	*exact = false;
	switch (test->op) {
	case CMP_EQ:
	case CMP_GT:
	case CMP_GE:
		return TEST_NEVER;
	case CMP_NE:
	case CMP_LT:
	case CMP_LE:
		return TEST_ALWAYS;
	case CMP_MASKED_EQ:
		break;
	}
	if (test->value2 > low_bits)
		return TEST_NEVER;
	test->value &= low_bits;
	return test_normalise(test);
}

/*
 * x32, denying: the condition on the whole register or on its low word.
 * Both together are one test: the low word alone where it can satisfy the
 * condition whatever the high word, else the whole register.
 */
static enum test_truth
either_width(struct test *test)
{
	switch (test->op) {
	case CMP_EQ:
		test->low = test->value <= low_bits;
		break;
	case CMP_LT:
	case CMP_LE:
		if (test->value > low_bits)
			return TEST_ALWAYS;
		test->low = true;
		break;
	case CMP_MASKED_EQ:
		if (!(test->value2 & ~low_bits)) {
			test->low = true;
			test->value &= low_bits;
		}
		break;
	case CMP_NE:
		/* No low word equals a constant above it. */
		if (test->value > low_bits)
			return TEST_ALWAYS;
		break;
	case CMP_GT:
	case CMP_GE:
		break;
	}
	return test_normalise(test);
}

enum test_truth
test_from_condition(struct test *test, const struct condition *condition,
		    enum arg_width width, bool denying, bool *exact)
{
	/* Hashed and compared as memory, so padding is zero as well. */
	memset(test, 0, sizeof(*test));
	test->arg = condition->arg;
	test->op = condition->op;
	test->value = condition->value;
	*exact = true;
	if (condition->op == CMP_MASKED_EQ) {
		test->value2 = condition->value2;
		/* As written, before any cut makes it possible. */
		if (test->value2 & ~test->value)
			return TEST_NEVER;
	}
	if (width == ARGS_LOW)
		return low_words_only(test, exact);
	if (width == ARGS_64_OR_LOW && denying)
		return either_width(test);
	return test_normalise(test);
}

bool
test_holds(const struct test *test, const uint64_t args[6])
{
	uint64_t x = args[test->arg];

	if (test->low)
		x &= low_bits;
	switch (test->op) {
	case CMP_EQ:
		return x == test->value;
	case CMP_NE:
		return x != test->value;
	case CMP_LT:
		return x < test->value;
	case CMP_LE:
		return x <= test->value;
	case CMP_GT:
		return x > test->value;
	case CMP_GE:
		return x >= test->value;
	case CMP_MASKED_EQ:
		return (x & test->value) == test->value2;
	}
	return false;
}

/* All values of one argument that satisfy the tests looked at so far. */
struct domain {
	uint64_t first, last;	      /* of the whole register */
	uint32_t low_first, low_last; /* of its low word */
	uint64_t mask, value;	      /* bits that are settled */
	bool empty;
	size_t exclusions; /* NE tests of the whole register */
	const struct test *tests[2];
	size_t counts[2];
	unsigned arg;
};

static void
settle_bits(struct domain *d, uint64_t mask, uint64_t value)
{
	if ((d->value ^ value) & d->mask & mask)
		d->empty = true;
	d->mask |= mask;
	d->value |= value;
}

static void
narrow(struct domain *d, const struct test *test)
{
	uint64_t all = test->low ? low_bits : UINT64_MAX;

	switch (test->op) {
	case CMP_EQ:
		settle_bits(d, all, test->value);
		break;
	case CMP_MASKED_EQ:
		settle_bits(d, test->value, test->value2);
		break;
	case CMP_LT:
		if (test->low && test->value - 1 < d->low_last)
			d->low_last = (uint32_t)test->value - 1;
		else if (!test->low && test->value - 1 < d->last)
			d->last = test->value - 1;
		break;
	case CMP_GE:
		if (test->low && test->value > d->low_first)
			d->low_first = (uint32_t)test->value;
		else if (!test->low && test->value > d->first)
			d->first = test->value;
		break;
	case CMP_NE:
	case CMP_LE:
	case CMP_GT:
		break;
	}
}

static bool
is_excluded(const struct domain *d, uint64_t x)
{
	uint64_t args[6];

	args[d->arg] = x;
	for (size_t list = 0; list < 2; list++) {
		for (size_t i = 0; i < d->counts[list]; i++) {
			const struct test *test = &d->tests[list][i];

			if (test->arg == d->arg && test->op == CMP_NE &&
			    !test_holds(test, args))
				return true;
		}
	}
	return false;
}

/* The smallest member with this high word. */
static bool
find_low(const struct domain *d, uint32_t high, uint64_t *x)
{
	uint32_t first = d->low_first, last = d->low_last, low;

	if (high == d->first >> 32 && (uint32_t)d->first > first)
		first = (uint32_t)d->first;
	if (high == d->last >> 32 && (uint32_t)d->last < last)
		last = (uint32_t)d->last;
	/* Every round but the last meets an exclusion of its own. */
	for (low = first;; low++) {
		if (!word_next_match(low, (uint32_t)d->mask, (uint32_t)d->value,
				     &low) ||
		    low > last || low < first)
			return false;
		*x = (uint64_t)high << 32 | low;
		if (!is_excluded(d, *x))
			return true;
		if (low == last)
			return false;
	}
}

/*
 * The smallest member.  High words strictly between the ends differ in the
 * exclusions of single values alone, so one more of them than there are
 * exclusions settles all of them.
 */
static bool
find_member(const struct domain *d, uint64_t *x)
{
	uint32_t last = (uint32_t)(d->last >> 32);
	uint32_t high = (uint32_t)(d->first >> 32);
	uint32_t mask = (uint32_t)(d->mask >> 32);
	uint32_t value = (uint32_t)(d->value >> 32);

	if (d->empty || d->first > d->last || d->low_first > d->low_last)
		return false;
	for (size_t i = 0; i < d->exclusions + 2; i++) {
		if (!word_next_match(high, mask, value, &high) || high > last)
			return false;
		if (find_low(d, high, x))
			return true;
		if (high == last)
			return false;
		high++;
	}
	return ((last ^ value) & mask) == 0 && find_low(d, last, x);
}

static bool
find_arg(struct domain d, uint64_t *x)
{
	for (size_t list = 0; list < 2; list++) {
		for (size_t i = 0; i < d.counts[list]; i++) {
			const struct test *test = &d.tests[list][i];

			if (test->arg != d.arg)
				continue;
			narrow(&d, test);
			d.exclusions += test->op == CMP_NE && !test->low;
		}
	}
	return find_member(&d, x);
}

bool
tests_meet(const struct test *a, size_t a_count, const struct test *b,
	   size_t b_count, uint64_t args[6])
{
	unsigned asked = 0;

	for (size_t i = 0; i < a_count; i++)
		asked |= 1u << a[i].arg;
	for (size_t i = 0; i < b_count; i++)
		asked |= 1u << b[i].arg;
	memset(args, 0, 6 * sizeof(*args));
	for (unsigned arg = 0; arg < 6; arg++) {
		struct domain d = { .last = UINT64_MAX,
				    .low_last = UINT32_MAX,
				    .tests = { a, b },
				    .counts = { a_count, b_count },
				    .arg = arg };

		if (asked >> arg & 1 && !find_arg(d, &args[arg]))
			return false;
	}
	return true;
}
