/*
 * The fuzzer of the compiler: what its files share.
 *
 * An input is HEADER_SIZE bytes that choose the options, each taken modulo
 * the number of choices (the digit '0' is the first one everywhere), then
 * the text of a profile, or bytes that generate.c turns into one.
 */
#ifndef SECCOMPC_FUZZ_H
#define SECCOMPC_FUZZ_H

#include "compiler.h"

/* Where the header says what. */
enum {
	HEADER_MODE,		/* profile text, or bytes for generate.c */
	HEADER_DIALECT,
	HEADER_ABIS,		/* a set; none: as the profile says */
	HEADER_NATIVE,
	HEADER_CONFLICTS,
	HEADER_REPEATED,
	HEADER_MUXES,
	HEADER_UNKNOWN,
	HEADER_SINCE,
	HEADER_FOREIGN,
	HEADER_CAPS,
	HEADER_KERNEL,
	HEADER_LEVELS,		/* severities */
	HEADER_OUTPUTS,		/* write every form of output, or not */
	HEADER_SEED,		/* of the calls that are tried */
	HEADER_NEWLINE,		/* unused: seeds have a newline here */
	HEADER_SIZE,
};

/* What was done so far, to tell that something was. */
struct fuzz_totals {
	size_t inputs, programs, calls;
};

extern struct fuzz_totals fuzz_totals;

/* libFuzzer's entry; returns 0, and aborts on a fault. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A step of splitmix64. */
static inline uint64_t
fuzz_random(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* generate.c */

/* Bytes to spend; when they are used up, zeros follow. */
struct bytes {
	const uint8_t *at, *end;
};

/* The text of a profile, NUL-terminated. */
struct profile_text {
	char s[1 << 17];
	size_t len;
};

/*
 * Makes a profile of few syscalls and several rules on each of them, with
 * conditions that touch, overlap and exclude each other.
 */
void generate_profile(struct profile_text *text, struct bytes *bytes);

/* try-calls.c */

/* A call on which program and rules differ. */
struct difference {
	struct seccomp_data data;
	uint32_t expected, actual;
};

/*
 * Tries calls at and around everything that the rules of a finished
 * compilation mention.  Returns false with the first difference; adds the
 * calls to *count.
 */
bool try_calls(const struct compilation *c, uint64_t seed, size_t *count,
	       struct difference *difference);

#endif
