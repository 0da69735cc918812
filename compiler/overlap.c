#include "meaning.h"

#include <string.h>

#include "decide.h"

/*
 * What a profile says twice, exactly: where rules overlap is a diagram, so
 * any number of arguments, operators and rules makes no difference, and the
 * call that a message shows is a member of it.
 */
struct overlap {
	struct arena *arena; /* of the compilation */
	struct diags *diags;
	const struct ruleset *ruleset;
	struct report_set reported;
	struct reader r;
	struct dd_set *set;
};

static const char *
action_text(struct overlap *o, uint32_t action)
{
	char *out = arena_alloc(o->arena, 32);

	action_print(out, action);
	return out;
}

static const char *
rule_pointer(struct overlap *o, const struct part *part)
{
	return json_pointer(o->arena, part->rule->rule->where);
}

/* A call by the name under which a rule has it; where is not empty. */
static const char *
call_text(struct overlap *o, const struct part *part, dd where)
{
	struct buf buf = { .arena = o->arena };
	struct seccomp_data call;
	uint32_t words = dd_difference(o->set, where, DD_FALSE, &call);
	const char *name = part->target->name;

	/* A carried rule is one on the multiplexer. */
	if (part->carried) {
		int mux = part->target->mux[o->r.abi];

		name = o->r.arch->muxes[mux].name;
	}
	describe_named(&buf, o->r.abi, name, call.args, words);
	return buf.data;
}

static bool
is_new(struct overlap *o, enum diag_id id, const struct part *part)
{
	return report_is_new(&o->reported, o->arena, id, part->target->where);
}

static bool
is_dropped(const struct overlap *o, const struct part *part)
{
	return part->rule->action == o->ruleset->default_action;
}

static bool
is_stricter(const struct part *a, const struct part *b)
{
	return action_rank(a->rule->action) < action_rank(b->rule->action);
}

/* Reports that lost says something stricter than won where both hold. */
static void
report_lost(struct overlap *o, const struct part *lost, const struct part *won)
{
	dd where = dd_and(o->set, lost->where, won->where);
	bool plain =
		!lost->rule->condition_count && !won->rule->condition_count;

	if (where == DD_FALSE)
		return;
	if (plain && is_new(o, DIAG_CONTRADICTING_RULES, lost))
		diag_at(o->diags, DIAG_CONTRADICTING_RULES, lost->target->where,
			NULL,
			"%s %s() gets %s from %s, not the %s of this rule",
			o->r.arch->name, lost->target->name,
			action_text(o, won->rule->action), rule_pointer(o, won),
			action_text(o, lost->rule->action));
	if (!plain && o->ruleset->options->conflicts == CONFLICTS_REFUSE &&
	    is_new(o, DIAG_VOIDED_CONDITION, lost))
		diag_at(o->diags, DIAG_VOIDED_CONDITION, lost->target->where,
			"remove one of the rules; --conflicts=runc "
			"accepts that the laxer one wins, as in runc",
			"%s gets %s from %s, not the %s of this rule",
			call_text(o, lost, where),
			action_text(o, won->rule->action), rule_pointer(o, won),
			action_text(o, lost->rule->action));
}

/* Where rules hold that are laxer than the default, if one repeats it. */
static dd
find_laxer(struct overlap *o, const struct parts *parts)
{
	dd *list = arena_alloc(&o->set->arena, parts->n * sizeof(*list));
	bool any = false;
	size_t n = 0;

	for (size_t i = 0; i < parts->n; i++) {
		any |= is_dropped(o, &parts->v[i]);
		if (action_rank(parts->v[i].rule->action) >
		    action_rank(o->ruleset->default_action))
			list[n++] = parts->v[i].where;
	}
	return dd_combine(o->set, DD_OR, list, any ? n : 0, DD_FALSE);
}

/*
 * What rules 6 and 8 discard, held against what is left: all rules lose to
 * the plain one, those equal to the default to all others.
 */
static void
check_discarded(struct overlap *o, const struct parts *parts,
		const struct part *plain)
{
	dd laxer;

	for (size_t i = 0; plain && i < parts->n; i++) {
		const struct part *part = &parts->v[i];

		if (!part->carried && is_stricter(part, plain))
			report_lost(o, part, plain);
	}
	if (plain)
		return;
	laxer = find_laxer(o, parts);
	for (size_t i = 0; i < parts->n; i++) {
		const struct part *lost = &parts->v[i], *won = parts->v;

		if (lost->carried || !is_dropped(o, lost) ||
		    dd_and(o->set, lost->where, laxer) == DD_FALSE)
			continue;
		while (!is_stricter(lost, won) ||
		       dd_and(o->set, lost->where, won->where) == DD_FALSE)
			won++;
		report_lost(o, lost, won);
	}
}

