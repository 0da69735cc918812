#include "explain.h"

#include <inttypes.h>
#include <string.h>

void
explain_place(struct buf *buf, const struct explanation *e, size_t offset)
{
	struct diag diag = { .offset = offset };
	size_t line, column;

	buf_printf(buf, "%s", e->in->shown);
	if (diag_position(&e->in->c.source, &diag, &line, &column))
		buf_printf(buf, ":%zu:%zu", line, column);
}

static void
write_change(struct buf *buf, const struct edit_change *change,
	     const char *indent)
{
	char before[32], after[32];

	action_print(before, change->before);
	action_print(after, change->after);
	buf_printf(buf, "%s  %s: %s -> %s", indent, change->calls, before,
		   after);
	if (change->when)
		buf_printf(buf, " %s", change->when);
	buf_printf(buf, "\n");
}

static void
write_edit(struct buf *buf, const struct explanation *e,
	   const struct edit *edit, const char *indent)
{
	for (size_t i = 0; i < edit->steps.n; i++) {
		const struct edit_step *step = &edit->steps.v[i];

		buf_printf(buf, "%s%s", indent, i ? "and " : "");
		buf_printf(buf, "%s", step->words);
		if (step->shown != SIZE_MAX) {
			buf_printf(buf, " at ");
			explain_place(buf, e, step->shown);
		}
		/* Later pointers are those of a text that nobody has. */
		if (!i && *step->pointer) {
			buf_printf(buf, " (");
			diag_write_safe(buf, step->pointer);
			buf_printf(buf, ")");
		}
		buf_printf(buf, "\n");
	}
	if (edit->unknown) {
		buf_printf(buf, "%swhat else changes is not known: %s\n",
			   indent, edit->unknown);
		return;
	}
	buf_printf(buf, "%swhich changes this and nothing else (proved):\n",
		   indent);
	for (size_t i = 0; i < edit->changes.n; i++)
		write_change(buf, &edit->changes.v[i], indent);
}

void
explain_write_edits(struct buf *buf, const struct explanation *e,
		    const struct explained *one, const char *indent)
{
	const char *inner = arena_printf(buf->arena, "%s  ", indent);
	char want[32];

	action_print(want, e->want);
	for (size_t i = 0; i < one->edits.n; i++) {
		const struct edit *edit = &one->edits.v[i];

		if (edit->problem) {
			buf_printf(buf, "%sno change gives it %s: %s\n", indent,
				   want, edit->problem);
			continue;
		}
		buf_printf(buf, i ? "%sor\n" : "%sto get %s\n", indent, want);
		write_edit(buf, e, edit, inner);
	}
}

static void
json_step(struct buf *buf, const struct explanation *e,
	  const struct edit_step *step, bool first)
{
	struct diag diag = { .offset = step->shown };
	size_t line, column;

	buf_printf(buf, "{ \"text\": ");
	output_quote(buf, step->words);
	if (diag_position(&e->in->c.source, &diag, &line, &column))
		buf_printf(buf, ", \"line\": %zu, \"column\": %zu", line,
			   column);
	if (first && step->shown != SIZE_MAX) {
		buf_printf(buf, ", \"pointer\": ");
		output_quote(buf, step->pointer);
	}
	if (step->option) {
		buf_printf(buf, ", \"option\": ");
		output_quote(buf, step->option);
	} else {
		buf_printf(buf,
			   ", \"offset\": %zu, \"remove\": %zu, "
			   "\"insert\": ",
			   step->offset, step->removed);
		output_quote(buf, step->inserted);
	}
	buf_printf(buf, " }");
}

static void
json_edit(struct buf *buf, const struct explanation *e, const struct edit *edit,
	  const char *indent)
{
	char before[32], after[32];

	buf_printf(buf, "%s{ \"steps\": [", indent);
	for (size_t i = 0; i < edit->steps.n; i++) {
		buf_printf(buf, "%s\n%s    ", i ? "," : "", indent);
		json_step(buf, e, &edit->steps.v[i], !i);
	}
	buf_printf(buf, "],\n%s  \"complete\": %s, \"changes\": [", indent,
		   edit->unknown ? "false" : "true");
	for (size_t i = 0; i < edit->changes.n; i++) {
		const struct edit_change *change = &edit->changes.v[i];

		action_print(before, change->before);
		action_print(after, change->after);
		buf_printf(buf, "%s\n%s    { \"calls\": ", i ? "," : "",
			   indent);
		output_quote(buf, change->calls);
		buf_printf(buf, ", \"before\": \"%s\", \"after\": \"%s\"",
			   before, after);
		if (change->when) {
			buf_printf(buf, ", \"when\": ");
			output_quote(buf, change->when);
		}
		buf_printf(buf, " }");
	}
	buf_printf(buf, "] }");
}

void
explain_json_edits(struct buf *buf, const struct explanation *e,
		   const struct explained *one, const char *indent)
{
	const char *inner = arena_printf(buf->arena, "%s  ", indent);
	size_t n = 0;

	buf_printf(buf, "%s\"edits\": [", indent);
	for (size_t i = 0; i < one->edits.n; i++) {
		if (one->edits.v[i].problem)
			continue;
		buf_printf(buf, "%s\n", n++ ? "," : "");
		json_edit(buf, e, &one->edits.v[i], inner);
	}
	buf_printf(buf, "]");
	for (size_t i = 0; i < one->edits.n; i++)
		if (one->edits.v[i].problem) {
			buf_printf(buf, ", \"problem\": ");
			output_quote(buf, one->edits.v[i].problem);
		}
}
