/* What the files of `seccompc learn` share. */
#ifndef SECCOMPC_TOOLS_LEARN_H
#define SECCOMPC_TOOLS_LEARN_H

#include <getopt.h>

#include "learn/learn.h"

/* What is asked for, whatever the source. */
struct learn_request {
	struct seen *seen;
	bool quiet;
	/* What is written to; may name descriptors (/dev/fd/3). */
	const char *output, *counts; /* counts: or NULL */
};

/* The end of a noun that counts n. */
static inline const char *
learn_plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* learn-options.c: which lines of logs are wanted. */

enum { LEARN_NAMES = 64 }; /* as often as an option can be given */

struct learn_names {
	const char *v[LEARN_NAMES];
	size_t n;
};

struct learn_log_options {
	struct learn_names comm, exe, pid; /* none: any */
	/* Microseconds since 1970, or INT64_MIN and INT64_MAX. */
	int64_t since, until;
	bool follow;
	/* When following: writes the profile of what was seen so far.  Returns
	 * false after reporting. */
	bool (*write)(void *context);
	void *context;
};

/* Entries for a table of long options; 'f' is a short one as well. */
#define LEARN_LOG_OPTIONS                                                      \
	{ "comm", required_argument, NULL, LEARN_COMM },                       \
		{ "exe", required_argument, NULL, LEARN_EXE },                 \
		{ "pid", required_argument, NULL, LEARN_PID },                 \
		{ "since", required_argument, NULL, LEARN_SINCE },             \
		{ "until", required_argument, NULL, LEARN_UNTIL },             \
	{                                                                      \
		"follow", no_argument, NULL, 'f'                               \
	}

/* Long option values from here on are learn-options.c's. */
enum {
	LEARN_COMM = 0x300,
	LEARN_EXE,
	LEARN_PID,
	LEARN_SINCE,
	LEARN_UNTIL,
	LEARN_LOG_LAST,
};

/* The part of --help about these options. */
extern const char learn_log_help[];

void learn_log_init(struct learn_log_options *options);

/* Whether an option is one of LEARN_LOG_OPTIONS. */
bool learn_log_has(int option);

/* Takes one of them.  Returns false after reporting a bad value. */
bool learn_log_take(struct learn_log_options *options, int option,
		    const char *value);

/* Whether they go together.  Returns false after reporting. */
bool learn_log_check(const struct learn_log_options *options);

/* learn-log.c: calls out of the kernel's log. */

/*
 * Reads logs ("-": standard input) and says what is in them and what is not.
 * Returns STATUS_OK if there are calls, or another status after reporting.
 * When following, it is back at the end of all input and at signals that end
 * processes, which are blocked from then on, as the profile is still to be
 * written.
 */
int learn_log(struct learn_request *request,
	      const struct learn_log_options *options, char *const *paths,
	      size_t count);

/* learn-run.c: calls of a command, observed. */

/*
 * Runs a command, if there is where to write, to its end and the end of all
 * its processes; closes all descriptors but standard error and those of
 * request->output and ->counts.  Returns STATUS_OK with the wait status, as of
 * waitpid(2), of the command; or another status after reporting: 126 and 127
 * as a shell.
 */
int learn_run(struct learn_request *request, char **command, int *wait_status);

#endif
