#include "lint.h"

/*
 * The flags of clone3 are behind a pointer.  glibc 2.34 and later make it
 * first, for threads and for posix_spawn, and fall back to clone on ENOSYS
 * alone: measured with glibc 2.36.
 */
static bool
check_clone3(struct lint *l, enum abi abi)
{
	dd clone = lint_call(l, abi, "clone");
	dd clone3 = lint_call(l, abi, "clone3");
	dd clone_runs = lint_where(l, clone, LINT_RUNS);
	dd clone3_runs = lint_where(l, clone3, LINT_RUNS);

	if (clone_runs == DD_FALSE || clone3 == DD_NONE)
		return false;
	if (clone3_runs != DD_FALSE) {
		if (lint_where(l, clone, LINT_DENIES) == DD_FALSE)
			return false;
		lint_report(l, DIAG_CLONE3_OPEN, lint_place(l, "clone3"),
			    "give clone3 SCMP_ACT_ERRNO with \"errnoRet\": 38 "
			    "(ENOSYS): libcs then use clone",
			    "clone is filtered by its flags, but those of "
			    "clone3 are behind a pointer: %s",
			    lint_witness(l, abi, "clone3", clone3_runs));
		return true;
	}
	if (abi == ABI_X32 || lint_is_new(l, abi, "clone3") ||
	    lint_where(l, clone3, LINT_ERRNO | LINT_KILLS) == DD_FALSE)
		return false;
	lint_report(l, DIAG_CLONE3_ERRNO, lint_place(l, "clone3"),
		    "give it \"errnoRet\": 38 (ENOSYS)",
		    "%s clone3 gets %s: glibc 2.34 and later cannot make "
		    "threads then, as they fall back to clone on ENOSYS alone",
		    arch_table[abi]->name, lint_denial(l, clone3));
	return true;
}

void
lint_clone3(struct lint *l)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (check_clone3(l, (enum abi)i))
			return;
}

/*
 * Who gives new syscalls ENOSYS: runc by a stub before the filter (patchbpf.go,
 * since 1.0.0-rc93), this compiler by rule 11; crun does not.
 */
void
lint_default(struct lint *l)
{
	const struct ruleset *rules = l->c->ruleset;
	enum consumer consumer = l->options->consumer;
	bool off = rules->options->unknown == UNKNOWN_DEFAULT;
	bool crun = consumer == CONSUMER_PODMAN || consumer == CONSUMER_CRIO ||
		    consumer == CONSUMER_OCI;
	struct lint_list list;
	char action[32];

	if ((!off && !crun) ||
	    !(lint_verdict(rules->default_action) & (LINT_ERRNO | LINT_KILLS)))
		return;
	lint_list_init(&list, l->arena, 8);
	lint_tried(l, &list);
	if (!list.count)
		return;
	action_print(action, rules->default_action);
	lint_report(l, DIAG_DEFAULT_ERRNO, l->c->profile->default_where,
		    "make ENOSYS the default with \"defaultErrnoRet\": 38, or "
		    "name these in a rule of their own with \"errnoRet\": 38",
		    "%s %s, not ENOSYS, on which libcs fall back to older "
		    "ones: %s",
		    off ? "with --unknown=default new syscalls get"
			: "under crun, which has no stub as runc has, new "
			  "syscalls get",
		    action, lint_list_end(&list));
}

static bool
runs(struct lint *l, const char *name)
{
	enum abi native = l->c->ruleset->options->native;

	return lint_where(l, lint_call(l, native, name),
			  LINT_RUNS | LINT_ASKS) != DD_FALSE;
}

/* What comes of it, as measured with glibc 2.36 and musl 1.2.3: they make
 * exit, which ends one thread, and if that fails glibc crashes. */
static const char *
exit_fails(struct lint *l, dd call)
{
	if (lint_where(l, call, LINT_KILLS) != DD_FALSE)
		return "what exits dies of a signal";
	if (runs(l, "exit"))
		return "a process with several threads does not end, as 'exit' "
		       "ends one of them";
	return "processes crash when they exit (glibc) or never end (musl)";
}

/* What a rule denies is denied on purpose; this is about the default. */
void
lint_process(struct lint *l)
{
	bool starts = lint_is_named(l, "execve") || runs(l, "execve");
	bool ends = lint_is_named(l, "exit_group") || runs(l, "exit_group");
	enum abi native = l->c->ruleset->options->native;
	dd call = lint_call(l, native, starts ? "exit_group" : "execve");

	if (!starts)
		lint_report(l, DIAG_NO_EXECVE, l->c->profile->default_where,
			    "allow it",
			    "no rule names 'execve', so it gets %s: nothing "
			    "can be started under this filter, not even what "
			    "it is installed for",
			    lint_denial(l, call));
	else if (!ends)
		lint_report(l, DIAG_NO_EXIT, l->c->profile->default_where,
			    "allow it",
			    "no rule names 'exit_group', so it gets %s: %s",
			    lint_denial(l, call), exit_fails(l, call));
}
