#include "findings-parts.h"

#include <string.h>

#include "utf8.h"

void
findings_quote(struct buf *buf, const char *s, size_t len)
{
	const char *end = s + len;
	uint32_t c = 0, before;

	buf_append(buf, "\"", 1);
	for (size_t size; s < end; s += size) {
		before = c;
		size = utf8_decode(s, (size_t)(end - s), &c);
		if (!size) {
			c = 0xfffd;
			size = 1;
		}
		if (c == '"' || c == '\\')
			buf_printf(buf, "\\%c", (char)c);
		else if (c == '\n')
			buf_append(buf, "\\n", 2);
		else if (c == '#' && before == '#')
			/* A CI system may take "##[" for a command. */
			buf_append(buf, "\\u0023", 6);
		else if (c >= 0x20 && c < 0x7f)
			buf_append(buf, s, 1);
		else if (c < 0x10000)
			buf_printf(buf, "\\u%04x", c);
		else
			buf_printf(buf, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
				   0xdc00 + (c & 0x3ff));
	}
	buf_append(buf, "\"", 1);
}

void
findings_string(struct buf *buf, const char *s)
{
	findings_quote(buf, s, strlen(s));
}

/* Appends a member whose value is made by make(part). */
static void
write_uri(struct buf *buf, const char *path)
{
	struct buf uri = { .arena = buf->arena };

	findings_uri(&uri, path);
	findings_quote(buf, uri.data, uri.len);
}

static void
write_name(struct buf *buf, const char *name)
{
	struct buf safe = { .arena = buf->arena };

	diag_write_safe(&safe, name);
	findings_quote(buf, safe.data, safe.len);
}

static void
write_finding(struct buf *buf, const struct finding *f)
{
	const struct diag *diag = f->diag;
	struct buf help = { .arena = buf->arena };

	findings_help(&help, diag->id);
	buf_printf(buf,
		   "    {\n      \"name\": \"%s\",\n"
		   "      \"severity\": \"%s\",\n      \"file\": ",
		   diag_table[diag->id].name, severity_name(diag->severity));
	write_name(buf, f->file->source->name);
	buf_printf(buf, ",\n      \"uri\": ");
	write_uri(buf, f->path);
	buf_printf(buf,
		   ",\n      \"line\": %zu,\n      \"column\": %zu,\n"
		   "      \"endColumn\": %zu,\n      \"offset\": %zu,\n"
		   "      \"endOffset\": %zu,\n      \"pointer\": ",
		   f->region.line, f->region.column, f->region.end_column,
		   f->region.start, f->region.end);
	if (diag->pointer)
		findings_string(buf, diag->pointer);
	else
		buf_printf(buf, "null");
	buf_printf(buf, ",\n      \"message\": ");
	findings_string(buf, f->message);
	buf_printf(buf, ",\n      \"hint\": ");
	if (f->hint)
		findings_string(buf, f->hint);
	else
		buf_printf(buf, "null");
	buf_printf(buf, ",\n      \"help\": ");
	findings_quote(buf, help.data, help.len);
	buf_printf(buf, ",\n      \"fingerprint\": \"%s:%u\"\n    }",
		   f->fingerprint, f->number);
}

static void
write_counts(struct buf *buf, const size_t count[], const char *indent)
{
	buf_printf(buf,
		   "%s\"errors\": %zu,\n%s\"warnings\": %zu,\n"
		   "%s\"notes\": %zu",
		   indent, count[SEVERITY_ERROR], indent,
		   count[SEVERITY_WARNING], indent, count[SEVERITY_NOTE]);
}

static void
write_file(struct buf *buf, const struct findings *findings,
	   const struct findings_file *file)
{
	const char *name = file->source->name;

	buf_printf(buf, "    {\n      \"file\": ");
	write_name(buf, name);
	buf_printf(buf, ",\n      \"uri\": ");
	write_uri(buf, findings_path(buf->arena, findings, name));
	buf_printf(buf, ",\n");
	write_counts(buf, file->diags->count, "      ");
	buf_printf(buf,
		   ",\n      \"excepted\": %zu,\n"
		   "      \"omitted\": %zu\n    }",
		   file->excepted, findings_omitted(file));
}

void
findings_write_json(struct buf *buf, const struct findings *findings)
{
	struct finding_list list = { 0 };
	size_t count[SEVERITY_ERROR + 1];

	findings_collect(&list, buf->arena, findings);
	for (size_t i = 0; i <= SEVERITY_ERROR; i++)
		count[i] = findings_count(findings, (enum severity)i);
	buf_printf(buf,
		   "{\n  \"version\": 1,\n"
		   "  \"tool\": \"seccompc " SECCOMPC_VERSION "\",\n"
		   "  \"threshold\": \"%s\",\n  \"status\": %d,\n"
		   "  \"complete\": %s,\n",
		   severity_name(findings->threshold), findings->status,
		   findings->incomplete ? "false" : "true");
	write_counts(buf, count, "  ");
	buf_printf(buf, ",\n  \"files\": [");
	for (size_t i = 0; i < findings->count; i++) {
		buf_printf(buf, i ? ",\n" : "\n");
		write_file(buf, findings, &findings->files[i]);
	}
	buf_printf(buf, "%s],\n  \"findings\": [",
		   findings->count ? "\n  " : "");
	for (size_t i = 0; i < list.list.n; i++) {
		buf_printf(buf, i ? ",\n" : "\n");
		write_finding(buf, &list.list.v[i]);
	}
	buf_printf(buf, "%s]\n}\n", list.list.n ? "\n  " : "");
}
