#include "learn-profile.h"

#include "tools.h"

#include <string.h>

int
learn_open(struct learn_job *job, struct learn_request *request)
{
	int status;

	if (!job->base)
		return STATUS_OK;
	job->is_open = true;
	status = input_load_profile(&job->in, &job->target, job->base);
	if (status != STATUS_OK)
		return status;
	seen_against(request->seen,
		     base_widen(request->seen->arena, &job->in.c));
	return STATUS_OK;
}

void
learn_close(struct learn_job *job)
{
	if (job->is_open)
		input_finish(&job->in);
	job->is_open = false;
}

static int
write_files(const struct learn_job *job, const struct learn_request *request,
	    const struct buf *text)
{
	struct output outputs[2] = { { job->output, text->data, text->len } };
	struct buf counts = { .arena = request->seen->arena };

	if (job->counts) {
		seen_write_counts(&counts, request->seen);
		outputs[1] =
			(struct output){ job->counts, counts.data, counts.len };
	}
	return tool_write_all(outputs, job->counts ? 2 : 1) ? STATUS_OK
							    : STATUS_REJECTED;
}

/* What was made here is refused or unproved: that is nobody else's fault. */
static int
fail(struct compilation *c, const char *why)
{
	struct target_options target;

	target_init(&target);
	target.quiet = true;
	target_report(&target, c);
	tool_error("the profile that came out is not right%s%s; nothing was "
		   "written",
		   why ? ": " : "", why ? why : "");
	return c->out_of_memory ? STATUS_REJECTED : STATUS_UNPROVED;
}

/* Compiles and proves a new profile, and looks up each call that was seen. */
static int
check_new(const struct learn_job *job, const struct learn_request *request,
	  const struct buf *text)
{
	struct compilation c;
	const char *why = NULL;
	int status = STATUS_OK;

	compilation_init(&c, "the profile", text->data, text->len);
	c.options.dialect = DIALECT_OCI;
	if (!compile(&c))
		status = fail(&c, NULL);
	else if ((why = learned_misses(request->seen, &job->options,
				       c.program->code.v, c.program->code.n)))
		status = fail(&c, why);
	compilation_finish(&c);
	return status;
}

static int
write_new(struct learn_job *job, const struct learn_request *request)
{
	struct buf text = { .arena = request->seen->arena };
	int status;

	learned_write(&text, request->seen, &job->options);
	status = check_new(job, request, &text);
	if (status != STATUS_OK)
		return status;
	learn_say_arguments(request, &job->options);
	return write_files(job, request, &text);
}

static bool
has_refused(const struct base *base)
{
	for (size_t i = 0; i < base->items.n; i++)
		if (base->items.v[i].verdict == BASE_REFUSED ||
		    base->items.v[i].verdict == BASE_NO_ABI)
			return true;
	return false;
}

/* The base may be what is written: it was read, and is replaced whole. */
static int
write_base(struct learn_job *job, const struct learn_request *request)
{
	struct arena *arena = request->seen->arena;
	struct base base;
	struct buf text = { .arena = arena };
	enum base_end end = base_extend(&base, arena, &job->in.c, request->seen,
					&job->options);
	int status;

	if (end != BASE_DONE) {
		tool_error("%s: %s; nothing was written", job->in.name,
			   base.problem);
		return end == BASE_UNPROVED ? STATUS_UNPROVED : STATUS_REJECTED;
	}
	buf_append(&text, base.draft.text, base.draft.len);
	tool_release(job->base);
	status = write_files(job, request, &text);
	if (status != STATUS_OK)
		return status;
	if (job->again)
		return STATUS_OK;
	learn_say_base(request, &job->in, &base);
	return has_refused(&base) ? STATUS_REJECTED : STATUS_OK;
}

int
learn_write(struct learn_job *job, const struct learn_request *request)
{
	if (!request->seen->abis && !job->base) {
		tool_error("no call was seen: nothing was written");
		return STATUS_REJECTED;
	}
	learn_say_seen(request);
	learn_want(job, request);
	return job->base ? write_base(job, request) : write_new(job, request);
}
