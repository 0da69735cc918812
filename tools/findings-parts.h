/* What the forms of findings have in common. */
#ifndef SECCOMPC_FINDINGS_PARTS_H
#define SECCOMPC_FINDINGS_PARTS_H

#include "digest.h"
#include "findings.h"

/* A finding with all that programs are told of it. */
struct finding {
	const struct findings_file *file;
	const struct diag *diag;
	const char *path;    /* findings_path() of the file */
	const char *message; /* safe for terminals, as is hint */
	const char *hint;    /* or NULL */
	bool placed;	     /* else region is the start of line 1, empty */
	struct diag_region region;
	/*
	 * The same wherever the lines of the finding are moved to; number
	 * tells those apart that are otherwise alike, from 1 on.
	 */
	char fingerprint[DIGEST_SIZE];
	unsigned number;
};

struct finding_list {
	VEC(struct finding) list;
};

/* Of all files, in order. */
void findings_collect(struct finding_list *out, struct arena *arena,
		      const struct findings *findings);

/* How many findings of a severity there are, also those that were not kept. */
size_t findings_count(const struct findings *findings, enum severity severity);

/* How many of a file's findings were not kept. */
size_t findings_omitted(const struct findings_file *file);

/* findings-path.c */

/*
 * A file's path from findings->root if it is in there, without . and .. and
 * with single slashes; otherwise absolute.  Without folder as far as the
 * name alone tells.
 */
const char *findings_path(struct arena *arena, const struct findings *findings,
			  const char *name);

/* Appends a path as a URI (RFC 3986): relative, or with the scheme file. */
void findings_uri(struct buf *buf, const char *path);

/* Appends the URI of one of the documents, such as "README.md". */
void findings_document(struct buf *buf, const char *name);

/* Appends that of the section about a diagnostic. */
void findings_help(struct buf *buf, enum diag_id id);

/* Made of docs/diagnostics.md: the text of a section; ends with a NULL. */
struct findings_section {
	const char *name, *text;
};

extern const struct findings_section findings_sections[];

/* findings-print.c */

/* Sets the fingerprint of a finding whose other members are set. */
void findings_fingerprint(struct finding *finding);

/* findings-json.c */

/* Appends text as a JSON string: ASCII, with U+FFFD for what is not UTF-8. */
void findings_quote(struct buf *buf, const char *s, size_t len);

/* The same for a string. */
void findings_string(struct buf *buf, const char *s);

void findings_write_json(struct buf *buf, const struct findings *findings);
void findings_write_sarif(struct buf *buf, const struct findings *findings);
void findings_write_github(struct buf *buf, const struct findings *findings);

#endif
