#include "explain.h"
#include "tools.h"

#include <string.h>

/* Whether no change is asked for: nobody asks for ABIs that are not in. */
static bool
is_wanted(const struct explanation *e, const struct trace *trace)
{
	if (!e->foreign && trace->cases.v[0].why == TRACE_FOREIGN)
		return true;
	for (size_t i = 0; i < trace->cases.n; i++)
		if (trace->cases.v[i].action != e->want)
			return false;
	return true;
}

static bool
is_same(const struct edit *a, const struct edit *b)
{
	return a->len == b->len && !memcmp(a->text, b->text, a->len) &&
	       a->options.caps == b->options.caps &&
	       a->options.kernel == b->options.kernel &&
	       a->options.abis == b->options.abis;
}

/* Whether an earlier call, or another way, came to the same change. */
static bool
is_known(const struct explanation *e, const struct explained *one,
	 const struct edit *edit)
{
	for (const struct explained *x = e->v; x <= one; x++)
		for (size_t i = 0; i < x->edits.n; i++)
			if (is_same(&x->edits.v[i], edit))
				return true;
	return false;
}

/* Those that change less come first. */
static void
sort_edits(struct explained *one)
{
	for (size_t i = 1; i < one->edits.n; i++)
		for (size_t j = i; j > 0; j--) {
			struct edit *a = &one->edits.v[j - 1], *b = a + 1;
			struct edit swap = *a;

			if (a->places <= b->places)
				break;
			*a = *b;
			*b = swap;
		}
}

/* The changes that work; why the last one does not, if none does. */
static void
find_edits(struct explanation *e, struct explained *one)
{
	struct edit last = { 0 };
	bool any = false;

	for (int way = 0; way < EDIT_WAYS; way++) {
		struct edit edit;

		if (way == EDIT_ARGUMENTS && !one->trace.request.given)
			continue;
		edit_find(&edit, e->arena, &e->in->c, &one->trace.request,
			  (enum edit_way)way, e->want);
		last = edit;
		if (edit.problem)
			continue;
		any = true;
		if (!is_known(e, one, &edit))
			*vec_push(e->arena, &one->edits) = edit;
	}
	if (!any)
		*vec_push(e->arena, &one->edits) = last;
	sort_edits(one);
}

int
explain_find(struct explanation *e, const struct trace_request *requests,
	     size_t count, size_t edits)
{
	struct trace *traces =
		arena_alloc(e->arena, (count + 1) * sizeof(*traces));
	char reason[160];

	e->n = count;
	e->v = arena_alloc(e->arena, (count + 1) * sizeof(*e->v));
	if (trace_calls(e->arena, &e->in->side, requests, count, traces, reason,
			sizeof(reason)) != DD_DONE) {
		tool_error("no answer: %s", reason);
		return STATUS_UNPROVED;
	}
	for (size_t i = 0; i < count; i++) {
		e->v[i].trace = traces[i];
		if (!traces[i].wrong)
			continue;
		tool_error("%s: arch 0x%x number %u: the rules and the program "
			   "do not agree; this is a fault of seccompc: please "
			   "report it with the profile and the options",
			   e->in->name, requests[i].arch, requests[i].number);
		return STATUS_UNPROVED;
	}
	for (size_t i = 0; i < count && i < edits && e->in->side.ruleset; i++)
		if (!is_wanted(e, &e->v[i].trace))
			find_edits(e, &e->v[i]);
	return STATUS_OK;
}
