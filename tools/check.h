/* What the files of `seccompc check` share. */
#ifndef SECCOMPC_CHECK_H
#define SECCOMPC_CHECK_H

#include "compiler/check/lint.h"
#include "findings.h"
#include "target.h"

/* An option as the command line or a settings file gives it. */
struct check_option {
	const char *name, *value;
};

typedef VEC(struct check_option) check_option_list;

/* How one profile is checked. */
struct check_settings {
	struct target_options target;
	struct lint_options lint;
	bool consumer_given, dialect_given;
};

/* One run. */
struct check {
	struct arena arena;	   /* of all that is kept for the report */
	check_option_list options; /* of the command line */
	VEC(struct findings_file) files;
	bool failed; /* a file could not be read, or memory ran out */
	bool unproved;
};

/*
 * Sets an option by name.  Returns false, and why (size bytes) says what is
 * wrong, beginning with the name and safe for terminals.
 */
bool check_set(struct check_settings *settings, const char *name,
	       const char *value, char *why, size_t size);

/* check-profile.c: one profile, by its path ("-": standard input). */
void check_profile(struct check *check, const char *path);

#endif
