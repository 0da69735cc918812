/* The options that say what a program should be good at. */
#ifndef SECCOMPC_TUNING_H
#define SECCOMPC_TUNING_H

#include "target.h"

/* Long option values from here on are tuning.c's. */
enum {
	TUNING_WEIGHTS = 0x300,
	TUNING_OPTIMIZE,
	TUNING_TUNE,
	TUNING_LAST,
};

/* Entries for a command's own table of long options. */
#define TUNING_OPTIONS                                              \
	{ "weights", required_argument, NULL, TUNING_WEIGHTS },     \
	{ "optimize", required_argument, NULL, TUNING_OPTIMIZE },   \
	{ "tune", required_argument, NULL, TUNING_TUNE }

/* The part of --help about these options. */
extern const char tuning_help[];

struct tuning {
	const char *path;	/* of a file of weights, or NULL */
	char *text;
	struct source source;
	struct diags diags;
	struct arena arena;	/* of the weights that were read */
};

void tuning_init(struct tuning *tuning);

/* Takes one of TUNING_OPTIONS.  Returns false after reporting a bad value. */
bool tuning_take(struct tuning *tuning, struct target_options *target,
		 int option, const char *value);

/*
 * Reads the weights, once all options are known; paths are what the command
 * reads besides.  Returns STATUS_OK, or another status after reporting.  The
 * weights are shared by all compilations, and only read, until
 * tuning_finish.
 */
int tuning_load(struct tuning *tuning, struct target_options *target,
		char **paths, size_t count);
void tuning_finish(struct tuning *tuning);

#endif
