#include "expect.h"

#include <errno.h>

/* Whether a rule's conditions hold, as the ABI of the call reads them. */
static bool
holds(const struct ruleset *rs, const struct resolved_rule *rule, enum abi abi,
      const uint64_t args[6])
{
	bool denying =
		action_rank(rule->action) < action_rank(rs->default_action);
	bool exact;

	for (size_t i = 0; i < rule->condition_count; i++) {
		struct test test;

		switch (test_from_condition(&test, &rule->conditions[i],
					    arch_table[abi]->args, denying,
					    &exact)) {
		case TEST_NEVER:
			return false;
		case TEST_ALWAYS:
			break;
		case TEST_OPEN:
			if (!test_holds(&test, args))
				return false;
			break;
		}
	}
	return true;
}

static const struct json *
find_target(const struct resolved_rule *rule, enum abi abi, int32_t number)
{
	for (size_t i = 0; i < rule->targets.n; i++)
		if (rule->targets.v[i].number[abi] == number)
			return rule->targets.v[i].where;
	return NULL;
}

/* The name in a rule, or the default action, that gives a call this action;
 * NULL if that is not plain. */
static const struct json *
find_rule(const struct ruleset *rs, const struct seccomp_data *call,
	  uint32_t action)
{
	enum abi abi = call_abi(call);
	uint64_t args[6];
	int32_t number;

	if (abi == ABI_COUNT || !(rs->abis >> abi & 1))
		return NULL;
	number = (int32_t)((uint32_t)call->nr ^ arch_table[abi]->number_bit);
	for (size_t i = 0; i < 6; i++)
		args[i] = call->args[i];
	for (size_t i = 0; i < rs->rules.n; i++) {
		const struct resolved_rule *rule = &rs->rules.v[i];
		const struct json *where = find_target(rule, abi, number);

		if (where && rule->action == action &&
		    rule->action != rs->default_action &&
		    holds(rs, rule, abi, args))
			return where;
	}
	/* What no rule names may be behind the highest number of rule 11. */
	if (action != rs->default_action)
		return NULL;
	return rs->selection->profile->default_where;
}

/* Why a call gets an action that neither a rule nor the default has. */
static const char *
find_reason(const struct ruleset *rs, const struct seccomp_data *call,
	    uint32_t action)
{
	enum abi abi = call_abi(call);
	int32_t number;

	if (abi == ABI_COUNT)
		return NULL;
	if (!(rs->abis >> abi & 1))
		return "as its ABI is not in the filter";
	number = (int32_t)((uint32_t)call->nr ^ arch_table[abi]->number_bit);
	if (action != (SECCOMP_RET_ERRNO | ENOSYS) ||
	    action == rs->default_action)
		return NULL;
	for (size_t i = 0; i < rs->rules.n; i++)
		if (find_target(&rs->rules.v[i], abi, number))
			return NULL;
	return "as it is newer than the profile";
}

void
call_write_rule(struct buf *buf, const struct compilation *c,
		const struct seccomp_data *call, uint32_t action)
{
	const struct json *where = find_rule(c->ruleset, call, action);
	const char *why;
	struct diag diag = { 0 };
	size_t line, column;

	if (!where) {
		why = find_reason(c->ruleset, call, action);
		if (why)
			buf_printf(buf, ", %s", why);
		return;
	}
	diag.offset = where->offset;
	diag_position(&c->source, &diag, &line, &column);
	buf_printf(buf, ", by ");
	diag_write_safe(buf, c->source.name);
	buf_printf(buf, ":%zu:%zu", line, column);
}
