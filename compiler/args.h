/*
 * Inside of args*.c: how the tests on arguments are chosen.
 */
#ifndef SECCOMPC_ARGS_H
#define SECCOMPC_ARGS_H

#include "compiler.h"

/* cost.c: what tests cost when they are instructions. */

struct cost {
	uint64_t expected;	/* instructions executed, in COST_UNITs */
	uint64_t worst;		/* instructions executed at most */
};

enum { COST_UNIT = 1 << 16 };

/* A value that a word may well have, and how often beside others. */
struct sample {
	uint32_t value, weight;
};

struct samples {
	struct sample v[48];
	size_t n;
};

struct node_cost;

struct costs {
	struct graph *graph;
	enum optimize_mode mode;
	struct node_cost *notes;	/* by node */
	size_t size;
	uint32_t walk;
};

/*
 * What it costs to come to a node from a test of another word, up to the end
 * of the filter, when its word has the values of samples.  The costs of nodes
 * on other words must have been noted; else they count as nothing.
 */
struct cost cost_measure(struct costs *costs, uint32_t node,
			 const struct samples *samples);

/* Notes what it costs to come to a node, and what was noted or 0. */
void cost_note(struct costs *costs, uint32_t node, struct cost cost);
struct cost cost_noted(const struct costs *costs, uint32_t node);

/* Says that the tests that root leads to are in the program. */
void cost_keep(struct costs *costs, uint32_t root);
bool cost_is_kept(const struct costs *costs, uint32_t node);

/* Whether a node that costs a is better than another one that costs b: what
 * is in the program already adds nothing to their sizes. */
bool cost_better(struct costs *costs, uint32_t node, struct cost a,
		 uint32_t other, struct cost b);

/* cube.c: values of a word that one test of bits settles. */

enum { CUBE_RANGES = 32 };

/* All values that are value but for the free bits, of which it has none. */
struct cube {
	uint32_t free, value;
	uint64_t ranges;	/* that it consists of, bit by index */
};

struct cubes {
	struct cube v[48];
	size_t n;
};

/*
 * Finds cubes that consist of more than one range; those among the first
 * CUBE_RANGES ranges, and not all of them if there are very many.
 */
void cube_find(struct cubes *cubes, const struct range *ranges, size_t count);

/* The test for a cube. */
struct word_part cube_part(const struct cube *cube);

/* plan.c: the best tree of a few tests. */

enum { CELLS = 10, CELL_SPLITS = 64 };

/* A test and the cells for which it holds. */
struct split {
	uint32_t inside;	/* cells, bit by index */
	enum node_kind kind;
	uint32_t mask, k;
	uint8_t cost;		/* instructions */
	bool reload;		/* the word is lost */
};

/* Kinds of values of a word, each with its node, and what tells them apart. */
struct cells {
	size_t count;
	uint32_t node[CELLS];
	uint64_t weight[CELLS];	/* of samples */
	struct split splits[CELL_SPLITS];
	size_t split_count;
};

/* Adds a test, unless another one does the same. */
void plan_add(struct cells *cells, enum node_kind kind, uint32_t mask,
	      uint32_t k, uint32_t inside);

/* Adds a test for the bits that part has. */
void plan_add_part(struct cells *cells, const struct word_part *part,
		   uint32_t inside);

/* The node that leads to those of the cells. */
uint32_t plan_tree(struct costs *costs, enum word word,
		   const struct cells *cells);

/* cheapest.c: the tests that find the range of a word. */

/*
 * The node that leads each value of word to the node of its range, as
 * search_tree() does, but by the values that the word may well have, and with
 * tests of bits where these settle several ranges at once.
 */
uint32_t cheapest_tree(struct costs *costs, enum word word,
		       const struct range *ranges, size_t count,
		       const struct samples *samples);

/* args-order.c: which word is settled next. */

struct memo;

struct builder {
	struct arena *arena;
	struct graph *graph;
	struct memo **memos;	/* hash table of states */
	size_t memo_count, memo_size;	/* size is a power of two */
	struct state_maker maker;
	struct costs costs;
	size_t try_until;	/* as steps */
	unsigned depth;
	bool failed;		/* a budget is spent */
};

/* The word that a state settles next. */
struct settling {
	const struct state *state;
	unsigned rank;
	struct samples samples;
};

/* The node for a simplified state, which need not outlive the call. */
uint32_t args_state(struct builder *b, const struct state *state);

/* Whether there are steps left to try more than one way. */
bool args_is_trying(const struct builder *b);

/* Whether a budget is spent, now or before. */
bool args_is_spent(struct builder *b);

/* args-word.c: one word and what follows. */

uint32_t args_word(struct builder *b, const struct settling *s);

/* The next test from i, j on that looks at a word, or NULL. */
const struct open_test *args_next_test(const struct state *state,
				       unsigned rank, size_t *i, size_t *j);

/* args-cells.c: a word with a few masks. */

/* False if there are more than CELLS kinds of values. */
bool args_cells(struct builder *b, const struct settling *s, uint32_t *node);

#endif
