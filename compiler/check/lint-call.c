#include "lint.h"

#include <errno.h>

dd
lint_call(struct lint *l, enum abi abi, const char *name)
{
	const struct syscall_name *known = syscall_find(name);
	const struct arch *arch = arch_table[abi];

	if (!known || known->number[abi] < 0 || l->abis[abi] == DD_NONE)
		return DD_NONE;
	return dd_at(l->set, l->abis[abi], DD_NUMBER,
		     (uint32_t)known->number[abi] | arch->number_bit);
}

enum lint_verdict
lint_verdict(uint32_t action)
{
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return LINT_RUNS;
	case SECCOMP_RET_ERRNO:
		return (action & SECCOMP_RET_DATA) == ENOSYS ? LINT_ENOSYS
							     : LINT_ERRNO;
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return LINT_ASKS;
	default:
		return LINT_KILLS;
	}
}

dd
lint_where(struct lint *l, dd function, unsigned verdicts)
{
	enum { MOST = 256 };
	uint32_t values[MOST];
	dd where = DD_FALSE;
	size_t count = 0;

	if (function == DD_NONE)
		return DD_FALSE;
	/* A profile with more actions on one syscall says nothing simple. */
	if (!dd_values(l->set, function, values, &count, MOST))
		return DD_FALSE;
	for (size_t i = 0; i < count; i++) {
		dd value = dd_value(l->set, values[i]);

		if (lint_verdict(values[i]) & verdicts)
			where = dd_or(l->set, where,
				      dd_apply(l->set, DD_IS, function, value,
					       DD_FALSE));
	}
	return where;
}

void
lint_spend(struct lint *l, size_t steps)
{
	/* Never past the limit, which is an error. */
	if (lint_has_room(l))
		l->set->steps += steps;
}

bool
lint_has_room(const struct lint *l)
{
	return l->set->steps < LIMIT_PROOF_STEPS / 2 &&
	       l->set->nodes.n < LIMIT_PROOF_NODES / 2;
}

const char *
lint_witness(struct lint *l, enum abi abi, const char *name, dd where)
{
	struct buf buf = { .arena = l->arena };
	struct seccomp_data call;
	uint32_t words = dd_difference(l->set, where, DD_FALSE, &call);

	describe_named(&buf, abi, name, call.args, words);
	return buf.data;
}

uint32_t
lint_gets(struct lint *l, dd function, dd where)
{
	struct seccomp_data call;

	dd_difference(l->set, where, DD_FALSE, &call);
	return dd_decide(l->set, function, &call);
}

static const struct json *
find_place(const struct lint *l, const char *name)
{
	const struct syscall_name *known = syscall_find(name);

	return known ? l->named[known - syscall_names] : NULL;
}

const struct json *
lint_place(const struct lint *l, const char *name)
{
	const struct json *place = find_place(l, name);

	return place ? place : l->c->profile->default_where;
}

bool
lint_is_named(const struct lint *l, const char *name)
{
	return find_place(l, name) != NULL;
}

bool
lint_runs_default(const struct lint *l)
{
	return lint_verdict(l->c->ruleset->default_action) == LINT_RUNS;
}

bool
lint_exists(const struct lint *l, enum abi abi, const char *name)
{
	const struct options *options = l->c->ruleset->options;
	const struct syscall_name *known = syscall_find(name);

	if (!known || known->number[abi] < 0)
		return false;
	return !options->kernel_given || known->since[abi] <= options->kernel;
}

const char *
lint_denial(struct lint *l, dd function)
{
	enum { MOST = 256 };
	uint32_t values[MOST];
	size_t count = 0;
	char action[32] = "a denial";

	if (dd_values(l->set, function, values, &count, MOST))
		for (size_t i = 0; i < count; i++)
			if (lint_verdict(values[i]) & LINT_DENIES)
				action_print(action, values[i]);
	return arena_printf(l->arena, "%s", action);
}

bool
lint_is_new(const struct lint *l, enum abi abi, const char *name)
{
	const struct syscall_name *known = syscall_find(name);
	int32_t highest = -1;

	for (size_t i = 0; i < syscall_name_count; i++)
		if (l->named[i] && syscall_names[i].number[abi] > highest)
			highest = syscall_names[i].number[abi];
	return known && highest >= 0 && known->number[abi] > highest;
}
