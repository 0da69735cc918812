#include "search.h"

/*
 * From ranges and weights to a tree of which no path is too long.
 *
 * Long paths are shortened by weight.  A value of weight w out of W lies about
 * log2(W / w) tests deep, so a range gets some of the weight with which it
 * would lie where it should: see raise_weights.
 */

enum {
	MAX_THOROUGH = 256, /* ranges of which all splits are tried */
	MAX_PARTS = 1024,   /* of weight that a range gets */
};

/* The heaviest single values with a 256th of the weight. */
static void
find_heavy(struct search *s)
{
	uint64_t least = s->sums[s->count] / 256;
	const uint64_t *weights = s->weights;

	s->heavy_count = 0;
	for (uint32_t i = 0; least && i < s->count; i++) {
		size_t at = s->heavy_count;

		if (weights[i] < least || !search_is_single(&s->ranges[i]))
			continue;
		if (at < SEARCH_HEAVY)
			s->heavy_count++;
		else if (weights[s->heavy[--at]] >= weights[i])
			continue;
		for (; at && weights[s->heavy[at - 1]] < weights[i]; at--)
			s->heavy[at] = s->heavy[at - 1];
		s->heavy[at] = i;
	}
}

/* Whether all that is left of a leaf is a test of the arch. */
static bool
is_guarded(const struct search *s, size_t range)
{
	const struct node *node = &s->graph->nodes.v[s->ranges[range].decision];

	return node->kind != NODE_RETURN && node->word == WORD_ARCH;
}

static void
find_leaves(struct search *s)
{
	s->leaf_cost = arena_alloc(s->arena, s->count * sizeof(*s->leaf_cost));
	s->leaf_path = arena_alloc(s->arena, s->count * sizeof(*s->leaf_path));
	s->plain_path = 1;
	for (size_t i = 0; i < s->count; i++) {
		unsigned cost = graph_executed(s->graph, s->ranges[i].decision);

		s->leaf_cost[i] =
			cost < SEARCH_LONGEST ? (uint8_t)cost : SEARCH_LONGEST;
		if (is_guarded(s, i))
			s->plain_path = SEARCH_GUARDED;
	}
	for (size_t i = 0; i < s->count; i++)
		s->leaf_path[i] = s->leaf_cost[i] < s->plain_path
					  ? s->leaf_cost[i]
					  : (uint8_t)s->plain_path;
}

static void
find_sums(struct search *s)
{
	size_t n = s->count;

	for (size_t i = 0; i < n; i++) {
		s->sums[i + 1] = s->sums[i] + s->weights[i];
		s->leaf_sums[i + 1] =
			s->leaf_sums[i] + s->weights[i] * s->leaf_cost[i];
	}
}

/* The tests of the longest path of a balanced tree of JGE. */
static unsigned
balanced_tests(size_t count)
{
	unsigned tests = 0;

	while ((size_t)1 << tests < count)
		tests++;
	return tests;
}

static uint64_t
sum_of(const uint64_t *weights, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += weights[i];
	return sum;
}

/*
 * Raises the weights of the ranges whose paths are longer than `longest` but
 * for their leaves, or of all ranges without depths: by parts 32ths of the
 * weight that lies so deep.
 */
static uint64_t *
raise_weights(struct search *s, const uint64_t *weights, unsigned longest,
	      const unsigned *depths, unsigned parts)
{
	uint64_t *raised = arena_alloc(s->arena, s->count * sizeof(*raised));
	uint64_t all = sum_of(weights, s->count);

	for (size_t i = 0; i < s->count; i++) {
		unsigned leaf = depths ? s->leaf_path[i] : s->leaf_cost[i];
		unsigned tests = longest > leaf ? longest - leaf : 1;

		raised[i] = weights[i];
		if (tests < 32 && (!depths || depths[i] + leaf > longest))
			raised[i] += (all >> tests) * parts / 32;
	}
	return raised;
}

/* Weights of which the equal part is `times` as large as all of them. */
static uint64_t *
level_weights(struct search *s, const uint64_t *weights, unsigned times)
{
	uint64_t *level = arena_alloc(s->arena, s->count * sizeof(*level));
	uint64_t all = sum_of(weights, s->count);

	if (!all)
		all = SEARCH_UNIT;
	for (size_t i = 0; i < s->count; i++)
		level[i] = weights[i] + times * (all / s->count + 1);
	return level;
}

