#include "args.h"

/*
 * From alternatives to tests, exactly.
 *
 * A state is the list of alternatives that are still open, each with the
 * tests that are not settled yet:
 *
 *	[ arg0 == 0x100000002 && arg1 < 5 -> ALLOW,  arg0 & 1 == 1 -> ERRNO ]
 *
 * The words of the arguments are settled one after the other.  The word that
 * is next is cut at the ends of all intervals that tests ask for:
 *
 *	args[0].high:  0           1                     2 .. 0xffffffff
 *	               |           |                     |
 *	          next state   [ low == 2 && ..., .. ]   next state
 *
 * Within a cut every test on the word is true or false or, if it looks at
 * both words, a test on the other one, which gives the next state.  Equal
 * states are built once, equal neighbours join, and cheapest.c finds the cut.
 * Where masks look at the word, the kinds of values are more than cuts:
 * args-cells.c has them if they are few, else args-word.c branches on one mask
 * after the other first.  So no test is made whose answer is known, and a
 * decision that does not depend on the arguments comes out as a plain action,
 * in whatever order the words are settled.
 *
 * In each state every word is tried as the next one, and what costs least
 * is taken.  Past some steps that becomes the high word of the first argument
 * that is left, then its low word.  Rules over many arguments can still have
 * exponentially many states: past a budget the alternatives are tested one
 * after the other, which is linear.
 */
enum { MAX_CHAIN = 16 }; /* nodes in a row that are taken for their size */

enum {
	/* With steps of this many words and masks are tried in all orders. */
	TRY_STEPS = 1 << 13,	 /* in a decision */
	TRY_ALL_STEPS = 1 << 18, /* in a compilation */
	FEW_NODES = 64,		 /* are no reason to look for fewer */
	FEW_SIZE = 4,		 /* when size is what counts */
};

/*
 * Settled word by word, unless that fails or needs far more room than one
 * test after the other.
 */
static uint32_t
build_decision(struct builder *b, const struct decision *decision)
{
	struct state state = state_start(&b->maker, decision);
	size_t steps = b->maker.steps, size, chain_size;
	uint32_t tree, chain;

	b->failed = false;
	b->depth = 0;
	b->try_until = steps < TRY_ALL_STEPS ? steps + TRY_STEPS : 0;
	tree = args_state(b, &state);
	size = b->failed ? SIZE_MAX : graph_size(b->graph, tree);
	if (size < (b->costs.mode == OPTIMIZE_SIZE ? FEW_SIZE : FEW_NODES))
		return tree;
	chain = chain_build(b->graph, decision);
	chain_size = graph_size(b->graph, chain);
	/* A long one takes long, and others share no part of it. */
	if (b->costs.mode != OPTIMIZE_SIZE || chain_size > MAX_CHAIN)
		chain_size *= 2;
	return size > chain_size ? chain : tree;
}

static bool
has_high(const struct decision *decision)
{
	for (size_t i = 0; i < decision->alternatives.n; i++) {
		const struct alternative *a = &decision->alternatives.v[i];

		for (size_t j = 0; j < a->count; j++)
			if (!a->tests[j].low)
				return true;
	}
	return false;
}

/* Puts the nodes that are kept into another graph; what each one is there. */
static uint32_t *
copy_kept(struct builder *b, struct graph *graph)
{
	size_t count = b->graph->nodes.n;
	uint32_t *copy = arena_alloc(b->arena, count * sizeof(*copy));

	for (uint32_t i = 0; i < count; i++) {
		const struct node *node = &b->graph->nodes.v[i];

		if (node->kind == NODE_RETURN)
			copy[i] = graph_return(graph, node->k);
		else if (cost_is_kept(&b->costs, i))
			copy[i] = graph_test(graph, node->kind, node->word,
					     node->mask, node->k,
					     copy[node->yes], copy[node->no]);
	}
	return copy;
}

/* The ranges with nodes in the place of decisions, equal neighbours joined. */
static void
join_ranges(struct arena *arena, const struct number_space *from,
	    const uint32_t *nodes, struct number_space *to)
{
	size_t n = 0;

	to->audit_token = from->audit_token;
	to->ranges.v =
		arena_alloc(arena, from->ranges.n * sizeof(*to->ranges.v));
	to->ranges.cap = from->ranges.n;
	for (size_t i = 0; i < from->ranges.n; i++) {
		struct range range = from->ranges.v[i];

		range.decision = nodes[range.decision];
		if (n && to->ranges.v[n - 1].decision == range.decision)
			to->ranges.v[n - 1].last = range.last;
		else
			to->ranges.v[n++] = range;
	}
	to->ranges.n = n;
}

const struct decisions *
args_build(struct arena *arena, struct graph *graph,
	   const struct decisions *decisions, enum optimize_mode mode)
{
	struct decisions *out = arena_alloc(arena, sizeof(*out));
	struct builder *b = arena_alloc(arena, sizeof(*b));
	size_t count = decisions->list.n;
	uint32_t *nodes = arena_alloc(arena, count * sizeof(*nodes)), *copy;
	/* What is tried and not taken stays in a graph of its own. */
	struct graph tried;

	graph_init(&tried, arena);
	b->arena = arena;
	b->maker.arena = arena;
	b->graph = &tried;
	b->costs.graph = &tried;
	b->costs.mode = mode;
	/* Those on low words first: others may share their tests. */
	for (size_t k = 0; k < 2 * count; k++) {
		size_t i = k % count;

		if (has_high(&decisions->list.v[i]) != k / count)
			continue;
		nodes[i] = build_decision(b, &decisions->list.v[i]);
		cost_keep(&b->costs, nodes[i]);
		/* No program of 4096 instructions comes of this. */
		if (tried.nodes.n > LIMIT_NODES)
			return NULL;
	}
	copy = copy_kept(b, graph);
	for (size_t i = 0; i < count; i++)
		nodes[i] = copy[nodes[i]];
	out->foreign_action = decisions->foreign_action;
	for (size_t i = 0; i < decisions->spaces.n; i++)
		join_ranges(arena, &decisions->spaces.v[i], nodes,
			    vec_push(arena, &out->spaces));
	return out;
}
