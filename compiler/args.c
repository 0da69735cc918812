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
 * The words of the arguments are settled one after the other.  Of the word
 * that is next, first its bit masks are branched on, as two-way tests; what
 * they leave of the word is then cut at the ends of all intervals that
 * remain:
 *
 *	args[0].high:  0           1                     2 .. 0xffffffff
 *	               |           |                     |
 *	          next state   [ low == 2 && ..., .. ]   next state
 *
 * Within a cut every test on the word is true or false or, if it looks at
 * both words, a test on the other one, which gives the next state.  Equal
 * states are built once, equal neighbours join, and cheapest.c finds the cut.
 * So no test is made whose answer is known, and a decision that does not
 * depend on the arguments comes out as a plain action, in whatever order the
 * words are settled.
 *
 * In each state every word is tried as the next one, and what costs least
 * is taken.  Past some steps that becomes the high word of the first argument
 * that is left, then its low word.  Rules over many arguments can still have
 * exponentially many states: past a budget the alternatives are tested one
 * after the other, which is linear.
 */
enum {
	MAX_BYTES = 32 << 20, /* of states, in a compilation */
	MAX_STEPS = 1 << 26,  /* of looking at a test, in a compilation */
	MAX_DEPTH = 256,      /* nested masks and words */
	/* With steps of this many words and masks are tried in all orders. */
	FEW_CUTS = 17,		 /* of a word: on the stack */
	TRY_STEPS = 1 << 13,	 /* in a decision */
	TRY_ALL_STEPS = 1 << 18, /* in a compilation */
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
	struct costs costs;
	size_t try_until; /* as steps */
	unsigned depth;
	bool failed; /* a budget is spent */
};

/* The word that a state settles next. */
struct settling {
	unsigned rank;
	struct samples samples;
};

static uint32_t build(struct builder *b, const struct state *state);

uint32_t
args_leaf(struct graph *graph, uint32_t action)
{
	return graph_return(graph, action);
}

static bool
is_trying(const struct builder *b)
{
	return b->maker.steps < b->try_until;
}

