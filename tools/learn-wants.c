#include "learn-profile.h"

#include "compiler/check/libc.h"
#include "compiler/check/lint-consumer.h"

#include <stdio.h>
#include <string.h>

static void
want(struct learn_job *job, struct arena *arena,
     const struct syscall_name *name, enum want_reason reason)
{
	if (!learned_wants(&job->options, name))
		*vec_push(arena, &job->options.wants) =
			(struct want){ name, reason };
}

/* What is said of one maker. */
static void
say_runtime(const struct learn_job *job, const struct learn_request *request,
	    const char *maker, uint32_t action)
{
	struct buf buf = { .arena = request->seen->arena };
	const struct syscall_name *name, *last = NULL;
	struct runtime_call call;
	size_t at = 0;

	while (runtime_call_next(&at, job->runtimes, action, &call)) {
		name = syscall_find(call.name);
		if (call.maker != maker || (job->no_new_privs && !call.late) ||
		    seen_has(request->seen, name) || name == last)
			continue;
		last = name;
		buf_printf(&buf, "%s%s%s", buf.len ? ", " : "", call.name,
			   call.at_times ? " (at times)" : "");
	}
	if (buf.len)
		learn_say(request,
			  "for %s, measured on %s %s no_new_privs, and not "
			  "seen: %s",
			  maker, runtime_calls_measured,
			  job->no_new_privs ? "with" : "with and without",
			  buf.data);
}

static void
want_runtimes(struct learn_job *job, const struct learn_request *request,
	      uint32_t action)
{
	struct runtime_call call;
	const char *makers[8];
	size_t at = 0, n = 0;

	while (runtime_call_next(&at, job->runtimes, action, &call)) {
		size_t i = 0;

		if (job->no_new_privs && !call.late)
			continue;
		while (i < n && makers[i] != call.maker)
			i++;
		if (i == n && n < LENGTH(makers))
			makers[n++] = call.maker;
		want(job, request->seen->arena, syscall_find(call.name),
		     WANT_RUNTIME);
	}
	for (size_t i = 0; i < n; i++)
		say_runtime(job, request, makers[i], action);
}

/* Without it a profile is of no use, and a signal can have ended all. */
static void
want_end(struct learn_job *job, const struct learn_request *request)
{
	const struct syscall_name *group = syscall_find("exit_group");

	if (job->is_open || seen_has(request->seen, group) ||
	    seen_has(request->seen, syscall_find("exit")))
		return;
	if (!learned_wants(&job->options, group))
		learn_say(request, "added, though not seen: exit_group: no "
				   "process could end without it");
	want(job, request->seen->arena, group, WANT_FAMILY);
}

/* All notes: one line, each syscall once, and the reasons if asked for. */
static void
say_families(const struct learn_job *job, const struct learn_request *request,
	     const family_notes *notes)
{
	struct buf buf = { .arena = request->seen->arena };
	VEC(const struct syscall_name *) said = { 0 };

	for (size_t i = 0; i < notes->n; i++)
		for (size_t j = 0; j < notes->v[i].names.n; j++) {
			const struct syscall_name *name =
				notes->v[i].names.v[j];
			size_t k = 0;

			while (k < said.n && said.v[k] != name)
				k++;
			if (k < said.n)
				continue;
			*vec_push(buf.arena, &said) = name;
			buf_printf(&buf, "%s%s", k ? ", " : "", name->name);
		}
	if (!said.n)
		return;
	if (job->families)
		learn_say(request, "added, though not seen: %s", buf.data);
	else
		learn_say(request,
			  "note: not seen, but may be called (--families adds "
			  "them, --verbose says why): %s",
			  buf.data);
	for (size_t i = 0; job->verbose && i < notes->n; i++)
		learn_say(request, "  %s", notes->v[i].text);
}

static void
want_families(struct learn_job *job, const struct learn_request *request)
{
	family_notes notes = { 0 };
	const struct syscall_name *clone = syscall_find("clone");
	bool narrow = learned_is_narrow(request->seen, &job->options, clone);

	families_find(&notes, request->seen, &job->options);
	say_families(job, request, &notes);
	for (size_t i = 0; job->families && i < notes.n; i++)
		for (size_t j = 0; j < notes.v[i].names.n; j++)
			if (!narrow ||
			    strcmp(notes.v[i].names.v[j]->name, "clone3"))
				want(job, request->seen->arena,
				     notes.v[i].names.v[j], WANT_FAMILY);
	if (narrow && job->families)
		learn_say(request,
			  "not added: clone3, which would get around what "
			  "clone is held to");
}

void
learn_want(struct learn_job *job, const struct learn_request *request)
{
	/* What there was may be in memory that is no more. */
	memset(&job->options.wants, 0, sizeof(job->options.wants));
	want_runtimes(job, request,
		      job->is_open ? job->in.c.profile->default_action
				   : job->options.default_action);
	want_end(job, request);
	want_families(job, request);
}
