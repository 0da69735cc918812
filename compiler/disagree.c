#include "meaning.h"

/*
 * Most profiles say nothing twice, and finding that out takes no diagrams:
 * rules that bear on one syscall all have one action.
 */

struct meeting {
	const struct ruleset *ruleset;
	enum abi abi;
	uint32_t *first; /* by slot: the first rule there, + 1 */
	int32_t *muxes;	 /* the slot of each multiplexer */
};

/* Whether a rule has another action than the first one of a slot. */
static bool
differs(struct meeting *m, size_t rule, int32_t slot)
{
	const struct resolved_rule *rules = m->ruleset->rules.v;

	if (slot < 0)
		return false;
	if (!m->first[slot])
		m->first[slot] = (uint32_t)rule + 1;
	return rules[m->first[slot] - 1].action != rules[rule].action;
}

static bool
rule_differs(struct meeting *m, size_t index)
{
	const struct resolved_rule *rule = &m->ruleset->rules.v[index];

	for (size_t i = 0; i < rule->targets.n; i++) {
		const struct target *target = &rule->targets.v[i];
		int mux = target->mux[m->abi];

		if (differs(m, index, target->number[m->abi]) ||
		    (mux >= 0 && differs(m, index, m->muxes[mux])))
			return true;
	}
	return false;
}

/* A slot for each number; a multiplexer without one has one behind them. */
static bool
abi_differs(struct arena *arena, const struct ruleset *ruleset, enum abi abi)
{
	const struct arch *arch = arch_table[abi];
	size_t known = syscall_number_count[abi];
	uint16_t last = syscall_numbers[abi][known - 1];
	size_t count = (size_t)syscall_names[last].number[abi] + 1;
	struct meeting m = { .ruleset = ruleset, .abi = abi };

	m.first = arena_alloc(arena,
			      (count + arch->mux_count) * sizeof(*m.first));
	m.muxes = arena_alloc(arena, arch->mux_count * sizeof(*m.muxes));
	for (size_t i = 0; i < arch->mux_count; i++) {
		const struct syscall_name *name =
			syscall_find(arch->muxes[i].name);

		m.muxes[i] = name && name->number[abi] >= 0
				     ? name->number[abi]
				     : (int32_t)(count + i);
	}
	for (size_t i = 0; i < ruleset->rules.n; i++)
		if (rule_differs(&m, i))
			return true;
	return false;
}

bool
meaning_disagrees(struct arena *arena, const struct ruleset *ruleset)
{
	for (size_t i = 0; i < ruleset->rules.n; i++)
		if (meaning_repeats(&ruleset->rules.v[i]))
			return true;
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (ruleset->abis >> i & 1 &&
		    abi_differs(arena, ruleset, (enum abi)i))
			return true;
	return false;
}

bool
meaning_is_unanimous(const struct reader *r, const struct named *named)
{
	const struct resolved_rule *rule = NULL;

	for (uint32_t i = named->first; i; i = r->namings.v[i - 1].next) {
		if (rule && r->namings.v[i - 1].rule->action != rule->action)
			return false;
		rule = r->namings.v[i - 1].rule;
	}
	return true;
}
