#include "eval.h"

#include <string.h>

static const uint32_t token_x86_64 = 0xc000003e, token_i386 = 0x40000003;
static const uint32_t x32_bit = 0x40000000;
static const uint32_t enosys = 0x00050000 | 38;

struct call {
	const struct ruleset *ruleset;
	enum abi abi;
	uint32_t number;	/* without the number bit */
	const uint64_t *args;
};

/* The kernel's order: the smaller, as a signed number, is stricter. */
static int32_t
strictness(uint32_t action)
{
	return (int32_t)(action & 0xffff0000);
}

static bool
denies(const struct call *call, uint32_t action)
{
	return strictness(action) < strictness(call->ruleset->default_action);
}

static bool
compare(enum cmp_op op, uint64_t x, uint64_t value, uint64_t value2)
{
	switch (op) {
	case CMP_EQ:
		return x == value;
	case CMP_NE:
		return x != value;
	case CMP_LT:
		return x < value;
	case CMP_LE:
		return x <= value;
	case CMP_GT:
		return x > value;
	case CMP_GE:
		return x >= value;
	case CMP_MASKED_EQ:
		return (x & value) == value2;
	}
	return false;
}

/* Rule 9. */
static bool
condition_holds(const struct call *call, const struct resolved_rule *rule,
		const struct condition *c)
{
	uint64_t x = call->args[c->arg], low = x & 0xffffffff;
	uint64_t value = c->value, value2 = c->value2;
	bool equality = c->op == CMP_EQ || c->op == CMP_NE ||
			c->op == CMP_MASKED_EQ;

	if (c->op == CMP_MASKED_EQ && (value2 & ~value))
		return false;
	switch (call->abi) {
	case ABI_X86_64:
		return compare(c->op, x, value, value2);
	case ABI_X32:
		return compare(c->op, x, value, value2) ||
		       (denies(call, rule->action) &&
			compare(c->op, low, value, value2));
	default:
		if (equality && value >> 31 == 0x1ffffffff)
			value = (uint32_t)value;
		if (equality && value2 >> 31 == 0x1ffffffff)
			value2 = (uint32_t)value2;
		return compare(c->op, low, value, value2);
	}
}

/* Rule 7: whether a rule's conditions are joined by OR. */
static bool
is_split(const struct call *call, const struct resolved_rule *rule)
{
	if (call->ruleset->options->repeated == REPEATED_AND)
		return false;
	for (size_t i = 0; i < rule->condition_count; i++)
		for (size_t j = 0; j < i; j++)
			if (rule->conditions[i].arg == rule->conditions[j].arg)
				return true;
	return false;
}

/* With skip, conditions on args[0] count as true. */
static bool
rule_holds(const struct call *call, const struct resolved_rule *rule,
	   bool skip)
{
	bool split = is_split(call, rule), all = true, any = false;

	for (size_t i = 0; i < rule->condition_count; i++) {
		const struct condition *c = &rule->conditions[i];
		bool holds = (skip && c->arg == 0) ||
			     condition_holds(call, rule, c);

		all &= holds;
		any |= holds;
	}
	return split ? any : all;
}

static bool
names_number(const struct call *call, const struct resolved_rule *rule)
{
	for (size_t i = 0; i < rule->targets.n; i++)
		if (rule->targets.v[i].number[call->abi] ==
		    (int64_t)call->number)
			return true;
	return false;
}

/* Whether the call is one of the rule's, made through a multiplexer. */
static bool
is_behind(const struct call *call, const struct resolved_rule *rule)
{
	uint64_t selector = call->args[0] & 0xffffffff, ipc = selector;

	if (call->abi != ABI_I386)
		return false;
	if (call->ruleset->options->muxes == MUX_STRICT)
		ipc &= 0xffff;
	for (size_t i = 0; i < rule->targets.n; i++) {
		const struct target *t = &rule->targets.v[i];

		if (t->mux[ABI_I386] == 0 && call->number == 102 &&
		    selector == t->mux_call[ABI_I386])
			return true;
		if (t->mux[ABI_I386] == 1 && call->number == 117 &&
		    ipc == t->mux_call[ABI_I386])
			return true;
	}
	return false;
}