/* Reports the first rule before a part that says something else there. */
static void
report_conflict(struct overlap *o, const struct parts *parts, size_t at)
{
	const struct part *part = &parts->v[at], *first = parts->v;

	if (!is_new(o, DIAG_CONFLICTING_RULES, part))
		return;
	while (first->rule->action == part->rule->action ||
	       is_dropped(o, first) ||
	       dd_and(o->set, first->where, part->where) == DD_FALSE)
		first++;
	diag_at(o->diags, DIAG_CONFLICTING_RULES, part->target->where,
		"make the conditions exclude each other; "
		"--conflicts=first or =strictest decides",
		"%s is %s here and %s in %s",
		call_text(o, part, dd_and(o->set, first->where, part->where)),
		action_text(o, part->rule->action),
		action_text(o, first->rule->action), rule_pointer(o, first));
}

static bool
clashes(struct overlap *o, dd merged)
{
	return dd_apply(o->set, DD_IS, merged, DD_CLASH, DD_FALSE) != DD_FALSE;
}

static dd
merge(struct overlap *o, dd a, dd b)
{
	return dd_apply(o->set, DD_MERGE, a, b, DD_FALSE);
}

/*
 * Reports which of the parts first..last - 1 say other than those before;
 * halved as long as any do, so that few of many are found soon.
 */
static void
find_conflicts(struct overlap *o, const struct parts *parts, const dd *says,
	       size_t first, size_t last, dd before)
{
	size_t half = (first + last) / 2;
	dd these = dd_combine(o->set, DD_MERGE, says + first, last - first,
			      DD_NONE);
	dd silent = dd_apply(o->set, DD_IS, these, DD_NONE, DD_FALSE);

	before = dd_apply(o->set, DD_ITE, silent, DD_NONE, before);
	if (!clashes(o, merge(o, before, these)))
		return;
	if (last - first == 1) {
		report_conflict(o, parts, first);
		return;
	}
	find_conflicts(o, parts, says, first, half, before);
	these = dd_combine(o->set, DD_MERGE, says + first, half - first,
			   DD_NONE);
	find_conflicts(o, parts, says, half, last, merge(o, before, these));
}

static bool
has_two_actions(const struct overlap *o, const struct parts *parts)
{
	const struct part *first = NULL;

	for (size_t i = 0; i < parts->n; i++) {
		const struct part *part = &parts->v[i];

		if (is_dropped(o, part))
			continue;
		if (first && first->rule->action != part->rule->action)
			return true;
		first = part;
	}
	return false;
}

static void
check_conflicts(struct overlap *o, const struct parts *parts)
{
	enum conflict_mode mode = o->ruleset->options->conflicts;
	dd *says = arena_alloc(&o->set->arena, parts->n * sizeof(*says));

	if (mode == CONFLICTS_FIRST || mode == CONFLICTS_STRICTEST ||
	    !has_two_actions(o, parts))
		return;
	for (size_t i = 0; i < parts->n; i++)
		says[i] = is_dropped(o, &parts->v[i])
				  ? DD_NONE
				  : dd_apply(o->set, DD_ITE, parts->v[i].where,
					     dd_value(o->set,
						      parts->v[i].rule->action),
					     DD_NONE);
	find_conflicts(o, parts, says, 0, parts->n, DD_NONE);
}

static void
check_number(struct overlap *o, uint32_t number, struct parts *parts)
{
	const struct part *plain;

	if (meaning_is_unanimous(&o->r, &o->r.numbers[number]) &&
	    !meaning_is_mux(&o->r, number))
		return;
	meaning_parts(&o->r, number, parts);
	if (parts->n < 2)
		return;
	plain = meaning_plain(&o->r, parts);
	check_discarded(o, parts, plain);
	if (!plain)
		check_conflicts(o, parts);
}

/* Calls that have no number of their own, only one behind a multiplexer. */
static void
check_behind(struct overlap *o, const struct named *named, struct parts *parts)
{
	struct reader *r = &o->r;

	parts->n = 0;
	if (meaning_is_unanimous(r, named))
		return;
	for (uint32_t i = named->first; i; i = r->namings.v[i - 1].next) {
		const struct naming *naming = &r->namings.v[i - 1];

		if (naming->target->number[r->abi] < 0)
			*vec_push(&o->set->arena, parts) =
				(struct part){ naming->rule, naming->target,
					       meaning_where(r, naming->rule),
					       false };
	}
	if (parts->n > 1)
		check_discarded(o, parts, meaning_plain(r, parts));
}

static void
check_abi(struct overlap *o, enum abi abi)
{
	struct parts parts = { 0 };

	meaning_open_abi(&o->r, abi);
	for (uint32_t i = 0; i < o->r.count; i++)
		check_number(o, i, &parts);
	for (size_t i = 0; i < o->r.arch->mux_count; i++) {
		const struct mux *mux = &o->r.arch->muxes[i];

		for (size_t j = 0; j < mux->count; j++)
			check_behind(o, &o->r.behind[i][mux->calls[j].call],
				     &parts);
	}
}

