#include "compiler.h"

#include <stdlib.h>
#include <string.h>

/*
 * From alternatives to tests, exactly.
 *
 * A state is the list of alternatives that are still open, each with the
 * tests that are not settled yet:
 *
 *	[ arg0 == 0x100000002 && arg1 < 5 -> ALLOW,  arg0 & 1 == 1 -> ERRNO ]
 *
 * The words of the arguments are settled one after the other, the high word
 * of an argument before its low one.  For the first word that any test looks
 * at, first its bit masks are branched on, as two-way tests; what they leave
 * of the word is then cut at the ends of all intervals that remain:
 *
 *	args[0].high:  0           1                     2 .. 0xffffffff
 *	               |           |                     |
 *	          next state   [ low == 2 && ..., .. ]   next state
 *
 * Within a cut every test on the word is true or false (or, if it looked at
 * both words, a test on the low one), which gives the next state.  Equal
 * states are built once, equal neighbours join, and a search tree finds the
 * cut.  So no test is made whose answer is known, and a decision that does
 * not depend on the arguments comes out as a plain action.
 *
 * Rules over many arguments can have exponentially many states.  Past a
 * budget the alternatives are tested one after the other, which is linear.
 */
enum {
	MAX_BYTES = 32 << 20, /* of states, in a compilation */
	MAX_STEPS = 1 << 26,  /* of looking at a test, in a compilation */
	MAX_DEPTH = 256,      /* nested masks and words */
};

struct memo {
	struct memo *next;
	struct state state;
	uint32_t node;
};

struct builder {
	struct arena *arena;
	struct graph *graph;
	struct memo *table[1024];
	struct state_maker maker;
	unsigned depth;
	bool failed; /* a budget is spent */
};

static uint32_t build(struct builder *b, const struct state *state);