/* The next test from i, j on that looks at a word, or NULL. */
static const struct open_test *
next_test(const struct state *state, unsigned rank, size_t *i, size_t *j)
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
	while ((test = next_test(state, rank, &i, &j))) {
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
	for (size_t i = 0; i < all->n; i++) {
		uint32_t x = all->v[i].value;
		const struct word_pattern *p = d->negated;

		if ((x & d->mask) != d->value)
			continue;
		while (p && (x & p->mask) != p->value)
			p = p->next;
		if (!p)
			out->v[out->n++] = all->v[i];
	}
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
		range.decision = build(b, &next);
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

	while (next_test(state, s->rank, &i, &j))
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

static uint32_t build_word(struct builder *b, const struct state *state,
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
		return build(b, &next);
	return build_word(b, &next, s, d);
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

	if (b->maker.bytes > MAX_BYTES || b->maker.steps > MAX_STEPS ||
	    b->depth >= MAX_DEPTH)
		b->failed = true;
	if (b->failed)
		return 0;
	b->depth++;
	yes = build_side(b, state, s, &with);
	no = build_side(b, state, s, &without);
	b->depth--;
	return chain_mask(b->graph, state_word(s->rank), part, yes, no);
}

/* Settles a word on which all masks are open: these first, then the rest. */
static uint32_t
build_word(struct builder *b, const struct state *state,
	   const struct settling *s, const struct word_domain *d)
{
	const struct open_test *test;
	struct cost best_cost = { 0 };
	struct samples samples;
	uint32_t best = 0;
	size_t i = 0, j = 0;
	bool any = false;

	while (!b->failed && (test = next_test(state, s->rank, &i, &j))) {
		struct word_part part = state_part(test, s->rank);
		uint32_t node;
		struct cost cost;

		if (!part.masked)
			continue;
		if (any && !is_trying(b))
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

/*
 * What a word may well be: zero, as often as not, and what the tests on it
 * name.
 */
static void
find_samples(const struct state *state, unsigned rank, struct samples *samples)
{
	const struct open_test *test;
	size_t i = 0, j = 0;

	samples->v[0] = (struct sample){ 0, 1 };
	samples->n = 1;
	while (samples->n < LENGTH(samples->v) &&
	       (test = next_test(state, rank, &i, &j))) {
		struct word_part part = state_part(test, rank);
		uint32_t value = part.masked ? part.value : part.first;

		if (test->op == CMP_LT && part.last != part.first)
			value--;
		samples->v[samples->n++] = (struct sample){ value, 1 };
		samples->v[0].weight += 2;
	}
}

/* Settles the word first that makes it cheapest. */
static uint32_t
build_best(struct builder *b, const struct state *state)
{
	unsigned words = state_words(state);
	struct word_domain all = { 0 };
	struct cost best_cost = { 0 };
	uint32_t best = 0;
	bool any = false;

	for (unsigned rank = 0; rank < STATE_RANKS && !b->failed; rank++) {
		struct settling s;
		uint32_t node;
		struct cost cost;

		if (!(words >> rank & 1))
			continue;
		if (any && !is_trying(b))
			break;
		s.rank = rank;
		find_samples(state, rank, &s.samples);
		node = build_word(b, state, &s, &all);
		if (b->failed || b->graph->nodes.v[node].kind == NODE_RETURN)
			return node;
		/* It may be another state's node, if the word is no matter. */
		cost = cost_noted(&b->costs, node);
		if (b->graph->nodes.v[node].word == state_word(rank))
			cost = cost_measure(&b->costs, node, &s.samples);
		if (any && !cost_better(&b->costs, node, cost, best, best_cost))
			continue;
		best = node;
		best_cost = cost;
		any = true;
	}
	if (any)
		cost_note(&b->costs, best, best_cost);
	return best;
}

/* The node for a simplified state, which need not outlive the call. */
static uint32_t
build(struct builder *b, const struct state *state)
{
	struct memo **slot, *memo;

	if (!state->n)
		return args_leaf(b->graph, state->otherwise);
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
	memo->node = build_best(b, &memo->state);
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
	struct state state = state_start(&b->maker, decision);
	size_t steps = b->maker.steps;
	uint32_t tree, chain;

	b->failed = false;
	b->depth = 0;
	b->try_until = steps < TRY_ALL_STEPS ? steps + TRY_STEPS : 0;
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
	   const struct decisions *decisions, enum optimize_mode mode)
{
	struct decisions *out = arena_alloc(arena, sizeof(*out));
	struct builder *b = arena_alloc(arena, sizeof(*b));
	size_t count = decisions->list.n;
	uint32_t *nodes = arena_alloc(arena, count * sizeof(*nodes));

	b->arena = arena;
	b->maker.arena = arena;
	b->graph = graph;
	b->costs.graph = graph;
	b->costs.mode = mode;
	for (size_t i = 0; i < count; i++) {
		nodes[i] = build_decision(b, &decisions->list.v[i]);
		cost_keep(&b->costs, nodes[i]);
		/* No program of 4096 instructions comes of this. */
		if (graph->nodes.n > LIMIT_NODES)
			return NULL;
	}
	out->foreign_action = decisions->foreign_action;
	for (size_t i = 0; i < decisions->spaces.n; i++) {
		const struct number_space *from = &decisions->spaces.v[i];
		struct number_space *to = vec_push(arena, &out->spaces);

		to->audit_token = from->audit_token;
		to->ranges.v = arena_alloc(
			arena, from->ranges.n * sizeof(*to->ranges.v));
		to->ranges.cap = from->ranges.n;
		for (size_t j = 0; j < from->ranges.n; j++) {
			struct range range = from->ranges.v[j];
			size_t n = to->ranges.n;

			range.decision = nodes[range.decision];
			if (n && to->ranges.v[n - 1].decision == range.decision)
				to->ranges.v[n - 1].last = range.last;
			else
				to->ranges.v[to->ranges.n++] = range;
		}
	}
	return out;
}
