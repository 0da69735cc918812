#include "search.h"

#include <stdlib.h>
#include <string.h>

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
 * value that may be tested first, or a limit on the longest path, are solved
 * from the whole down, once each, and only those that some choice leads to.
 * The best way without a limit is taken where it keeps to it, and is a bound
 * of the cost where it does not.
 */

enum {
	MAX_THOROUGH = 256, /* ranges of which all splits are tried */
	REACH = 2, /* splits tried on either side of a good one */
};

static const struct search_way impossible = { .cost = UINT64_MAX };

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
search_weight(const struct search *s, const struct search_part *part)
{
	uint64_t weight = s->sums[part->last + 1] - s->sums[part->first];

	for (uint64_t left = part->holes; left; left &= left - 1)
		weight -= s->weights[s->heavy[__builtin_ctzll(left)]];
	return weight;
}

uint64_t
search_leaves(const struct search *s, const struct search_part *part)
{
	uint64_t cost = s->leaf_sums[part->last + 1] - s->leaf_sums[part->first];

	for (uint64_t left = part->holes; left; left &= left - 1) {
		uint32_t range = s->heavy[__builtin_ctzll(left)];

		cost -= s->weights[range] * s->leaf_cost[range];
	}
	return cost;
}

/* The holes within first..last. */
static uint64_t
holes_within(const struct search *s, uint64_t holes, uint32_t first,
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

/* What is left of a limit behind a test. */
static unsigned
less(unsigned limit)
{
	return limit == SEARCH_NO_LIMIT || !limit ? limit : limit - 1;
}

struct search_part
search_below(const struct search *s, const struct search_part *part,
	     uint32_t at)
{
	uint64_t holes = part->holes;

	if (holes)
		holes = holes_within(s, holes, part->first, at - 1);
	return (struct search_part){ part->first, at - 1, holes,
				     less(part->limit) };
}

struct search_part
search_above(const struct search *s, const struct search_part *part,
	     uint32_t at)
{
	uint64_t holes = part->holes;

	if (holes)
		holes = holes_within(s, holes, at, part->last);
	return (struct search_part){ at, part->last, holes,
				     less(part->limit) };
}

struct search_part
search_rest(const struct search_part *part, uint32_t heavy)
{
	return (struct search_part){ part->first, part->last,
				     part->holes | UINT64_C(1) << heavy,
				     less(part->limit) };
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

/* Whether the table has the best way of a part, but for its limit. */
static bool
is_known(const struct search *s, const struct search_part *part)
{
	return search_in_table(s, part) &&
	       (!s->heavy_count ||
		find_point(s, part, search_weight(s, part)) < 0);
}

/* The way of a part when there is no limit. */
static const struct search_way *
solve_free(struct search *s, const struct search_part *part)
{
	struct search_part free = *part;

	free.limit = SEARCH_NO_LIMIT;
	return search_solve(s, &free);
}

/* The same as search_solve, at once where the table knows. */
static inline const struct search_way *
way_of(struct search *s, struct search_part *part)
{
	const struct search_cell *cell;

	if (s->heavy_count || s->thorough || !search_in_table(s, part))
		return search_solve(s, part);
	cell = search_cell(s, part->first, part->last);
	if (cell->cheapest.longest <= part->limit)
		return &cell->cheapest;
	return cell->shortest.longest <= part->limit ? search_solve(s, part)
						     : &impossible;
}

/* A JGE before range at; whether it is the best way so far. */
static bool
try_split(struct search *s, const struct search_part *part, uint32_t at,
	  uint64_t weight, struct search_way *way)
{
	struct search_part below = search_below(s, part, at);
	struct search_part above = search_above(s, part, at);
	uint64_t cost = weight + s->goal.size, before = way->cost;
	const struct search_way *a, *b;

	if (cost + search_leaves(s, &below) + search_leaves(s, &above) >=
	    before)
		return false;
	a = way_of(s, &below);
	if (a->cost >= before - cost)
		return false;
	b = way_of(s, &above);
	if (b->cost >= before - cost)
		return false;
	search_take(way, part->limit, cost + a->cost + b->cost,
		    1u + (a->longest > b->longest ? a->longest : b->longest),
		    SEARCH_SPLIT, at);
	return way->cost < before;
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
	uint32_t reach = part->limit == SEARCH_NO_LIMIT ? REACH : 1;

	if (s->thorough)
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
	const struct search_way *rest;
	struct search_part behind;
	uint32_t range;
	unsigned leaf;

	if (heavy < 0)
		return;
	range = s->heavy[heavy];
	leaf = s->leaf_cost[range];
	behind = search_rest(part, (uint32_t)heavy);
	rest = search_solve(s, &behind);
	if (rest->cost != UINT64_MAX)
		search_take(way, part->limit,
			    weight + s->goal.size + rest->cost +
				    s->weights[range] * leaf,
			    1u + (rest->longest > leaf ? rest->longest : leaf),
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

/* A boundary at which to split, more or less. */
static uint32_t
guess_split(struct search *s, const struct search_part *part)
{
	const struct search_way *way = NULL;

	if (part->limit != SEARCH_NO_LIMIT)
		way = solve_free(s, part);
	else if (search_in_table(s, part))
		way = &search_cell(s, part->first, part->last)->cheapest;
	return way && way->form == SEARCH_SPLIT ? way->at
						: weighted_middle(s, part);
}

static void
find_way(struct search *s, const struct search_part *part,
	 struct search_way *way)
{
	uint64_t weight = search_weight(s, part);

	if (is_leaf(s, part)) {
		search_take(way, part->limit, search_leaves(s, part),
			    s->leaf_cost[part->first], SEARCH_LEAF,
			    part->first);
		return;
	}
	if (part->limit != SEARCH_NO_LIMIT && search_in_table(s, part)) {
		*way = search_cell(s, part->first, part->last)->shortest;
		if (way->longest > part->limit)
			way->cost = UINT64_MAX;
	}
	search_try_chains(s, part, way);
	try_point(s, part, weight, way);
	try_splits(s, part, guess_split(s, part), weight, way);
	/* Short paths need even halves. */
	if (part->limit != SEARCH_NO_LIMIT)
		try_splits(s, part, (part->first + part->last + 1) / 2, weight,
			   way);
}

static struct search_state *
new_state(struct search *s)
{
	if (!s->spare_count) {
		s->spare_count = 128;
		s->spare = arena_alloc(s->arena,
				       s->spare_count * sizeof(*s->spare));
	}
	return &s->spare[--s->spare_count];
}

/* The state of a part, and whether it is new. */
static struct search_state *
find_state(struct search *s, const struct search_part *part, bool *is_new)
{
	uint64_t key = ((uint64_t)part->first << 32 | part->last) ^
		       part->holes * 31 ^ (uint64_t)part->limit << 16;
	struct search_state **slot, *state;

	key *= UINT64_C(0x9e3779b97f4a7c15);
	slot = &s->buckets[key >> 40 & (SEARCH_BUCKETS - 1)];
	for (state = *slot; state; state = state->next) {
		*is_new = false;
		if (state->part.first == part->first &&
		    state->part.last == part->last &&
		    state->part.holes == part->holes &&
		    state->part.limit == part->limit)
			return state;
	}
	*is_new = true;
	state = new_state(s);
	*state = (struct search_state){ *slot, *part, { .cost = UINT64_MAX } };
	*slot = state;
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
	part->holes = holes_within(s, part->holes, part->first, part->last);
}

const struct search_way *
search_solve(struct search *s, struct search_part *part)
{
	struct search_state *state;
	bool is_new;

	if (part->holes)
		trim(s, part);
	if (part->limit != SEARCH_NO_LIMIT) {
		const struct search_way *way = solve_free(s, part);

		if (way->longest <= part->limit)
			return way;
		if (!s->thorough && search_in_table(s, part) &&
		    search_cell(s, part->first, part->last)->shortest.longest >
			    part->limit)
			return &impossible;
	} else if (is_known(s, part)) {
		return &search_cell(s, part->first, part->last)->cheapest;
	}
	state = find_state(s, part, &is_new);
	if (is_new)
		find_way(s, part, &state->way);
	return &state->way;
}

static int
compare_weight(const void *a, const void *b, void *context)
{
	const uint64_t *weights = context;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (weights[x] != weights[y])
		return weights[x] > weights[y] ? -1 : 1;
	return x < y ? -1 : 1;
}

/* The single values with a 256th of the weight. */
static void
find_heavy(struct search *s)
{
	uint64_t least = s->sums[s->count] / 256;

	s->heavy = arena_alloc(s->arena, s->count * sizeof(*s->heavy));
	for (size_t i = 0; least && i < s->count; i++)
		if (s->ranges[i].first == s->ranges[i].last &&
		    s->weights[i] >= least)
			s->heavy[s->heavy_count++] = (uint32_t)i;
	qsort_r(s->heavy, s->heavy_count, sizeof(*s->heavy), compare_weight,
		(void *)s->weights);
	if (s->heavy_count > SEARCH_HEAVY)
		s->heavy_count = SEARCH_HEAVY;
}

static void
find_sums(struct search *s)
{
	size_t n = s->count;

	s->sums = arena_alloc(s->arena, (n + 1) * sizeof(*s->sums));
	s->leaf_sums = arena_alloc(s->arena, (n + 1) * sizeof(*s->sums));
	s->leaf_cost = arena_alloc(s->arena, n * sizeof(*s->leaf_cost));
	for (size_t i = 0; i < n; i++) {
		uint32_t node = s->ranges[i].decision;
		unsigned cost = graph_executed(s->graph, node);

		if (cost > SEARCH_LONGEST)
			cost = SEARCH_LONGEST;
		s->leaf_cost[i] = (uint8_t)cost;
		s->sums[i + 1] = s->sums[i] + s->weights[i];
		s->leaf_sums[i + 1] =
			s->leaf_sums[i] + s->weights[i] * cost;
	}
}

/* The longest path of a balanced tree of JGE with plain actions. */
static unsigned
balanced_longest(const struct search *s)
{
	unsigned tests = 0, leaf = 1;

	while ((size_t)1 << tests < s->count)
		tests++;
	for (size_t i = 0; i < s->count; i++)
		if (s->leaf_cost[i] > leaf && s->leaf_cost[i] <= 3)
			leaf = s->leaf_cost[i];
	return tests + leaf;
}

/*
 * Sets the limit of the whole: the longest path of a balanced tree and two
 * more, or less if that costs no more than is tolerated.
 */
static void
set_limit(struct search *s, struct search_part *whole)
{
	const struct search_way *best = search_solve(s, whole), *bounded;
	unsigned most = balanced_longest(s) + 2;
	unsigned limit = s->goal.tolerance ? most - 2 : most;
	uint64_t tolerated = best->cost + best->cost / 100 * s->goal.tolerance;

	for (; limit < best->longest; limit++) {
		whole->limit = limit;
		bounded = search_solve(s, whole);
		if (bounded->cost <= tolerated ||
		    (limit >= most && bounded->cost != UINT64_MAX))
			return;
	}
	whole->limit = SEARCH_NO_LIMIT;
}

uint32_t
search_weighted(struct graph *graph, enum word word, const struct range *ranges,
		const uint64_t *weights, size_t count,
		const struct search_goal *goal,
		const struct search_deferred *deferred)
{
	struct search *s = arena_alloc(graph->arena, sizeof(*s));
	struct search_part whole = { 0, (uint32_t)count - 1, 0,
				     SEARCH_NO_LIMIT };

	*s = (struct search){ .arena = graph->arena,
			      .graph = graph,
			      .word = word,
			      .ranges = ranges,
			      .count = count,
			      .goal = *goal,
			      .weights = weights,
			      .deferred = deferred };
	s->thorough = goal->thorough && count <= MAX_THOROUGH;
	s->widest = SEARCH_WIDEST;
	if (s->thorough || s->widest > count)
		s->widest = count;
	s->others = goal->thorough ? SEARCH_OTHERS : SEARCH_OTHERS / 2;
	find_sums(s);
	find_heavy(s);
	search_fill(s);
	set_limit(s, &whole);
	return search_build(s, whole);
}

uint32_t
search_tree(struct graph *graph, enum word word, const struct range *ranges,
	    size_t count)
{
	static const struct search_goal goal = { .size = SEARCH_UNIT / 64 };
	uint64_t *weights = arena_alloc(graph->arena, count * sizeof(*weights));

	for (size_t i = 0; i < count; i++)
		weights[i] = SEARCH_UNIT / count;
	return search_weighted(graph, word, ranges, weights, count, &goal,
			       NULL);
}
