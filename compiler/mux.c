#include "compiler.h"

#include <stdlib.h>
#include <string.h>

/* The test that a multiplexer's args[0] selects a call. */
static struct test
selecting(enum abi abi, uint32_t mask, uint32_t call)
{
	struct condition condition = { .op = CMP_MASKED_EQ,
				       .value = mask,
				       .value2 = call };
	struct test test;
	bool exact;

	test_from_condition(&test, &condition, arch_table[abi]->args, false,
			    &exact);
	return test;
}

/*
 * What the claims on a call come to when nothing can be known of its
 * arguments: the plain one, else the strictest that denies.
 */
static const struct claim *
strict_choice(struct decider *d, const struct claim_list *claims)
{
	const struct claim *choice = settle_plain(claims);
	int32_t rank = action_rank(d->ruleset->default_action);

	if (choice)
		return choice;
	for (size_t i = 0; i < claims->n; i++) {
		const struct claim *claim = &claims->v[i];

		if (!claim->dropped && action_rank(claim->action) < rank) {
			choice = claim;
			rank = action_rank(claim->action);
		}
	}
	return choice;
}

static void
add_carried(const struct mux *mux, struct claim_list *to,
	    const struct claim *claim, const struct alternative *alternatives,
	    size_t count)
{
	struct claim *carried = &to->v[to->n++];

	*carried = *claim;
	carried->name = mux->name;
	carried->plain = false;
	carried->carried = true;
	carried->alternatives = alternatives;
	carried->count = (uint32_t)count;
}

static void
carry_strict(struct decider *d, enum abi abi, const struct mux *mux,
	     uint32_t call, const struct claim_list *claims,
	     struct claim_list *to)
{
	const struct claim *choice = strict_choice(d, claims);
	struct alternative *alternative;
	struct test *test;

	if (!choice)
		return;
	test = arena_alloc(d->arena, sizeof(*test));
	*test = selecting(abi, mux->mask, call);
	alternative = arena_alloc(d->arena, sizeof(*alternative));
	*alternative = (struct alternative){ .tests = test,
					     .count = 1,
					     .action = choice->action };
	add_carried(mux, to, choice, alternative, 1);
	if (!choice->plain)
		diag_at(d->diags, DIAG_MULTIPLEXED_DENY, choice->where, NULL,
			"%s: %s(%u) is denied whatever the arguments, which "
			"a filter cannot see there",
			arch_table[abi]->name, mux->name, call);
}

/*
 * As libseccomp 2.5 does: the selecting test takes the place of conditions
 * on args[0], all others apply to the multiplexer's own arguments, and all
 * bits of args[0] count for ipc as well.
 */
static void
carry_libseccomp(struct decider *d, enum abi abi, const struct mux *mux,
		 uint32_t call, const struct claim_list *claims,
		 struct claim_list *to)
{
	struct test test = selecting(abi, UINT32_MAX, call);

	for (size_t i = 0; i < claims->n; i++) {
		const struct claim *claim = &claims->v[i];
		const struct alternative *list;
		size_t count;

		if (claim->dropped)
			continue;
		list = claim_alternatives(d, abi, claim->rule, &test, &count);
		add_carried(mux, to, claim, list, count);
	}
}

/* The claims on a multiplexer itself, NULL if it has no number. */
static struct claim_list *
own_claims(const struct claims *claims, size_t mux)
{
	return claims->mux_numbers[mux] >= 0
		       ? &claims->numbers[claims->mux_numbers[mux]]
		       : NULL;
}

void
mux_carry(struct decider *d, struct claims *claims)
{
	const struct arch *arch = arch_table[claims->abi];

	for (size_t i = 0; i < arch->mux_count; i++) {
		const struct mux *mux = &arch->muxes[i];
		struct claim_list *own = own_claims(claims, i);

		for (size_t j = 0; own && j < mux->count; j++) {
			uint32_t call = mux->calls[j].call;
			const struct claim_list *list = &claims->muxed[i][call];

			d->asked.muxes |= list->n > 0;
			if (d->ruleset->options->muxes == MUX_STRICT)
				carry_strict(d, claims->abi, mux, call, list,
					     own);
			else
				carry_libseccomp(d, claims->abi, mux, call,
						 list, own);
		}
	}
}

/* Reports that a call's rule is void where open decides. */
static void
report_open(struct decider *d, const struct arch *arch, const struct mux *mux,
	    uint32_t call, const struct claim *claim, const struct claim *open)
{
	char action[32];

	if (!report_is_new(&d->reported, d->arena, DIAG_NOT_ENFORCEABLE,
			   claim->where))
		return;
	action_print(action, open->action);
	diag_at(d->diags, DIAG_NOT_ENFORCEABLE, claim->where,
		arena_printf(d->arena,
			     "leave '%s' out, or %s out of the architectures",
			     mux->name, arch->scmp_name),
		"%s: '%s' is restricted here, but %s gives %s for %s(%u)",
		arch->name, claim->name,
		json_pointer(d->arena, open->rule->rule->where), action,
		mux->name, call);
}

/*
 * What the rules on a call restrict and one on its multiplexer does not:
 * rules that are stricter, and where the multiplexer is laxer than the
 * default, calls that are allowed under conditions alone.
 */
static void
report_call(struct decider *d, const struct arch *arch, const struct mux *mux,
	    uint32_t call, const struct claim_list *claims,
	    const struct claim *open)
{
	int32_t rank = action_rank(open->action);
	bool conditional = !settle_plain(claims) &&
			   rank > action_rank(d->ruleset->default_action);

	for (size_t i = 0; i < claims->n; i++) {
		const struct claim *claim = &claims->v[i];

		if (action_rank(claim->action) < rank ||
		    (conditional && !claim->plain))
			report_open(d, arch, mux, call, claim, open);
	}
}

/* Whether a rule on a multiplexer can hold for a call. */
static bool
covers_call(enum abi abi, const struct claim *claim, const struct mux *mux,
	    uint32_t call)
{
	struct test test = selecting(abi, mux->mask, call);

	if (claim->plain)
		return true;
	for (size_t i = 0; i < claim->count; i++)
		if (tests_meet(claim->alternatives[i].tests,
			       claim->alternatives[i].count, &test, 1,
			       (uint64_t[6]){ 0 }))
			return true;
	return false;
}

/* Counts pairs of rules that are held against each other.  False, after
 * reporting it once, when there are too many. */
static bool
spend(struct decider *d, size_t pairs, const struct json *where)
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

static void
report_mux(struct decider *d, const struct claims *claims, size_t index)
{
	const struct arch *arch = arch_table[claims->abi];
	const struct mux *mux = &arch->muxes[index];
	const struct claim_list *own = own_claims(claims, index);
	const struct claim *plain = own ? settle_plain(own) : NULL;

	for (size_t i = 0; own && i < own->n; i++) {
		const struct claim *open = &own->v[i];

		if (open->dropped || open->carried || (plain && open != plain))
			continue;
		for (size_t j = 0; j < mux->count; j++) {
			uint32_t call = mux->calls[j].call;

			if (!spend(d,
				   open->count + claims->muxed[index][call].n,
				   open->where))
				return;
			if (covers_call(claims->abi, open, mux, call))
				report_call(d, arch, mux, call,
					    &claims->muxed[index][call], open);
		}
	}
}

void
mux_report(struct decider *d, const struct claims *claims)
{
	for (size_t i = 0; i < arch_table[claims->abi]->mux_count; i++)
		report_mux(d, claims, i);
}
