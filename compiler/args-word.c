#include "args.h"

#include <stdlib.h>

/*
 * Masks are branched on first, as two-way tests; what they leave of the word
 * is then cut at the ends of all intervals, and cheapest.c finds the cut.
 */
enum {
	MAX_DEPTH = 256, /* nested masks and words */
	FEW_CUTS = 17,	 /* of a word: on the stack */
};

const struct open_test *
args_next_test(const struct state *state, unsigned rank, size_t *i, size_t *j)
{
	for (; *i < state->n; ++*i, *j = 0) {
		while (*j < state->v[*i].count) {
			const struct open_test *test =
				&state->v[*i].tests[(*j)++];

			if (state_looks(test, rank))
				return test;
		}
	}
	return NULL;
}

static int
compare_cuts(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/*
 * Where the truth of any test on the word can change, ascending, with 0.
 * cuts has room for two for each test, and one.
 */
static size_t
find_cuts(const struct state *state, unsigned rank, uint32_t *cuts)
{
	const struct open_test *test;
	size_t count = 0, n = 1, i = 0, j = 0;

	cuts[count++] = 0;
	while ((test = args_next_test(state, rank, &i, &j))) {
		struct word_part part = state_part(test, rank);

		if (part.masked)
			continue;
		cuts[count++] = part.first;
		if (part.last != UINT32_MAX)
			cuts[count++] = part.last + 1;
	}
	qsort(cuts, count, sizeof(*cuts), compare_cuts);
	for (i = 1; i < count; i++)
		if (cuts[i] != cuts[n - 1])
			cuts[n++] = cuts[i];
	return n;
}

/* The samples that are in a domain. */
static void
pick_samples(const struct samples *all, const struct word_domain *d,
	     struct samples *out)
{
	out->n = 0;
	for (size_t i = 0; i < all->n; i++)
		if (word_is_member(d, all->v[i].value))
			out->v[out->n++] = all->v[i];
}

/*
 * The ranges of a word and their nodes; cuts without members go to their
 * neighbours.
 */
static size_t
find_ranges(struct builder *b, const struct state *state, unsigned rank,
	    const struct word_domain *d, const uint32_t *cuts, size_t count,
	    struct range *ranges)
{
	size_t n = 0;

	for (size_t i = 0; i < count && !b->failed; i++) {
		uint32_t last = i + 1 < count ? cuts[i + 1] - 1 : UINT32_MAX;
		struct range range = { cuts[i], last, 0 };
		struct state next;

		if (!word_has_member(d, cuts[i], last, &b->maker.steps)) {
			if (n)
				ranges[n - 1].last = last;
			continue;
		}
		next = state_advance(&b->maker, state, rank, d, &cuts[i]);
		range.decision = args_state(b, &next);
		if (n && ranges[n - 1].decision == range.decision)
			ranges[n - 1].last = last;
		else
			ranges[n++] = range;
	}
	if (n)
		ranges[0].first = 0;
	return n;
}

static uint32_t
build_cuts(struct builder *b, const struct state *state,
	   const struct settling *s, const struct word_domain *d)
{
	struct range few_ranges[FEW_CUTS], *ranges = few_ranges;
	uint32_t few_cuts[FEW_CUTS], *cuts = few_cuts;
	size_t room = 1, i = 0, j = 0;
	struct samples samples;

	while (args_next_test(state, s->rank, &i, &j))
		room += 2;
	if (room > FEW_CUTS) {
		ranges = arena_alloc(b->arena, room * sizeof(*ranges));
		cuts = arena_alloc(b->arena, room * sizeof(*cuts));
	}
	room = find_cuts(state, s->rank, cuts);
	room = find_ranges(b, state, s->rank, d, cuts, room, ranges);
	if (b->failed || !room)
		return 0;
	pick_samples(&s->samples, d, &samples);
	return cheapest_tree(&b->costs, state_word(s->rank), ranges, room,
			     &samples);
}

static uint32_t build_masks(struct builder *b, const struct state *state,
			    const struct settling *s,
			    const struct word_domain *d);

/* One side of a branch on a mask. */
static uint32_t
build_side(struct builder *b, const struct state *state,
	   const struct settling *s, const struct word_domain *d)
{
	struct state next = state_keep(
		&b->maker, state_advance(&b->maker, state, s->rank, d, NULL));

	if (!(state_words(&next) >> s->rank & 1))
		return args_state(b, &next);
	return build_masks(b, &next, s, d);
}

/* Branches on a mask, then settles the word on both sides. */
static uint32_t
build_branch(struct builder *b, const struct state *state,
	     const struct settling *s, const struct word_domain *d,
	     const struct word_part *part)
{
	struct word_pattern p = { part->mask, part->value, d->negated };
	struct word_domain with = word_with(d, part);
	struct word_domain without = { d->mask, d->value, &p };
	uint32_t yes, no;

	if (b->depth >= MAX_DEPTH)
		b->failed = true;
	if (args_is_spent(b))
		return 0;
	b->depth++;
	yes = build_side(b, state, s, &with);
	no = build_side(b, state, s, &without);
	b->depth--;
	return chain_mask(b->graph, state_word(s->rank), part, yes, no);
}

/* Settles a word on which all masks are open: these first, then the rest. */
static uint32_t
build_masks(struct builder *b, const struct state *state,
	    const struct settling *s, const struct word_domain *d)
{
	const struct open_test *test;
	struct cost best_cost = { 0 };
	struct samples samples;
	uint32_t best = 0;
	size_t i = 0, j = 0;
	bool any = false;

	while (!b->failed && (test = args_next_test(state, s->rank, &i, &j))) {
		struct word_part part = state_part(test, s->rank);
		uint32_t node;
		struct cost cost;

		if (!part.masked)
			continue;
		if (any && !args_is_trying(b))
			break;
		node = build_branch(b, state, s, d, &part);
		if (b->failed)
			return 0;
		if (!any)
			pick_samples(&s->samples, d, &samples);
		cost = cost_measure(&b->costs, node, &samples);
		if (any && !cost_better(&b->costs, node, cost, best, best_cost))
			continue;
		best = node;
		best_cost = cost;
		any = true;
	}
	return any ? best : build_cuts(b, state, s, d);
}

/* Whether there are masks, and whether some are tested with AND. */
static bool
find_masks(const struct settling *s, bool *masked)
{
	const struct open_test *test;
	size_t i = 0, j = 0;
	bool with_and = false;

	*masked = false;
	while ((test = args_next_test(s->state, s->rank, &i, &j))) {
		struct word_part part = state_part(test, s->rank);

		*masked |= part.masked;
		with_and |= part.masked && !chain_is_set(&part);
	}
	return with_and;
}

uint32_t
args_word(struct builder *b, const struct settling *s)
{
	struct word_domain all = { 0 };
	bool masked, with_and = find_masks(s, &masked);
	uint32_t node, other;

	if (!masked || !args_is_trying(b) || !args_cells(b, s, &node))
		return build_masks(b, s->state, s, &all);
	if (b->failed || !with_and)
		return node;
	/* Several tests may share an AND. */
	other = build_masks(b, s->state, s, &all);
	if (b->failed ||
	    cost_better(&b->costs, node,
			cost_measure(&b->costs, node, &s->samples), other,
			cost_measure(&b->costs, other, &s->samples)))
		return node;
	return other;
}
