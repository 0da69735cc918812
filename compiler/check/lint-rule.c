#include "lint.h"

#include <linux/sched.h>
#include <string.h>
#include <sys/socket.h>

#include "compiler/meaning.h"

/*
 * Conditions that say something else than they seem to: they always hold, or
 * look at what is no argument, or at flags in a way that few flags are meant.
 */

/* A condition of a rule on a name, as an ABI has it. */
struct condition_case {
	const struct resolved_rule *rule;
	const struct condition *c;
	const struct syscall_name *name;
	enum abi abi;
};

/* The flags that make namespaces; in clone(), CLONE_NEWTIME is a part of the
 * signal's number. */
static const uint64_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP |
				   CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
				   CLONE_NEWPID | CLONE_NEWNET;

static bool
denies(const struct condition_case *it)
{
	return lint_verdict(it->rule->action) & LINT_DENIES;
}

/* Where the other conditions of the rule hold. */
static dd
other_conditions(struct lint *l, const struct condition_case *it)
{
	bool low = arch_table[it->abi]->args == ARGS_LOW;
	dd where = DD_TRUE;

	lint_spend(l, it->rule->condition_count);
	for (size_t i = 0; i < it->rule->condition_count; i++) {
		const struct condition *c = &it->rule->conditions[i];

		if (c != it->c)
			where = dd_and(l->set, where,
				       meaning_compare(l->set, c->arg, low,
						       c->op, c->value,
						       c->value2));
	}
	return where;
}

/* A call that this condition alone keeps from the rule, if there is one and
 * the rule's answer is not what it gets; in words. */
static const char *
other_answer(struct lint *l, const struct condition_case *it)
{
	bool low = arch_table[it->abi]->args == ARGS_LOW;
	dd function = lint_call(l, it->abi, it->name->name);
	dd where =
		lint_where(l, function, denies(it) ? LINT_RUNS : LINT_DENIES);
	char action[32];

	where = dd_and(l->set, where, other_conditions(l, it));
	where = dd_and(l->set, where,
		       dd_not(l->set, meaning_compare(l->set, it->c->arg, low,
						      it->c->op, it->c->value,
						      it->c->value2)));
	if (where == DD_FALSE)
		return "";
	action_print(action, lint_gets(l, function, where));
	return arena_printf(l->arena, ": %s gets %s",
			    lint_witness(l, it->abi, it->name->name, where),
			    action);
}

/* Whether an argument is neither an address nor missing. */
static bool
is_number(const struct condition_case *it)
{
	const struct syscall_args *args = &it->name->args[it->abi];

	return !args->known || (it->c->arg < args->count &&
				syscall_arg(args, it->c->arg)->sign != 'p');
}

static void
check_argument(struct lint *l, const struct condition_case *it)
{
	const struct syscall_args *args = &it->name->args[it->abi];
	const struct condition *c = it->c;
	const char *abi = arch_table[it->abi]->name;
	bool null = (c->op == CMP_EQ || c->op == CMP_NE || c->op == CMP_GT) &&
		    !c->value;

	if (is_number(it) || (null && c->arg < args->count))
		return;
	if (c->arg >= args->count) {
		lint_report(l, DIAG_NO_SUCH_ARGUMENT, c->where,
			    "arguments count from 0",
			    "%s %s() has %d argument%s, and a caller can put "
			    "anything in the place of argument %d%s",
			    abi, it->name->name, args->count,
			    args->count == 1 ? "" : "s", c->arg,
			    other_answer(l, it));
	} else {
		lint_report(l, DIAG_POINTER_COMPARED, c->where,
			    "a filter cannot read memory: decide without this "
			    "condition",
			    "%s of %s %s() is an address, which says nothing "
			    "of what lies there%s",
			    syscall_arg_name(args, c->arg), abi, it->name->name,
			    other_answer(l, it));
	}
}

/* Calls that run with some of the condition's flags, in words; or NULL. */
static const char *
with_flags(struct lint *l, const struct condition_case *it, bool all)
{
	uint64_t flags = it->c->value;
	unsigned low = DD_ARGS + 2 * it->c->arg;
	dd runs =
		lint_where(l, lint_call(l, it->abi, it->name->name), LINT_RUNS);
	uint32_t halves[2] = { (uint32_t)flags, (uint32_t)(flags >> 32) };
	dd has = all ? DD_TRUE : DD_FALSE;

	for (unsigned i = 0; i < 2; i++) {
		uint32_t half = halves[i];

		if (!half)
			continue;
		if (all)
			has = dd_and(l->set, has,
				     dd_equals(l->set, low + i, half, half));
		else
			has = dd_or(l->set, has,
				    dd_not(l->set, dd_equals(l->set, low + i,
							     half, 0)));
	}
	runs = dd_and(l->set, runs, has);
	return runs == DD_FALSE
		       ? NULL
		       : lint_witness(l, it->abi, it->name->name, runs);
}

static bool
has_one_bit(uint64_t value)
{
	return value && !(value & (value - 1));
}

/* A condition for one of the flags.  Beside those that make namespaces there
 * may be a signal, of which a bit says nothing: SIGCHLD has what forks have. */
static const char *
masked_hint(struct lint *l, const struct condition *c, bool makes)
{
	uint64_t flags = makes ? c->value & namespaces : c->value;
	uint64_t flag = flags & (~flags + 1);

	return arena_printf(
		l->arena,
		"write %s{ \"index\": %d, \"op\": "
		"\"SCMP_CMP_MASKED_EQ\", \"value\": %llu, "
		"\"valueTwo\": %llu }",
		has_one_bit(flags) ? "" : "a rule for each flag, with ", c->arg,
		(unsigned long long)flag, (unsigned long long)flag);
}

