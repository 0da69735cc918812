#include "report.h"

#include <string.h>

/* The source line and the caret of a diagnostic's text. */
static void
write_excerpt(struct buf *buf, const struct source *source,
	      const struct diag *diag)
{
	struct buf text = { .arena = buf->arena };
	const char *start, *middle, *end;

	if (diag->offset == SIZE_MAX)
		return;
	diag_write(&text, source, diag, false);
	/* The message is one line, and two follow. */
	start = strchr(text.data, '\n') + 1;
	middle = strchr(start, '\n');
	end = strchr(middle + 1, '\n');
	buf_printf(buf, "<pre>");
	html_source(buf, start, (size_t)(middle - start));
	buf_printf(buf, "\n");
	html_source(buf, middle + 1, (size_t)(end - middle - 1));
	buf_printf(buf, "</pre>\n");
}

static void
write_finding(struct buf *buf, const struct compilation *c,
	      const struct source_lines *lines, size_t id,
	      const struct diag *diag, size_t number)
{
	buf_printf(buf,
		   "<li id=\"p%zu-f%zu\" class=\"finding\"><p>"
		   "<b class=\"s %s\">%s</b> ",
		   id, number, severity_name(diag->severity),
		   severity_name(diag->severity));
	html_text(buf, diag->message);
	buf_printf(buf, "</p>\n<p class=\"at\">");
	source_link(buf, lines, id, diag->offset);
	if (diag->pointer && *diag->pointer) {
		buf_printf(buf, " <code>");
		html_short(buf, diag->pointer, REPORT_NAME);
		buf_printf(buf, "</code>");
	}
	buf_printf(buf, " <span class=\"name\">%s</span></p>\n",
		   diag_table[diag->id].name);
	write_excerpt(buf, &c->source, diag);
	if (diag->hint) {
		buf_printf(buf, "<p class=\"hint\">Hint: ");
		html_text(buf, diag->hint);
		buf_printf(buf, "</p>\n");
	}
	buf_printf(buf, "</li>\n");
}

void
finding_write(struct buf *buf, const struct compilation *c,
	      const struct source_lines *lines, size_t id)
{
	const struct diag **list = diags_sorted(&c->diags);
	size_t total = 0;

	buf_printf(buf,
		   "<section aria-labelledby=\"p%zu-findings\">\n"
		   "<h3 id=\"p%zu-findings\">Findings</h3>\n",
		   id, id);
	if (!c->diags.list.n)
		buf_printf(buf, "<p>Nothing was found.</p>\n");
	else
		buf_printf(buf, "<ol class=\"findings\">\n");
	for (size_t i = 0; i < c->diags.list.n; i++)
		write_finding(buf, c, lines, id, list[i], i + 1);
	if (c->diags.list.n)
		buf_printf(buf, "</ol>\n");
	for (size_t i = SEVERITY_NOTE; i <= SEVERITY_ERROR; i++)
		total += c->diags.count[i];
	if (total > c->diags.list.n)
		buf_printf(buf, "<p>%zu more are not shown.</p>\n",
			   total - c->diags.list.n);
	buf_printf(buf, "</section>\n");
}
