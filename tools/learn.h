/* What the files of `seccompc learn` share. */
#ifndef SECCOMPC_TOOLS_LEARN_H
#define SECCOMPC_TOOLS_LEARN_H

#include "learn/learn.h"

/* What is asked for, whatever the source. */
struct learn_request {
	struct seen *seen;
	bool quiet;
	bool arguments; /* --args: learn_call.args are wanted */
};

/* learn-log.c: calls out of the kernel's log. */

/* Reads a log ("-": standard input).  Returns STATUS_OK, or another status
 * after reporting. */
int learn_log(struct learn_request *request, const char *path);

/* learn-run.c: calls of a command, observed. */

/*
 * Runs a command to its end and the end of all its processes.  Returns
 * STATUS_OK with the wait status, as of waitpid(2), of the command; or another
 * status after reporting: 126 and 127 as a shell.
 */
int learn_run(struct learn_request *request, char **command, int *wait_status);

#endif