/* Rule 10, strict: what the rules behind a multiplexer come to. */
static const struct resolved_rule *
choose_behind(const struct call *call)
{
	const struct ruleset *rs = call->ruleset;
	const struct resolved_rule *choice = NULL;

	for (size_t i = 0; i < rs->rules.n; i++) {
		const struct resolved_rule *rule = &rs->rules.v[i];

		if (rule->action == rs->default_action ||
		    !is_behind(call, rule))
			continue;
		if (!rule->condition_count)
			return rule;
		if (denies(call, rule->action) &&
		    (!choice ||
		     strictness(rule->action) < strictness(choice->action)))
			choice = rule;
	}
	return choice;
}

static int64_t
highest_named(const struct call *call)
{
	const struct ruleset *rs = call->ruleset;
	int64_t highest = -1;

	for (size_t i = 0; i < rs->rules.n; i++) {
		for (size_t j = 0; j < rs->rules.v[i].targets.n; j++) {
			const struct target *t = &rs->rules.v[i].targets.v[j];

			if (t->number[call->abi] > highest)
				highest = t->number[call->abi];
		}
	}
	return highest;
}

static int64_t
highest_known(const struct call *call)
{
	int64_t highest = -1;

	for (size_t i = 0; i < syscall_name_count; i++)
		if (syscall_names[i].number[call->abi] > highest)
			highest = syscall_names[i].number[call->abi];
	return highest;
}

/* Rule 11: whether a number that no rule names gets ENOSYS. */
static bool
is_cut(const struct call *call)
{
	const struct ruleset *rs = call->ruleset;
	const struct syscall_name *name;

	switch (rs->default_action & 0xffff0000) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_TRACE:
		return false;
	}
	switch (rs->options->unknown) {
	case UNKNOWN_DEFAULT:
		return false;
	case UNKNOWN_ENOSYS:
		return highest_named(call) >= 0 &&
		       call->number > highest_named(call);
	case UNKNOWN_SINCE:
		break;
	}
	name = syscall_find_number(call->abi, call->number);
	return call->number > highest_known(call) ||
	       (name && name->since[call->abi] > rs->options->since);
}

/* Rules 6, 8 and 10 for a number of an ABI that is in the filter. */
static uint32_t
eval_number(const struct call *call)
{
	const struct ruleset *rs = call->ruleset;
	bool lax = rs->options->muxes == MUX_LIBSECCOMP;
	const struct resolved_rule *behind = lax ? NULL : choose_behind(call);
	const struct resolved_rule *found = NULL;
	bool named = false;

	for (size_t i = 0; i < rs->rules.n; i++) {
		const struct resolved_rule *rule = &rs->rules.v[i];

		if (!names_number(call, rule))
			continue;
		named = true;
		if (rule->action != rs->default_action &&
		    !rule->condition_count)
			return rule->action;
	}
	for (size_t i = 0; i < rs->rules.n; i++) {
		const struct resolved_rule *rule = &rs->rules.v[i];
		bool holds = names_number(call, rule) &&
			     rule_holds(call, rule, false);

		if (lax)
			holds |= is_behind(call, rule) &&
				 rule_holds(call, rule, true);
		else
			holds |= rule == behind;
		if (!holds || rule->action == rs->default_action)
			continue;
		if (!found ||
		    (rs->options->conflicts == CONFLICTS_STRICTEST &&
		     strictness(rule->action) < strictness(found->action)))
			found = rule;
	}
	if (found)
		return found->action;
	return !named && is_cut(call) ? enosys : rs->default_action;
}

/* Rule 3. */
static uint32_t
foreign(const struct ruleset *rs)
{
	return rs->options->foreign_default ? rs->default_action
					    : rs->options->foreign_action;
}

uint32_t
eval_call(const struct ruleset *rs, uint32_t arch, uint32_t nr,
	  const uint64_t args[6])
{
	struct call call = { rs, ABI_I386, nr, args };
	bool x86_64 = rs->abis >> ABI_X86_64 & 1;
	bool x32 = rs->abis >> ABI_X32 & 1;

	if (arch == token_i386 && rs->abis >> ABI_I386 & 1)
		return eval_number(&call);
	if (arch != token_x86_64 || !(x86_64 || x32))
		return foreign(rs);
	/* The cut comes before what is foreign. */
	call.abi = ABI_X86_64;
	if (x86_64 && nr > x32_bit && !(nr & x32_bit) && is_cut(&call))
		return enosys;
	if (nr < x32_bit)
		return x86_64 ? eval_number(&call) : foreign(rs);
	if (!x32)
		return nr == UINT32_MAX ? rs->default_action : foreign(rs);
	if (!(nr & x32_bit))
		return rs->default_action;
	call.abi = ABI_X32;
	call.number = nr ^ x32_bit;
	return eval_number(&call);
}
