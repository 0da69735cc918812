#include "test-report.h"

#include <string.h>

#include "utf8.h"

struct test_counts
test_count(const struct test_report *r, size_t first, size_t count)
{
	struct test_counts c = { .all = count };

	for (size_t i = first; i < first + count; i++) {
		c.failed += r->results[i].answer == EXPECT_FAILS ||
			    r->results[i].answer == EXPECT_EMPTY;
		c.skipped += r->results[i].answer == EXPECT_SKIPPED;
	}
	return c;
}

/* Lines that say what is wrong, each with something before it. */
static void
write_failures(struct buf *buf, const struct test_report *r, size_t i,
	       const char *before)
{
	const struct expect_result *result = &r->results[i];
	char action[32];

	if (result->answer == EXPECT_EMPTY)
		buf_printf(buf, "%sit is about no call at all\n", before);
	for (size_t j = 0; j < result->count; j++) {
		const struct expect_failure *f = &result->failures[j];

		action_print(action, f->actual);
		buf_printf(buf, "%s", before);
		call_write(buf, &f->call, f->words);
		buf_printf(buf, " gets %s", action);
		if (!r->input->is_program)
			call_write_rule(buf, &r->input->c, &f->call,
					f->actual);
		buf_append(buf, "\n", 1);
	}
}

static void
write_place(struct buf *buf, const struct expectation *e)
{
	diag_write_safe(buf, e->file);
	buf_printf(buf, ":%u: ", e->line);
	diag_write_safe(buf, e->text);
}

static void
write_text(struct buf *buf, const struct test_report *r)
{
	struct test_counts c = test_count(r, 0, r->list->list.n);

	for (size_t i = 0; i < r->list->list.n; i++) {
		enum expect_answer answer = r->results[i].answer;

		if (answer != EXPECT_FAILS && answer != EXPECT_EMPTY)
			continue;
		write_place(buf, &r->list->list.v[i]);
		buf_append(buf, "\n", 1);
		write_failures(buf, r, i, "  ");
	}
	diag_write_safe(buf, r->input->name);
	buf_printf(buf, ": %zu expectation%s, %zu failed", c.all,
		   c.all == 1 ? "" : "s", c.failed);
	if (c.skipped)
		buf_printf(buf, ", %zu skipped: no ABI of the filter has them",
			   c.skipped);
	buf_append(buf, "\n", 1);
}

/* A # in a description begins a directive, but after a backslash. */
static void
write_tap_text(struct buf *buf, const struct expectation *e)
{
	struct buf text = { .arena = buf->arena };

	write_place(&text, e);
	for (const char *s = text.data; *s; s++) {
		if (*s == '#' || *s == '\\')
			buf_append(buf, "\\", 1);
		buf_append(buf, s, 1);
	}
}

static void
write_tap(struct buf *buf, const struct test_report *r)
{
	buf_printf(buf, "TAP version 13\n1..%zu\n", r->list->list.n);
	for (size_t i = 0; i < r->list->list.n; i++) {
		enum expect_answer answer = r->results[i].answer;
		bool ok = answer == EXPECT_HOLDS || answer == EXPECT_SKIPPED;

		buf_printf(buf, "%s %zu - ", ok ? "ok" : "not ok", i + 1);
		write_tap_text(buf, &r->list->list.v[i]);
		if (answer == EXPECT_SKIPPED)
			buf_printf(buf, " # SKIP no ABI of the filter has it");
		buf_append(buf, "\n", 1);
		write_failures(buf, r, i, "# ");
	}
}

/* Characters that XML 1.0 can have, safe for terminals too. */
static void
write_xml(struct buf *buf, const char *s)
{
	struct buf text = { .arena = buf->arena };
	size_t left, size;
	uint32_t c;

	diag_write_safe(&text, s);
	left = text.len;
	for (s = text.data; left > 0; s += size, left -= size) {
		size = utf8_decode(s, left, &c);
		if (!size) {
			size = 1;
			c = 0xfffd;
		}
		if (c == '&')
			buf_printf(buf, "&amp;");
		else if (c == '<')
			buf_printf(buf, "&lt;");
		else if (c == '>')
			buf_printf(buf, "&gt;");
		else if (c == '"')
			buf_printf(buf, "&quot;");
		else if (c >= ' ' && c < 0x7f)
			buf_append(buf, s, 1);
		else
			buf_printf(buf, "&#x%x;",
				   c < ' ' || (c & 0xfffe) == 0xfffe ||
						   c == 0xfffd
					   ? 0xfffd
					   : c);
	}
}

static void
write_case(struct buf *buf, const struct test_report *r, size_t i)
{
	const struct expectation *e = &r->list->list.v[i];
	struct buf why = { .arena = buf->arena };

	buf_printf(buf, "    <testcase classname=\"");
	write_xml(buf, r->input->name);
	buf_printf(buf, "\" name=\"%u: ", e->line);
	write_xml(buf, e->text);
	buf_printf(buf, "\" file=\"");
	write_xml(buf, e->file);
	buf_printf(buf, "\" line=\"%u\"", e->line);
	write_failures(&why, r, i, "");
	if (why.len) {
		/* The last line ends as an attribute ends. */
		why.data[why.len - 1] = '\0';
		for (char *s = why.data; (s = strchr(s, '\n')); s++)
			*s = ';';
		buf_printf(buf, ">\n      <failure message=\"");
		write_xml(buf, why.data);
		buf_printf(buf, "\"/>\n    </testcase>\n");
	} else if (r->results[i].answer == EXPECT_SKIPPED) {
		buf_printf(buf, ">\n      <skipped message=\"no ABI of the "
				"filter has it\"/>\n    </testcase>\n");
	} else {
		buf_printf(buf, "/>\n");
	}
}

static void
write_counts(struct buf *buf, struct test_counts c)
{
	buf_printf(buf,
		   "tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
		   "skipped=\"%zu\">\n",
		   c.all, c.failed, c.skipped);
}

static void
write_junit(struct buf *buf, const struct test_report *r)
{
	size_t n = r->list->list.n, end;

	buf_printf(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<testsuites name=\"seccompc\" ");
	write_counts(buf, test_count(r, 0, n));
	for (size_t i = 0; i < n; i = end) {
		const char *file = r->list->list.v[i].file;

		end = i;
		while (end < n && r->list->list.v[end].file == file)
			end++;
		buf_printf(buf, "  <testsuite name=\"");
		write_xml(buf, file);
		buf_printf(buf, "\" ");
		write_counts(buf, test_count(r, i, end - i));
		for (size_t j = i; j < end; j++)
			write_case(buf, r, j);
		buf_printf(buf, "  </testsuite>\n");
	}
	buf_printf(buf, "</testsuites>\n");
}

void
test_write(struct buf *buf, enum test_format format,
	   const struct test_report *report)
{
	switch (format) {
	case TEST_TEXT:
		write_text(buf, report);
		break;
	case TEST_TAP:
		write_tap(buf, report);
		break;
	case TEST_JUNIT:
		write_junit(buf, report);
		break;
	}
}
