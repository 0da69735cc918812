/*
 * Inside of the search over the ranges of one word: search-plan.c
 * starts it, search.c solves, with the table of search-table.c and what ends
 * paths of search-leaf.c, and search-build.c makes nodes.
 */
#ifndef SECCOMPC_SEARCH_H
#define SECCOMPC_SEARCH_H

#include "compiler.h"

enum {
	SEARCH_HEAVY = 64,	/* single values that may be tested first */
	SEARCH_OTHERS = 8,	/* ranges that a chain takes out of a base */
	SEARCH_WIDEST = 32,	/* ranges of a part in the table */
	SEARCH_LONGEST = 250,	/* longer paths count as this long */
	SEARCH_GUARDED = 3,	/* an action behind a test of the arch */
};

/*
 * Ranges first..last without the heavy values in holes, which were tested
 * before and lie neither at first nor at last.
 */
struct search_part {
	uint32_t first, last;
	uint64_t holes;		/* by index in search.heavy */
};

enum search_form {
	SEARCH_LEAF,	/* all that is left leads to one node */
	SEARCH_SPLIT,	/* JGE: ranges from `at` on, and those below */
	SEARCH_POINT,	/* JEQ on heavy value `at`, then the rest */
	SEARCH_CHAIN,	/* JEQ and JSET, one after the other; search-leaf.c */
};

/* How a part is told apart. */
struct search_way {
	uint64_t cost;
	uint32_t at;		/* chain: a range of the base */
	uint8_t longest;	/* path: its tests, and search.leaf_path */
	uint8_t form;
	uint8_t group;		/* chain: the others in its JSET */
};

/* The same but for its cost, in the table. */
struct search_cell {
	uint8_t at;		/* as above, from the first range on */
	uint8_t longest, form, group;
};

struct search_state;

struct search {
	struct arena *arena;
	struct graph *graph;
	enum word word;
	const struct range *ranges;
	size_t count;
	struct search_goal goal;
	bool thorough;			/* every split is tried */
	unsigned others;		/* longest chain tried */
	const uint64_t *weights;	/* by range */
	uint64_t *sums;			/* of the weights before a range */
	uint64_t *leaf_sums;		/* of weight times leaf cost */
	uint8_t *leaf_cost;		/* by range */
	uint8_t *leaf_path;		/* by range; but for arguments */
	unsigned plain_path;		/* the longest of these */
	uint32_t heavy[SEARCH_HEAVY];	/* ranges, the heaviest first */
	size_t heavy_count;
	const struct search_deferred *deferred;	/* or NULL */
	struct search_side sides[SEARCH_SIDES];
	size_t side_count;
	/* Of parts without holes and of `widest` ranges at most: a row of so
	 * many for each first range, of which the first `filled` are known. */
	size_t widest;
	uint64_t *costs;
	struct search_cell *cells;
	uint32_t *filled;
	/* Of all other parts; those of this plan. */
	struct search_state **buckets;
	size_t bucket_count;		/* a power of two, or 0 */
	size_t state_count;
	struct search_state *spare;	/* states not yet used */
	size_t spare_count;
};

/*
 * The cheapest way to tell a part apart.  Moves its ends inwards past holes.
 */
struct search_way search_solve(struct search *s, struct search_part *part);

/* Whether a range has one value. */
static inline bool
search_is_single(const struct range *range)
{
	return range->first == range->last;
}

/* Whether a range is one of some holes. */
bool search_is_hole(const struct search *s, uint64_t holes, uint32_t range);

/* The holes within first..last. */
uint64_t search_holes_within(const struct search *s, uint64_t holes,
			     uint32_t first, uint32_t last);

/* The weight of holes, and what their leaves cost. */
uint64_t search_weight_of(const struct search *s, uint64_t holes);
uint64_t search_leaves_of(const struct search *s, uint64_t holes);

