#include "compiler.h"

#include <string.h>

#include "syscall-tables/name-hash.h"

/* The calls behind multiplexers, by name: those of all ABIs in one table. */
struct muxed {
	struct muxed_call {
		const char *name; /* NULL: a free slot */
		uint8_t abi;
		int8_t mux;
		uint32_t call;
	} * slots;
	size_t count; /* a power of two, twice the calls at least */
};

static void
add_muxed(struct muxed *muxed, struct muxed_call call)
{
	uint32_t hash = name_hash(call.name, strlen(call.name));

	while (muxed->slots[hash & (muxed->count - 1)].name)
		hash++;
	muxed->slots[hash & (muxed->count - 1)] = call;
}

static void
list_muxed(struct muxed *muxed, struct arena *arena)
{
	size_t calls = 0;

	for (size_t abi = 0; abi < ABI_COUNT; abi++)
		for (size_t i = 0; i < arch_table[abi]->mux_count; i++)
			calls += arch_table[abi]->muxes[i].count;
	for (muxed->count = 1; muxed->count <= 2 * calls;)
		muxed->count *= 2;
	muxed->slots = arena_alloc(arena, muxed->count * sizeof(*muxed->slots));
	for (size_t abi = 0; abi < ABI_COUNT; abi++) {
		for (size_t i = 0; i < arch_table[abi]->mux_count; i++) {
			const struct mux *mux = &arch_table[abi]->muxes[i];

			for (size_t j = 0; j < mux->count; j++)
				add_muxed(muxed,
					  (struct muxed_call){
						  mux->calls[j].name,
						  (uint8_t)abi, (int8_t)i,
						  mux->calls[j].call });
		}
	}
}

/* Fills in where a name lies behind a multiplexer, on each ABI. */
static bool
find_muxed(const struct muxed *muxed, struct target *target, uint32_t hash)
{
	bool found = false;

	for (size_t abi = 0; abi < ABI_COUNT; abi++)
		target->mux[abi] = -1;
	for (;; hash++) {
		const struct muxed_call *call =
			&muxed->slots[hash & (muxed->count - 1)];

		if (!call->name)
			return found;
		if (strcmp(call->name, target->name) != 0)
			continue;
		target->mux[call->abi] = call->mux;
		target->mux_call[call->abi] = call->call;
		found = true;
	}
}

/*
 * Rule 4: a name that no kernel has denies nothing, so in a rule that denies
 * it is an error.
 */
static bool
report_unknown(struct arena *arena, const struct ruleset *ruleset,
	       const struct rule *rule, const struct json *name,
	       struct diags *diags)
{
	const struct syscall_foreign *foreign =
		syscall_find_foreign(name->string);
	const char *wrapped, *near, *hint = NULL;
	bool denies;

	if (foreign)
		return diag_at(diags, DIAG_FOREIGN_NAME, name, NULL,
			       "'%s' exists on other architectures only: %s",
			       name->string, syscall_foreign_archs(foreign));
	/* Looking for it is slow, and what is not kept needs no hint. */
	near = diags->list.n < LIMIT_DIAGNOSTICS ? syscall_nearest(name->string)
						 : NULL;
	wrapped = syscall_wrapped(name->string);
	if (near && wrapped)
		hint = arena_printf(arena, "%s() of the C library calls '%s'",
				    name->string, near);
	else if (near)
		hint = arena_printf(arena, "did you mean '%s'?", near);
	denies = action_rank(rule->action) <
		 action_rank(ruleset->default_action);
	return diag_at(diags,
		       denies ? DIAG_UNKNOWN_DENIED_NAME : DIAG_UNKNOWN_NAME,
		       name, hint,
		       denies ? "no kernel has a syscall '%s': this rule does "
				"not deny what it says"
			      : "no kernel has a syscall '%s'",
		       name->string);
}

struct resolver {
	struct arena *arena;
	struct ruleset *ruleset;
	struct diags *diags;
	struct muxed muxed;
};

static bool
resolve_name(struct resolver *r, struct resolved_rule *resolved,
	     const struct json *name)
{
	uint32_t hash = name_hash(name->string, name->length);
	const struct syscall_name *known =
		syscall_find_hashed(name->string, name->length, hash);
	struct target target = { .where = name, .name = name->string };
	bool muxed = find_muxed(&r->muxed, &target, hash);

	for (size_t abi = 0; abi < ABI_COUNT; abi++)
		target.number[abi] = known ? known->number[abi] : -1;
	if (!known && !muxed)
		return report_unknown(r->arena, r->ruleset, resolved->rule,
				      name, r->diags);
	*vec_push(r->arena, &resolved->targets) = target;
	return true;
}

static bool
resolve_rule(struct resolver *r, const struct rule *rule)
{
	struct resolved_rule *resolved = vec_push(r->arena, &r->ruleset->rules);
	bool ok = true;

	resolved->rule = rule;
	resolved->action = rule->action;
	resolved->conditions = rule->conditions.v;
	resolved->condition_count = rule->conditions.n;
	if (rule->names.n)
		vec_reserve(r->arena, &resolved->targets, rule->names.n);
	for (size_t i = 0; i < rule->names.n; i++)
		ok &= resolve_name(r, resolved, rule->names.v[i]);
	return ok;
}

const struct ruleset *
resolve_names(struct arena *arena, const struct selection *selection,
	      struct diags *diags)
{
	struct ruleset *ruleset = arena_alloc(arena, sizeof(*ruleset));
	struct resolver r = { .arena = arena,
			      .ruleset = ruleset,
			      .diags = diags };
	bool ok = true;

	ruleset->selection = selection;
	ruleset->options = selection->options;
	ruleset->abis = selection->abis;
	ruleset->default_action = selection->profile->default_action;
	list_muxed(&r.muxed, arena);
	if (selection->rules.n)
		vec_reserve(arena, &ruleset->rules, selection->rules.n);
	for (size_t i = 0; i < selection->rules.n; i++)
		ok &= resolve_rule(&r, selection->rules.v[i]);
	return ok ? ruleset : NULL;
}
