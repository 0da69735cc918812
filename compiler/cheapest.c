#include "args.h"

/*
 * Most words lead to a few ranges, and then plan.c finds the best tree of
 * equalities, thresholds, and tests of the bits that all values of some
 * ranges have in common.  Where there are more, cubes that lead to one node
 * are taken out first, and search_tree() finds the rest.
 */
enum {
	FEW = 7,    /* ranges: plan.c tries everything */
	MANY = 256, /* ranges: search_tree() alone is tried */
	SMALL = 4,  /* values of a range that may be looked at one by one */
};

/* Cuts small ranges into values, which are in more cubes, if there is room. */
static size_t
cut_small(const struct range *ranges, size_t count, struct range *out)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		struct range range = ranges[i];
		uint32_t more = range.last - range.first;

		if (!more || more >= SMALL || n + more + count - i > FEW) {
			out[n++] = range;
			continue;
		}
		for (uint32_t j = 0; j <= more; j++) {
			range.first = range.last = ranges[i].first + j;
			out[n++] = range;
		}
	}
	return n;
}

static uint32_t
plan_ranges(struct costs *costs, enum word word, const struct range *ranges,
	    size_t count, const struct samples *samples)
{
	struct range cut[FEW];
	struct cells cells;
	struct cubes cubes;

	cells.count = cut_small(ranges, count, cut);
	cells.split_count = 0;
	for (size_t i = 0; i < cells.count; i++) {
		cells.node[i] = cut[i].decision;
		cells.weight[i] = 0;
		if (cut[i].first == cut[i].last)
			plan_add(&cells, NODE_EQ, UINT32_MAX, cut[i].first,
				 1u << i);
	}
	for (size_t i = 0, j; i < samples->n; i++) {
		for (j = 0; samples->v[i].value > cut[j].last; j++)
			;
		cells.weight[j] += samples->v[i].weight;
	}
	for (size_t i = 1; i < cells.count; i++)
		plan_add(&cells, NODE_GE, UINT32_MAX, cut[i].first,
			 (1u << cells.count) - (1u << i));
	cube_find(&cubes, cut, cells.count);
	for (size_t i = 0; i < cubes.n; i++) {
		struct word_part part = cube_part(&cubes.v[i]);

		plan_add_part(&cells, &part, (uint32_t)cubes.v[i].ranges);
	}
	return plan_tree(costs, word, &cells);
}

/* The cube with the most ranges that lead to one node, or NULL. */
static const struct cube *
largest(const struct cubes *cubes, const struct range *ranges)
{
	const struct cube *best = NULL;
	int most = 0;

	for (size_t i = 0; i < cubes->n; i++) {
		uint64_t in = cubes->v[i].ranges;
		uint32_t first = ranges[__builtin_ctzll(in)].decision;
		int count = __builtin_popcountll(in);

		for (; in; in &= in - 1)
			if (ranges[__builtin_ctzll(in)].decision != first)
				break;
		if (!in && count > most) {
			most = count;
			best = &cubes->v[i];
		}
	}
	return best;
}

/* The ranges without those of a cube, which go to their neighbours. */
static size_t
without(const struct cube *cube, const struct range *ranges, size_t count,
	struct range *out)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (i < CUBE_RANGES && cube->ranges >> i & 1)
			continue;
		if (n && out[n - 1].decision == ranges[i].decision) {
			out[n - 1].last = ranges[i].last;
			continue;
		}
		out[n] = ranges[i];
		out[n].first = n ? out[n - 1].last + 1 : 0;
		n++;
	}
	out[n - 1].last = UINT32_MAX;
	return n;
}

static uint32_t
peel(struct costs *costs, enum word word, const struct range *ranges,
     size_t count, const struct samples *samples)
{
	uint32_t node, other;
	const struct cube *cube = NULL;
	struct word_part part;
	struct cubes cubes;
	struct range *rest;
	size_t left;

	if (count <= MANY) {
		cube_find(&cubes, ranges, count);
		cube = largest(&cubes, ranges);
	}
	if (!cube)
		return search_tree(costs->graph, word, ranges, count);
	rest = arena_alloc(costs->graph->arena, count * sizeof(*rest));
	left = without(cube, ranges, count, rest);
	other = cheapest_tree(costs, word, rest, left, samples);
	part = cube_part(cube);
	other = chain_mask(costs->graph, word, &part,
			   ranges[__builtin_ctzll(cube->ranges)].decision,
			   other);
	/* One JSET and one or two more tests: no tree of so many is better. */
	if (left <= 3 && chain_is_set(&part))
		return other;
	node = search_tree(costs->graph, word, ranges, count);
	return cost_better(costs, other, cost_measure(costs, other, samples),
			   node, cost_measure(costs, node, samples))
		       ? other
		       : node;
}

/* A single value that is all that another node is for, or NULL: one test of
 * equality is best then. */
static const struct range *
find_island(const struct range *ranges, size_t count)
{
	const struct range *last = &ranges[count - 1];

	if (count == 3 && ranges->decision == last->decision)
		return ranges[1].first == ranges[1].last ? &ranges[1] : NULL;
	if (count != 2)
		return NULL;
	if (ranges->first == ranges->last)
		return ranges;
	return last->first == last->last ? last : NULL;
}

uint32_t
cheapest_tree(struct costs *costs, enum word word, const struct range *ranges,
	      size_t count, const struct samples *samples)
{
	const struct range *island = find_island(ranges, count), *other;

	if (count == 1)
		return ranges->decision;
	other = &ranges[island == ranges];
	if (island)
		return graph_test(costs->graph, NODE_EQ, word, UINT32_MAX,
				  island->first, island->decision,
				  other->decision);
	if (count == 2)
		return graph_test(costs->graph, NODE_GE, word, UINT32_MAX,
				  ranges[1].first, ranges[1].decision,
				  ranges->decision);
	if (count <= FEW)
		return plan_ranges(costs, word, ranges, count, samples);
	return peel(costs, word, ranges, count, samples);
}