/* The weight of a part's ranges but the holes. */
static inline uint64_t
search_weight(const struct search *s, const struct search_part *part)
{
	uint64_t weight = s->sums[part->last + 1] - s->sums[part->first];

	return part->holes ? weight - search_weight_of(s, part->holes)
			   : weight;
}

/* What the leaves of a part cost, whatever its tests. */
static inline uint64_t
search_leaves(const struct search *s, const struct search_part *part)
{
	uint64_t cost = s->leaf_sums[part->last + 1] -
			s->leaf_sums[part->first];

	return part->holes ? cost - search_leaves_of(s, part->holes) : cost;
}

/* The parts on both sides of a JGE before range at, and behind a JEQ. */
static inline struct search_part
search_below(const struct search *s, const struct search_part *part,
	     uint32_t at)
{
	uint64_t holes = part->holes;

	if (holes)
		holes = search_holes_within(s, holes, part->first, at - 1);
	return (struct search_part){ part->first, at - 1, holes };
}

static inline struct search_part
search_above(const struct search *s, const struct search_part *part,
	     uint32_t at)
{
	uint64_t holes = part->holes;

	if (holes)
		holes = search_holes_within(s, holes, at, part->last);
	return (struct search_part){ at, part->last, holes };
}

static inline struct search_part
search_rest(const struct search_part *part, uint32_t heavy)
{
	return (struct search_part){ part->first, part->last,
				     part->holes | UINT64_C(1) << heavy };
}

/* Takes another way if it is better. */
static inline void
search_take(struct search_way *way, uint64_t cost, unsigned longest,
	    enum search_form form, uint32_t at)
{
	if (longest > SEARCH_LONGEST)
		longest = SEARCH_LONGEST;
	if (cost > way->cost || (cost == way->cost && longest >= way->longest))
		return;
	*way = (struct search_way){ cost, at, (uint8_t)longest, (uint8_t)form,
				    0 };
}

/* All bits that some value of a range has. */
uint32_t search_bits(const struct range *range);

/* One test of a chain: these values lead away from its base. */
struct search_step {
	uint64_t weight;
	uint32_t range;		/* with the value, or the first one of a JSET */
	bool is_set;
};

struct search_chain {
	struct search_step steps[SEARCH_OTHERS];
	size_t count;
	uint32_t mask;		/* of the JSET */
};

/* Takes a chain if it is better. */
void search_try_chains(const struct search *s, const struct search_part *part,
		       struct search_way *way);

/* The tests of a chain in order. */
void search_chain(const struct search *s, const struct search_part *part,
		  const struct search_way *way, struct search_chain *chain);

/* Whether a part is in the table. */
static inline bool
search_in_table(const struct search *s, const struct search_part *part)
{
	return part->last - part->first < s->widest && !part->holes;
}

static inline size_t
search_cell(const struct search *s, uint32_t first, uint32_t last)
{
	return first * s->widest + (last - first);
}

/* Fills the table for all parts within first..last. */
void search_fill(struct search *s, uint32_t first, uint32_t last);

/* Forgets what has other weights than s->weights, which come next. */
void search_forget(struct search *s, const uint64_t *weights);

/* The way of a part that is in the table. */
static inline struct search_way
search_look(struct search *s, const struct search_part *part)
{
	size_t i = search_cell(s, part->first, part->last);
	const struct search_cell *cell = &s->cells[i];

	if (s->filled[part->first] <= part->last - part->first)
		search_fill(s, part->first, part->last);
	return (struct search_way){ s->costs[i], part->first + cell->at,
				    cell->longest, cell->form, cell->group };
}

/*
 * Adds a test to depths, by range, for each test before what is left of a
 * part when a plan has it; of a chain all its tests.
 */
void search_depths(struct search *s, struct search_part part,
		   unsigned *depths);

/* Makes the nodes of a plan. */
uint32_t search_build(struct search *s, struct search_part part);

#endif
