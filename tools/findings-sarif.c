/*
 * SARIF 2.1.0 (OASIS Standard, 27 March 2020), as much of it as code scanning
 * of GitHub and viewers in editors read.  Numbers in comments are sections.
 */
#include "findings-parts.h"

#include <string.h>

#include "utf8.h"

enum { SNIPPET = 400 }; /* bytes of a profile that are quoted at most */

/*
 * A plain text message: braces are doubled (3.11.5).  A bracket of a profile's
 * must not begin a link (3.11.6), so "](" is parted.
 */
static void
append_message(struct buf *buf, const char *s)
{
	for (; *s; s++) {
		if (*s == '{' || *s == '}')
			buf_append(buf, s, 1);
		buf_append(buf, s, 1);
		if (*s == ']' && s[1] == '(')
			buf_append(buf, " ", 1);
	}
}

static void
write_message(struct buf *buf, const char *text, const char *hint)
{
	struct buf message = { .arena = buf->arena };

	append_message(&message, text);
	if (hint) {
		buf_printf(&message, "\nHint: ");
		append_message(&message, hint);
	}
	buf_printf(buf, "{ \"text\": ");
	findings_quote(buf, message.data, message.len);
	buf_printf(buf, " }");
}

static void
write_document(struct buf *buf, const char *name)
{
	struct buf uri = { .arena = buf->arena };

	findings_document(&uri, name);
	findings_quote(buf, uri.data, uri.len);
}

/* The name of a rule as viewers like it: UnknownName. */
static void
write_pascal(struct buf *buf, const char *name)
{
	buf_printf(buf, "              \"name\": \"");
	for (bool first = true; *name; name++) {
		char c = (char)(first && *name >= 'a' && *name <= 'z'
					? *name - 'a' + 'A'
					: *name);

		first = *name == '-';
		if (!first)
			buf_append(buf, &c, 1);
	}
	buf_printf(buf, "\",\n");
}

/* What the documents say about a diagnostic. */
static const char *
find_section(const struct diag_info *info)
{
	const struct findings_section *s = findings_sections;

	while (s->name && strcmp(s->name, info->name))
		s++;
	return s->name ? s->text : info->help;
}

/* A description is to be short: GitHub takes 1024 characters. */
static const char *
first_paragraph(struct arena *arena, const char *text)
{
	const char *end = strstr(text, "\n\n");

	return end ? arena_strndup(arena, text, (size_t)(end - text)) : text;
}

/* reportingDescriptor, 3.49 */
static void
write_rule(struct buf *buf, enum diag_id id)
{
	const struct diag_info *info = &diag_table[id];
	const char *level = severity_name(info->severity);
	const char *text = find_section(info);
	struct buf uri = { .arena = buf->arena };

	findings_help(&uri, id);
	buf_printf(buf, "            {\n              \"id\": \"%s\",\n",
		   info->name);
	/* A name that is the id again says nothing. */
	if (strchr(info->name, '-'))
		write_pascal(buf, info->name);
	buf_printf(buf, "              \"shortDescription\": ");
	write_message(buf, info->help, NULL);
	buf_printf(buf, ",\n              \"fullDescription\": ");
	write_message(buf, first_paragraph(buf->arena, text), NULL);
	buf_printf(buf, ",\n              \"help\": ");
	write_message(
		buf,
		arena_printf(buf->arena, "%s\n\nExamples: %s", text, uri.data),
		NULL);
	buf_printf(buf, ",\n              \"helpUri\": ");
	findings_quote(buf, uri.data, uri.len);
	buf_printf(buf,
		   ",\n              \"defaultConfiguration\": "
		   "{ \"level\": \"%s\" },\n"
		   "              \"properties\": "
		   "{ \"problem.severity\": \"%s\" }\n            }",
		   level,
		   info->severity == SEVERITY_NOTE ? "recommendation" : level);
}

static void
write_driver(struct buf *buf)
{
	buf_printf(buf, "      \"tool\": {\n        \"driver\": {\n"
			"          \"name\": \"seccompc\",\n"
			"          \"version\": \"" SECCOMPC_VERSION "\",\n"
			"          \"informationUri\": ");
	write_document(buf, "README.md");
	buf_printf(buf, ",\n          \"rules\": [\n");
	for (size_t i = 0; i < DIAG_COUNT; i++) {
		buf_printf(buf, i ? ",\n" : "");
		write_rule(buf, (enum diag_id)i);
	}
	buf_printf(buf, "\n          ]\n        }\n      },\n");
}

