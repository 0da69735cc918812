#include "lint.h"

#include <stdlib.h>
#include <string.h>

/* Lints of names: which syscalls a rule names, and whether that means what
 * its author thinks. */

static int
compare_names(const void *a, const void *b)
{
	const struct json *x = *(const struct json *const *)a;
	const struct json *y = *(const struct json *const *)b;
	int order = strcmp(x->string, y->string);

	return order ? order
		     : (x->offset > y->offset) - (x->offset < y->offset);
}

/* Names that a rule has twice; the finding is at the first that can go. */
static void
find_repeated(struct lint *l, const struct rule *rule)
{
	const struct json **names, *where = NULL;
	size_t n = rule->names.n, count = 0;

	if (n < 2)
		return;
	names = arena_alloc(l->arena, n * sizeof(*names));
	memcpy(names, rule->names.v, n * sizeof(*names));
	qsort(names, n, sizeof(*names), compare_names);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(names[i - 1]->string, names[i]->string) != 0)
			continue;
		if (!where || names[i]->offset < where->offset)
			where = names[i];
		count++;
	}
	if (count == 1)
		lint_report(l, DIAG_DUPLICATE_NAME, where, "remove it",
			    "'%s' stands twice in this rule", where->string);
	else if (count)
		lint_report(l, DIAG_DUPLICATE_NAME, where, "remove them",
			    "'%s' stands twice in this rule, and so do %zu "
			    "more names",
			    where->string, count - 1);
}

/* The oldest release in which some ABI of the filter has a name, or 0 if that
 * is older than the tables tell or the name has no number there. */
static kernel_release
first_release(const struct lint *l, const struct target *target)
{
	const struct syscall_name *known = syscall_find(target->name);
	kernel_release first = 0;

	for (size_t abi = 0; known && abi < ABI_COUNT; abi++) {
		kernel_release since = known->since[abi];

		if (l->abis[abi] == DD_NONE || target->number[abi] < 0)
			continue;
		if (!since)
			return 0;
		if (!first || since < first)
			first = since;
	}
	return first;
}

static const char *
release_text(struct lint *l, kernel_release release)
{
	return arena_printf(l->arena, "%d.%d", release >> 8, release & 255);
}

/* One finding for a rule: lists of new syscalls are long. */
static void
find_newer(struct lint *l, const struct resolved_rule *rule)
{
	const struct options *options = l->c->ruleset->options;
	const char *kernel = release_text(l, options->kernel);
	const struct target *first = NULL;
	enum { SHOWN = 6 };
	struct buf buf = { .arena = l->arena };
	size_t count = 0;

	for (size_t i = 0; i < rule->targets.n; i++) {
		const struct target *target = &rule->targets.v[i];
		kernel_release since = first_release(l, target);

		if (since <= options->kernel)
			continue;
		if (!first)
			first = target;
		if (count++ < SHOWN)
			buf_printf(&buf, "%s%s (%s)", count > 1 ? ", " : "",
				   target->name, release_text(l, since));
	}
	if (count > SHOWN)
		buf_printf(&buf, ", and %zu more", count - SHOWN);
	if (count == 1)
		lint_report(l, DIAG_NEWER_THAN_KERNEL, first->where, NULL,
			    "%s exists from %s on, the kernel is %s",
			    first->name,
			    release_text(l, first_release(l, first)), kernel);
	else if (count)
		lint_report(l, DIAG_NEWER_THAN_KERNEL, first->where, NULL,
			    "%zu syscalls of this rule are newer than kernel "
			    "%s: %s",
			    count, kernel, buf.data);
}

/* Whether a rule's action is what a syscall gets for some arguments. */
static bool
gets(struct lint *l, enum abi abi, const char *name, uint32_t action, dd *other)
{
	unsigned verdict = lint_verdict(action);
	dd function = lint_call(l, abi, name);

	if (verdict & LINT_DENIES)
		verdict = LINT_DENIES;
	if (function == DD_NONE) {
		*other = DD_FALSE;
		return true;
	}
	/* A denial is to be whole, some way to run is enough. */
	if (verdict == LINT_DENIES) {
		*other = lint_where(l, function, LINT_RUNS);
		return *other == DD_FALSE;
	}
	*other = lint_where(l, function, LINT_DENIES);
	return verdict != LINT_RUNS || *other != DD_TRUE;
}

/* A rule without conditions on a name that an ABI has under another one. */
static void
find_wrapped(struct lint *l, const struct resolved_rule *rule,
	     const struct target *target)
{
	const char *call = syscall_wrapped(target->name);
	const char *name = target->name;
	char action[32], got[32];
	dd where;

	/* Who names the call as well has decided about it. */
	if (!call || rule->condition_count || lint_is_named(l, call))
		return;
	for (size_t i = 0; i < ABI_COUNT; i++) {
		enum abi abi = (enum abi)i;

		if (l->abis[i] == DD_NONE || target->number[i] >= 0 ||
		    target->mux[i] >= 0)
			continue;
		if (gets(l, abi, call, rule->action, &where))
			continue;
		action_print(action, rule->action);
		action_print(got, lint_gets(l, lint_call(l, abi, call), where));
		lint_report(l, DIAG_WRAPPER_NAME, target->where,
			    arena_printf(l->arena, "name '%s' as well", call),
			    "%s has no syscall '%s': %s() calls %s there, and "
			    "%s gets %s, not the %s of this rule",
			    arch_table[i]->name, name, name, call,
			    lint_witness(l, abi, call, where), got, action);
		return;
	}
}

void
lint_naming(struct lint *l)
{
	const struct ruleset *rules = l->c->ruleset;

	for (size_t i = 0; i < rules->rules.n; i++) {
		const struct resolved_rule *rule = &rules->rules.v[i];

		find_repeated(l, rule->rule);
		if (rules->options->kernel_given)
			find_newer(l, rule);
		for (size_t j = 0; j < rule->targets.n; j++)
			find_wrapped(l, rule, &rule->targets.v[j]);
	}
}
