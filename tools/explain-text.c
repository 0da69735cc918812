#include "explain.h"

#include <linux/audit.h>
#include <string.h>

/* The lines of a listing that a call executes. */
static void
write_path(struct buf *buf, const struct explanation *e, const char *listing,
	   const struct trace_case *c)
{
	const struct side *side = &e->in->side;
	uint16_t *path = arena_alloc(buf->arena, side->count * sizeof(*path));
	unsigned n;
	size_t line = 0;

	bpf_trace(side->code, side->count, &c->call, &n, path);
	for (size_t i = 0; i < n; i++) {
		const char *end;

		/* Jumps go forward only, and so does the listing. */
		for (; line < path[i]; line++)
			listing = strchr(listing, '\n') + 1;
		end = strchr(listing, '\n');
		buf_printf(buf, "      %.*s\n", (int)(end - listing), listing);
	}
	buf_printf(buf, "      %u instructions\n", n);
}

static void
write_decided(struct buf *buf, const struct explanation *e,
	      const struct trace *trace, const struct trace_case *c)
{
	const struct json *where = explain_where(e, c);

	explain_why(buf, e, trace, c);
	if (!where)
		return;
	buf_printf(buf, ", at ");
	explain_place(buf, e, where->offset);
	buf_printf(buf, " (");
	diag_write_safe(buf, json_pointer(buf->arena, where));
	buf_printf(buf, ")");
}

/* One case; the action leads. */
static void
write_case(struct buf *buf, const struct explanation *e,
	   const struct trace *trace, size_t i, const char *indent)
{
	const struct trace_case *c = &trace->cases.v[i];
	char action[32];

	action_print(action, c->action);
	buf_printf(buf, "%s%s", indent, action);
	explain_when(buf, trace, i);
	if (c->why == TRACE_PROGRAM) {
		buf_printf(buf, "\n");
		return;
	}
	buf_printf(buf, "\n%s  ", indent);
	write_decided(buf, e, trace, c);
	buf_printf(buf, "\n");
}

static void
write_losses(struct buf *buf, const struct explanation *e,
	     const struct trace *trace)
{
	for (size_t i = 0; i < trace->lost.n; i++) {
		const struct trace_lost *lost = &trace->lost.v[i];
		char action[32];

		action_print(action, lost->rule->action);
		buf_printf(buf, "  not the %s of the rule at ", action);
		explain_place(buf, e, lost->name->offset);
		buf_printf(buf, " (");
		diag_write_safe(buf, json_pointer(buf->arena, lost->name));
		buf_printf(buf, "):\n    ");
		explain_lost(buf, lost);
		buf_printf(buf, "\n");
	}
}

void
explain_write_text(struct buf *buf, const struct explanation *e)
{
	struct buf listing = { .arena = buf->arena };

	if (!e->brief)
		disasm_write(&listing, buf->arena, e->in->side.code,
			     e->in->side.count);
	for (size_t i = 0; i < e->n; i++) {
		const struct explained *one = &e->v[i];
		const struct trace *trace = &one->trace;

		explain_call(buf, trace, NULL);
		buf_printf(buf, "\n");
		for (size_t j = 0; j < trace->cases.n; j++) {
			write_case(buf, e, trace, j, "  ");
			if (!e->brief)
				write_path(buf, e, listing.data,
					   &trace->cases.v[j]);
		}
		write_losses(buf, e, trace);
		explain_write_edits(buf, e, one, "  ");
	}
}

static void
write_program(struct buf *buf, const struct audit_call *call)
{
	if (*call->comm)
		buf_printf(buf, " by \"%s\"", call->comm);
	if (*call->exe)
		buf_printf(buf, " (%s)", call->exe);
	if (call->pid >= 0)
		buf_printf(buf, ", pid %lld", (long long)call->pid);
}

static void
write_code(struct buf *buf, const struct audit_call *call)
{
	const struct action_info *info = action_info(call->code);

	if (info)
		buf_printf(buf, ": %s", info->name + strlen("SCMP_ACT_"));
	else
		buf_printf(buf, ": 0x%x, which kills as no kernel knows it",
			   call->code);
	/* kernel/seccomp.c, __secure_computing_strict() */
	if (call->signal == 9)
		buf_printf(buf, ", of the strict mode, which has no filter");
}

static void
write_group(struct buf *buf, const struct explanation *e,
	    const struct audit_group *group)
{
	const struct explained *one = &e->v[group->index];
	const struct trace *trace = &one->trace;
	size_t fit = 0;

	buf_printf(buf, "%zu x ", group->count);
	explain_call(buf, trace, group->call.name);
	write_program(buf, &group->call);
	write_code(buf, &group->call);
	buf_printf(buf, "\n");
	if (!e->in || group->call.signal == 9)
		return;
	for (size_t i = 0; i < trace->cases.n; i++)
		fit += (trace->cases.v[i].action & SECCOMP_RET_ACTION_FULL) ==
		       group->call.code;
	if (!fit)
		buf_printf(buf,
			   "  %s does not say so, whatever the arguments: "
			   "the line is from another filter\n",
			   e->in->shown);
	else if (trace->cases.n > 1)
		buf_printf(buf,
			   "  the arguments decide, which are not in the "
			   "line: %s\n",
			   fit > 1 ? "it is one of these" : "it is this case");
	for (size_t i = 0; i < trace->cases.n; i++)
		if (!fit || (trace->cases.v[i].action &
			     SECCOMP_RET_ACTION_FULL) == group->call.code)
			write_case(buf, e, trace, i, "  ");
	if (!fit || e->brief)
		return;
	write_losses(buf, e, trace);
	explain_write_edits(buf, e, one, "  ");
}

void
explain_write_log(struct buf *buf, const struct explanation *e,
		  const struct audit_log *log)
{
	const struct audit_stream *s = &log->stream;

	for (size_t i = 0; i < log->n; i++)
		write_group(buf, e, &log->groups[i]);
	buf_printf(buf, "%s: %zu line%s, %zu of seccomp", log->shown, s->lines,
		   s->lines == 1 ? "" : "s", s->calls + s->broken);
	if (log->others)
		buf_printf(buf, "; %zu of more than %d kinds are not shown",
			   log->others, AUDIT_GROUPS);
	if (s->broken)
		buf_printf(buf,
			   "; %zu without arch, syscall or code, or just "
			   "like such a line",
			   s->broken);
	if (s->cut)
		buf_printf(buf, "; %zu cut at %d bytes", s->cut, AUDIT_LINE);
	buf_printf(buf, "\n");
}