static int
compare_cuts(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

typedef VEC(uint32_t) cut_list;

/* Where the truth of any test on the word can change, ascending, with 0. */
static size_t
find_cuts(struct builder *b, const struct state *state, unsigned rank,
	  uint32_t **out)
{
	cut_list cuts = { 0 };
	size_t n = 1;

	*vec_push(b->arena, &cuts) = 0;
	for (size_t i = 0; i < state->n; i++) {
		for (size_t j = 0; j < state->v[i].count; j++) {
			const struct test *test = &state->v[i].tests[j];
			struct word_part part = state_part(test);

			if (state_rank(test) != rank || part.masked)
				continue;
			*vec_push(b->arena, &cuts) = part.first;
			if (part.last != UINT32_MAX)
				*vec_push(b->arena, &cuts) = part.last + 1;
		}
	}
	qsort(cuts.v, cuts.n, sizeof(*cuts.v), compare_cuts);
	for (size_t i = 1; i < cuts.n; i++)
		if (cuts.v[i] != cuts.v[n - 1])
			cuts.v[n++] = cuts.v[i];
	*out = cuts.v;
	return n;
}

static uint32_t
build_cuts(struct builder *b, const struct state *state, unsigned rank,
	   const struct word_domain *d)
{
	VEC(struct range) ranges = { 0 };
	uint32_t *cuts;
	size_t n = find_cuts(b, state, rank, &cuts);

	for (size_t i = 0; i < n && !b->failed; i++) {
		uint32_t last = i + 1 < n ? cuts[i + 1] - 1 : UINT32_MAX;
		struct range range = { cuts[i], last, 0 };
		struct range *before;
		struct state next;

		/* A cut without members goes to its neighbour. */
		before = ranges.n ? &ranges.v[ranges.n - 1] : NULL;
		if (!word_has_member(d, cuts[i], last, &b->maker.steps)) {
			if (before)
				before->last = last;
			continue;
		}
		next = state_advance(&b->maker, state, rank, d, &cuts[i]);
		range.decision = build(b, &next);
		if (before && before->decision == range.decision)
			before->last = last;
		else
			*vec_push(b->arena, &ranges) = range;
	}
	if (b->failed || !ranges.n)
		return 0;
	ranges.v[0].first = 0;
	return search_tree(b->graph, state_word(rank), ranges.v, ranges.n);
}

/* The first mask test on a word, or NULL. */
static const struct test *
find_mask(const struct state *state, unsigned rank)
{
	for (size_t i = 0; i < state->n; i++) {
		for (size_t j = 0; j < state->v[i].count; j++) {
			const struct test *test = &state->v[i].tests[j];

			if (state_rank(test) == rank && state_part(test).masked)
				return test;
		}
	}
	return NULL;
}

static uint32_t build_word(struct builder *b, const struct state *state,
			   unsigned rank, const struct word_domain *d);

/* One side of a branch on a mask. */
static uint32_t
build_side(struct builder *b, const struct state *state, unsigned rank,
	   const struct word_domain *d)
{
	struct state next = state_keep(
		&b->maker, state_advance(&b->maker, state, rank, d, NULL));

	if (!next.n || state_first_rank(&next) != rank)
		return build(b, &next);
	return build_word(b, &next, rank, d);
}

/* Settles a word on which all masks are open: these first, then the rest. */
static uint32_t
build_word(struct builder *b, const struct state *state, unsigned rank,
	   const struct word_domain *d)
{
	const struct test *test = find_mask(state, rank);
	struct word_part part;
	struct word_pattern p;
	struct word_domain with, without;
	uint32_t yes, no;

	if (!test)
		return build_cuts(b, state, rank, d);
	if (b->maker.bytes > MAX_BYTES || b->maker.steps > MAX_STEPS ||
	    b->depth >= MAX_DEPTH)
		b->failed = true;
	if (b->failed)
		return 0;
	part = state_part(test);
	p = (struct word_pattern){ part.mask, part.value, d->negated };
	with = word_with(d, &part);
	without = (struct word_domain){ d->mask, d->value, &p };
	b->depth++;
	yes = build_side(b, state, rank, &with);
	no = build_side(b, state, rank, &without);
	b->depth--;
	return chain_mask(b->graph, state_word(rank), &part, yes, no);
}

/* The node for a simplified state, which need not outlive the call. */
static uint32_t
build(struct builder *b, const struct state *state)
{
	struct word_domain all = { 0 };
	struct memo **slot, *memo;

	if (!state->n)
		return graph_return(b->graph, state->otherwise);
	if (b->maker.bytes > MAX_BYTES || b->maker.steps > MAX_STEPS)
		b->failed = true;
	if (b->failed)
		return 0;
	slot = &b->table[state_hash(state) % LENGTH(b->table)];
	for (memo = *slot; memo; memo = memo->next)
		if (state_same(&memo->state, state))
			return memo->node;
	memo = arena_alloc(b->arena, sizeof(*memo));
	memo->state = state_keep(&b->maker, *state);
	memo->node = build_word(b, &memo->state, state_first_rank(&memo->state),
				&all);
	memo->next = *slot;
	if (!b->failed)
		*slot = memo;
	return memo->node;
}

/*
 * Settled word by word, unless that fails or needs far more room than one
 * test after the other.
 */
static uint32_t
build_decision(struct builder *b, const struct decision *decision)
{
	size_t n = decision->alternatives.n;
	struct rest *list = arena_alloc(b->arena, n * sizeof(*list));
	struct state state = { list, n, decision->otherwise };
	uint32_t tree, chain;

	for (size_t i = 0; i < n; i++) {
		const struct alternative *a = &decision->alternatives.v[i];

		list[i] = (struct rest){ a->tests, a->count, a->action };
	}
	b->failed = false;
	b->depth = 0;
	state = state_simplify(state);
	tree = build(b, &state);
	if (!b->failed && graph_size(b->graph, tree) < 64)
		return tree;
	chain = chain_build(b->graph, decision);
	if (b->failed ||
	    graph_size(b->graph, tree) > 2 * graph_size(b->graph, chain))
		return chain;
	return tree;
}

const struct decisions *
args_build(struct arena *arena, struct graph *graph,
	   const struct decisions *decisions)
{
	struct decisions *out = arena_alloc(arena, sizeof(*out));
	struct builder *b = arena_alloc(arena, sizeof(*b));
	size_t count = decisions->list.n;
	uint32_t *nodes = arena_alloc(arena, count * sizeof(*nodes));

	b->arena = arena;
	b->maker.arena = arena;
	b->graph = graph;
	for (size_t i = 0; i < count; i++) {
		nodes[i] = build_decision(b, &decisions->list.v[i]);
		/* No program of 4096 instructions comes of this. */
		if (graph->nodes.n > LIMIT_NODES)
			return NULL;
	}
	out->foreign_action = decisions->foreign_action;
	for (size_t i = 0; i < decisions->spaces.n; i++) {
		const struct number_space *from = &decisions->spaces.v[i];
		struct number_space *to = vec_push(arena, &out->spaces);

		to->audit_token = from->audit_token;
		for (size_t j = 0; j < from->ranges.n; j++) {
			struct range range = from->ranges.v[j];
			size_t n = to->ranges.n;

			range.decision = nodes[range.decision];
			if (n && to->ranges.v[n - 1].decision == range.decision)
				to->ranges.v[n - 1].last = range.last;
			else
				*vec_push(arena, &to->ranges) = range;
		}
	}
	return out;
}
