#include "lint.h"

#include <asm/ioctls.h>
#include <string.h>

/* Argument 1 of ioctl, of which the kernel reads the low word alone. */
enum { REQUEST_LOW = DD_ARGS + 2, REQUEST_HIGH };

/*
 * Requests that put input into a terminal: a process that shares one with
 * its caller can type commands there.  CVE-2017-5226 and CVE-2023-28100 were
 * sandboxes without the one and the other.  The numbers are those of all
 * three ABIs.
 */
static const struct request {
	const char *name;
	uint32_t value;
} requests[] = {
	{ "TIOCSTI", TIOCSTI },
	{ "TIOCLINUX", TIOCLINUX },
};

/* Whether a rule allows exactly this request: that is no oversight. */
static bool
is_asked_for(const struct lint *l, const struct request *request)
{
	const struct ruleset *rules = l->c->ruleset;

	for (size_t i = 0; i < rules->rules.n; i++) {
		const struct resolved_rule *rule = &rules->rules.v[i];

		if (lint_verdict(rule->action) != LINT_RUNS)
			continue;
		for (size_t j = 0; j < rule->condition_count; j++) {
			const struct condition *c = &rule->conditions[j];

			if (c->arg == 1 && c->op == CMP_EQ &&
			    c->value == request->value)
				return true;
		}
	}
	return false;
}

/*
 * Reports where `runs`, which looks at requests, misses one.  What is missed
 * with high bits alone, which the kernel ignores, is lint_widths()'s.
 */
static bool
report_missed(struct lint *l, enum abi abi, dd runs)
{
	runs = dd_and(l->set, runs,
		      dd_equals(l->set, REQUEST_HIGH, UINT32_MAX, 0));
	for (size_t i = 0; i < LENGTH(requests); i++) {
		const struct request *request = &requests[i];
		dd open = dd_and(l->set, runs,
				 dd_equals(l->set, REQUEST_LOW, UINT32_MAX,
					   request->value));

		if (open == DD_FALSE || is_asked_for(l, request))
			continue;
		lint_report(l, DIAG_TERMINAL_MISSED, lint_place(l, "ioctl"),
			    lint_runs_default(l)
				    ? "deny TIOCSTI (21522) and TIOCLINUX "
				      "(21532) with the others"
				    : "allow the requests that are needed one "
				      "by one",
			    "requests of ioctl are filtered, but not %s: %s",
			    request->name, lint_witness(l, abi, "ioctl", open));
		return true;
	}
	return false;
}

void
lint_terminal(struct lint *l)
{
	for (size_t i = 0; i < ABI_COUNT; i++) {
		enum abi abi = (enum abi)i;
		dd call = lint_call(l, abi, "ioctl");
		dd runs = lint_where(l, call, LINT_RUNS);
		uint32_t words;

		if (runs == DD_FALSE)
			continue;
		words = dd_words(l->set, runs);
		if (words >> REQUEST_LOW & 3) {
			if (report_missed(l, abi, runs))
				return;
			continue;
		}
		if (lint_runs_default(l))
			continue;
		lint_report(l, DIAG_TERMINAL_OPEN, lint_place(l, "ioctl"),
			    "allow the requests that are needed one by one, "
			    "or intersect this with a profile that denies "
			    "these",
			    "TIOCSTI (21522) and TIOCLINUX (21532) are open, "
			    "which type into the caller's terminal if it is "
			    "shared: %s ioctl(cmd=0x%x, ...)",
			    arch_table[abi]->name, (unsigned)TIOCSTI);
		return;
	}
}

/* Whether a filter denies anything at all. */
static bool
denies_something(struct lint *l, enum abi abi)
{
	enum { MOST = 256 };
	uint32_t values[MOST];
	size_t count = 0;

	if (!dd_values(l->set, l->abis[abi], values, &count, MOST))
		return true;
	for (size_t i = 0; i < count; i++)
		if (lint_verdict(values[i]) != LINT_RUNS)
			return true;
	return false;
}

/* What to write depends on who reads it: Docker alone has minKernel. */
static const char *
ptrace_hint(const struct lint *l)
{
	if (l->c->profile->dialect != DIALECT_DOCKER)
		return "deny it, or require Linux 4.8";
	return lint_runs_default(l) ? "deny it before 4.8, by a rule with "
				      "\"excludes\": { \"minKernel\": \"4.8\" }"
				    : "allow it from 4.8 on: \"includes\": "
				      "{ \"minKernel\": \"4.8\" }";
}

/*
 * seccomp(2): before Linux 4.8 a tracer can change a call after the filter
 * has seen it.
 */
void
lint_ptrace(struct lint *l)
{
	const struct options *options = l->c->ruleset->options;
	const kernel_release fixed = 4 << 8 | 8;

	if (!options->kernel_given || options->kernel >= fixed)
		return;
	for (size_t i = 0; i < ABI_COUNT; i++) {
		enum abi abi = (enum abi)i;
		dd runs = lint_where(l, lint_call(l, abi, "ptrace"), LINT_RUNS);

		if (runs == DD_FALSE || !denies_something(l, abi))
			continue;
		lint_report(l, DIAG_PTRACE_OPEN, lint_place(l, "ptrace"),
			    ptrace_hint(l),
			    "on Linux %u.%u a tracer gets around every "
			    "filter: %s",
			    options->kernel >> 8, options->kernel & 0xff,
			    lint_witness(l, abi, "ptrace", runs));
		return;
	}
}

/* Whether filters are never asked about a syscall (kernel/seccomp.c). */
static bool
is_exempt(const char *name)
{
	return !strcmp(name, "uretprobe") || !strcmp(name, "uprobe");
}

/* The newest release of all syscalls that rules name; *any: there are. */
static kernel_release
newest_named(const struct lint *l, enum abi abi, bool *any)
{
	kernel_release newest = 0;

	*any = false;
	for (size_t i = 0; i < syscall_name_count; i++) {
		if (!l->named[i] || syscall_names[i].number[abi] < 0)
			continue;
		*any = true;
		if (syscall_names[i].since[abi] > newest)
			newest = syscall_names[i].since[abi];
	}
	return newest;
}

/* A deny list ages: what came after it was written is open. */
void
lint_newer(struct lint *l)
{
	enum abi abi = l->c->ruleset->options->native;
	bool any;
	kernel_release newest = newest_named(l, abi, &any);
	struct lint_list list;

	if (!any || !denies_something(l, abi) ||
	    l->c->ruleset->default_action != SECCOMP_RET_ALLOW)
		return;
	lint_list_init(&list, l->arena, 12);
	for (size_t i = syscall_number_count[abi]; i-- > 0;) {
		const struct syscall_name *name =
			&syscall_names[syscall_numbers[abi][i]];

		if (name->since[abi] > newest && !is_exempt(name->name) &&
		    lint_exists(l, abi, name->name))
			lint_list_add(&list, "'%s'", name->name);
	}
	if (list.count)
		lint_report(l, DIAG_DEFAULT_ALLOW, l->c->profile->default_where,
			    "a list of what is allowed does not age like this",
			    "%u syscalls newer than all that rules name are "
			    "open: %s",
			    list.count, lint_list_end(&list));
}
