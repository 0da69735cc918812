#include "trace.h"

#include <string.h>

/* The name in a rule's list that is the syscall's, or one behind it. */
static const struct json *
find_name(const struct rule *rule, const struct trace *trace)
{
	for (size_t i = 0; i < rule->names.n; i++)
		if (!strcmp(rule->names.v[i]->string, trace->name->name))
			return rule->names.v[i];
	return NULL;
}

static bool
is_selected(const struct selection *selection, const struct rule *rule)
{
	for (size_t i = 0; i < selection->rules.n; i++)
		if (selection->rules.v[i] == rule)
			return true;
	return false;
}

/* The first of a list that the bounding set has, or has not. */
static const struct json *
find_cap(const struct options *options, const struct json_list *caps, bool held)
{
	for (size_t i = 0; i < caps->n; i++) {
		int cap = capability_find(caps->v[i]->string);
		bool is = cap >= 0 && (options->caps >> cap & 1);

		if (is == held)
			return caps->v[i];
	}
	return NULL;
}

static const struct json *
find_native(const struct options *options, const struct json_list *arches)
{
	const char *native = arch_table[options->native]->go_name;

	for (size_t i = 0; i < arches->n; i++)
		if (!strcmp(arches->v[i]->string, native))
			return arches->v[i];
	return NULL;
}

/* What of rule 2 leaves a rule out; arches first, as nobody can change those.
 * A rule that was left out has such a clause. */
static void
explain_clause(struct trace_lost *lost, const struct options *options)
{
	const struct clause *in = &lost->rule->includes;
	const struct clause *out = &lost->rule->excludes;

	lost->loss = LOSS_ARCHES;
	lost->clause = find_native(options, &out->arches);
	if (lost->clause)
		return;
	if (in->arches.n && !find_native(options, &in->arches)) {
		lost->clause = in->arches.v[0];
		return;
	}
	lost->loss = LOSS_CAPS;
	lost->clause = find_cap(options, &in->caps, false);
	if (lost->clause)
		return;
	lost->loss = LOSS_NO_CAPS;
	lost->clause = find_cap(options, &out->caps, true);
	if (lost->clause)
		return;
	if (in->min_kernel && options->kernel < in->release) {
		lost->loss = LOSS_KERNEL;
		lost->clause = in->min_kernel;
		return;
	}
	lost->loss = LOSS_NO_KERNEL;
	lost->clause = out->min_kernel;
}

void
trace_excluded(struct arena *arena, struct trace *trace,
	       const struct selection *selection)
{
	const struct profile *profile = selection->profile;

	for (size_t i = 0; trace->name && i < profile->rules.n; i++) {
		const struct rule *rule = &profile->rules.v[i];
		const struct json *name = find_name(rule, trace);
		struct trace_lost *lost;

		if (!name || is_selected(selection, rule))
			continue;
		lost = vec_push(arena, &trace->lost);
		lost->rule = rule;
		lost->name = name;
		explain_clause(lost, selection->options);
	}
}
