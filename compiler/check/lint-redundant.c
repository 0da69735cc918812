#include <string.h>

#include "redundant.h"

/*
 * Rules, and names of rules, that can go without changing what the filter
 * does.  Most say once more what is said elsewhere; a rule that asks for
 * something which its calls do not get is shadowed.  Where such a rule is the
 * stricter one overlap.c has reported it.
 */
enum kind {
	KIND_NEEDED,
	KIND_REPEATED, /* another rule says exactly this */
	KIND_DEFAULT,  /* it says what the default action does */
	KIND_COVERED,  /* all its calls get the same without it */
	KIND_SHADOWED, /* it does not get its way */
	KIND_REPORTED, /* by overlap.c */
	KINDS,
};

struct verdict {
	enum kind kind;
	const struct rule *other; /* the one that says this, or NULL */
	const char *call;	  /* KIND_SHADOWED: in words */
	uint32_t gets;		  /* the call */
};

/* What was found of the names of one rule. */
struct summary {
	size_t names; /* that have a number in the filter */
	size_t count[KINDS];
	const struct target *first[KINDS];
	struct verdict verdict[KINDS]; /* of first */
	struct buf list[KINDS];	       /* names, of those looked at up to now */
};

/* Where a part holds and the call gets something laxer than its rule says, or
 * something else that is not laxer. */
static void
find_lost(struct redundant *d, const struct place *place, dd *laxer, dd *other)
{
	enum { MOST = 256 };
	struct dd_set *set = d->l->set;
	uint32_t action = meaning_normalise(place->part->rule->action);
	uint32_t values[MOST];
	size_t n = 0;

	*laxer = *other = DD_FALSE;
	if (!dd_values(set, place->slot->gets, values, &n, MOST)) {
		*laxer = DD_TRUE;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		dd where = dd_apply(set, DD_IS, place->slot->gets,
				    dd_value(set, values[i]), DD_FALSE);
		bool is_laxer = action_rank(values[i]) > action_rank(action);

		where = dd_and(set, where, place->part->where);
		if (values[i] == action)
			continue;
		if (is_laxer)
			*laxer = dd_or(set, *laxer, where);
		else
			*other = dd_or(set, *other, where);
	}
}

static bool
is_same_condition(const struct condition *a, const struct condition *b)
{
	return a->arg == b->arg && a->op == b->op && a->value == b->value &&
	       a->value2 == b->value2;
}

static bool
is_same_rule(const struct resolved_rule *a, const struct resolved_rule *b)
{
	if (a->action != b->action || a->condition_count != b->condition_count)
		return false;
	for (size_t i = 0; i < a->condition_count; i++)
		if (!is_same_condition(&a->conditions[i], &b->conditions[i]))
			return false;
	return true;
}

/* A rule before a part that says the same of the same name. */
static const struct rule *
find_twin(const struct place *place)
{
	enum { MOST = 64 };
	const struct part *part = place->part, *v = place->slot->parts.v;

	for (size_t i = 0; i < MOST && &v[i] < part; i++)
		if (!v[i].carried && is_same_rule(v[i].rule, part->rule) &&
		    !strcmp(v[i].target->name, part->target->name))
			return v[i].rule->rule;
	return NULL;
}

/* Why a name can go. */
static struct verdict
judge(struct redundant *d, const struct target *target,
      const struct place places[ABI_COUNT])
{
	struct verdict verdict = { .kind = KIND_REPORTED };
	uint32_t default_action = d->l->c->ruleset->default_action;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct part *part = places[i].part;
		dd laxer, other;

		/* never-true reports what never holds. */
		if (!part || part->where == DD_FALSE)
			continue;
		find_lost(d, &places[i], &laxer, &other);
		if (laxer != DD_FALSE)
			return (struct verdict){ .kind = KIND_REPORTED };
		if (other != DD_FALSE) {
			verdict.kind = KIND_SHADOWED;
			verdict.call = lint_witness(d->l, (enum abi)i,
						    target->name, other);
			verdict.gets =
				lint_gets(d->l, places[i].slot->gets, other);
			return verdict;
		}
		verdict.other = find_twin(&places[i]);
		verdict.kind = KIND_REPEATED;
		if (verdict.other)
			continue;
		verdict.kind = KIND_COVERED;
		if (places[i].slot->plain && places[i].slot->plain != part)
			verdict.other = places[i].slot->plain->rule->rule;
		else if (part->rule->action == default_action)
			verdict.kind = KIND_DEFAULT;
	}
	return verdict;
}

