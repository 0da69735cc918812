/* What the subcommands of seccompc share. */
#ifndef SECCOMPC_TOOLS_H
#define SECCOMPC_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

#include "clean.h"

/* Exit statuses, the same for every command. */
enum {
	STATUS_OK = 0,
	STATUS_REJECTED = 1,	/* the input is refused, or files failed */
	STATUS_USAGE = 2,
	STATUS_UNPROVED = 3,	/* a proof failed or gave up */
};

int cmd_check(int argc, char **argv);
int cmd_compile(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_disasm(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_intersect(int argc, char **argv);
int cmd_learn(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_oci_annotate(int argc, char **argv);
int cmd_prove(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_sim(int argc, char **argv);
int cmd_syscalls(int argc, char **argv);
int cmd_test(int argc, char **argv);

/* What messages call a file that is read. */
const char *tool_name(const char *path);

/*
 * Reads a whole file ("-": standard input).  Returns memory to free(3), NULL
 * after reporting; more than limit bytes are an error.
 */
void *tool_read(const char *path, size_t limit, size_t *len);

/* Remembers that an open file is an input, as tool_read() does of what it
 * reads.  False, with errno, if there is no memory. */
bool tool_keep(int fd);

/* Forgets that: what was made of the file is to take its place. */
void tool_release(const char *path);

/* Whether a path is a file that was read; with text, if it was not changed
 * since. */
bool tool_is_input(const char *path, bool text);

/* outputs.c */

/* Whether two paths are one file: there already, or as soon as it is. */
bool tool_is_same(const char *a, const char *b);

struct output {
	const char *path;	/* "-": standard output */
	const void *data;
	size_t len;
};

enum { MAX_OUTPUTS = 2 };

/*
 * Writes files whole, all or none: to files that have no name yet, where the
 * file system has such, else to temporary ones beside them, which get their
 * places when all are written, and what is no file, such as a pipe, as well.
 * A file that was read is not written over.
 * Returns false after reporting; files are then as they were, unless it is a
 * rename that failed.
 */
bool tool_write_all(const struct output *outputs, size_t count);

/* The descriptor that a path such as /dev/fd/3 names, which is what is written
 * to whatever it is open for; -1: it names none. */
int tool_descriptor(const char *path);

/* The same for one file. */
bool tool_write(const char *path, const void *data, size_t len);

/*
 * Writes anew a file that was read: as above, by a rename, with the owner and
 * permissions that it has.  False after reporting, also if somebody changed it
 * since.
 */
bool tool_rewrite(const char *path, const void *data, size_t len);

/* Prints "seccompc: ..." and a line end to standard error. */
void tool_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* tool_error, then where help on command or "" is; returns STATUS_USAGE. */
int tool_usage(const char *command, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same if getopt(3) has said what is wrong. */
int tool_misused(const char *command);

/* Takes --format where there are text and json.  Returns false after reporting
 * a bad value. */
bool tool_take_json(const char *value, bool *json);

#endif