/* words stand before and behind the flags. */
static void
report_flags(struct lint *l, const struct condition_case *it, enum diag_id id,
	     bool makes, const char *const words[2])
{
	const struct condition *c = it->c;
	const char *call = with_flags(l, it, id == DIAG_EXACT_FLAGS);

	if (call)
		lint_report(l, id, c->where, masked_hint(l, c, makes),
			    "this denies calls with %s 0x%llx%s, and %s runs",
			    words[0], (unsigned long long)c->value, words[1],
			    call);
}

/* Flags that a rule denies: one that is set must do. */
static void
check_flags(struct lint *l, const struct condition_case *it)
{
	const struct condition *c = it->c;
	bool clone = c->arg == 0 && (!strcmp(it->name->name, "clone") ||
				     !strcmp(it->name->name, "unshare"));
	bool masked = c->op == CMP_MASKED_EQ && c->value;
	bool makes = clone && c->value & namespaces;

	if (!denies(it) || !is_number(it))
		return;
	if (masked && !c->value2 &&
	    (makes || !json_member(c->where, "valueTwo")))
		report_flags(l, it, DIAG_INVERTED_MASK, makes,
			     (const char *[]){ "none of the flags", "" });
	else if (masked && makes && c->value2 == c->value &&
		 !(c->value & ~namespaces) && !has_one_bit(c->value))
		report_flags(l, it, DIAG_ALL_FLAGS, makes,
			     (const char *[]){ "all of the flags", "" });
	else if (c->op == CMP_EQ && makes)
		report_flags(l, it, DIAG_EXACT_FLAGS, makes,
			     (const char *[]){ "the flags", " and no others" });
}

/* A denied type of socket, which can have flags beside it (net/socket.c). */
static void
check_type(struct lint *l, const struct condition_case *it)
{
	const struct condition *c = it->c;
	const uint32_t flags = SOCK_CLOEXEC | SOCK_NONBLOCK, types = 15;
	uint64_t mask = c->op == CMP_MASKED_EQ ? c->value : UINT64_MAX;
	uint64_t type = c->op == CMP_MASKED_EQ ? c->value2 : c->value;
	dd runs, plain;

	if (!denies(it) || (c->op != CMP_EQ && c->op != CMP_MASKED_EQ) ||
	    c->arg != 1 || !(mask & flags) || type > types ||
	    (strcmp(it->name->name, "socket") != 0 &&
	     strcmp(it->name->name, "socketpair") != 0))
		return;
	runs = lint_where(l, lint_call(l, it->abi, it->name->name), LINT_RUNS);
	runs = dd_and(l->set, runs, other_conditions(l, it));
	runs = dd_and(l->set, runs,
		      dd_equals(l->set, DD_ARGS + 3, UINT32_MAX, 0));
	plain = dd_equals(l->set, DD_ARGS + 2, UINT32_MAX, (uint32_t)type);
	/* If that runs as well, it is for another reason. */
	if (dd_and(l->set, runs, plain) != DD_FALSE)
		return;
	runs = dd_and(l->set, runs,
		      dd_equals(l->set, DD_ARGS + 2, ~flags, (uint32_t)type));
	if (runs == DD_FALSE)
		return;
	lint_report(l, DIAG_EXACT_FLAGS, c->where,
		    arena_printf(l->arena,
				 "write { \"index\": 1, \"op\": "
				 "\"SCMP_CMP_MASKED_EQ\", \"value\": %u, "
				 "\"valueTwo\": %u }",
				 types, (unsigned)type),
		    "this denies sockets of type %u without flags, and %s runs",
		    (unsigned)type,
		    lint_witness(l, it->abi, it->name->name, runs));
}

static void
check_always(struct lint *l, const struct condition *c)
{
	bool always = (c->op == CMP_GE && !c->value) ||
		      (c->op == CMP_LE && c->value == UINT64_MAX) ||
		      (c->op == CMP_MASKED_EQ && !c->value && !c->value2);

	if (always)
		lint_report(l, DIAG_ALWAYS_TRUE, c->where,
			    c->op == CMP_MASKED_EQ
				    ? "value is the mask, valueTwo what is "
				      "compared with: 0 masks everything out"
				    : NULL,
			    "this condition holds whatever the argument");
}

static void
check_target(struct lint *l, const struct resolved_rule *rule,
	     const struct target *target, const struct condition *c)
{
	lint_spend(l, 1);
	for (size_t i = 0; i < ABI_COUNT; i++) {
		struct condition_case it = { rule, c, NULL, (enum abi)i };

		if (l->abis[i] == DD_NONE || target->number[i] < 0)
			continue;
		it.name = syscall_find(target->name);
		check_argument(l, &it);
		check_flags(l, &it);
		check_type(l, &it);
	}
}

void
lint_rules(struct lint *l)
{
	const struct ruleset *rules = l->c->ruleset;

	for (size_t i = 0; i < rules->rules.n; i++) {
		const struct resolved_rule *rule = &rules->rules.v[i];

		for (size_t j = 0; j < rule->condition_count; j++) {
			const struct condition *c = &rule->conditions[j];

			check_always(l, c);
			for (size_t k = 0;
			     lint_has_room(l) && k < rule->targets.n; k++)
				check_target(l, rule, &rule->targets.v[k], c);
		}
	}
}
