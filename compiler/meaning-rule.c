#include "meaning.h"

int32_t
meaning_rank(uint32_t action)
{
	return (int32_t)(action & SECCOMP_RET_ACTION_FULL);
}

bool
meaning_denies(const struct reader *r, uint32_t action)
{
	return meaning_rank(action) < meaning_rank(r->rules->default_action);
}

/* linux/seccomp.h */
static const uint32_t known_actions[] = {
	SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
	SECCOMP_RET_ERRNO,	  SECCOMP_RET_USER_NOTIF,  SECCOMP_RET_TRACE,
	SECCOMP_RET_LOG,	  SECCOMP_RET_ALLOW,
};

bool
meaning_is_known(uint32_t top, unsigned bits)
{
	for (size_t i = 0; i < LENGTH(known_actions); i++)
		if (known_actions[i] >> bits == top)
			return true;
	return false;
}

/* kernel/seccomp.c, __seccomp_filter: which data is looked at. */
uint32_t
meaning_strip(uint32_t value)
{
	uint32_t action = value & SECCOMP_RET_ACTION_FULL;
	uint32_t data = value & SECCOMP_RET_DATA;

	switch (action) {
	case SECCOMP_RET_ERRNO:
		return action | (data > 4095 ? 4095 : data);
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_TRACE:
		return value;
	}
	return action;
}

uint32_t
meaning_normalise(uint32_t value)
{
	return meaning_is_known(value >> 16, 16) ? meaning_strip(value)
						 : SECCOMP_RET_KILL_PROCESS;
}

dd
meaning_action(struct reader *r, uint32_t action)
{
	return dd_value(r->set, meaning_normalise(action));
}

dd
meaning_says(struct reader *r, const struct resolved_rule *rule)
{
	dd *known = &r->actions[rule - r->rules->rules.v];

	if (!*known)
		*known = meaning_action(r, rule->action) + 1;
	return *known - 1;
}

/* The argument, or with low its low word extended with zeros, is below k. */
static dd
is_below(struct dd_set *set, unsigned arg, bool low, uint64_t k)
{
	unsigned word = DD_ARGS + 2 * arg;
	uint32_t high = (uint32_t)(k >> 32);
	dd below = dd_less(set, word, (uint32_t)k);
	dd same;

	if (low)
		return high ? DD_TRUE : below;
	same = dd_equals(set, word + 1, UINT32_MAX, high);
	return dd_or(set, dd_less(set, word + 1, high),
		     dd_and(set, same, below));
}

static dd
matches(struct dd_set *set, unsigned arg, bool low, uint64_t mask, uint64_t k)
{
	unsigned word = DD_ARGS + 2 * arg;
	uint32_t high = (uint32_t)(k >> 32);
	dd same = dd_equals(set, word, (uint32_t)mask, (uint32_t)k);

	if (low)
		return high ? DD_FALSE : same;
	return dd_and(set, same,
		      dd_equals(set, word + 1, (uint32_t)(mask >> 32), high));
}

dd
meaning_compare(struct dd_set *set, unsigned arg, bool low, enum cmp_op op,
		uint64_t value, uint64_t value2)
{
	dd below;

	switch (op) {
	case CMP_EQ:
		return matches(set, arg, low, UINT64_MAX, value);
	case CMP_NE:
		return dd_not(set, matches(set, arg, low, UINT64_MAX, value));
	case CMP_MASKED_EQ:
		return matches(set, arg, low, value, value2);
	case CMP_LT:
		return is_below(set, arg, low, value);
	case CMP_GE:
		return dd_not(set, is_below(set, arg, low, value));
	case CMP_LE:
	case CMP_GT:
		break;
	}
	below = value == UINT64_MAX ? DD_TRUE
				    : is_below(set, arg, low, value + 1);
	return op == CMP_LE ? below : dd_not(set, below);
}

/* A negative int as 64 bits comes to its low half. */
static uint64_t
cut_negative(uint64_t value)
{
	return value >> 31 == 0x1ffffffff ? (uint32_t)value : value;
}

