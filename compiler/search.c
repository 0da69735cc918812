#include "search.h"

/*
 * A search over the ranges of a word is a tree of two-way tests with the
 * nodes that the ranges lead to as leaves.  What it costs is
 *
 *	sum over ranges of weight * (tests + executed by the leaf)
 *		+ goal.size * tests in all
 *
 * in whole numbers, so that it comes out alike everywhere.  The cheapest
 * tree over ranges first..last is the cheapest of
 *
 *	JGE	at a boundary, then the cheapest of either side;
 *	JEQ	on a single value with much of the weight, then the cheapest of
 *		the rest, in which it is a hole: a value that cannot occur;
 *	chain	a few JEQ, or a JSET, on what differs from the rest.
 *
 * A JEQ comes first in an optimal tree only if its value has a quarter of the
 * weight or more (Anderson, Kannan, Karloff and Ladner: Thresholds and optimal
 * binary comparison search trees, Journal of Algorithms 44, 2002).
 *
 * Parts without holes are all in a table, see search-table.c.  Those with a
 * value that may be tested first are solved from the whole down, once each,
 * and only those that some choice leads to.
 */

enum {
	REACH = 2,	      /* splits tried on either side of a good one */
	ALL_SPLITS = 1 << 12, /* parts of a plan of which all are tried */
	BUCKETS = 128,	      /* at the start */
};

/* A way that was found, and of what. */
struct search_state {
	struct search_state *next; /* in its bucket */
	struct search_part part;
	struct search_way way;
};

bool
search_is_hole(const struct search *s, uint64_t holes, uint32_t range)
{
	for (; holes; holes &= holes - 1)
		if (s->heavy[__builtin_ctzll(holes)] == range)
			return true;
	return false;
}

uint64_t
search_weight_of(const struct search *s, uint64_t holes)
{
	uint64_t weight = 0;

	for (; holes; holes &= holes - 1)
		weight += s->weights[s->heavy[__builtin_ctzll(holes)]];
	return weight;
}

uint64_t
search_leaves_of(const struct search *s, uint64_t holes)
{
	uint64_t cost = 0;

	for (; holes; holes &= holes - 1) {
		uint32_t range = s->heavy[__builtin_ctzll(holes)];

		cost += s->weights[range] * s->leaf_cost[range];
	}
	return cost;
}

/* The holes within first..last. */
uint64_t
search_holes_within(const struct search *s, uint64_t holes, uint32_t first,
		    uint32_t last)
{
	uint64_t within = 0;

	for (; holes; holes &= holes - 1) {
		uint32_t range = s->heavy[__builtin_ctzll(holes)];

		if (range >= first && range <= last)
			within |= holes & -holes;
	}
	return within;
}

/* The index in heavy of the value that may be tested first, or -1. */
static int
find_point(const struct search *s, const struct search_part *part,
	   uint64_t weight)
{
	for (size_t i = 0; i < s->heavy_count; i++) {
		uint32_t range = s->heavy[i];

		if (s->weights[range] * 8 < weight * 3)
			return -1;
		if (range >= part->first && range <= part->last &&
		    !(part->holes >> i & 1))
			return range > part->first && range < part->last
				       ? (int)i
				       : -1;
	}
	return -1;
}

/* Whether the table has the best way of a part. */
static bool
is_known(const struct search *s, const struct search_part *part)
{
	return search_in_table(s, part) &&
	       (!s->heavy_count ||
		find_point(s, part, search_weight(s, part)) < 0);
}

/* A JGE before range at. */
static void
try_split(struct search *s, const struct search_part *part, uint32_t at,
	  uint64_t weight, struct search_way *way)
{
	struct search_part below = search_below(s, part, at);
	struct search_part above = search_above(s, part, at);
	uint64_t cost = weight + s->goal.size;
	struct search_way a, b;

	if (cost >= way->cost)
		return;
	a = search_solve(s, &below);
	if (a.cost >= way->cost - cost)
		return;
	b = search_solve(s, &above);
	search_take(way, cost + a.cost + b.cost,
		    1u + (a.longest > b.longest ? a.longest : b.longest),
		    SEARCH_SPLIT, at);
}

/* The boundary nearest to half of the weight of a part. */
static uint32_t
weighted_middle(const struct search *s, const struct search_part *part)
{
	uint64_t half = (s->sums[part->first] + s->sums[part->last + 1]) / 2;
	uint32_t low = part->first, high = part->last;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (s->sums[middle + 1] >= half)
			high = middle;
		else
			low = middle + 1;
	}
	if (low > part->first && half - s->sums[low] < s->sums[low + 1] - half)
		low--;
	return low < part->last ? low + 1 : low;
}