static void
add_verdict(struct redundant *d, struct summary *s, const struct target *target,
	    const struct verdict *verdict)
{
	enum { SHOWN = 6 };
	enum kind kind = verdict->kind;
	struct buf *list = &s->list[kind], before = *list;

	s->names++;
	s->count[kind]++;
	s->first[kind] = target;
	s->verdict[kind] = *verdict;
	if (kind == KIND_NEEDED || s->count[kind] > SHOWN)
		return;
	*list = (struct buf){ .arena = d->l->arena };
	buf_printf(list, "%s%s%s", target->name, before.data ? ", " : "",
		   before.data ? before.data : "");
}

static const char *
rule_text(struct redundant *d, const struct rule *rule)
{
	return json_pointer(d->l->arena, rule->where);
}

/* Why the names of a kind can go. */
static const char *
reason(struct redundant *d, const struct summary *s, enum kind kind)
{
	const struct rule *other = s->verdict[kind].other;

	if (kind == KIND_DEFAULT)
		return "the default action is the same";
	if (!other)
		return "other rules say the same of all that it covers";
	return arena_printf(d->l->arena,
			    kind == KIND_REPEATED
				    ? "%s says the same"
				    : "%s says so without conditions",
			    rule_text(d, other));
}

static void
report_shadowed(struct redundant *d, const struct summary *s,
		const struct resolved_rule *rule)
{
	const struct verdict *verdict = &s->verdict[KIND_SHADOWED];
	size_t more = s->count[KIND_SHADOWED] - 1;
	char gets[32], wanted[32];

	action_print(gets, verdict->gets);
	action_print(wanted, rule->action);
	lint_report(d->l, DIAG_SHADOWED_RULE, s->first[KIND_SHADOWED]->where,
		    "remove it, or the rule that wins: one without conditions "
		    "beats those with them, and the first of several",
		    "this changes nothing: %s gets %s, not the %s of this "
		    "rule%s",
		    verdict->call, gets, wanted,
		    more ? arena_printf(d->l->arena,
					"; so it is with %zu more of its names",
					more)
			 : "");
}

static void
report_names(struct redundant *d, const struct summary *s, enum kind kind)
{
	size_t count = s->count[kind];
	const char *name = s->first[kind]->name;

	if (kind == KIND_REPEATED && count == 1)
		lint_report(d->l, DIAG_DUPLICATE_NAME, s->first[kind]->where,
			    "remove it", "'%s' stands here again: %s", name,
			    reason(d, s, kind));
	else if (count == 1)
		lint_report(d->l, DIAG_REDUNDANT_NAME, s->first[kind]->where,
			    "remove it",
			    "'%s' changes nothing in this rule: %s", name,
			    reason(d, s, kind));
	else
		lint_report(d->l,
			    kind == KIND_REPEATED ? DIAG_DUPLICATE_NAME
						  : DIAG_REDUNDANT_NAME,
			    s->first[kind]->where, "remove them",
			    "%zu names change nothing in this rule: %s%s; %s",
			    count, s->list[kind].data, count > 6 ? ", ..." : "",
			    reason(d, s, kind));
}

static void
report_rule(struct redundant *d, const struct summary *s,
	    const struct resolved_rule *rule)
{
	bool whole = !s->count[KIND_NEEDED] && !s->count[KIND_SHADOWED] &&
		     !s->count[KIND_REPORTED];

	if (s->count[KIND_SHADOWED])
		report_shadowed(d, s, rule);
	for (int kind = KIND_REPEATED; kind <= KIND_COVERED; kind++) {
		if (!s->count[kind])
			continue;
		if (!whole) {
			report_names(d, s, (enum kind)kind);
			continue;
		}
		lint_report(d->l, DIAG_REDUNDANT_RULE, rule->rule->where,
			    "remove it", "this rule changes nothing: %s",
			    reason(d, s, (enum kind)kind));
		return;
	}
}

static void
check_rule(struct redundant *d, const struct resolved_rule *rule)
{
	struct summary s = { 0 };

	for (size_t i = rule->targets.n; i-- > 0;) {
		const struct target *target = &rule->targets.v[i];
		struct place places[ABI_COUNT];
		struct verdict verdict = { .kind = KIND_NEEDED };
		bool can_go;

		lint_spend(d->l, 1 + rule->condition_count);
		if (!lint_has_room(d->l))
			return;
		if (!redundant_find(d, rule, target, places, &can_go))
			continue;
		if (can_go)
			verdict = judge(d, target, places);
		add_verdict(d, &s, target, &verdict);
		redundant_next(d, target, places, can_go);
	}
	report_rule(d, &s, rule);
}

void
lint_redundant(struct lint *l)
{
	const struct ruleset *rules = l->c->ruleset;
	struct redundant d;

	redundant_open(&d, l);
	for (size_t i = rules->rules.n; i-- > 0 && lint_has_room(l);)
		check_rule(&d, &rules->rules.v[i]);
}
