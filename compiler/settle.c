#include "compiler.h"

#include <stdlib.h>
#include <string.h>

const struct claim *
settle_plain(const struct claim_list *claims)
{
	for (size_t i = 0; i < claims->n; i++)
		if (claims->v[i].plain && !claims->v[i].dropped)
			return &claims->v[i];
	return NULL;
}

/* One alternative of a claim that takes part in the decision. */
struct entry {
	const struct claim *claim;
	const struct alternative *alternative;
	size_t order;
};

/* The profile's order: what a multiplexer carries comes last in the list. */
static int
compare_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->claim->rule != y->claim->rule)
		return x->claim->rule < y->claim->rule ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static int
compare_strictness(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int32_t i = action_rank(x->claim->action);
	int32_t j = action_rank(y->claim->action);

	if (i != j)
		return i < j ? -1 : 1;
	return compare_order(a, b);
}

/*
 * The rules with conditions, when no plain one beats them.  Where they
 * overlap, which is reported elsewhere, the first one that holds counts.
 */
static bool
settle_conditional(struct decider *d, const struct claim_list *claims,
		   struct decision *decision)
{
	VEC(struct entry) entries = { 0 };
	bool differ = false;

	for (size_t i = 0; i < claims->n; i++) {
		const struct claim *claim = &claims->v[i];

		for (size_t j = 0; !claim->dropped && j < claim->count; j++) {
			size_t order = entries.n;

			if (order == LIMIT_ALTERNATIVES)
				return diag_at(d->diags, DIAG_LIMIT,
					       claim->where, NULL,
					       "more than %d conditional "
					       "rules on '%s'",
					       LIMIT_ALTERNATIVES, claim->name);
			differ |= order &&
				  claim->action != entries.v[0].claim->action;
			*vec_push(d->arena, &entries) =
				(struct entry){ claim, &claim->alternatives[j],
						order };
		}
	}
	d->asked.conflicts |= differ;
	if (differ)
		qsort(entries.v, entries.n, sizeof(*entries.v),
		      d->ruleset->options->conflicts == CONFLICTS_FIRST
			      ? compare_order
			      : compare_strictness);
	for (size_t i = 0; i < entries.n; i++)
		*vec_push(d->arena, &decision->alternatives) =
			*entries.v[i].alternative;
	decision->otherwise = d->ruleset->default_action;
	return true;
}

bool
settle(struct decider *d, const struct claim_list *claims,
       struct decision *decision)
{
	const struct claim *plain = settle_plain(claims);

	if (!plain)
		return settle_conditional(d, claims, decision);
	decision->otherwise = plain->action;
	return true;
}