/* Splits at a boundary and, as long as they get better, on either side. */
static void
try_splits(struct search *s, const struct search_part *part, uint32_t at,
	   uint64_t weight, struct search_way *way)
{
	uint32_t reach = REACH;

	if (s->thorough && s->state_count <= ALL_SPLITS)
		reach = (uint32_t)s->count;
	try_split(s, part, at, weight, way);
	for (int step = -1; step <= 1; step += 2) {
		uint32_t i = at;

		for (uint32_t n = 0; n < reach; n++) {
			i += (uint32_t)step;
			if (i <= part->first || i > part->last)
				break;
			if (s->ranges[i - 1].decision != s->ranges[i].decision)
				try_split(s, part, i, weight, way);
		}
	}
}

/* A JEQ on the heaviest value. */
static void
try_point(struct search *s, const struct search_part *part, uint64_t weight,
	  struct search_way *way)
{
	int heavy = find_point(s, part, weight);
	struct search_part behind;
	struct search_way rest;
	uint32_t range;

	if (heavy < 0)
		return;
	range = s->heavy[heavy];
	behind = search_rest(part, (uint32_t)heavy);
	rest = search_solve(s, &behind);
	search_take(way,
		    weight + s->goal.size + rest.cost +
			    s->weights[range] * s->leaf_cost[range],
		    1u + (rest.longest > s->leaf_path[range]
				  ? rest.longest
				  : s->leaf_path[range]),
		    SEARCH_POINT, (uint32_t)heavy);
}

/* Whether all but the holes leads to one node. */
static bool
is_leaf(const struct search *s, const struct search_part *part)
{
	uint32_t node = s->ranges[part->first].decision;

	for (uint32_t i = part->first + 1; i <= part->last; i++)
		if (s->ranges[i].decision != node &&
		    !search_is_hole(s, part->holes, i))
			return false;
	return true;
}

static void
find_way(struct search *s, const struct search_part *part,
	 struct search_way *way)
{
	uint64_t weight = search_weight(s, part);
	uint32_t at = weighted_middle(s, part);

	if (is_leaf(s, part)) {
		search_take(way, search_leaves(s, part),
			    s->leaf_path[part->first], SEARCH_LEAF,
			    part->first);
		return;
	}
	search_try_chains(s, part, way);
	try_point(s, part, weight, way);
	if (search_in_table(s, part)) {
		struct search_way known = search_look(s, part);

		if (known.form == SEARCH_SPLIT)
			at = known.at;
	}
	try_splits(s, part, at, weight, way);
}

static struct search_state *
new_state(struct search *s)
{
	if (!s->spare_count) {
		s->spare_count = 32;
		s->spare = arena_alloc(s->arena,
				       s->spare_count * sizeof(*s->spare));
	}
	return &s->spare[--s->spare_count];
}

static struct search_state **
find_slot(const struct search *s, const struct search_part *part)
{
	uint64_t key =
		((uint64_t)part->first << 32 | part->last) ^ part->holes * 31;

	key *= UINT64_C(0x9e3779b97f4a7c15);
	return &s->buckets[key >> 40 & (s->bucket_count - 1)];
}

/* Makes as many buckets as there are states, or more. */
static void
grow_buckets(struct search *s)
{
	struct search_state **old = s->buckets;
	size_t count = s->bucket_count;

	if (s->state_count < count)
		return;
	s->bucket_count = count ? 2 * count : BUCKETS;
	s->buckets =
		arena_alloc(s->arena, s->bucket_count * sizeof(*s->buckets));
	for (size_t i = 0; i < count; i++) {
		struct search_state *state = old[i], *next;

		for (; state; state = next) {
			struct search_state **slot = find_slot(s, &state->part);

			next = state->next;
			state->next = *slot;
			*slot = state;
		}
	}
}

/* The state of a part, and whether it is new. */
static struct search_state *
find_state(struct search *s, const struct search_part *part, bool *is_new)
{
	struct search_state **slot, *state;

	grow_buckets(s);
	slot = find_slot(s, part);
	for (state = *slot; state; state = state->next) {
		*is_new = false;
		if (state->part.first == part->first &&
		    state->part.last == part->last &&
		    state->part.holes == part->holes)
			return state;
	}
	*is_new = true;
	state = new_state(s);
	*state = (struct search_state){ *slot, *part, { .cost = UINT64_MAX } };
	*slot = state;
	s->state_count++;
	return state;
}

/* Moves the ends of a part inwards past holes. */
static void
trim(const struct search *s, struct search_part *part)
{
	while (search_is_hole(s, part->holes, part->first))
		part->first++;
	while (search_is_hole(s, part->holes, part->last))
		part->last--;
	part->holes =
		search_holes_within(s, part->holes, part->first, part->last);
}

struct search_way
search_solve(struct search *s, struct search_part *part)
{
	struct search_state *state;
	bool is_new;

	if (part->holes)
		trim(s, part);
	if (is_known(s, part))
		return search_look(s, part);
	state = find_state(s, part, &is_new);
	if (is_new)
		find_way(s, part, &state->way);
	return state->way;
}
