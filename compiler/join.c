#include "join.h"

void
join_open(struct join *join)
{
	uint32_t a, b;

	join->has_default = join->a->ruleset && join->b->ruleset;
	if (!join->has_default)
		return;
	a = join->a->ruleset->default_action;
	b = join->b->ruleset->default_action;
	if (join->laxer)
		join->default_action = action_rank(b) > action_rank(a) ? b : a;
	else
		join->default_action = action_rank(b) <= action_rank(a) ? b : a;
}

/* The default action; a program's is what it does with a call to skip. */
static dd
find_default(const struct join *join, struct dd_set *set, dd laxest)
{
	uint32_t token = arch_table[join->native]->audit_token;

	return join->has_default
		       ? dd_value(set, join->default_action)
		       : dd_at(set, dd_at(set, laxest, DD_ARCH, token),
			       DD_NUMBER, UINT32_MAX);
}

/* b where it is the default and a differs from it in data alone. */
static dd
prefer_default(const struct join *join, struct dd_set *set, dd a, dd b,
	       dd laxest)
{
	dd order = dd_apply(set, DD_ORDER, a, b, DD_FALSE);
	dd other = dd_apply(set, DD_IS, order, dd_value(set, DD_OTHER_DATA),
			    DD_FALSE);
	dd value = find_default(join, set, laxest);
	uint32_t ignored;

	if (!dd_is_value(set, value, &ignored))
		return laxest;
	return dd_apply(
		set, DD_ITE,
		dd_and(set, other, dd_apply(set, DD_IS, b, value, DD_FALSE)), b,
		laxest);
}

/* The kernel compares what filters return before it looks what that is. */
static dd
read_raw(struct dd_set *set, const struct side *side)
{
	return side->ruleset ? side_read(set, side)
			     : symbolic_run_raw(set, side->code, side->count);
}

static dd
stack(struct dd_set *set, const struct side *a, const struct side *b)
{
	return dd_apply(set, DD_KERNEL,
			dd_apply(set, DD_STACKED, read_raw(set, a),
				 read_raw(set, b), DD_FALSE),
			DD_FALSE, DD_FALSE);
}

dd
join_read(struct dd_set *set, const void *data)
{
	const struct join *join = data;
	dd a, b;

	if (!join->laxer)
		return stack(set, join->a, join->b);
	a = side_read(set, join->a);
	b = side_read(set, join->b);
	return prefer_default(join, set, a, b,
			      dd_apply(set, DD_LAXEST, a, b, DD_FALSE));
}