/* Rule 9. */
static dd
condition(struct reader *r, const struct condition *c, uint32_t action)
{
	uint64_t value = c->value, value2 = c->value2;
	dd whole, low;

	if (c->op == CMP_MASKED_EQ && value2 & ~value)
		return DD_FALSE;
	if (r->arch->args == ARGS_LOW) {
		if (c->op == CMP_EQ || c->op == CMP_NE ||
		    c->op == CMP_MASKED_EQ) {
			value = cut_negative(value);
			value2 = cut_negative(value2);
		}
		return meaning_compare(r->set, c->arg, true, c->op, value,
				       value2);
	}
	whole = meaning_compare(r->set, c->arg, false, c->op, value, value2);
	if (r->arch->args == ARGS_64 || !meaning_denies(r, action))
		return whole;
	low = meaning_compare(r->set, c->arg, true, c->op, value, value2);
	return dd_or(r->set, whole, low);
}

/* Where a rule holds; skip: what it asks of argument 0 counts as true. */
dd
meaning_holds(struct reader *r, const struct resolved_rule *rule, bool skip)
{
	size_t n = rule->condition_count;
	dd *list = arena_alloc(&r->set->arena, (n + 1) * sizeof(*list));

	if (!n)
		return DD_TRUE;
	r->set->where = "/syscalls/";
	r->set->where_index = rule->rule->where->index;
	for (size_t i = 0; i < n; i++)
		list[i] = skip && rule->conditions[i].arg == 0
				  ? DD_TRUE
				  : condition(r, &rule->conditions[i],
					      rule->action);
	return dd_combine(r->set,
			  r->split[rule - r->rules->rules.v] ? DD_OR : DD_AND,
			  list, n, DD_TRUE);
}

dd
meaning_where(struct reader *r, const struct resolved_rule *rule)
{
	dd *known = &r->holds[rule - r->rules->rules.v];

	if (!*known)
		*known = meaning_holds(r, rule, false) + 1;
	return *known - 1;
}

bool
meaning_repeats(const struct resolved_rule *rule)
{
	unsigned seen = 0;

	for (size_t i = 0; i < rule->condition_count; i++) {
		if (seen >> rule->conditions[i].arg & 1)
			return true;
		seen |= 1u << rule->conditions[i].arg;
	}
	return false;
}

dd
meaning_together(struct reader *r, const struct resolved_rule *rule,
		 bool *alone)
{
	dd all = DD_TRUE;

	*alone = false;
	for (size_t i = 0; i < rule->condition_count; i++) {
		const struct condition *c = &rule->conditions[i];
		dd one = c->op == CMP_MASKED_EQ && c->value2 & ~c->value
				 ? DD_FALSE
				 : meaning_compare(r->set, c->arg, false, c->op,
						   c->value, c->value2);

		*alone |= one == DD_FALSE;
		all = dd_and(r->set, all, one);
	}
	return all;
}

/* The bits of argument 0 that select a call behind a multiplexer. */
static void
plan_mux(struct reader *r, const struct resolved_rule *rule)
{
	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct arch *arch = arch_table[i];

		if (!(r->rules->abis >> i & 1) || !arch->mux_count)
			continue;
		for (size_t j = 0; j < rule->targets.n; j++) {
			int mux = rule->targets.v[j].mux[i];

			if (mux >= 0)
				dd_plan_mask(r->set, DD_ARGS,
					     arch->muxes[mux].mask);
		}
	}
}

void
meaning_plan_bits(struct reader *r)
{
	for (size_t i = 0; i < r->rules->rules.n; i++) {
		const struct resolved_rule *rule = &r->rules->rules.v[i];

		plan_mux(r, rule);
		for (size_t j = 0; j < rule->condition_count; j++) {
			const struct condition *c = &rule->conditions[j];
			unsigned word = DD_ARGS + 2 * c->arg;

			if (c->op != CMP_MASKED_EQ)
				continue;
			dd_plan_mask(r->set, word, (uint32_t)c->value);
			dd_plan_mask(r->set, word + 1,
				     (uint32_t)(c->value >> 32));
		}
	}
}
