#include "order.h"

/*
 * The arch decides first, in the order of how many calls each one makes, then
 * the number.  With one audit arch token alone, and calls of others getting
 * an action that some number gets anyway, the arch is tested last: in front
 * of the other actions only.
 *
 * The numbers of an ABI with a number bit are the last branch of the tree of
 * the ABI whose token it shares:
 *
 *	nr >= k1 ------> nr >= k2 ------> nr >= 0x40000000 ---> numbers that
 *	   |                |                                   decide
 *	numbers          numbers                                otherwise
 *	below k1         below k2                                   |
 *	   ^------------------------------- nr & 0x3fffffff --------'
 *
 * Those that decide as without the bit go on there, without it.
 */

/* The value of no action: what stands for a branch before it is made. */
enum { DEFERRED_ACTION = 1 << 16 };

enum { MIN_BRANCH = 5 }; /* ranges that are worth a branch */

/*
 * What code should be.  The less is known of what is called, the more counts
 * that no call takes long.
 */
static struct search_goal
find_goal(const struct options *options)
{
	bool known = options->weights->even < 100;

	switch (options->optimize) {
	case OPTIMIZE_SPEED:
		return (struct search_goal){ .size = 1, .thorough = true };
	case OPTIMIZE_SIZE:
		return (struct search_goal){ .size = SEARCH_UNIT * 64,
					     .thorough = true };
	default:
		return (struct search_goal){
			.size = SEARCH_UNIT / 100,
			/* Counts that somebody gives are worth the time. */
			.thorough = options->weights->even == WEIGHTS_EVEN,
			.evened =
				known ? options->weights->even / 16 : ALL_EVEN,
		};
	}
}

/* Every action of the graph but `foreign` behind a test of the arch, by
 * node. */
static const uint32_t *
guard_nodes(struct arena *arena, struct graph *graph, uint32_t token,
	    uint32_t foreign)
{
	size_t n = graph->nodes.n;
	uint32_t *guarded = arena_alloc(arena, n * sizeof(*guarded));

	/* Children come before parents. */
	for (size_t i = 0; i < n; i++) {
		struct node node = graph->nodes.v[i];
		bool is_return = node.kind == NODE_RETURN;
		uint32_t made;

		/* Both sides of the foreign one are the same: no test. */
		if (is_return)
			made = graph_test(graph, NODE_EQ, WORD_ARCH, UINT32_MAX,
					  token, (uint32_t)i, foreign);
		else
			made = graph_test(graph, (enum node_kind)node.kind,
					  (enum word)node.word, node.mask,
					  node.k, guarded[node.yes],
					  guarded[node.no]);
		if (made != foreign)
			graph->nodes.v[made].likely = is_return || node.likely;
		guarded[i] = made;
	}
	return guarded;
}

/*
 * Whether the arch is better tested last: it saves those with the foreign
 * action two instructions, and takes two more for each further action.
 */
static bool
guards_pay(const struct graph *graph, const struct number_space *space,
	   const uint64_t *weights, uint32_t foreign,
	   const struct search_goal *goal)
{
	uint64_t saved = 0, actions = 0;

	for (size_t i = 0; i < space->ranges.n; i++)
		if (space->ranges.v[i].decision == foreign)
			saved += weights[i];
	for (size_t i = 0; i < graph->nodes.n; i++)
		actions +=
			graph->nodes.v[i].kind == NODE_RETURN && i != foreign;
	return saved && (actions <= 1 || saved >= (actions - 1) * goal->size);
}

/* The number bit of the ABI that shares a token, 0 if there is none. */
static uint32_t
find_bit(uint32_t token)
{
	uint32_t bit = 0;

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (arch_table[i]->audit_token == token)
			bit |= arch_table[i]->number_bit;
	return bit;
}

/* Appends numbers of first..last that a range has. */
static void
append(struct dispatch_part *part, const struct range *range, uint64_t weight,
       uint32_t first, uint32_t last)
{
	struct range *to = &part->ranges[part->count];

	if (range->last < first || range->first > last)
		return;
	*to = *range;
	if (to->first < first)
		to->first = first;
	if (to->last > last)
		to->last = last;
	part->weights[part->count++] = weight;
}

/* A tree over all numbers of a token, of which ranges lead to nodes. */
static uint32_t
build_space(struct dispatch *d, const struct number_space *space,
	    const uint64_t *weights)
{
	uint32_t bit = d->number_bit = find_bit(space->audit_token);
	struct search_deferred deferred = { .build = build_bit, .context = d };
	uint64_t weight = 0;

	d->plain.count = d->bit.count = 0;
	for (size_t i = 0; i < space->ranges.n; i++) {
		const struct range *range = &space->ranges.v[i];

		append(&d->plain, range, weights[i], 0, bit - 1);
		if (bit)
			append(&d->bit, range, weights[i], bit, UINT32_MAX);
	}
	if (d->bit.count < MIN_BRANCH)
		return search_weighted(d->graph, WORD_NUMBER, space->ranges.v,
				       weights, space->ranges.n, &d->goal,
				       NULL);
	deferred.node = graph_return(d->graph, DEFERRED_ACTION);
	for (size_t i = 0; i < d->bit.count; i++)
		weight += d->bit.weights[i];
	append(&d->plain, &(struct range){ bit, UINT32_MAX, deferred.node },
	       weight, bit, UINT32_MAX);
	return search_weighted(d->graph, WORD_NUMBER, d->plain.ranges,
			       d->plain.weights, d->plain.count, &d->goal,
			       &deferred);
}

static void
make_room(struct dispatch *d, struct dispatch_part *part, size_t count)
{
	part->ranges = arena_alloc(d->arena, count * sizeof(*part->ranges));
	part->weights = arena_alloc(d->arena, count * sizeof(*part->weights));
}

/* The ranges of a space with guarded nodes. */
static struct number_space
guard_space(struct dispatch *d, const struct number_space *space,
	    uint32_t foreign)
{
	const uint32_t *guarded =
		guard_nodes(d->arena, d->graph, space->audit_token, foreign);
	struct number_space out = { .audit_token = space->audit_token };

	for (size_t i = 0; i < space->ranges.n; i++) {
		struct range *range = vec_push(d->arena, &out.ranges);

		*range = space->ranges.v[i];
		range->decision = guarded[range->decision];
	}
	return out;
}

void
order_build(struct graph *graph, const struct decisions *decisions,
	    const struct options *options)
{
	struct dispatch d = { .arena = graph->arena,
			      .graph = graph,
			      .goal = find_goal(options) };
	uint32_t foreign = graph_return(graph, decisions->foreign_action);
	uint32_t next = foreign;

	for (size_t i = decisions->spaces.n; i-- > 0;) {
		struct number_space space = decisions->spaces.v[i];
		const uint64_t *weights =
			weigh_space(d.arena, graph, decisions, i, options);
		bool late =
			decisions->spaces.n == 1 &&
			guards_pay(graph, &space, weights, foreign, &d.goal);

		if (late)
			space = guard_space(&d, &space, foreign);
		make_room(&d, &d.plain, space.ranges.n + 1);
		make_room(&d, &d.bit, space.ranges.n + 1);
		graph->root = build_space(&d, &space, weights);
		if (late)
			return;
		next = graph_test(graph, NODE_EQ, WORD_ARCH, UINT32_MAX,
				  space.audit_token, graph->root, next);
		if (graph->nodes.v[next].kind != NODE_RETURN)
			graph->nodes.v[next].likely = true;
	}
	graph->root = next;
}
