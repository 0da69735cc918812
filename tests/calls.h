/*
 * Calls worth trying on a compiled rule set: every number up to 1023 with
 * and without bit 30 and the edges of the number space, under both audit
 * arch tokens and two foreign ones, with arguments at and around every
 * constant in both halves, and seeded random ones.
 */
#ifndef SECCOMPC_CALLS_H
#define SECCOMPC_CALLS_H

#include "compiler.h"

struct mismatch {
	struct seccomp_data data;
	uint32_t expected, actual;
};

/*
 * Holds a finished compilation's program against eval_call.  *count is the
 * number of calls tried.  Returns false with the first difference.
 */
bool calls_agree(const struct compilation *c, uint64_t seed, size_t *count,
		 struct mismatch *mismatch);

/* A step of splitmix64. */
uint64_t calls_random(uint64_t *seed);

#endif
