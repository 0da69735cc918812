#include "compiler.h"

#include <string.h>

/*
 * A word leads to a few ranges nearly always, and then all trees of tests on
 * it are tried, from the smallest sets of ranges up:
 *
 *	tree(set) = the best test, which splits set into a and b,
 *		    with tree(a) and tree(b)
 *
 * A test is one of equality with a range that is a single value, of being
 * above a range, or of the bits that all values of some ranges have in
 * common.  Where there are more ranges, cubes that lead to one node are
 * looked for first, and search_tree() finds the rest.
 */
enum {
	FEW = 7,    /* ranges: all trees are tried */
	MANY = 256, /* ranges: nothing but search_tree() is */
};

struct split {
	uint32_t inside;       /* ranges, bit by index */
	uint8_t cost, reload;  /* instructions; more if the word is needed */
	struct word_part part; /* the test, if it is one of bits */
};

struct plan {
	uint64_t expected; /* sum over samples */
	uint32_t worst, size;
	const struct split *split; /* NULL: one node */
	bool made;
};

struct search {
	struct costs *costs;
	enum word word;
	const struct range *ranges;
	size_t count;
	uint64_t weight[FEW], worst[FEW];
	struct split splits[2 * FEW + LENGTH(((struct cubes *)0)->v)];
	size_t split_count;
	struct plan plans[1 << FEW];
};

static void
find_splits(struct search *p)
{
	struct cubes cubes;
	struct split *to = p->splits;

	for (size_t i = 0; i < p->count; i++)
		if (p->ranges[i].first == p->ranges[i].last)
			*to++ = (struct split){ .inside = 1u << i, .cost = 1 };
	for (size_t i = 1; i < p->count; i++)
		*to++ = (struct split){ .inside = (1u << p->count) - (1u << i),
					.cost = 1 };
	cube_find(&cubes, p->ranges, p->count);
	for (size_t i = 0; i < cubes.n; i++) {
		unsigned cost = cube_cost(&cubes.v[i]);

		*to++ = (struct split){ .inside = (uint32_t)cubes.v[i].ranges,
					.cost = (uint8_t)cost,
					.reload = cost > 1,
					.part = cube_part(&cubes.v[i]) };
	}
	p->split_count = (size_t)(to - p->splits);
}

static bool
is_less(enum optimize_mode mode, const struct plan *a, const struct plan *b)
{
	if (mode == OPTIMIZE_SIZE && a->size != b->size)
		return a->size < b->size;
	if (a->expected != b->expected)
		return a->expected < b->expected;
	if (a->worst != b->worst)
		return a->worst < b->worst;
	return a->size < b->size;
}

static uint64_t
weight_of(const struct search *p, uint32_t set)
{
	uint64_t weight = 0;

	for (; set; set &= set - 1)
		weight += p->weight[__builtin_ctz(set)];
	return weight;
}

static const struct plan *plan(struct search *p, uint32_t set);

/* Adds a side of a split to what it costs. */
static void
add_side(struct search *p, struct plan *sum, uint32_t set,
	 const struct split *split)
{
	const struct plan *side = plan(p, set);
	unsigned reload = side->split ? split->reload : 0;
	uint32_t worst = split->cost + reload + side->worst;

	sum->expected += side->expected + reload * weight_of(p, set);
	sum->size += side->size + reload;
	if (worst > sum->worst)
		sum->worst = worst;
}

/* What is known to be in a set of ranges. */
static const struct plan *
plan(struct search *p, uint32_t set)
{
	struct plan *best = &p->plans[set];
	uint32_t first = p->ranges[__builtin_ctz(set)].decision;
	bool same = true;
	uint64_t weight;
	uint32_t worst;

	if (best->made)
		return best;
	best->made = true;
	for (uint32_t rest = set; rest; rest &= rest - 1) {
		size_t i = (size_t)__builtin_ctz(rest);

		same &= p->ranges[i].decision == first;
		if (p->worst[i] > best->worst)
			best->worst = (uint32_t)p->worst[i];
	}
	if (same)
		return best;
	worst = best->worst;
	weight = weight_of(p, set);
	for (size_t i = 0; i < p->split_count; i++) {
		const struct split *split = &p->splits[i];
		uint32_t inside = set & split->inside;
		struct plan made;

		if (!inside || inside == set)
			continue;
		/* It costs no less than this. */
		made.made = true;
		made.split = split;
		made.size = split->cost;
		made.worst = split->cost + worst;
		made.expected = split->cost * weight;
		if (best->split && !is_less(p->costs->mode, &made, best))
			continue;
		add_side(p, &made, inside, split);
		add_side(p, &made, set & ~inside, split);
		if (!best->split || is_less(p->costs->mode, &made, best))
			*best = made;
	}
	return best;
}

static uint32_t
build_plan(struct search *p, uint32_t set)
{
	struct graph *graph = p->costs->graph;
	const struct split *split = p->plans[set].split;
	const struct range *first;
	uint32_t inside, yes, no;

	if (!split)
		return p->ranges[__builtin_ctz(set)].decision;
	inside = set & split->inside;
	yes = build_plan(p, inside);
	no = build_plan(p, set & ~inside);
	if (split->part.masked)
		return chain_mask(graph, p->word, &split->part, yes, no);
	first = &p->ranges[__builtin_ctz(split->inside)];
	return graph_test(graph,
			  split->inside & (split->inside - 1) ||
					  first->first != first->last
				  ? NODE_GE
				  : NODE_EQ,
			  p->word, UINT32_MAX, first->first, yes, no);
}

static uint32_t
plan_tree(struct costs *costs, enum word word, const struct range *ranges,
	  size_t count, const struct samples *samples)
{
	struct search p;

	p.costs = costs;
	p.word = word;
	p.ranges = ranges;
	p.count = count;
	memset(p.plans, 0, sizeof(*p.plans) << count);
	for (size_t i = 0; i < count; i++) {
		p.weight[i] = 0;
		p.worst[i] = cost_noted(costs, ranges[i].decision).worst;
	}
	for (size_t i = 0, j; i < samples->n; i++) {
		for (j = 0; samples->v[i].value > ranges[j].last; j++)
			;
		p.weight[j] += samples->v[i].weight;
	}
	find_splits(&p);
	plan(&p, (1u << count) - 1);
	return build_plan(&p, (1u << count) - 1);
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
	uint32_t node = search_tree(costs->graph, word, ranges, count);
	uint32_t other;
	const struct cube *cube;
	struct word_part part;
	struct cubes cubes;
	struct range *rest;

	if (count > MANY)
		return node;
	cube_find(&cubes, ranges, count);
	cube = largest(&cubes, ranges);
	if (!cube)
		return node;
	rest = arena_alloc(costs->graph->arena, count * sizeof(*rest));
	count = without(cube, ranges, count, rest);
	other = cheapest_tree(costs, word, rest, count, samples);
	part = cube_part(cube);
	other = chain_mask(costs->graph, word, &part,
			   ranges[__builtin_ctzll(cube->ranges)].decision,
			   other);
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
		return plan_tree(costs, word, ranges, count, samples);
	return peel(costs, word, ranges, count, samples);
}
