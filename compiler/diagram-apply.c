#include "diagram.h"

/* The result on two values, in words of nodes: a and b differ. */
static dd
decide(struct dd_set *set, enum dd_op op, dd a, dd b)
{
	int32_t x = meaning_rank(dd_node_at(set, a)->at);
	int32_t y = meaning_rank(dd_node_at(set, b)->at);

	switch (op) {
	case DD_IS:
		return DD_FALSE;
	case DD_MERGE:
		return DD_CLASH;
	case DD_STRICTEST:
		return y < x ? b : a;
	case DD_LAXEST:
		return y > x ? b : a;
	case DD_STACKED:
		return y <= x ? b : a;
	default:
		return dd_value(set, x < y   ? DD_STRICTER
				     : y < x ? DD_WEAKER
					     : DD_OTHER_DATA);
	}
}

static bool
settle_bool(struct dd_set *set, enum dd_op op, dd a, dd b, dd *result)
{
	dd whole = op == DD_AND ? DD_TRUE : DD_FALSE;

	if (a == whole)
		*result = b;
	else if (b == whole)
		*result = a;
	else if (a == b)
		*result = op == DD_XOR ? DD_FALSE : a;
	else if (op == DD_XOR)
		return false;
	else if (a <= DD_TRUE || b <= DD_TRUE)
		*result = op == DD_AND ? DD_FALSE : DD_TRUE;
	else
		return false;
	(void)set;
	return true;
}

/* The result where no test has to be looked at. */
static bool
settle(struct dd_set *set, enum dd_op op, dd a, dd b, dd c, dd *result)
{
	bool values = dd_node_at(set, a)->rank == DD_VALUE_RANK &&
		      dd_node_at(set, b)->rank == DD_VALUE_RANK;
	uint32_t value;

	switch (op) {
	case DD_ITE:
		*result = a == DD_TRUE ? b : c;
		return a <= DD_TRUE || b == c;
	case DD_AND:
	case DD_OR:
	case DD_XOR:
		return settle_bool(set, op, a, b, result);
	case DD_KERNEL:
		*result = a;
		if (!dd_is_value(set, a, &value))
			return false;
		*result = dd_value(set, meaning_normalise(value));
		return true;
	case DD_WITH:
		*result = a;
		return b == DD_TRUE ||
		       dd_node_at(set, a)->rank == DD_VALUE_RANK;
	case DD_ORDER:
		*result = a == b ? dd_value(set, DD_EQUAL) : a;
		break;
	case DD_IS:
		*result = a == b ? DD_TRUE : a;
		break;
	default:
		if (a == DD_NONE || b == DD_NONE) {
			*result = a == DD_NONE ? b : a;
			return true;
		}
		*result = a;
		if (op == DD_FIRST && dd_node_at(set, a)->rank == DD_VALUE_RANK)
			return true;
		break;
	}
	if (a == b)
		return true;
	if (values)
		*result = decide(set, op, a, b);
	return values;
}

static struct dd_memo *
memo_at(const struct dd_set *set, enum dd_op op, dd a, dd b, dd c)
{
	return &set->memo[dd_hash(a, b, c, op) & (set->memo_size - 1)];
}

/* Leaves a frame for the way above; the way below is done at once. */
static void
open_frame(struct dd_set *set, enum dd_op op, dd *a, dd *b, dd *c)
{
	struct dd_frame f = { dd_first_test(set, *a, *b, *c), *a, *b, *c };

	f.node.below = dd_apply(set, op, dd_below(set, *a, &f.node),
				dd_below(set, *b, &f.node),
				dd_below(set, *c, &f.node));
	*a = dd_above(set, *a, &f.node);
	*b = dd_above(set, *b, &f.node);
	*c = dd_above(set, *c, &f.node);
	*vec_push(&set->arena, &set->spine) = f;
}

/*
 * DD_WITH: where b cannot hold on one side of its test, that side does not
 * count.  Returns whether there was such a side.
 */
static bool
skip_side(const struct dd_set *set, dd *a, dd *b)
{
	struct dd_node test = dd_first_test(set, *a, *b, *b);
	dd below = dd_below(set, *b, &test), above = dd_above(set, *b, &test);

	if (below == DD_FALSE) {
		*a = dd_above(set, *a, &test);
		*b = above;
	} else if (above == DD_FALSE) {
		*a = dd_below(set, *a, &test);
		*b = below;
	} else {
		return false;
	}
	return true;
}

/*
 * Recursion goes below, a loop above, as lists of ranges are long there; so
 * the depth is at most that of the words and their bits.
 */
dd
dd_apply(struct dd_set *set, enum dd_op op, dd a, dd b, dd c)
{
	size_t base = set->spine.n;
	dd result;

	while (!settle(set, op, a, b, c, &result)) {
		const struct dd_memo *memo = memo_at(set, op, a, b, c);

		dd_step(set);
		if (op == DD_WITH && skip_side(set, &a, &b))
			continue;
		if (memo->a == a && memo->b == b && memo->c == c &&
		    memo->op == op + 1) {
			result = memo->result;
			break;
		}
		open_frame(set, op, &a, &b, &c);
	}
	while (set->spine.n > base) {
		struct dd_frame *f = &set->spine.v[--set->spine.n];

		f->node.above = result;
		result = dd_make(set, &f->node);
		*memo_at(set, op, f->a, f->b, f->c) =
			(struct dd_memo){ op + 1, f->a, f->b, f->c, result };
	}
	return result;
}

dd
dd_combine(struct dd_set *set, enum dd_op op, const dd *list, size_t count,
	   dd empty)
{
	size_t half = count / 2;

	if (count < 2)
		return count ? *list : empty;
	return dd_apply(set, op, dd_combine(set, op, list, half, empty),
			dd_combine(set, op, list + half, count - half, empty),
			DD_FALSE);
}
