#include "oci.h"
#include "tools.h"

static int
report(const struct rewrite *r, enum rewrite_end end, const struct oci_job *job)
{
	const char *name = job->name;

	switch (end) {
	case REWRITE_DONE:
		if (r->deviation && !job->quiet)
			tool_error("%s: note: some calls are refused in "
				   "another way, such as %s",
				   name, r->deviation);
		if (r->caveat && !job->quiet)
			tool_error("%s: warning: libseccomp, which runtimes "
				   "use, reads multiplexers otherwise: %s "
				   "there",
				   name, r->caveat);
		return STATUS_OK;
	case REWRITE_NO_MEMORY:
		tool_error("%s: out of memory", name);
		return STATUS_REJECTED;
	case REWRITE_GAVE_UP:
		tool_error("%s: the proof gave up: %s; nothing was written",
			   name, r->reason);
		return STATUS_UNPROVED;
	case REWRITE_IMPOSSIBLE:
		break;
	}
	tool_error("%s: cannot be said as a plain OCI profile: %s; nothing "
		   "was written",
		   name, r->reason);
	if (job->hint)
		tool_error("%s", job->hint);
	return STATUS_REJECTED;
}

int
oci_write(struct rewrite *r, const struct oci_job *job)
{
	enum rewrite_end end = rewrite(r);
	int status = report(r, end, job);

	if (end == REWRITE_DONE &&
	    !tool_write(job->output, r->text.data, r->text.len))
		status = STATUS_REJECTED;
	rewrite_finish(r);
	return status;
}

int
oci_write_compiled(const struct compilation *c, const struct oci_job *job)
{
	struct rewrite r;

	rewrite_ask(&r, c);
	return oci_write(&r, job);
}
