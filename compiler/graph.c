#include "compiler.h"

#include <string.h>

void
graph_init(struct graph *graph, struct arena *arena)
{
	memset(graph, 0, sizeof(*graph));
	graph->arena = arena;
}

static size_t
hash(const struct node *node)
{
	uint64_t h = (uint64_t)node->kind << 8 | node->word;

	h = (h ^ node->mask) * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ h >> 29 ^ node->k) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 32 ^ node->yes) * UINT64_C(0x94d049bb133111eb);
	h = (h ^ h >> 29 ^ node->no) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h ^ h >> 32);
}

static bool
same(const struct node *a, const struct node *b)
{
	return a->kind == b->kind && a->word == b->word &&
	       a->mask == b->mask && a->k == b->k && a->yes == b->yes &&
	       a->no == b->no;
}

/* The slot of a node or the free one where it belongs. */
static uint32_t *
find_slot(const struct graph *graph, const struct node *node)
{
	size_t i = hash(node);
	uint32_t *slot;

	for (;; i++) {
		slot = &graph->table[i & (graph->table_size - 1)];
		if (!*slot || same(&graph->nodes.v[*slot - 1], node))
			return slot;
	}
}

static void
grow(struct graph *graph)
{
	graph->table_size = graph->table_size ? graph->table_size * 2 : 256;
	graph->table = arena_alloc(graph->arena, graph->table_size *
							 sizeof(*graph->table));
	for (size_t i = 0; i < graph->nodes.n; i++)
		*find_slot(graph, &graph->nodes.v[i]) = (uint32_t)i + 1;
}

static uint32_t
intern(struct graph *graph, const struct node *node)
{
	uint32_t *slot;

	if (graph->nodes.n * 2 >= graph->table_size)
		grow(graph);
	slot = find_slot(graph, node);
	if (!*slot) {
		*vec_push(graph->arena, &graph->nodes) = *node;
		*slot = (uint32_t)graph->nodes.n;
	}
	return *slot - 1;
}

uint32_t
graph_return(struct graph *graph, uint32_t action)
{
	return intern(graph,
		      &(struct node){ .kind = NODE_RETURN, .k = action });
}

uint32_t
graph_test(struct graph *graph, enum node_kind kind, enum word word,
	   uint32_t mask, uint32_t k, uint32_t yes, uint32_t no)
{
	if (yes == no)
		return yes;
	return intern(graph, &(struct node){ .kind = (uint8_t)kind,
					     .word = (uint8_t)word,
					     .mask = mask,
					     .k = k,
					     .yes = yes,
					     .no = no });
}

uint32_t
graph_and(struct graph *graph, enum word word, uint32_t mask, uint32_t target)
{
	const struct node *node = &graph->nodes.v[target];

	/* What does not look at the word, or loads another one. */
	if (node->kind == NODE_RETURN || node->word != word)
		return target;
	if (node->kind == NODE_AND)
		return graph_and(graph, word, mask & node->mask, node->yes);
	return intern(graph, &(struct node){ .kind = NODE_AND,
					     .word = (uint8_t)word,
					     .mask = mask,
					     .yes = target,
					     .no = target });
}

/* Whether the test of a node holds for zero arguments. */
static bool
holds_for_zero(const struct node *node)
{
	if (node->word == WORD_ARCH)
		return true;
	return node->kind != NODE_SET && node->k == 0;
}

unsigned
graph_executed(const struct graph *graph, uint32_t index)
{
	const struct node *node = &graph->nodes.v[index];
	unsigned count = 1;
	int word = -1;

	while (node->kind != NODE_RETURN) {
		count += node->kind == NODE_AND ? 1u : 1u + (node->word != word);
		count += node->kind != NODE_AND && node->mask != UINT32_MAX;
		word = node->word;
		index = holds_for_zero(node) ? node->yes : node->no;
		node = &graph->nodes.v[index];
	}
	return count;
}

size_t
graph_size(struct graph *graph, uint32_t root)
{
	VEC(uint32_t) stack = { 0 };
	size_t count = 0;

	if (graph->marks_size < graph->nodes.n) {
		graph->marks = arena_realloc(
			graph->arena, graph->marks,
			graph->marks_size * sizeof(*graph->marks),
			graph->nodes.cap * sizeof(*graph->marks));
		graph->marks_size = graph->nodes.cap;
	}
	graph->walk++;
	*vec_push(graph->arena, &stack) = root;
	while (stack.n) {
		uint32_t index = stack.v[--stack.n];
		const struct node *node = &graph->nodes.v[index];

		if (graph->marks[index] == graph->walk)
			continue;
		graph->marks[index] = graph->walk;
		count++;
		if (node->kind == NODE_RETURN)
			continue;
		*vec_push(graph->arena, &stack) = node->yes;
		*vec_push(graph->arena, &stack) = node->no;
	}
	return count;
}
