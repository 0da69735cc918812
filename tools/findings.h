/* What `seccompc check` found, in the forms that people and programs read. */
#ifndef SECCOMPC_FINDINGS_H
#define SECCOMPC_FINDINGS_H

#include "compiler.h"

/* A text and what was found in it. */
struct findings_file {
	const struct source *source;
	const struct diags *diags; /* none has severity NONE */
	/* Exceptions that silenced findings, for formats that list them. */
	size_t excepted;
};

struct findings {
	const struct findings_file *files;
	size_t count;
	enum severity threshold; /* from which on the run fails */
	bool colour;
};

enum findings_format {
	FINDINGS_TEXT,	 /* for people: caret, hint, summary */
	FINDINGS_JSON,	 /* docs/findings.schema.json */
	FINDINGS_SARIF,	 /* SARIF 2.1.0 */
	FINDINGS_GITHUB, /* workflow commands that annotate lines */
	FINDINGS_FORMATS,
};

/* By name ("sarif"); FINDINGS_FORMATS if there is none. */
enum findings_format findings_find(const char *name);

/* Appends all findings, in the order of files and of their text. */
void findings_write(struct buf *buf, enum findings_format format,
		    const struct findings *findings);

#endif
