#include "layout.h"

/*
 * A jump with one offset zero is one instruction of the kernel's own code,
 * with none it is two; the side at offset zero is the cheaper one to take
 * (bpf_convert_filter, net/core/filter.c).  A node that several lead to can
 * follow one of them only.
 *
 * The order is by depth: each node right behind what it leads to, of which
 * the side that should be at offset zero comes last.  A test of which both
 * sides lie elsewhere by then has no such offset, unless it is moved to where
 * the later one of them was placed.
 */

/* How far a test is moved: more could take what leads to it out of reach. */
enum { NEAR = 96 };

enum { ALWAYS = 4 }; /* the rank of what goes nowhere else */

/* The second node that one leads to exists. */
static unsigned
edge_count(const struct node *node)
{
	if (node->kind == NODE_RETURN)
		return 0;
	return node->kind == NODE_AND ? 1 : 2;
}

enum entry
layout_entry(const struct graph *graph, const struct node *from, uint32_t index)
{
	const struct node *to = &graph->nodes.v[index];
	bool same = from->word == to->word;

	if (to->kind == NODE_RETURN || from->kind == NODE_AND)
		return ENTRY_JUMP;
	if (to->kind == NODE_AND)
		return same && from->mask == UINT32_MAX ? ENTRY_JUMP
							: ENTRY_LOAD;
	if (!same)
		return ENTRY_LOAD;
	if (from->mask == to->mask)
		return ENTRY_JUMP;
	return from->mask == UINT32_MAX ? ENTRY_AND : ENTRY_LOAD;
}

/* Where a node begins. */
static enum entry
first_entry(const struct place *place)
{
	if (place->needs_load)
		return ENTRY_LOAD;
	return place->needs_and ? ENTRY_AND : ENTRY_JUMP;
}

static void
note_edge(struct layout *l, const struct node *from, uint32_t index)
{
	const struct node *to = &l->graph->nodes.v[index];
	struct place *place = &l->places[index];
	enum entry entry = layout_entry(l->graph, from, index);

	place->parent_count++;
	if (to->kind == NODE_RETURN)
		return;
	place->needs_load |= entry == ENTRY_LOAD;
	place->needs_and |= entry != ENTRY_JUMP && to->kind != NODE_AND &&
			    to->mask != UINT32_MAX;
}

/* Finds what the root leads to, and which entries edges take; returns the
 * number of edges. */
static uint32_t
find_nodes(struct layout *l)
{
	VEC(uint32_t) stack = { 0 };
	uint32_t edges = 0;

	*vec_push(l->arena, &stack) = l->graph->root;
	l->places[l->graph->root].found = true;
	while (stack.n) {
		uint32_t index = stack.v[--stack.n];
		const struct node *node = &l->graph->nodes.v[index];
		const uint32_t targets[2] = { node->yes, node->no };

		l->places[index].waiting = edge_count(node);
		edges += edge_count(node);
		for (unsigned i = 0; i < edge_count(node); i++) {
			struct place *to = &l->places[targets[i]];

			note_edge(l, node, targets[i]);
			if (!to->found)
				*vec_push(l->arena, &stack) = targets[i];
			to->found = true;
		}
	}
	return edges;
}

/* The lists of parents, in the order of nodes. */
static void
list_parents(struct layout *l, uint32_t edges)
{
	uint32_t next = 0;

	l->parents = arena_alloc(l->arena, edges * sizeof(*l->parents));
	for (size_t i = 0; i < l->graph->nodes.n; i++) {
		l->places[i].parents = next;
		next += l->places[i].parent_count;
		l->places[i].parent_count = 0;
	}
	for (uint32_t i = 0; i < l->graph->nodes.n; i++) {
		const struct node *node = &l->graph->nodes.v[i];
		const uint32_t targets[2] = { node->yes, node->no };

		for (unsigned j = 0; l->places[i].found && j < edge_count(node);
		     j++) {
			struct place *to = &l->places[targets[j]];

			l->parents[to->parents + to->parent_count++] = i;
		}
	}
}

static bool
can_follow(const struct layout *l, const struct node *node, uint32_t index)
{
	const struct place *place = &l->places[index];

	return layout_entry(l->graph, node, index) == first_entry(place);
}

/* What should follow a node: the kernel has no opposite of JSET. */
static uint32_t
find_next(const struct layout *l, const struct node *node)
{
	uint32_t likely = node->likely ? node->yes : node->no;
	uint32_t other = node->likely ? node->no : node->yes;

	if (node->kind == NODE_AND)
		return node->yes;
	if (node->kind == NODE_SET)
		return node->no;
	if (!can_follow(l, node, likely) || l->places[likely].has_cut)
		return other;
	return likely;
}

/*
 * Which nodes have a NODE_AND right before them: those whose test it would
 * else have to repeat.  In fast code that is better than to keep what leads
 * there most from it.
 */
