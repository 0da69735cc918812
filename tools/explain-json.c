#include "explain.h"

#include <inttypes.h>
#include <string.h>

/* A value of the profile by its place. */
static void
write_place(struct buf *buf, const struct explanation *e,
	    const struct json *where)
{
	struct diag diag = { .offset = where->offset };
	size_t line, column;

	if (diag_position(&e->in->c.source, &diag, &line, &column))
		buf_printf(buf, ", \"line\": %zu, \"column\": %zu", line,
			   column);
	buf_printf(buf, ", \"pointer\": ");
	output_quote(buf, json_pointer(buf->arena, where));
}

static void
write_path(struct buf *buf, const struct explanation *e,
	   const struct trace_case *c)
{
	const struct side *side = &e->in->side;
	uint16_t *path = arena_alloc(buf->arena, side->count * sizeof(*path));
	unsigned n;

	bpf_trace(side->code, side->count, &c->call, &n, path);
	buf_printf(buf, ",\n          \"executed\": %u, \"path\": [", n);
	for (size_t i = 0; i < n; i++)
		buf_printf(buf, "%s%u", i ? ", " : "", path[i]);
	buf_printf(buf, "]");
}

static void
write_case(struct buf *buf, const struct explanation *e,
	   const struct trace *trace, const struct trace_case *c)
{
	const struct json *where = explain_where(e, c);
	struct buf text = { .arena = buf->arena };

	buf_printf(buf, "        { ");
	output_action(buf, "action", c->action);
	buf_printf(buf, ", \"why\": \"%s\"", explain_why_word(c->why));
	if (c->carried)
		buf_printf(buf, ", \"carried\": true");
	if (where)
		write_place(buf, e, where);
	explain_why(&text, e, trace, c);
	buf_printf(buf, ",\n          \"text\": ");
	output_quote(buf, text.data);
	buf_printf(buf,
		   ",\n          \"always\": %s, \"complete\": %s, "
		   "\"when\": [",
		   c->always ? "true" : "false", c->more ? "false" : "true");
	for (size_t i = 0; i < c->where.n; i++) {
		text.len = 0;
		explain_condition(&text, trace, &c->where.v[i]);
		buf_printf(buf, "%s", i ? ", " : "");
		output_quote(buf, text.data);
	}
	text.len = 0;
	describe_call(&text, &c->call, c->words);
	buf_printf(buf, "],\n          \"call\": { \"text\": ");
	output_quote(buf, text.data);
	buf_printf(buf, ", \"args\": [");
	for (unsigned i = 0; i < 6; i++)
		buf_printf(buf, "%s\"0x%llx\"", i ? ", " : "",
			   (unsigned long long)c->call.args[i]);
	buf_printf(buf, "] }");
	if (!e->brief)
		write_path(buf, e, c);
	buf_printf(buf, " }");
}

static void
write_losses(struct buf *buf, const struct explanation *e,
	     const struct trace *trace)
{
	struct buf text = { .arena = buf->arena };

	buf_printf(buf, ",\n      \"withoutEffect\": [");
	for (size_t i = 0; i < trace->lost.n; i++) {
		const struct trace_lost *lost = &trace->lost.v[i];

		text.len = 0;
		explain_lost(&text, lost);
		buf_printf(buf, "%s\n        { \"why\": \"%s\", ", i ? "," : "",
			   explain_loss_word(lost->loss));
		output_action(buf, "action", lost->rule->action);
		write_place(buf, e, lost->name);
		buf_printf(buf, ", \"text\": ");
		output_quote(buf, text.data);
		buf_printf(buf, " }");
	}
	buf_printf(buf, "]");
}

/* What a call is, as members of an object. */
static void
write_call(struct buf *buf, const struct trace *trace, const char *name)
{
	if (trace->abi != ABI_COUNT)
		buf_printf(buf, "\"abi\": \"%s\", ",
			   arch_table[trace->abi]->name);
	if (trace->name)
		name = trace->name->name;
	if (name && *name)
		buf_printf(buf, "\"syscall\": \"%s\", ", name);
	buf_printf(buf, "\"arch\": %u, \"nr\": %u", trace->request.arch,
		   trace->request.number);
}

static void
write_trace(struct buf *buf, const struct explanation *e,
	    const struct explained *one)
{
	const struct trace *trace = &one->trace;

	buf_printf(buf, ",\n      \"cases\": [");
	for (size_t i = 0; i < trace->cases.n; i++) {
		buf_printf(buf, "%s\n", i ? "," : "");
		write_case(buf, e, trace, &trace->cases.v[i]);
	}
	buf_printf(buf, "]");
	write_losses(buf, e, trace);
	buf_printf(buf, ",\n");
	explain_json_edits(buf, e, one, "      ");
}

static void
write_calls(struct buf *buf, const struct explanation *e)
{
	buf_printf(buf, ",\n  \"calls\": [");
	for (size_t i = 0; i < e->n; i++) {
		buf_printf(buf, "%s\n    { ", i ? "," : "");
		write_call(buf, &e->v[i].trace, NULL);
		write_trace(buf, e, &e->v[i]);
		buf_printf(buf, " }");
	}
	buf_printf(buf, "]");
}

static void
write_group(struct buf *buf, const struct explanation *e,
	    const struct audit_group *group)
{
	const struct audit_call *call = &group->call;
	const struct explained *one = &e->v[group->index];

	buf_printf(buf, "    { \"count\": %zu, ", group->count);
	write_call(buf, &one->trace, call->name);
	buf_printf(buf, ", ");
	output_action(buf, "code", call->code);
	buf_printf(buf, ",\n      \"comm\": ");
	output_quote(buf, call->comm);
	buf_printf(buf, ", \"exe\": ");
	output_quote(buf, call->exe);
	buf_printf(buf,
		   ", \"pid\": %lld, \"signal\": %d, \"ip\": \"0x%" PRIx64 "\"",
		   (long long)call->pid, call->signal, call->ip);
	if (e->in) {
		buf_printf(buf, ", \"agrees\": %s",
			   group->agrees ? "true" : "false");
		write_trace(buf, e, one);
	}
	buf_printf(buf, " }");
}

static void
write_log(struct buf *buf, const struct explanation *e,
	  const struct audit_log *log)
{
	const struct audit_stream *s = &log->stream;

	buf_printf(buf, ",\n  \"log\": ");
	output_quote(buf, log->shown);
	buf_printf(buf,
		   ", \"lines\": %zu, \"calls\": %zu, \"broken\": %zu, "
		   "\"others\": %zu,\n  \"groups\": [",
		   s->lines, s->calls, s->broken, log->others);
	for (size_t i = 0; i < log->n; i++) {
		buf_printf(buf, "%s\n", i ? "," : "");
		write_group(buf, e, &log->groups[i]);
	}
	buf_printf(buf, "]");
}

void
explain_write_json(struct buf *buf, const struct explanation *e,
		   const struct audit_log *log)
{
	buf_printf(buf, "{\n  ");
	if (e->in) {
		buf_printf(buf, "\"file\": ");
		output_quote(buf, e->in->name);
		buf_printf(buf, ", ");
	}
	output_action(buf, "wanted", e->want);
	if (log)
		write_log(buf, e, log);
	else
		write_calls(buf, e);
	buf_printf(buf, "\n}\n");
}
