/*
 * Calls that show what programs decide: at and around the constants of their
 * tests, on all ways through them.  It knows the instructions that the
 * compiler makes.
 */
#ifndef TESTS_EXPLORE_H
#define TESTS_EXPLORE_H

#include "compiler.h"

enum {
	POOL_MAX = 1 << 14,
	REACHING_MAX = 8,
	TAKEN_MAX = 4,
	VALUES_MAX = 1 << 13
};

/* Values worth trying, by word of struct seccomp_data. */
struct call_values {
	uint32_t v[DD_WORDS][VALUES_MAX];
	size_t n[DD_WORDS];
};

struct pool_sample {
	struct seccomp_data call;
	uint32_t decided; /* by the program, as the kernel takes it */
};

/* What one program decides on many calls. */
struct pool {
	const struct sock_filter *code;
	size_t count;
	struct call_values values;
	struct pool_sample samples[POOL_MAX];
	size_t n;
	/* Some of the samples that come to an instruction. */
	uint32_t reaching[BPF_MAXINSNS][REACHING_MAX];
	uint8_t reached[BPF_MAXINSNS];
	uint8_t taken[BPF_MAXINSNS][2]; /* samples that go this way from it */
	/* What is in A before an instruction: a word and a mask of it. */
	uint8_t word[BPF_MAXINSNS]; /* DD_WORDS: nothing, or unknown */
	uint32_t mask[BPF_MAXINSNS];
};

void pool_open(struct pool *pool, const struct sock_filter *code, size_t count);

/* What is asked of words in another program. */
void values_collect(struct call_values *values, const struct sock_filter *code,
		    size_t count);
void values_add(struct call_values *values, unsigned word, uint32_t k);
void values_tidy(struct call_values *values);

void call_set(struct seccomp_data *call, unsigned word, uint32_t value);
uint32_t call_get(const struct seccomp_data *call, unsigned word);

#endif
