/*
 * Annotations, one a line, as GitHub's runner reads them from the output of
 * a step: ::error file=...,line=...::message (actions/runner,
 * src/Runner.Common/ActionCommand.cs).
 */
#include "findings-parts.h"

#include <string.h>

/* Of values of properties the separators are escaped as well. */
static void
escape(struct buf *buf, const char *s, bool property)
{
	for (; *s; s++) {
		if (strchr(property ? "%\r\n:," : "%\r\n", *s))
			buf_printf(buf, "%%%02X", (unsigned char)*s);
		else
			buf_append(buf, s, 1);
	}
}

static void
write_finding(struct buf *buf, const struct finding *f)
{
	static const char *const commands[] = {
		[SEVERITY_NOTE] = "notice",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};
	const struct diag_region *region = &f->region;
	struct buf path = { .arena = buf->arena };
	struct buf text = { .arena = buf->arena };

	/* No control characters: a log is read on terminals, too. */
	diag_write_safe(&path, f->path);
	buf_printf(buf, "::%s file=", commands[f->diag->severity]);
	escape(buf, path.data, true);
	/* The last column of an annotation is a part of it. */
	buf_printf(buf, ",line=%zu,endLine=%zu,col=%zu,endColumn=%zu",
		   region->line, region->line, region->column,
		   region->end_column > region->column ? region->end_column - 1
						       : region->column);
	buf_printf(buf, ",title=%s (seccompc)::", diag_table[f->diag->id].name);
	if (f->diag->pointer && *f->diag->pointer) {
		diag_write_safe(&text, f->diag->pointer);
		buf_printf(&text, ": ");
	}
	buf_printf(&text, "%s", f->message);
	if (f->hint)
		buf_printf(&text, "\nhint: %s", f->hint);
	escape(buf, text.data, false);
	buf_append(buf, "\n", 1);
}

void
findings_write_github(struct buf *buf, const struct findings *findings)
{
	struct finding_list list = { 0 };

	findings_collect(&list, buf->arena, findings);
	for (size_t i = 0; i < list.list.n; i++)
		write_finding(buf, &list.list.v[i]);
}