/* What a search is about; the same for each of its plans. */
struct question {
	struct graph *graph;
	enum word word;
	const struct range *ranges;
	const uint64_t *weights;
	size_t count;
	const struct search_goal *goal;
	const struct search_deferred *deferred;
};

static struct search *
start(const struct question *q)
{
	struct search *s = arena_alloc(q->graph->arena, sizeof(*s));

	s->arena = q->graph->arena;
	s->graph = q->graph;
	s->word = q->word;
	s->ranges = q->ranges;
	s->count = q->count;
	s->goal = *q->goal;
	s->deferred = q->deferred;
	s->thorough = s->goal.thorough && s->count <= MAX_THOROUGH;
	s->widest = SEARCH_WIDEST;
	if (s->thorough || s->widest > s->count)
		s->widest = s->count;
	s->others = s->goal.thorough ? SEARCH_OTHERS : SEARCH_OTHERS / 2;
	s->costs = arena_alloc_raw(s->arena,
				   s->count * s->widest * sizeof(*s->costs));
	s->cells = arena_alloc_raw(s->arena,
				   s->count * s->widest * sizeof(*s->cells));
	s->filled = arena_alloc(s->arena, s->count * sizeof(*s->filled));
	s->sums = arena_alloc(s->arena, (s->count + 1) * sizeof(*s->sums));
	s->leaf_sums = arena_alloc(s->arena, (s->count + 1) * sizeof(*s->sums));
	find_leaves(s);
	return s;
}

/* Makes the plan for some weights, from the one for those before. */
static void
plan(struct search *s, const uint64_t *weights)
{
	if (s->weights)
		search_forget(s, weights);
	for (size_t i = 0; i < s->bucket_count; i++)
		s->buckets[i] = NULL;
	s->state_count = 0;
	s->weights = weights;
	find_sums(s);
	find_heavy(s);
}

static struct search_part
whole(const struct search *s)
{
	return (struct search_part){ 0, (uint32_t)s->count - 1, 0 };
}

/*
 * The tests before each range if the plan has a path that is longer than
 * `longest`, else NULL.  They are counted, as a part of the table may have
 * been given a longer way since.
 */
static unsigned *
find_too_long(struct search *s, unsigned longest)
{
	unsigned *depths = arena_alloc(s->arena, s->count * sizeof(*depths));

	search_depths(s, whole(s), depths);
	for (size_t i = 0; i < s->count; i++)
		if (depths[i] + s->leaf_path[i] > longest)
			return depths;
	return NULL;
}

/*
 * A plan of which no path is longer than a balanced tree's longest and two
 * more.  Where one is, what it leads to gets more weight.
 */
static struct search *
choose_plan(const struct question *q)
{
	struct search *s = start(q);
	unsigned tests = balanced_tests(s->count);
	unsigned longest = tests + s->plain_path + 2;
	const uint64_t *weights = q->weights;
	uint64_t all = sum_of(weights, s->count);
	/* Where few calls go, weights count less, */
	unsigned parts = all < SEARCH_UNIT / 4 ? 64 : 16;
	const unsigned *depths;

	/* and size would be all that counts. */
	if (!s->goal.thorough && s->goal.size > all / 8)
		s->goal.size = all / 8 + 1;
	if (q->goal->evened)
		weights = raise_weights(s, weights, tests + SEARCH_GUARDED,
					NULL, q->goal->evened);
	plan(s, weights);
	for (; (depths = find_too_long(s, longest)) && parts <= MAX_PARTS;
	     parts *= 2) {
		weights = raise_weights(s, weights, longest, depths, parts);
		plan(s, weights);
	}
	/* What is left is for weights of which hardly any matter. */
	for (unsigned times = 1; depths && times <= MAX_PARTS; times *= 2) {
		weights = level_weights(s, q->weights, times);
		s = start(q);
		s->goal.size = q->goal->size / times / times + 1;
		plan(s, weights);
		depths = find_too_long(s, longest);
	}
	return s;
}

uint32_t
search_weighted(struct graph *graph, enum word word, const struct range *ranges,
		const uint64_t *weights, size_t count,
		const struct search_goal *goal,
		const struct search_deferred *deferred)
{
	const struct question q = { graph, word, ranges,  weights,
				    count, goal, deferred };
	struct search *s = choose_plan(&q);

	return search_build(s, whole(s));
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
