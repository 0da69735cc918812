#include "compiler.h"

#include <stdlib.h>
#include <string.h>

/* Places that were reported: a hash set of (id, where). */
struct report {
	const struct json *where;
	enum diag_id id;
};

struct report_set {
	struct report *slots;
	size_t size, used; /* size is a power of two */
};

static struct report *
find_slot(const struct report_set *set, enum diag_id id,
	  const struct json *where)
{
	size_t i = ((size_t)where >> 4) * 31 + (size_t)id;

	while (set->slots[i & (set->size - 1)].where) {
		struct report *slot = &set->slots[i & (set->size - 1)];

		if (slot->where == where && slot->id == id)
			return slot;
		i++;
	}
	return &set->slots[i & (set->size - 1)];
}

static void
grow_set(struct arena *arena, struct report_set *set)
{
	struct report_set old = *set;

	set->size = old.size ? old.size * 2 : 64;
	set->slots = arena_alloc(arena, set->size * sizeof(*set->slots));
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].where)
			*find_slot(set, old.slots[i].id, old.slots[i].where) =
				old.slots[i];
}

bool
settle_is_new(struct decider *d, enum diag_id id, const struct json *where)
{
	struct report *slot;

	if (!d->reported)
		d->reported = arena_alloc(d->arena, sizeof(*d->reported));
	if (d->reported->used * 2 >= d->reported->size)
		grow_set(d->arena, d->reported);
	slot = find_slot(d->reported, id, where);
	if (slot->where)
		return false;
	*slot = (struct report){ where, id };
	d->reported->used++;
	return true;
}

bool
settle_spend(struct decider *d, size_t pairs, const struct json *where)
{
	bool was_spent = d->pairs > LIMIT_PAIRS;

	d->pairs += pairs;
	if (d->pairs <= LIMIT_PAIRS)
		return true;
	return was_spent ? false
			 : diag_at(d->diags, DIAG_TOO_COMPLEX, where, NULL,
				   "more than %d pairs of rules with "
				   "conditions to compare",
				   LIMIT_PAIRS);
}

/* Everything that settling one number needs. */
struct bench {
	struct decider *d;
	enum abi abi;
	const struct claim_list *claims;
	const struct claim *plain; /* the winner, or NULL */
};

static const char *
action_text(const struct bench *b, uint32_t action)
{
	char *out = arena_alloc(b->d->arena, 32);

	action_print(out, action);
	return out;
}

/* "x86_64 socket(family=0x10)": the arguments that tests look at. */
static const char *
call_text(const struct bench *b, const char *name, const uint64_t args[6],
	  const struct alternative *a, const struct alternative *other)
{
	const struct syscall_name *known = syscall_find(name);
	struct buf buf = { .arena = b->d->arena };
	unsigned used = 0;

	for (size_t i = 0; i < a->count; i++)
		used |= 1u << a->tests[i].arg;
	for (size_t i = 0; other && i < other->count; i++)
		used |= 1u << other->tests[i].arg;
	buf_printf(&buf, "%s %s(", arch_table[b->abi]->name, name);
	for (unsigned i = 0; i < 6; i++) {
		const struct syscall_args *list =
			known ? &known->args[b->abi] : NULL;

		if (!(used >> i & 1))
			continue;
		if (list && i < list->count)
			buf_printf(&buf, "%s", list->arg[i].name);
		else
			buf_printf(&buf, "arg%u", i);
		buf_printf(&buf, "=0x%llx%s", (unsigned long long)args[i],
			   used >> (i + 1) ? ", " : "");
	}
	buf_printf(&buf, ")");
	return buf.data;
}

static const char *
rule_pointer(const struct bench *b, const struct claim *claim)
{
	return json_pointer(b->d->arena, claim->rule->rule->where);
}

const struct claim *
settle_plain(const struct claim_list *claims)
{
	for (size_t i = 0; i < claims->n; i++)
		if (claims->v[i].plain && !claims->v[i].dropped)
			return &claims->v[i];
	return NULL;
}

static bool
is_stricter(const struct claim *a, const struct claim *b)
{
	return action_rank(a->action) < action_rank(b->action);
}

/*
 * Reports that lost says something stricter than won on some call on which
 * both hold.  Returns false if that is an error in this run.
 */
static bool
report_lost(const struct bench *b, const struct claim *lost,
	    const struct claim *won)
{
	enum conflict_mode mode = b->d->ruleset->options->conflicts;
	uint64_t args[6];

	if (lost->plain && won->plain) {
		if (!settle_is_new(b->d, DIAG_CONTRADICTING_RULES, lost->where))
			return true;
		return diag_at(b->d->diags, DIAG_CONTRADICTING_RULES,
			       lost->where, NULL,
			       "%s %s() gets %s from %s, not the %s of this "
			       "rule",
			       arch_table[b->abi]->name, lost->name,
			       action_text(b, won->action),
			       rule_pointer(b, won),
			       action_text(b, lost->action));
	}
	for (size_t i = 0; i < lost->count; i++) {
		for (size_t j = 0; j < won->count; j++) {
			const struct alternative *x = &lost->alternatives[i];
			const struct alternative *y = &won->alternatives[j];

			if (!settle_spend(b->d, 1, lost->where))
				return false;
			if (!tests_meet(x->tests, x->count, y->tests, y->count,
					args))
				continue;
			if (mode != CONFLICTS_REFUSE)
				return true;
			if (!settle_is_new(b->d, DIAG_VOIDED_CONDITION,
					   lost->where))
				return true;
			return diag_at(
				b->d->diags, DIAG_VOIDED_CONDITION, lost->where,
				"remove one of the rules; --conflicts=runc "
				"accepts that the laxer one wins, as in runc",
				"%s gets %s from %s, not the %s of this rule",
				call_text(b, lost->name, args, x, y),
				action_text(b, won->action),
				rule_pointer(b, won),
				action_text(b, lost->action));
		}
	}
	return true;
}

