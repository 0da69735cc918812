/* Random ranges and weights for search.c, and trees that are walked. */
#ifndef TESTS_SEARCH_PROBLEM_H
#define TESTS_SEARCH_PROBLEM_H

#include "compiler.h"

enum { MAX_RANGES = 3000 };

struct problem {
	size_t n;
	struct range ranges[MAX_RANGES];
	uint64_t weights[MAX_RANGES];
};

struct trial {
	struct arena arena;
	struct graph graph;
	uint64_t seed;
	struct problem p;
};

/* Where ranges lie. */
enum layout {
	DENSE,	/* like numbers of syscalls: of 1 to 4 values, from 0 on */
	BIT,	/* the same with half of them from 0x40000000 on */
	SPARSE, /* of any width, single values now and then */
	GAPS,	/* values in between that cannot occur */
	LAYOUTS,
};

/* Who gets how much. */
enum share {
	EQUAL,
	SOME,  /* anything, a third of them nothing */
	STEEP, /* each half of another one */
	HEAVY, /* one has nearly all, another one nearly all of the rest */
	NONE,  /* nobody, so size is all that counts */
	SHARES,
};

/* What a tree comes to, by walking it. */
struct measured {
	uint64_t tests; /* by weight */
	uint64_t size;	/* tests that there are */
	unsigned longest;
};

void trial_start(struct trial *s, uint64_t seed);

uint32_t trial_draw(struct trial *s, uint32_t below);

/* Appends a range that leads to the node of an action. */
void trial_add(struct trial *s, uint64_t first, uint64_t last, uint32_t action);

void trial_ranges(struct trial *s, enum layout layout, size_t n,
		  uint32_t actions);
void trial_weights(struct trial *s, enum share share);

/* n ranges in some layout, with some actions. */
void trial_problem(struct trial *s, size_t n, enum share share);

/* The node that a value comes to, and the tests before it. */
uint32_t trial_walk(const struct graph *graph, uint32_t at, uint32_t x,
		    unsigned *tests);

/* Fails unless a tree leads every value that is tried to its range's node. */
struct measured trial_measure(struct trial *s, uint32_t root);

#endif
