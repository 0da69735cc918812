#include "report.h"

#include <string.h>

void
source_find(struct source_lines *lines, struct arena *arena,
	    const struct source *source)
{
	size_t at = 0;

	*lines = (struct source_lines){ .source = source };
	while (at < source->len) {
		const char *end =
			memchr(source->text + at, '\n', source->len - at);

		if (lines->starts.n == REPORT_LINES || at >= REPORT_SOURCE) {
			lines->cut = true;
			break;
		}
		*vec_push(arena, &lines->starts) = at;
		at = end ? (size_t)(end - source->text) + 1 : source->len;
	}
}

size_t
source_line(const struct source_lines *lines, size_t offset)
{
	size_t from = 0, to = lines->starts.n;
	size_t last = to ? lines->starts.v[to - 1] : 0;

	if (offset == SIZE_MAX || !to)
		return 0;
	if (lines->cut && offset >= last &&
	    memchr(lines->source->text + last, '\n', offset - last))
		return 0;
	while (to - from > 1) {
		size_t middle = from + (to - from) / 2;

		if (lines->starts.v[middle] <= offset)
			from = middle;
		else
			to = middle;
	}
	return from + 1;
}

void
source_link(struct buf *buf, const struct source_lines *lines, size_t id,
	    size_t offset)
{
	size_t line = source_line(lines, offset);

	if (line)
		buf_printf(buf, "<a href=\"#p%zu-l%zu\">line %zu</a>", id, line,
			   line);
}

static void
write_line(struct buf *buf, const struct source_lines *lines, size_t id,
	   size_t i)
{
	const struct source *source = lines->source;
	size_t start = lines->starts.v[i];
	const char *text = source->text + start;
	const char *end = memchr(text, '\n', source->len - start);
	size_t len = end ? (size_t)(end - text) : source->len - start;
	size_t shown = len;

	if (len > 0 && text[len - 1] == '\r')
		shown = --len;
	if (len > REPORT_LINE)
		for (shown = REPORT_LINE;
		     shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80;)
			shown--;
	buf_printf(buf, "<span id=\"p%zu-l%zu\"><i>%zu</i>", id, i + 1, i + 1);
	html_source(buf, text, shown);
	if (shown < len)
		buf_printf(buf, " <em>… %zu more bytes</em>", len - shown);
}

/* Links to the findings of a line; *next is the first that may have one. */
static void
write_findings(struct buf *buf, const struct source_lines *lines,
	       const struct diags *diags, const struct diag **list,
	       size_t *next, size_t id, size_t line)
{
	for (; *next < diags->list.n; ++*next) {
		const struct diag *diag = list[*next];
		size_t at = source_line(lines, diag->offset);

		if (at > line)
			return;
		if (at == line)
			buf_printf(buf,
				   " <a class=\"to\" href=\"#p%zu-f%zu\">%s"
				   "</a>",
				   id, *next + 1,
				   severity_name(diag->severity));
	}
}

void
source_write(struct buf *buf, const struct source_lines *lines,
	     const struct diags *diags, size_t id)
{
	const struct diag **list = diags_sorted(diags);
	size_t next = 0;

	buf_printf(buf,
		   "<section aria-labelledby=\"p%zu-source\">\n"
		   "<h3 id=\"p%zu-source\">Source</h3>\n<details%s>\n"
		   "<summary>The text of the profile, %zu bytes</summary>\n"
		   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		   "aria-label=\"Text of the profile\"><pre class=\"source\">",
		   id, id, lines->starts.n <= 400 ? " open" : "",
		   lines->source->len);
	for (size_t i = 0; i < lines->starts.n; i++) {
		write_line(buf, lines, id, i);
		write_findings(buf, lines, diags, list, &next, id, i + 1);
		buf_printf(buf, "</span>\n");
	}
	buf_printf(buf, "</pre></div>\n");
	if (lines->cut)
		buf_printf(buf, "<p>Only the first %zu lines are shown.</p>\n",
			   lines->starts.n);
	buf_printf(buf, "</details>\n</section>\n");
}
