#include "tracer.h"

#include <errno.h>
#include <stdlib.h>

/*
 * The rules on a number hold on parts of its arguments.  Taken in the order
 * in which they win, each decides where it holds and none before it did; what
 * is left, the default decides.  Nothing of a program is used, so paths
 * through a search tree cannot mislead; what comes out has to be the function
 * that the prover takes the rules for.
 */

/* Whether a rule's action is not what calls get somewhere in `where`. */
static bool
has_effect(struct tracer *t, const struct part *part, dd where)
{
	dd same = dd_apply(t->set, DD_IS, t->function,
			   meaning_says(&t->r, part->rule), DD_FALSE);

	where = dd_and(t->set, where, t->asked);
	return dd_apply(t->set, DD_ITE, same, DD_FALSE, where) != DD_FALSE;
}

/* A rule whose action counts for less than `where`, where it was to hold. */
static void
add_lost(struct tracer *t, struct trace *trace, const struct part *part,
	 dd where, enum trace_loss loss)
{
	if (loss != LOSS_DEFAULT && loss != LOSS_NEVER &&
	    !has_effect(t, part, where))
		return;
	*vec_push(t->arena, &trace->lost) = (struct trace_lost){
		.loss = loss,
		.rule = part->rule->rule,
		.name = part->target->where,
	};
}

/* Rule 11: what becomes of a number that no rule names. */
static enum trace_why
find_cut(const struct tracer *t, uint32_t number)
{
	const struct options *options = t->r.rules->options;
	const struct syscall_name *name = syscall_find_number(t->r.abi, number);

	switch (t->r.rules->default_action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_TRACE:
		return TRACE_UNNAMED;
	}
	if (options->unknown == UNKNOWN_ENOSYS && t->r.highest >= 0 &&
	    number > t->r.highest)
		return TRACE_ABOVE;
	if (options->unknown == UNKNOWN_SINCE &&
	    (number >= t->r.count ||
	     (name && name->since[t->r.abi] > options->since)))
		return TRACE_NEWER;
	return TRACE_UNNAMED;
}

static void
add_unnamed(struct tracer *t, struct trace *trace, uint32_t number, dd where)
{
	enum trace_why why = find_cut(t, number);

	trace_rest(t, trace, why,
		   why == TRACE_UNNAMED ? t->r.rules->default_action
					: SECCOMP_RET_ERRNO | ENOSYS,
		   where);
}

static bool
is_part(const struct parts *parts, const struct target *target)
{
	for (size_t i = 0; i < parts->n; i++)
		if (parts->v[i].target == target)
			return true;
	return false;
}

/* Rule 10: rules on a call behind a multiplexer that do not come through. */
static void
add_behind(struct tracer *t, struct trace *trace, const struct named *named,
	   dd selected)
{
	struct reader *r = &t->r;

	for (uint32_t i = named->first; i; i = r->namings.v[i - 1].next) {
		const struct naming *n = &r->namings.v[i - 1];
		struct part part = { n->rule, n->target, selected, true };

		if (n->rule->condition_count &&
		    !is_part(&t->parts, n->target) &&
		    n->rule->action != r->rules->default_action)
			add_lost(t, trace, &part, selected, LOSS_NOT_CARRIED);
	}
}

static void
add_uncarried(struct tracer *t, struct trace *trace, uint32_t number)
{
	struct reader *r = &t->r;

	for (size_t i = 0; i < r->arch->mux_count; i++) {
		const struct mux *mux = &r->arch->muxes[i];

		if (r->mux_numbers[i] != (int64_t)number)
			continue;
		trace->mux = mux;
		for (size_t j = 0; j < mux->count; j++)
			add_behind(t, trace, &r->behind[i][mux->calls[j].call],
				   dd_equals(t->set, DD_ARGS, mux->mask,
					     mux->calls[j].call));
	}
}

/* All parts lose to one without conditions. */
static void
add_plain(struct tracer *t, struct trace *trace, const struct part *plain)
{
	for (size_t i = 0; i < t->parts.n; i++) {
		const struct part *part = &t->parts.v[i];

		if (part != plain)
			add_lost(t, trace, part, part->where,
				 part->carried || part->rule->condition_count
					 ? LOSS_PLAIN
					 : LOSS_FIRST);
	}
	trace_add(t, trace,
		  (struct trace_case){ .why = TRACE_RULE,
				       .action = plain->rule->action,
				       .rule = plain->rule,
				       .target = plain->target },
		  DD_TRUE);
}

/* The order in which parts win; index breaks ties. */
struct turn {
	uint32_t index;
	int32_t rank;
};