/*
 * What rules 6 and 8 discard, held against what is left: all rules lose to
 * the plain one, those equal to the default to all others.
 */
static bool
check_discarded(const struct bench *b)
{
	bool ok = true;

	for (size_t i = 0; i < b->claims->n; i++) {
		const struct claim *lost = &b->claims->v[i];

		if (lost->carried)
			continue;
		if (b->plain) {
			if (is_stricter(lost, b->plain))
				ok &= report_lost(b, lost, b->plain);
			continue;
		}
		for (size_t j = 0; lost->dropped && j < b->claims->n; j++) {
			const struct claim *won = &b->claims->v[j];

			if (!settle_spend(b->d, 1, lost->where))
				return false;

			if (!won->dropped && is_stricter(lost, won))
				ok &= report_lost(b, lost, won);
		}
	}
	return ok;
}

/* One alternative of a claim that takes part in the decision. */
struct entry {
	const struct claim *claim;
	const struct alternative *alternative;
	size_t order;
};

static bool
report_conflict(const struct bench *b, const struct entry *first,
		const struct entry *second, const uint64_t args[6])
{
	const struct claim *claim = second->claim;

	if (!settle_is_new(b->d, DIAG_CONFLICTING_RULES, claim->where))
		return b->d->diags->level[DIAG_CONFLICTING_RULES] <
		       SEVERITY_ERROR;
	return diag_at(b->d->diags, DIAG_CONFLICTING_RULES, claim->where,
		       "make the conditions exclude each other; "
		       "--conflicts=first or =strictest decides",
		       "%s is %s here and %s in %s",
		       call_text(b, claim->name, args, first->alternative,
				 second->alternative),
		       action_text(b, claim->action),
		       action_text(b, first->claim->action),
		       rule_pointer(b, first->claim));
}

static bool
check_conflicts(const struct bench *b, const struct entry *entries,
		size_t count, bool *overlap)
{
	enum conflict_mode mode = b->d->ruleset->options->conflicts;
	uint64_t args[6];
	bool ok = true;

	*overlap = false;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = i + 1; j < count; j++) {
			const struct alternative *x = entries[i].alternative;
			const struct alternative *y = entries[j].alternative;

			if (entries[i].claim->action ==
			    entries[j].claim->action)
				continue;
			if (!settle_spend(b->d, 1, entries[i].claim->where))
				return false;
			if (!tests_meet(x->tests, x->count, y->tests, y->count,
					args))
				continue;
			*overlap = true;
			if (mode == CONFLICTS_FIRST ||
			    mode == CONFLICTS_STRICTEST)
				return true;
			ok &= report_conflict(b, &entries[i], &entries[j],
					      args);
		}
	}
	return ok;
}

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

static bool
report_alternatives(const struct bench *b, const struct claim *claim)
{
	return diag_at(b->d->diags, DIAG_LIMIT, claim->where, NULL,
		       "more than %d conditional rules on '%s'",
		       LIMIT_ALTERNATIVES, claim->name);
}

/* The rules with conditions, when no plain one beats them. */
static bool
settle_conditional(const struct bench *b, struct decision *decision)
{
	struct arena *arena = b->d->arena;
	VEC(struct entry) entries = { 0 };
	bool ok, overlap;

	for (size_t i = 0; i < b->claims->n; i++) {
		const struct claim *claim = &b->claims->v[i];

		for (size_t j = 0; !claim->dropped && j < claim->count; j++) {
			size_t order = entries.n;

			if (order == LIMIT_ALTERNATIVES)
				return report_alternatives(b, claim);
			*vec_push(arena, &entries) =
				(struct entry){ claim, &claim->alternatives[j],
						order };
		}
	}
	ok = check_conflicts(b, entries.v, entries.n, &overlap);
	/* An overlap that was turned down to a warning fails closed. */
	if (overlap)
		qsort(entries.v, entries.n, sizeof(*entries.v),
		      b->d->ruleset->options->conflicts == CONFLICTS_FIRST
			      ? compare_order
			      : compare_strictness);
	for (size_t i = 0; i < entries.n; i++)
		*vec_push(arena, &decision->alternatives) =
			*entries.v[i].alternative;
	decision->otherwise = b->d->ruleset->default_action;
	return ok;
}

bool
settle_discarded(struct decider *d, enum abi abi,
		 const struct claim_list *claims)
{
	struct bench b = { d, abi, claims, settle_plain(claims) };

	return check_discarded(&b);
}

bool
settle(struct decider *d, enum abi abi, const struct claim_list *claims,
       struct decision *decision)
{
	struct bench b = { d, abi, claims, settle_plain(claims) };
	bool ok = check_discarded(&b);

	if (b.plain) {
		decision->otherwise = b.plain->action;
		return ok;
	}
	return settle_conditional(&b, decision) && ok;
}
