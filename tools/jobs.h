/* The list of files that one `seccompc compile` works on. */
#ifndef SECCOMPC_JOBS_H
#define SECCOMPC_JOBS_H

#include <stdbool.h>
#include <stddef.h>

struct job {
	char *input;
	char *output;	/* "-": standard output */
};

struct jobs {
	struct job *v;
	size_t n, cap;
};

/*
 * Lists the profiles that paths name: files, "-", and folders, in which every
 * *.json counts.  output is what -o says, or NULL; where there are several
 * profiles, or a folder, it is a folder that takes their tree, with suffix in
 * place of .json.  Makes the folders.  Returns false after reporting.
 */
bool jobs_list(struct jobs *jobs, char **paths, size_t count,
	       const char *output, const char *suffix);

void jobs_finish(struct jobs *jobs);

#endif