static int
compare_turns(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/*
 * What each part decides, by index, and what is left.  Of rules that overlap
 * the strictest wins, unless the options say the first.
 */
static dd
share_out(struct tracer *t, dd *won)
{
	struct parts *parts = &t->parts;
	struct turn *turns =
		arena_alloc(&t->set->arena, (parts->n + 1) * sizeof(*turns));
	bool first = t->r.rules->options->conflicts == CONFLICTS_FIRST;
	dd rest = DD_TRUE;
	size_t n = 0;

	for (size_t i = 0; i < parts->n; i++) {
		uint32_t action = parts->v[i].rule->action;

		won[i] = DD_FALSE;
		if (action != t->r.rules->default_action)
			turns[n++] = (struct turn){
				(uint32_t)i, first ? 0 : meaning_rank(action)
			};
	}
	qsort(turns, n, sizeof(*turns), compare_turns);
	for (size_t i = 0; i < n; i++) {
		dd where = parts->v[turns[i].index].where;

		won[turns[i].index] = dd_and(t->set, rest, where);
		rest = dd_apply(t->set, DD_ITE, where, DD_FALSE, rest);
	}
	return rest;
}

/* What is said of a part that does not decide wherever it holds. */
static void
add_loss(struct tracer *t, struct trace *trace, const struct part *part, dd won)
{
	won = dd_and(t->set, won, t->asked);
	if (part->rule->action == t->r.rules->default_action)
		add_lost(t, trace, part, part->where, LOSS_DEFAULT);
	else if (part->where == DD_FALSE)
		add_lost(t, trace, part, part->where, LOSS_NEVER);
	else
		add_lost(t, trace, part, part->where,
			 won == DD_FALSE ? LOSS_COVERED : LOSS_PARTLY);
}

static void
add_number(struct tracer *t, struct trace *trace, enum abi abi, uint32_t number)
{
	const struct part *plain;
	bool named, repeats = false;
	dd rest, *won;

	meaning_open_abi(&t->r, abi);
	trace->highest = t->r.highest;
	if (number >= t->r.count) {
		add_unnamed(t, trace, number, DD_TRUE);
		return;
	}
	meaning_parts(&t->r, number, &t->parts);
	plain = meaning_plain(&t->r, &t->parts);
	add_uncarried(t, trace, number);
	if (plain) {
		add_plain(t, trace, plain);
		return;
	}
	named = t->r.numbers[number].first != 0;
	won = arena_alloc(&t->set->arena, (t->parts.n + 1) * sizeof(*won));
	rest = share_out(t, won);
	for (size_t i = 0; i < t->parts.n; i++) {
		const struct part *part = &t->parts.v[i];

		add_loss(t, trace, part, won[i]);
		repeats |= part->rule->action == t->r.rules->default_action;
		trace_add(t, trace,
			  (struct trace_case){ .why = TRACE_RULE,
					       .action = part->rule->action,
					       .rule = part->rule,
					       .target = part->target,
					       .carried = part->carried },
			  won[i]);
	}
	if (!named)
		add_unnamed(t, trace, number, rest);
	else
		trace_rest(t, trace,
			   rest == DD_TRUE && repeats ? TRACE_REPEATED
						      : TRACE_NOT_HELD,
			   t->r.rules->default_action, rest);
}

/* Rule 3. */
static void
add_foreign(struct tracer *t, struct trace *trace)
{
	const struct options *options = t->r.rules->options;

	trace_rest(t, trace, TRACE_FOREIGN,
		   options->foreign_default ? t->r.rules->default_action
					    : options->foreign_action,
		   DD_TRUE);
}

/*
 * Numbers of a token of two ABIs above those of both (rules 3 and 11): with
 * the bit that tells them apart they are of `high`, without it only the cut
 * of `low` reaches so far.
 */
static void
add_high(struct tracer *t, struct trace *trace, enum abi low, enum abi high,
	 bool has_bit)
{
	enum abi abi = has_bit ? high : low;
	uint32_t by_default = t->r.rules->default_action;

	if (trace->request.number == UINT32_MAX && high == ABI_COUNT) {
		trace_rest(t, trace, TRACE_SKIP, by_default, DD_TRUE);
		return;
	}
	if (abi != ABI_COUNT) {
		meaning_open_abi(&t->r, abi);
		trace->highest = t->r.highest;
	}
	if (abi != ABI_COUNT &&
	    (has_bit || find_cut(t, UINT32_MAX) != TRACE_UNNAMED))
		add_unnamed(t, trace, UINT32_MAX, DD_TRUE);
	else if (high == ABI_COUNT)
		add_foreign(t, trace);
	else
		trace_rest(t, trace, TRACE_NO_ABI, by_default, DD_TRUE);
}

/* The ABIs under a token that are in the filter, and the bit that tells. */
void
trace_rules(struct tracer *t, struct trace *trace)
{
	const struct ruleset *rules = t->r.rules;
	enum abi side[2] = { ABI_COUNT, ABI_COUNT };
	uint32_t bit = 0, number = trace->request.number;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct arch *arch = arch_table[i];

		if (arch->audit_token != trace->request.arch)
			continue;
		bit |= arch->number_bit;
		if (rules->abis >> i & 1)
			side[arch->number_bit != 0] = (enum abi)i;
	}
	if (bit && number >= 2 * bit &&
	    (side[0] != ABI_COUNT || side[1] != ABI_COUNT))
		add_high(t, trace, side[0], side[1], number & bit);
	else if (side[(number & bit) != 0] != ABI_COUNT)
		add_number(t, trace, side[(number & bit) != 0], number & ~bit);
	else
		add_foreign(t, trace);
}
