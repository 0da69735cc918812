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

int cmd_compile(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_disasm(int argc, char **argv);
int cmd_intersect(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_prove(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_syscalls(int argc, char **argv);

/*
 * Reads a whole file ("-": standard input).  Returns memory to free(3), NULL
 * after reporting; more than limit bytes are an error.
 */
void *tool_read(const char *path, size_t limit, size_t *len);

/*
 * Writes a file whole or not at all: to a temporary file beside it that is
 * renamed when all is on disk ("-": standard output).  Returns false after
 * reporting; path is then as it was.
 */
bool tool_write(const char *path, const void *data, size_t len);

/* Prints "seccompc: ..." and a line end to standard error. */
void tool_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* tool_error, then where help on command or "" is; returns STATUS_USAGE. */
int tool_usage(const char *command, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same if getopt(3) has said what is wrong. */
int tool_misused(const char *command);

#endif
