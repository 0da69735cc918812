/* What the files of `seccompc check` share. */
#ifndef SECCOMPC_CHECK_H
#define SECCOMPC_CHECK_H

#include "compiler/check/budget.h"
#include "compiler/check/lint.h"
#include "findings.h"
#include "input.h"
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
	struct budgets budgets;
	const char *baseline; /* a file to be no weaker than, or NULL */
	bool dialect_given;
};

void check_settings_init(struct check_settings *settings);

/*
 * Sets an option by name.  Returns false, and why (size bytes) says what is
 * wrong, beginning with the name and safe for terminals.
 */
bool check_set(struct check_settings *settings, const char *name,
	       const char *value, char *why, size_t size);

/* check-file.c: .seccompc.json, the settings of a repository. */

/* Findings that a settings file silences, with a reason. */
struct check_exception {
	const struct json *where;
	enum diag_id id;
	struct json_list files; /* patterns of paths; none: all */
	const char *syscall;	/* findings at this name, or NULL: all */
	bool met, used;		/* by a profile that was checked, by findings */
};

struct check_file {
	const char *folder; /* that the file is in, as realpath(3) has it */
	struct source source;
	struct diags diags;
	check_option_list options;
	VEC(struct check_exception) exceptions;
};

/* One run. */
struct check {
	struct arena arena;	   /* of all that is kept for the report */
	check_option_list options; /* of the command line */
	const char *settings_file; /* --config, or NULL: look for it */
	bool no_settings_file;
	bool quiet;				 /* errors alone are kept */
	VEC(struct check_file *) settings_files; /* that were read */
	const char *folder;			 /* that was looked in last, */
	struct check_file *folder_has; /* and what it has; NULL: none */
	VEC(struct findings_file) files;
	struct {
		const char *root;     /* of Localhost profiles, or NULL */
		bool seccomp_default; /* what the kubelet has */
	} manifest;
	VEC(const char *) named; /* profiles that manifests name */
	bool failed; /* a file could not be read, or memory ran out */
	bool unproved;
	bool misused; /* options or settings are wrong */
};

/*
 * The settings for a profile, by its path.  Returns false after reporting;
 * *file is NULL if there are none.
 */
bool check_file_find(struct check *check, const char *path,
		     struct check_file **file);

/*
 * A profile's path from the folder of the settings on, or NULL if it is not in
 * there or cannot be found.
 */
const char *check_file_path(struct check *check, const struct check_file *file,
			    const char *path);

/* Whether an exception is about a profile, by its check_file_path(). */
bool check_file_meets(const struct check_exception *exception,
		      const char *path);

/* Adds findings about the files themselves: exceptions without effect. */
void check_file_report(struct check *check);

/*
 * check-profile.c: one profile, by its path ("-": standard input).  consumer
 * is what --for is unless somebody says otherwise, or NULL.
 */
void check_profile(struct check *check, const char *path, const char *consumer);

/* What a profile or a manifest is checked with. */
struct check_job {
	struct check *check;
	const char *path;
	const char *consumer;
	struct check_file *file; /* of settings, or NULL */
	struct check_settings settings;
	struct input baseline;
	VEC(struct check_exception *) exceptions;
	enum severity level[DIAG_COUNT]; /* that findings have in the end */
	bool given[DIAG_COUNT];		 /* severities, on the command line */
};

/*
 * Reads the settings; the command line wins over the file.  Returns false
 * after reporting.
 */
bool check_job_prepare(struct check_job *job);

/* The severities that findings have in the end, with settings or NULL. */
void check_levels(const struct check *check, const struct check_file *file,
		  enum severity level[DIAG_COUNT]);

/*
 * check-except.c: keeps findings, without those that exceptions silence, with
 * the severities that they have in the end.
 */
void check_job_keep(struct check_job *job, struct diags *diags,
		    const struct profile *profile);

/*
 * check-manifest.c: a Kubernetes manifest.  The profiles that it names go to
 * check->named.
 */
void check_manifest(struct check *check, const char *path);

/* Keeps findings for the report. */
void check_keep(struct check *check, const struct diags *diags,
		size_t excepted);

#endif