static const char *
formula(struct arena *arena, const struct resolved_rule *rule,
	const char *joiner)
{
	struct buf buf = { .arena = arena };

	for (size_t i = 0; i < rule->condition_count && i < 8; i++) {
		const struct condition *c = &rule->conditions[i];

		if (i)
			buf_printf(&buf, " %s ", joiner);
		if (c->op == CMP_MASKED_EQ)
			buf_printf(&buf, "(arg%d & 0x%llx) == 0x%llx", c->arg,
				   (unsigned long long)c->value,
				   (unsigned long long)c->value2);
		else
			buf_printf(&buf, "arg%d %s 0x%llx", c->arg,
				   cmp_sign(c->op),
				   (unsigned long long)c->value);
	}
	if (rule->condition_count > 8)
		buf_printf(&buf, " %s ...", joiner);
	return buf.data;
}

/* Rule 7. */
static void
check_repeated(struct overlap *o, const struct resolved_rule *rule,
	       bool exclusive)
{
	if (o->ruleset->options->repeated != REPEATED_REFUSE)
		return;
	if (exclusive)
		diag_at(o->diags, DIAG_REPEATED_INDEX_OR, rule->rule->where,
			NULL,
			"the conditions exclude each other; read as in runc: "
			"%s",
			formula(o->arena, rule, "OR"));
	else
		diag_at(o->diags, DIAG_REPEATED_INDEX, rule->rule->where,
			"write a rule for each condition if OR is meant; "
			"--repeated-index=or or =and says how to read it",
			"an argument index repeats: runc reads %s, which is "
			"wider than the AND that is written",
			formula(o->arena, rule, "OR"));
}

/* Whether a condition holds for no argument of 64 bits. */
static bool
is_impossible(const struct condition *c)
{
	switch (c->op) {
	case CMP_LT:
		return c->value == 0;
	case CMP_GT:
		return c->value == UINT64_MAX;
	case CMP_MASKED_EQ:
		return (c->value2 & ~c->value) != 0;
	default:
		return false;
	}
}

/* Conditions on different arguments hold together if each does. */
static dd
hold_together(struct overlap *o, const struct resolved_rule *rule, bool *alone)
{
	if (meaning_repeats(rule))
		return meaning_together(&o->r, rule, alone);
	*alone = false;
	for (size_t i = 0; i < rule->condition_count; i++)
		*alone |= is_impossible(&rule->conditions[i]);
	return *alone ? DD_FALSE : DD_TRUE;
}

/* condition.c has reported it. */
static bool
has_impossible_mask(const struct resolved_rule *rule)
{
	for (size_t i = 0; i < rule->condition_count; i++)
		if (rule->conditions[i].op == CMP_MASKED_EQ &&
		    is_impossible(&rule->conditions[i]))
			return true;
	return false;
}

/* With a condition that never holds, neither AND nor OR is the stricter
 * reading of a repeated index: that is for the user to say. */
static void
check_rule(struct overlap *o, size_t index)
{
	const struct resolved_rule *rule = &o->ruleset->rules.v[index];
	bool alone;
	dd where;

	if (!rule->condition_count)
		return;
	where = hold_together(o, rule, &alone);
	/* The work may start again, when bits of a word turn out to matter. */
	if (!report_is_new(&o->reported, o->arena, DIAG_NEVER_TRUE,
			   rule->rule->where))
		return;
	if (meaning_repeats(rule))
		check_repeated(o, rule, where == DD_FALSE && !alone);
	if (where == DD_FALSE && !(o->r.split && o->r.split[index]) &&
	    !has_impossible_mask(rule))
		diag_at(o->diags, DIAG_NEVER_TRUE, rule->rule->where, NULL,
			"the conditions never hold: %s",
			formula(o->arena, rule, "AND"));
}

static void
check_rules(struct overlap *o)
{
	for (size_t i = 0; i < o->ruleset->rules.n; i++)
		check_rule(o, i);
}

static void
work(struct dd_set *set, void *data)
{
	struct overlap *o = data;

	o->set = set;
	meaning_open(&o->r, set, o->ruleset);
	check_rules(o);
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (o->ruleset->abis >> i & 1)
			check_abi(o, (enum abi)i);
}

static void
finish(void *set)
{
	dd_finish(set);
}

void
overlap_report(struct arena *arena, const struct ruleset *ruleset,
	       struct diags *diags)
{
	struct overlap o = { .arena = arena,
			     .diags = diags,
			     .ruleset = ruleset };
	struct dd_set *set;
	char reason[160];
	enum dd_end end;

	if (!meaning_disagrees(arena, ruleset)) {
		check_rules(&o);
		return;
	}
	set = arena_alloc(arena, sizeof(*set));
	/* Out of memory may leave this function. */
	arena_own(arena, set, finish);
	end = dd_run_fields(set, work, &o);
	dd_explain(set, end, reason, sizeof(reason));
	dd_finish(set);
	if (end == DD_NO_MEMORY)
		longjmp(arena->oom, 1);
	if (end != DD_DONE)
		diag_at(diags, DIAG_TOO_COMPLEX,
			ruleset->selection->profile->root, NULL,
			"the conditions cannot be compared with each other: "
			"%s",
			reason);
}