static void
note_cuts(struct layout *l)
{
	for (size_t i = 0; i < l->graph->nodes.n; i++) {
		const struct node *node = &l->graph->nodes.v[i];

		if (l->places[i].found && node->kind == NODE_AND &&
		    can_follow(l, node, node->yes))
			l->places[node->yes].has_cut = true;
	}
	for (size_t i = 0; l->fast && i < l->graph->nodes.n; i++) {
		const struct node *node = &l->graph->nodes.v[i];

		if (l->places[i].found && edge_count(node) == 2 && node->often)
			l->places[node->likely ? node->yes : node->no].has_cut =
				false;
	}
}

/* Every node behind all that it leads to. */
static uint32_t *
list_by_depth(struct layout *l, uint32_t *count)
{
	size_t all = l->graph->nodes.n;
	uint32_t *list = arena_alloc(l->arena, all * sizeof(*list));
	VEC(uint32_t) stack = { 0 };

	*vec_push(l->arena, &stack) = l->graph->root;
	*count = 0;
	while (stack.n) {
		uint32_t index = stack.v[stack.n - 1], next;
		const struct node *node = &l->graph->nodes.v[index];
		struct place *place = &l->places[index];

		if (place->open || node->kind == NODE_RETURN) {
			stack.n--;
			if (!place->listed) {
				place->position = *count;
				list[(*count)++] = index;
			}
			place->listed = true;
			continue;
		}
		place->open = true;
		next = find_next(l, node);
		if (!l->places[next].open)
			*vec_push(l->arena, &stack) = next;
		next = next == node->yes ? node->no : node->yes;
		if (edge_count(node) == 2 && !l->places[next].open)
			*vec_push(l->arena, &stack) = next;
	}
	return list;
}

/* Whether a node is best left right behind a test that runs often. */
static bool
is_sought(const struct layout *l, uint32_t index)
{
	const struct place *place = &l->places[index];

	for (uint32_t i = 0; i < place->parent_count; i++) {
		const struct node *from =
			&l->graph->nodes.v[l->parents[place->parents + i]];

		if (from->often && find_next(l, from) == index)
			return true;
	}
	return false;
}

/* How much a node is worth that can come right before `last`, 0: nothing. */
static unsigned
rank_follower(const struct layout *l, uint32_t index, uint32_t last)
{
	const struct node *node = &l->graph->nodes.v[index];
	const struct place *place = &l->places[index];

	if (place->placed || place->waiting || !can_follow(l, node, last))
		return 0;
	if (node->kind == NODE_AND)
		return l->places[last].has_cut ? ALWAYS : 0;
	if (node->kind == NODE_SET)
		return node->no == last ? 3 : 0;
	return find_next(l, node) == last ? 2 : 1;
}

/* Whether a node's turn can come when it is that of position. */
static bool
may_move(const struct layout *l, uint32_t index, uint32_t position)
{
	uint32_t at = l->places[index].position;

	return at <= position + 1 || (at <= position + NEAR &&
				      !(l->keeps_often && is_sought(l, index)));
}

/* A node near position that can come right before `last`. */
static bool
find_before(const struct layout *l, uint32_t last, uint32_t position,
	    uint32_t *found)
{
	const struct place *place = &l->places[last];
	unsigned best = 0;

	for (uint32_t i = 0; i < place->parent_count; i++) {
		uint32_t index = l->parents[place->parents + i];
		uint32_t at = l->places[index].position;
		unsigned rank = rank_follower(l, index, last);

		if (!rank || rank < best ||
		    (rank < ALWAYS && !may_move(l, index, position)) ||
		    (rank == best && at > l->places[*found].position))
			continue;
		best = rank;
		*found = index;
	}
	return best;
}

static void
put(struct layout *l, uint32_t index)
{
	struct place *place = &l->places[index];

	place->placed = true;
	*vec_push(l->arena, &l->order) = index;
	for (uint32_t i = 0; i < place->parent_count; i++)
		l->places[l->parents[place->parents + i]].waiting--;
}

void
layout_find(struct layout *l, struct arena *arena, const struct graph *graph,
	    const struct options *options)
{
	size_t all = graph->nodes.n;
	uint32_t *list, count;
	struct place *root;

	*l = (struct layout){ .arena = arena,
			      .graph = graph,
			      .keeps_often = options->optimize != OPTIMIZE_SIZE,
			      .fast = options->optimize == OPTIMIZE_SPEED };
	l->places = arena_alloc(arena, all * sizeof(*l->places));
	root = &l->places[graph->root];
	/* Nothing is loaded at the start. */
	root->needs_load = true;
	root->needs_and = graph->nodes.v[graph->root].kind != NODE_AND &&
			  graph->nodes.v[graph->root].mask != UINT32_MAX;
	list_parents(l, find_nodes(l));
	note_cuts(l);
	list = list_by_depth(l, &count);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t next = list[i];

		if (l->places[next].placed)
			continue;
		do
			put(l, next);
		while (find_before(l, next, i, &next));
	}
}
