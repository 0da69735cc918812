/*
 * build.c: from a function of calls straight to a program, proved to be it.
 * It is what there is where no rules say the function.
 */
#ifndef SECCOMPC_BUILD_H
#define SECCOMPC_BUILD_H

#include "code.h"
#include "prove.h"

enum build_end {
	BUILD_DONE,
	BUILD_IMPOSSIBLE,	/* too long, or no program of ours does it */
	BUILD_GAVE_UP,		/* no answer within the limits */
	BUILD_NO_MEMORY,
};

struct build {
	/* Makes the function; it is asked once for each set. */
	dd (*wanted)(struct dd_set *set, const void *data);
	const void *data;
	const struct options *options;	/* what the code should be */

	const struct program *program;
	char reason[160];	/* if there is none, in words */
	struct arena arena;	/* of program */
	struct dd_set set;
};

/*
 * Fills program and returns BUILD_DONE if the kernel takes it and it decides
 * every call as wanted.  Else reason says why not.  b is then to be finished
 * whatever came out.
 */
enum build_end build(struct build *b);
void build_finish(struct build *b);

#endif
