#include "args.h"

/*
 * The cost of tests is that of the instructions that emit.c makes of them: a
 * load where the accumulator holds another word, an AND where there is a mask
 * that it was not subject to, and the jump.
 *
 * What is expected goes by samples of each word by itself: zero, which is
 * what most words of most arguments are, and what the rules name.
 */
enum {
	SLACK = COST_UNIT / 256, /* of rounding: no difference */
};

struct node_cost {
	uint64_t expected, worst; /* from another word, if noted */
	uint32_t walk, worst_here;
	bool loaded, masked; /* in the walk */
	bool kept;
};

/* The notes, one for each node that there is. */
static struct node_cost *
notes(struct costs *costs)
{
	const struct graph *graph = costs->graph;

	if (costs->size < graph->nodes.n) {
		costs->notes =
			arena_realloc(graph->arena, costs->notes,
				      costs->size * sizeof(*costs->notes),
				      graph->nodes.cap * sizeof(*costs->notes));
		costs->size = graph->nodes.cap;
	}
	return costs->notes;
}

/* The instructions of a test when the accumulator holds what from tested;
 * NULL: another word. */
static unsigned
instructions(const struct node *from, const struct node *to)
{
	bool masked = to->mask != UINT32_MAX;

	if (from && from->word == to->word) {
		if (from->mask == to->mask)
			return 1;
		if (from->mask == UINT32_MAX)
			return 2;
	}
	return 2 + masked;
}

static bool
holds(const struct node *node, uint32_t x)
{
	switch (node->kind) {
	case NODE_EQ:
		return (x & node->mask) == node->k;
	case NODE_GE:
		return (x & node->mask) >= node->k;
	default:
		return (x & node->k) != 0;
	}
}

/* Where a value of a word leads, and what that costs. */
static uint64_t
follow(struct costs *costs, uint32_t index, uint32_t x)
{
	const struct node *v = costs->graph->nodes.v;
	const struct node *from = NULL, *node = &v[index];
	uint8_t word = node->word;
	uint64_t steps = 0;

	while (node->kind != NODE_RETURN && node->word == word) {
		steps += instructions(from, node);
		from = node;
		index = holds(node, x) ? node->yes : node->no;
		node = &v[index];
	}
	return steps * COST_UNIT + costs->notes[index].expected;
}

/* The worst behind a test's jump, before other words of this walk. */
static uint64_t
worst_after(struct costs *costs, uint32_t index)
{
	const struct node *node = &costs->graph->nodes.v[index];
	struct node_cost *note = &costs->notes[index];
	const uint32_t targets[2] = { node->yes, node->no };
	uint64_t worst = 0;

	if (note->walk == costs->walk)
		return note->worst_here;
	for (int i = 0; i < 2; i++) {
		const struct node *to = &costs->graph->nodes.v[targets[i]];
		uint64_t after = costs->notes[targets[i]].worst;

		if (to->kind != NODE_RETURN && to->word == node->word)
			after = instructions(node, to) +
				worst_after(costs, targets[i]);
		if (after > worst)
			worst = after;
	}
	note->walk = costs->walk;
	note->worst_here = (uint32_t)worst;
	return worst;
}

struct cost
cost_measure(struct costs *costs, uint32_t node, const struct samples *samples)
{
	const struct node *top = &costs->graph->nodes.v[node];
	struct cost cost = { 0 };
	uint64_t all = 0;

	notes(costs);
	if (top->kind == NODE_RETURN)
		return cost;
	for (size_t i = 0; i < samples->n; i++) {
		const struct sample *sample = &samples->v[i];

		cost.expected +=
			follow(costs, node, sample->value) * sample->weight;
		all += sample->weight;
	}
	if (all)
		cost.expected /= all;
	costs->walk++;
	cost.worst = instructions(NULL, top) + worst_after(costs, node);
	return cost;
}

void
cost_note(struct costs *costs, uint32_t node, struct cost cost)
{
	struct node_cost *note = &notes(costs)[node];

	note->expected = cost.expected;
	note->worst = cost.worst;
}

struct cost
cost_noted(const struct costs *costs, uint32_t node)
{
	struct cost cost = { 0 };

	if (node < costs->size) {
		cost.expected = costs->notes[node].expected;
		cost.worst = costs->notes[node].worst;
	}
	return cost;
}

/* Counts the instructions that a node adds when it is reached from another;
 * true when it was not reached before in this walk. */
static bool
reach(struct costs *costs, const struct node *from, uint32_t index,
      size_t *count)
{
	const struct node *node = &costs->graph->nodes.v[index];
	struct node_cost *note = &costs->notes[index];
	unsigned entry = instructions(from, node);
	bool is_new = note->walk != costs->walk;

	if (note->kept || node->kind == NODE_RETURN)
		return false;
	if (is_new) {
		note->walk = costs->walk;
		note->loaded = note->masked = false;
		++*count;
	}
	if (node->mask != UINT32_MAX && entry > 1 && !note->masked) {
		note->masked = true;
		++*count;
	}
	if (entry == 2u + (node->mask != UINT32_MAX) && !note->loaded) {
		note->loaded = true;
		++*count;
	}
	return is_new;
}

/* The instructions that root adds; with keep, they are kept from now on. */
static size_t
add_size(struct costs *costs, uint32_t root, bool keep)
{
	VEC(uint32_t) stack = { 0 };
	size_t count = 0;

	notes(costs);
	costs->walk++;
	if (reach(costs, NULL, root, &count))
		*vec_push(costs->graph->arena, &stack) = root;
	while (stack.n) {
		uint32_t index = stack.v[--stack.n];
		const struct node *node = &costs->graph->nodes.v[index];

		if (reach(costs, node, node->yes, &count))
			*vec_push(costs->graph->arena, &stack) = node->yes;
		if (reach(costs, node, node->no, &count))
			*vec_push(costs->graph->arena, &stack) = node->no;
		costs->notes[index].kept = keep;
	}
	return count;
}

void
cost_keep(struct costs *costs, uint32_t root)
{
	add_size(costs, root, true);
}

bool
cost_is_kept(const struct costs *costs, uint32_t node)
{
	return node < costs->size && costs->notes[node].kept;
}

/* -1, 0 or 1 as a is less than b or not, but for rounding. */
static int
compare(uint64_t a, uint64_t b, uint64_t slack)
{
	return a + slack < b ? -1 : a > b + slack;
}

bool
cost_better(struct costs *costs, uint32_t node, struct cost a, uint32_t other,
	    struct cost b)
{
	int expected = compare(a.expected, b.expected, SLACK);
	int worst = compare(a.worst, b.worst, 0), size = 0;

	if (node == other)
		return false;
	if (costs->mode == OPTIMIZE_SIZE || (!expected && !worst))
		size = compare(add_size(costs, node, false),
			       add_size(costs, other, false), 0);
	if (costs->mode == OPTIMIZE_SIZE && size)
		return size < 0;
	if (expected)
		return expected < 0;
	return worst ? worst < 0 : size < 0;
}
