/*
 * Random lines of expectations, and what they mean by hand; for test_expect.c.
 */
#ifndef TESTS_EXPECT_LINES_H
#define TESTS_EXPECT_LINES_H

#include "compiler.h"

enum { LINE_X32 = 0x40000000, LINE_OTHERS = 5 };

/* By ABI. */
extern const uint32_t line_tokens[ABI_COUNT];

/* A syscall and an argument of it. */
struct subject {
	const char *name;
	uint32_t number[ABI_COUNT];
	unsigned arg, width; /* width: but for i386 */
	bool is_signed;	     /* libcs widen it with its sign */
	const char *arg_name;
};

enum { SUBJECTS = 5 };
extern const struct subject subjects[SUBJECTS];

void lines_seed(uint64_t seed);

/* A random number below another; the same ones for a seed. */
uint32_t draw(uint32_t below);

/* What programs and lines compare a low word with. */
uint32_t draw_low(void);
uint32_t draw_mask(void);

/* What the test knows of a line. */
struct pattern {
	enum { IS, BETWEEN, SOME, MASKED, LESS, MORE } op;
	bool negated;
	int64_t a, b; /* as C code writes them: an int can be negative */
};

struct line {
	char text[512];
	abi_set abis;
	const struct subject *subject;
	enum { NAMED, NUMBERED, RANGED, EVERY } kind;
	uint32_t first, last; /* RANGED, without the bit */
	struct pattern patterns[3];
	unsigned count;	  /* of patterns; 0: any value */
	bool negated;	  /* all of them */
	int other;	  /* of args[2]; -1: any */
	unsigned word[2]; /* of actions */
	unsigned words;
};

/* A line about a syscall; `*` stands for the ABIs of a set. */
void draw_line(struct line *l, const struct subject *s, abi_set abis);

/* Whether a line is about a number, and about a value of the argument. */
bool line_is_about(const struct line *l, enum abi abi, uint32_t number);
bool line_takes(const struct line *l, enum abi abi, uint64_t value);

/* Whether an action is one that a line expects. */
bool line_is_good(const struct line *l, uint32_t action);

#endif
