#include "findings-parts.h"
#include "clean.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ascii.h"

enum { WIDTH = 79 }; /* of the lines of a summary */

static const char *const names[FINDINGS_FORMATS] = {
	[FINDINGS_TEXT] = "text",
	[FINDINGS_JSON] = "json",
	[FINDINGS_SARIF] = "sarif",
	[FINDINGS_GITHUB] = "github",
};

enum findings_format
findings_find(const char *name)
{
	size_t i = 0;

	while (i < FINDINGS_FORMATS && strcmp(name, names[i]))
		i++;
	return (enum findings_format)i;
}

size_t
findings_count(const struct findings *findings, enum severity severity)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->count; i++)
		n += findings->files[i].diags->count[severity];
	return n;
}

size_t
findings_omitted(const struct findings_file *file)
{
	const struct diags *diags = file->diags;
	size_t all = 0;

	for (size_t i = SEVERITY_NOTE; i <= SEVERITY_ERROR; i++)
		all += diags->count[i];
	return all - diags->list.n;
}

static const char *
clean(struct arena *arena, const char *s)
{
	struct buf buf = { .arena = arena };

	diag_write_safe(&buf, s);
	return buf.data ? buf.data : "";
}

static void
collect_file(struct finding_list *out, struct arena *arena,
	     const struct findings_file *file, const char *path)
{
	const struct diag **sorted = diags_sorted(file->diags);
	size_t first = out->list.n;

	for (size_t i = 0; i < file->diags->list.n; i++) {
		const struct diag *diag = sorted[i];
		struct finding f = {
			.file = file,
			.diag = diag,
			.path = path,
			.message = clean(arena, diag->message),
			.hint = diag->hint ? clean(arena, diag->hint) : NULL,
			.region = { .line = 1, .column = 1, .end_column = 1 },
			.number = 1,
		};

		f.placed = diag_region(file->source, diag, &f.region);
		findings_fingerprint(&f);
		for (size_t j = first; j < out->list.n; j++)
			f.number += !strcmp(out->list.v[j].fingerprint,
					    f.fingerprint);
		*vec_push(arena, &out->list) = f;
	}
}

void
findings_collect(struct finding_list *out, struct arena *arena,
		 const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct findings_file *file = &findings->files[i];

		collect_file(
			out, arena, file,
			findings_path(arena, findings, file->source->name));
	}
}

/*
 * Appends text that is printed where a CI system may read along: of GitHub's
 * runner "::" at the start of a line is a command, and "##[" anywhere.
 */
static void
append_inert(struct buf *buf, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_append(buf,
			   i && s[i] == '#' && s[i - 1] == '#' ? "?" : &s[i],
			   1);
}

void
findings_write_file(struct buf *buf, const struct findings_file *file,
		    bool colour)
{
	struct buf text = { .arena = buf->arena };
	struct source source = *file->source;
	const struct diag **sorted = diags_sorted(file->diags);
	char first = *source.name;

	/* No name starts a line with what could be taken for a command. */
	if (!first || (!ascii_is_alnum(first) && !strchr("./<-_", first)))
		source.name = arena_printf(buf->arena, "./%s", source.name);
	for (size_t i = 0; i < file->diags->list.n; i++)
		diag_write(&text, &source, sorted[i], colour);
	if (text.len)
		append_inert(buf, text.data, text.len);
}

/* Appends how many findings have which name, the frequent ones first. */
static void
write_names(struct buf *buf, const struct findings *findings)
{
	size_t count[DIAG_COUNT] = { 0 }, column = WIDTH;
	struct buf word = { .arena = buf->arena };

	for (size_t i = 0; i < findings->count; i++) {
		const struct diags *diags = findings->files[i].diags;

		for (size_t j = 0; j < diags->list.n; j++)
			count[diags->list.v[j].id]++;
	}
	for (;;) {
		size_t most = 0;

		for (size_t i = 0; i < DIAG_COUNT; i++)
			if (count[i] > count[most])
				most = i;
		if (!count[most])
			break;
		word.len = 0;
		buf_printf(&word, "%s %zu", diag_table[most].name, count[most]);
		count[most] = 0;
		if (column + 2 + word.len > WIDTH) {
			buf_printf(buf, "\n  %s", word.data);
			column = 2 + word.len;
		} else {
			buf_printf(buf, ", %s", word.data);
			column += 2 + word.len;
		}
	}
	buf_append(buf, "\n", 1);
}

static void
write_summary(struct buf *buf, const struct findings *findings)
{
	size_t excepted = 0, omitted = 0, all = 0;

	buf_printf(buf, "%zu file%s:", findings->count,
		   findings->count == 1 ? "" : "s");
	for (size_t i = SEVERITY_ERROR; i >= SEVERITY_NOTE; i--) {
		size_t n = findings_count(findings, (enum severity)i);

		if (n)
			buf_printf(buf, "%s %zu %s%s", all ? "," : "", n,
				   severity_name((enum severity)i),
				   n == 1 ? "" : "s");
		all += n;
	}
	for (size_t i = 0; i < findings->count; i++) {
		excepted += findings->files[i].excepted;
		omitted += findings_omitted(&findings->files[i]);
	}
	if (!all)
		buf_printf(buf, findings->count ? " nothing found"
						: " nothing checked");
	if (omitted)
		buf_printf(buf, ", %zu of them not shown", omitted);
	if (excepted)
		buf_printf(buf, ", %zu excepted", excepted);
	if (findings->incomplete && findings->count)
		buf_printf(buf, "; not all could be checked");
	write_names(buf, findings);
}

/* What is silent because somebody said so must not go unseen. */
static void
write_settings(struct buf *buf, const struct findings *findings)
{
	for (size_t i = 0; i < findings->settings_count; i++) {
		const char *name = findings->settings[i];
		char *shown = arena_strndup(buf->arena, name, strlen(name));

		text_clean(shown);
		buf_printf(buf, "  settings: %s\n", shown);
	}
}

static void
write_text(struct buf *buf, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		findings_write_file(buf, &findings->files[i], findings->colour);
	write_summary(buf, findings);
	write_settings(buf, findings);
}

void
findings_find_root(struct findings *findings, struct arena *arena)
{
	const char *workspace = getenv("GITHUB_WORKSPACE");
	char folder[PATH_MAX], checkout[PATH_MAX];
	size_t len;

	if (!getcwd(folder, sizeof(folder)) || *folder != '/')
		return;
	findings->folder = arena_strndup(arena, folder, strlen(folder));
	findings->root = findings->folder;
	if (!workspace || *workspace != '/' || !realpath(workspace, checkout))
		return;
	len = strlen(checkout);
	if (len > 1 && !strncmp(folder, checkout, len) &&
	    (!folder[len] || folder[len] == '/'))
		findings->root = arena_strndup(arena, checkout, len);
}

void
findings_write(struct buf *buf, enum findings_format format,
	       const struct findings *findings)
{
	static void (*const writers[FINDINGS_FORMATS])(
		struct buf * buf, const struct findings *findings) = {
		[FINDINGS_TEXT] = write_text,
		[FINDINGS_JSON] = findings_write_json,
		[FINDINGS_SARIF] = findings_write_sarif,
		[FINDINGS_GITHUB] = findings_write_github,
	};

	writers[format](buf, findings);
}