static bool
is_utf8(const char *s, size_t len)
{
	uint32_t c;

	for (size_t size; len; s += size, len -= size) {
		size = utf8_decode(s, len, &c);
		if (!size)
			return false;
	}
	return true;
}

/* artifactContent, 3.3: exactly what is there, or nothing. */
static void
write_snippet(struct buf *buf, const struct source *source, size_t start,
	      size_t end)
{
	if (end <= start || end - start > SNIPPET ||
	    !is_utf8(source->text + start, end - start))
		return;
	buf_printf(buf, ", \"snippet\": { \"text\": ");
	findings_quote(buf, source->text + start, end - start);
	buf_printf(buf, " }");
}

/* physicalLocation, 3.29 */
static void
write_location(struct buf *buf, const struct finding *f)
{
	const struct source *source = f->file->source;
	const struct diag_region *region = &f->region;
	struct buf uri = { .arena = buf->arena };

	findings_uri(&uri, f->path);
	buf_printf(buf, "            {\n              \"physicalLocation\": {\n"
			"                \"artifactLocation\": { \"uri\": ");
	findings_quote(buf, uri.data, uri.len);
	buf_printf(buf,
		   " },\n                \"region\": { \"startLine\": %zu,"
		   " \"startColumn\": %zu, \"endColumn\": %zu",
		   region->line, region->column, region->end_column);
	if (f->placed)
		write_snippet(buf, source, region->start, region->end);
	buf_printf(buf, " }");
	/* 3.29.5: more than the region. */
	if (f->placed && region->line_end - region->line_start >
				 region->end - region->start) {
		buf_printf(buf,
			   ",\n                \"contextRegion\": "
			   "{ \"startLine\": %zu",
			   region->line);
		write_snippet(buf, source, region->line_start,
			      region->line_end);
		buf_printf(buf, " }");
	}
	buf_printf(buf, "\n              }");
	if (f->diag->pointer && *f->diag->pointer) {
		buf_printf(buf, ",\n              \"logicalLocations\": "
				"[{ \"fullyQualifiedName\": ");
		findings_string(buf, f->diag->pointer);
		buf_printf(buf, " }]");
	}
	buf_printf(buf, "\n            }");
}

/* result, 3.27 */
static void
write_result(struct buf *buf, const struct finding *f)
{
	buf_printf(buf,
		   "        {\n          \"ruleId\": \"%s\",\n"
		   "          \"ruleIndex\": %u,\n"
		   "          \"level\": \"%s\",\n"
		   "          \"message\": ",
		   diag_table[f->diag->id].name, (unsigned)f->diag->id,
		   severity_name(f->diag->severity));
	write_message(buf, f->message, f->hint);
	buf_printf(buf, ",\n          \"locations\": [\n");
	write_location(buf, f);
	/* The first is the one that GitHub reads; the other has a version, as
	 * 3.27.17 wants. */
	buf_printf(buf,
		   "\n          ],\n          \"partialFingerprints\": {\n"
		   "            \"primaryLocationLineHash\": "
		   "\"%.16s:%u\",\n"
		   "            \"finding/v1\": \"%s:%u\"\n"
		   "          }\n        }",
		   f->fingerprint, f->number, f->fingerprint, f->number);
}

void
findings_write_sarif(struct buf *buf, const struct findings *findings)
{
	struct finding_list list = { 0 };

	findings_collect(&list, buf->arena, findings);
	buf_printf(buf, "{\n  \"$schema\": \"https://json.schemastore.org/"
			"sarif-2.1.0.json\",\n  \"version\": \"2.1.0\",\n"
			"  \"runs\": [\n    {\n");
	write_driver(buf);
	/* 3.20.14: whether all that was to be looked at was. */
	buf_printf(buf,
		   "      \"columnKind\": \"unicodeCodePoints\",\n"
		   "      \"invocations\": [\n        { "
		   "\"executionSuccessful\": %s, \"exitCode\": %d }\n"
		   "      ],\n      \"results\": [",
		   !findings->incomplete && findings->status <= 1 ? "true"
								  : "false",
		   findings->status);
	for (size_t i = 0; i < list.list.n; i++) {
		buf_printf(buf, i ? ",\n" : "\n");
		write_result(buf, &list.list.v[i]);
	}
	buf_printf(buf, "%s]\n    }\n  ]\n}\n", list.list.n ? "\n      " : "");
}
