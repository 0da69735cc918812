#include "compiler.h"

#include <string.h>

/* Fills in where a name lies behind a multiplexer. */
static bool
find_muxed(struct target *target)
{
	bool found = false;

	for (size_t abi = 0; abi < ABI_COUNT; abi++) {
		const struct arch *arch = arch_table[abi];

		target->mux[abi] = -1;
		for (size_t i = 0; i < arch->mux_count; i++) {
			const struct mux *mux = &arch->muxes[i];

			for (size_t j = 0; j < mux->count; j++) {
				if (strcmp(mux->calls[j].name, target->name))
					continue;
				target->mux[abi] = (int8_t)i;
				target->mux_call[abi] = mux->calls[j].call;
				found = true;
			}
		}
	}
	return found;
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
	const char *near, *hint = NULL;
	bool denies;

	if (foreign)
		return diag_at(diags, DIAG_FOREIGN_NAME, name, NULL,
			       "'%s' exists on other architectures only: %s",
			       name->string, syscall_foreign_archs(foreign));
	/* Looking for it is slow, and what is not kept needs no hint. */
	near = diags->list.n < LIMIT_DIAGNOSTICS
		       ? syscall_nearest(name->string)
		       : NULL;
	if (near)
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

static bool
resolve_rule(struct arena *arena, struct ruleset *ruleset,
	     const struct rule *rule, struct diags *diags)
{
	struct resolved_rule *resolved = vec_push(arena, &ruleset->rules);
	bool ok = true;

	resolved->rule = rule;
	resolved->action = rule->action;
	resolved->conditions = rule->conditions.v;
	resolved->condition_count = rule->conditions.n;
	for (size_t i = 0; i < rule->names.n; i++) {
		const struct json *name = rule->names.v[i];
		const struct syscall_name *known = syscall_find(name->string);
		struct target target = { .where = name,
					 .name = name->string };
		bool muxed = find_muxed(&target);

		for (size_t abi = 0; abi < ABI_COUNT; abi++)
			target.number[abi] = known ? known->number[abi] : -1;
		if (known || muxed)
			*vec_push(arena, &resolved->targets) = target;
		else
			ok &= report_unknown(arena, ruleset, rule, name,
					     diags);
	}
	return ok;
}

const struct ruleset *
resolve_names(struct arena *arena, const struct selection *selection,
	      struct diags *diags)
{
	struct ruleset *ruleset = arena_alloc(arena, sizeof(*ruleset));
	bool ok = true;

	ruleset->selection = selection;
	ruleset->options = selection->options;
	ruleset->abis = selection->abis;
	ruleset->default_action = selection->profile->default_action;
	for (size_t i = 0; i < selection->rules.n; i++)
		ok &= resolve_rule(arena, ruleset, selection->rules.v[i],
				   diags);
	return ok ? ruleset : NULL;
}
