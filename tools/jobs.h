/* The list of profiles that one command works on. */
#ifndef SECCOMPC_JOBS_H
#define SECCOMPC_JOBS_H

#include <stdbool.h>
#include <stddef.h>

/* What is written for each profile. */
enum { JOB_PROGRAM, JOB_MANIFEST, JOB_OUTPUTS };

struct job {
	char *input;
	char *output[JOB_OUTPUTS];	/* "-": standard output; NULL: none */
};

struct jobs {
	struct job *v;
	size_t n, cap;
};

/* Where outputs of one kind go. */
struct destination {
	const char *path;	/* what the option says, or NULL */
	const char *suffix;	/* of names in a folder, in place of .json */
};

/*
 * Lists the profiles that paths name: files, "-", and folders, in which every
 * *.json counts.  Where there are several profiles, or a folder, a destination
 * is a folder that takes their tree; without a path programs go to standard
 * output, and there are no manifests.  Without destinations (NULL) nothing is
 * written.  No output goes over another one or over
 * a profile.  Makes the folders.  Returns false after reporting.
 */
bool jobs_list(struct jobs *jobs, char **paths, size_t count,
	       const struct destination destinations[JOB_OUTPUTS]);

void jobs_finish(struct jobs *jobs);

#endif
