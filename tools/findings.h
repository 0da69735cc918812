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
	int status;		 /* what the command exits with */
	bool colour;
	const char *const *settings; /* files of settings in force */
	size_t settings_count;
	bool incomplete; /* a file could not be read, or memory ran out */
	/*
	 * Absolute paths: of the folder that names of files are relative to,
	 * and of the one that paths in SARIF and in annotations are to be
	 * relative to.  NULL: names are taken as they are.
	 */
	const char *folder, *root;
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

/*
 * Sets folder, and root: the checkout of a GitHub workflow if folder is in
 * it, or else folder.
 */
void findings_find_root(struct findings *findings, struct arena *arena);

/*
 * Appends all findings, in the order of files and of their text.  Whatever
 * names and texts of profiles hold, JSON stays JSON, and no line is a command
 * to a CI system but those that FINDINGS_GITHUB means.  Running out of memory
 * leaves through the arena of buf, or of the diags.
 */
void findings_write(struct buf *buf, enum findings_format format,
		    const struct findings *findings);

/* The findings of one file as text, without a summary. */
void findings_write_file(struct buf *buf, const struct findings_file *file,
			 bool colour);

#endif
