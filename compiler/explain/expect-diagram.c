/*
 * Which values of an argument a line is about.
 *
 * High bits.  The kernel casts an argument to its type, so a call with other
 * bits above that is the same call to it, but not to a filter that compares
 * 64 bits.  A line that says what is refused means all of these calls, as
 * whoever attacks chooses among them; one that says what runs, means what
 * libcs make of it: zeros above it or, of an int below 0, its sign.
 */
#include "expect-diagram.h"

static uint64_t
ones(unsigned width)
{
	return width ? UINT64_MAX >> (64 - width) : 0;
}

/* Words of an argument, of which so many bits count. */
struct slot {
	unsigned word; /* the low one */
	unsigned width;
};

static dd
equals(struct dd_set *set, const struct slot *slot, uint64_t mask,
       uint64_t value)
{
	mask &= ones(slot->width);
	value &= mask;
	return dd_and(
		set,
		dd_equals(set, slot->word, (uint32_t)mask, (uint32_t)value),
		dd_equals(set, slot->word + 1, (uint32_t)(mask >> 32),
			  (uint32_t)(value >> 32)));
}

/* Above 32 bits, the high word decides unless it is equal. */
static dd
reaches(struct dd_set *set, const struct slot *slot, uint64_t k)
{
	uint64_t mask = ones(slot->width);
	uint32_t high = (uint32_t)(k >> 32);
	dd low = dd_reaches(set, slot->word, (uint32_t)mask, (uint32_t)k);
	dd same;

	if (slot->width <= 32)
		return low;
	same = dd_equals(set, slot->word + 1, UINT32_MAX, high);
	low = dd_and(set, same, low);
	if (high == UINT32_MAX)
		return low;
	return dd_or(set, low,
		     dd_reaches(set, slot->word + 1, UINT32_MAX, high + 1));
}

/* From a to b; around the end if b is below a, as -1..1 is. */
static dd
within(struct dd_set *set, const struct slot *slot, uint64_t a, uint64_t b)
{
	uint64_t most = ones(slot->width);
	dd from, to;

	a &= most;
	b &= most;
	from = reaches(set, slot, a);
	to = b == most ? DD_TRUE : dd_not(set, reaches(set, slot, b + 1));
	return a <= b ? dd_and(set, from, to) : dd_or(set, from, to);
}

static dd
test_diagram(struct dd_set *set, const struct slot *slot,
	     const struct expect_test *test)
{
	dd holds;

	if (test->op == EXPECT_MASK)
		holds = equals(set, slot, test->a, test->b);
	else if (test->a == test->b)
		holds = equals(set, slot, UINT64_MAX, test->a);
	else
		holds = within(set, slot, test->a, test->b);
	return test->negated ? dd_not(set, holds) : holds;
}

/* What libcs put above an argument. */
static dd
as_called(struct dd_set *set, const struct slot *slot, bool is_signed)
{
	uint64_t above = ~ones(slot->width);
	struct slot all = { slot->word, 64 };
	dd zeros = equals(set, &all, above, 0), negative;

	if (!is_signed || slot->width != 32)
		return zeros;
	negative = dd_reaches(set, slot->word, UINT32_MAX, 1u << 31);
	return dd_or(set, zeros,
		     dd_and(set, negative, equals(set, &all, above, above)));
}

/* Whether a line says that calls are refused, or may be. */
static bool
denies(const struct expectation *e)
{
	for (size_t i = 0; i < e->actions.n; i++) {
		switch (e->actions.v[i].value & SECCOMP_RET_ACTION_FULL) {
		case SECCOMP_RET_ALLOW:
		case SECCOMP_RET_LOG:
			break;
		default:
			return true;
		}
	}
	return false;
}

dd
expect_arg_diagram(struct dd_set *set, const struct expectation *e,
		   unsigned arg, const struct syscall_name *name, enum abi abi)
{
	const struct expect_arg *tests = &e->args[arg];
	struct slot slot = { DD_ARGS + 2 * arg,
			     call_arg_width(name, abi, arg) };
	bool is_signed = call_arg_signed(name, abi, arg);
	dd holds = DD_FALSE;

	if (!tests->tests.n)
		return DD_TRUE;
	for (size_t i = 0; i < tests->tests.n; i++) {
		/* Who writes -1 means a value with a sign. */
		is_signed |= tests->tests.v[i].a >> 63;
		holds = dd_or(set, holds,
			      test_diagram(set, &slot, &tests->tests.v[i]));
	}
	if (tests->negated)
		holds = dd_not(set, holds);
	is_signed &= arch_table[abi]->args != ARGS_LOW;
	return denies(e) ? holds
			 : dd_and(set, holds, as_called(set, &slot, is_signed));
}
