#include "lint.h"

enum { SHOWN = 8 };

/* What is looked for on one ABI, and what was found. */
struct search {
	struct lint *l;
	enum abi abi;
	struct lint_list list;
	const struct json *where; /* of the first name */
	const char *first;
	dd open; /* calls of it */
};

/*
 * What a number gets on an ABI, whether or not the filter has it: calls
 * through others get what --foreign-arch says.
 */
static dd
call_number(struct lint *l, enum abi abi, int32_t number)
{
	const struct arch *arch = arch_table[abi];
	dd whole = dd_at(l->set, l->decides, DD_ARCH, arch->audit_token);

	return dd_at(l->set, whole, DD_NUMBER,
		     (uint32_t)number | arch->number_bit);
}

/* Only calls that i386 can make: it has no high words. */
static dd
without_high(struct lint *l, dd function)
{
	for (unsigned i = 0; i < 6; i++)
		function = dd_at(l->set, function, DD_ARGS + 2 * i + 1, 0);
	return function;
}

static void
compare(struct search *s, const struct syscall_name *name)
{
	struct lint *l = s->l;
	dd closed, open;

	if (name->number[ABI_X86_64] < 0 || name->number[s->abi] < 0)
		return;
	closed = lint_where(l, lint_call(l, ABI_X86_64, name->name), LINT_RUNS);
	open = lint_where(l, call_number(l, s->abi, name->number[s->abi]),
			  LINT_RUNS);
	if (arch_table[s->abi]->args == ARGS_LOW) {
		closed = without_high(l, closed);
		open = without_high(l, open);
	}
	open = dd_and(l->set, open, dd_not(l->set, closed));
	if (open == DD_FALSE)
		return;
	lint_list_add(&s->list, "'%s'", name->name);
	if (s->where)
		return;
	s->where = lint_place(l, name->name);
	s->first = name->name;
	s->open = open;
}

/* A finding of this kind has a place of its own, so as to be kept. */
static const struct json *
free_place(const struct lint *l, const struct json *where)
{
	for (size_t i = 0; i < l->found.n; i++)
		if (l->found.v[i].id == DIAG_ABI_OPEN &&
		    l->found.v[i].where == where)
			return where == l->c->profile->default_where
				       ? l->c->profile->root
				       : free_place(
						 l,
						 l->c->profile->default_where);
	return where;
}

static void
report(struct search *s)
{
	struct lint *l = s->l;
	const char *abi = arch_table[s->abi]->name;

	for (size_t i = 0; i < syscall_name_count; i++)
		compare(s, &syscall_names[i]);
	lint_variants_of(l, s->abi, &s->list, &s->where);
	if (!s->list.count)
		return;
	lint_report(l, DIAG_ABI_OPEN, free_place(l, s->where),
		    l->abis[s->abi] == DD_NONE
			    ? "leave --foreign-arch out: then calls through "
			      "it are killed"
			    : arena_printf(l->arena,
					   "restrict these too, or leave %s "
					   "out: then calls through it are "
					   "killed",
					   arch_table[s->abi]->scmp_name),
		    "%s lets through what is denied on x86_64: %s%s%s", abi,
		    lint_list_end(&s->list), s->first ? ": " : "",
		    s->first ? lint_witness(l, s->abi, s->first, s->open) : "");
}

/*
 * seccomp(2): before Linux 5.4, kernels with x32 ran its calls under the
 * numbers 512 to 547 without bit 30 as well, which are no syscalls of x86_64.
 */
static void
report_unmarked(struct lint *l)
{
	const struct options *options = l->c->ruleset->options;
	const kernel_release fixed = 5 << 8 | 4;
	const struct json *where = NULL;
	struct lint_list list;

	if (!options->kernel_given || options->kernel >= fixed ||
	    !lint_runs_default(l))
		return;
	lint_list_init(&list, l->arena, SHOWN);
	for (size_t i = 0; i < syscall_name_count; i++) {
		const struct syscall_name *name = &syscall_names[i];
		dd closed = lint_call(l, ABI_X86_64, name->name);

		if (name->number[ABI_X32] < 512 || closed == DD_NONE ||
		    lint_where(l, closed, LINT_RUNS) == DD_TRUE)
			continue;
		lint_list_add(&list, "%d (%s)", (int)name->number[ABI_X32],
			      name->name);
		if (!where)
			where = lint_place(l, name->name);
	}
	if (list.count)
		lint_report(l, DIAG_ABI_OPEN, free_place(l, where),
			    "deny by default, or require Linux 5.4",
			    "x86_64: Linux %u.%u runs calls of x32 by other "
			    "numbers, which are open: %s",
			    options->kernel >> 8, options->kernel & 0xff,
			    lint_list_end(&list));
}

void
lint_abis(struct lint *l)
{
	if (l->abis[ABI_X86_64] == DD_NONE)
		return;
	for (size_t i = 0; i < ABI_COUNT; i++) {
		struct search s = { .l = l, .abi = (enum abi)i };

		if (i == ABI_X86_64)
			continue;
		lint_list_init(&s.list, l->arena, SHOWN);
		report(&s);
	}
	report_unmarked(l);
}
