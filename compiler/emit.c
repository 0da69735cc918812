#include "compiler.h"

/*
 * Backwards: the code grows from its end, so that the distance of every jump
 * is known when the jump is made, and the whole is reversed at last.
 *
 * A test on (word & mask) is up to three instructions, each of which can be
 * jumped to:
 *
 *	load:	LD word		unless all that lead here hold word,
 *	and:	AND mask	or already word & mask
 *	jump:	Jxx k, yes, no
 *
 * Which entry an edge takes depends on its source alone: after its test the
 * accumulator holds the source's own word & mask.
 */
enum entry { ENTRY_LOAD, ENTRY_AND, ENTRY_JUMP };

enum { MAX_DISTANCE = 255 }; /* of a jump: its offsets have 8 bits */

struct place {
	bool visited, open;
	bool needs_load, needs_and;
	uint32_t at[3]; /* by entry, counted from the end */
};

struct emitter {
	struct arena *arena;
	const struct graph *graph;
	struct place *places;	      /* by node */
	VEC(struct sock_filter) code; /* last instruction first */
};

static uint32_t
word_offset(uint8_t word)
{
	switch (word) {
	case WORD_NUMBER:
		return offsetof(struct seccomp_data, nr);
	case WORD_ARCH:
		return offsetof(struct seccomp_data, arch);
	default:
		/* Little endian: the low word comes first. */
		return (uint32_t)offsetof(struct seccomp_data, args) +
		       4u * (uint32_t)(word - WORD_ARGS);
	}
}

/* The entry of a node when the accumulator holds what from tested. */
static enum entry
entry_from(const struct node *from, const struct node *to)
{
	if (from->word != to->word)
		return ENTRY_LOAD;
	if (from->mask == to->mask)
		return ENTRY_JUMP;
	return from->mask == UINT32_MAX ? ENTRY_AND : ENTRY_LOAD;
}

static uint32_t
push(struct emitter *e, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	*vec_push(e->arena, &e->code) = (struct sock_filter){ code, jt, jf, k };
	return (uint32_t)e->code.n - 1;
}

/* How far a jump made now would be from at. */
static uint32_t
distance(const struct emitter *e, uint32_t at)
{
	return (uint32_t)e->code.n - at - 1;
}

/*
 * Puts something within reach that leads to target if it is out of it: a
 * RET of its own, or a JA.
 */
static void
bring_near(struct emitter *e, uint32_t target, uint32_t *at)
{
	const struct node *node = &e->graph->nodes.v[target];

	if (distance(e, *at) <= MAX_DISTANCE)
		return;
	if (node->kind == NODE_RETURN)
		*at = push(e, BPF_RET | BPF_K, 0, 0, node->k);
	else
		*at = push(e, BPF_JMP | BPF_JA, 0, 0, distance(e, *at));
}

static void
emit_return(struct emitter *e, struct place *place, const struct node *node)
{
	uint32_t at = push(e, BPF_RET | BPF_K, 0, 0, node->k);

	place->at[ENTRY_LOAD] = place->at[ENTRY_AND] = place->at[ENTRY_JUMP] =
		at;
}

static uint32_t
target_at(const struct emitter *e, const struct node *from, uint32_t target)
{
	const struct node *to = &e->graph->nodes.v[target];

	return e->places[target]
		.at[to->kind == NODE_RETURN ? ENTRY_JUMP
					    : entry_from(from, to)];
}

static void
emit_test(struct emitter *e, struct place *place, const struct node *node)
{
	static const uint16_t codes[] = {
		[NODE_EQ] = BPF_JMP | BPF_JEQ | BPF_K,
		[NODE_GE] = BPF_JMP | BPF_JGE | BPF_K,
		[NODE_SET] = BPF_JMP | BPF_JSET | BPF_K,
	};
	uint32_t yes = target_at(e, node, node->yes);
	uint32_t no = target_at(e, node, node->no);

	/* What is brought near pushes the other one further away. */
	for (int i = 0; i < 2; i++) {
		bring_near(e, node->yes, &yes);
		bring_near(e, node->no, &no);
	}
	place->at[ENTRY_JUMP] =
		push(e, codes[node->kind], (uint8_t)distance(e, yes),
		     (uint8_t)distance(e, no), node->k);
	if (place->needs_and)
		place->at[ENTRY_AND] =
			push(e, BPF_ALU | BPF_AND | BPF_K, 0, 0, node->mask);
	else
		place->at[ENTRY_AND] = place->at[ENTRY_JUMP];
	if (place->needs_load)
		place->at[ENTRY_LOAD] = push(e, BPF_LD | BPF_W | BPF_ABS, 0, 0,
					     word_offset(node->word));
}

/* Notes which entries the edges of a node take. */
static void
note_edges(struct emitter *e, const struct node *node)
{
	const uint32_t targets[2] = { node->yes, node->no };

	for (int i = 0; i < 2; i++) {
		const struct node *to = &e->graph->nodes.v[targets[i]];
		struct place *place = &e->places[targets[i]];
		enum entry entry = entry_from(node, to);

		if (to->kind == NODE_RETURN)
			continue;
		place->needs_load |= entry == ENTRY_LOAD;
		place->needs_and |=
			entry != ENTRY_JUMP && to->mask != UINT32_MAX;
	}
}

/*
 * The nodes that root leads to, every one behind all that it leads to.  The
 * side that is visited last comes to lie right behind the test: the likelier
 * one, which is the native arch before others, and else `no`.
 */
static size_t
list_nodes(struct emitter *e, uint32_t *list)
{
	VEC(uint32_t) stack = { 0 };
	size_t n = 0;

	*vec_push(e->arena, &stack) = e->graph->root;
	while (stack.n) {
		uint32_t index = stack.v[stack.n - 1];
		const struct node *node = &e->graph->nodes.v[index];
		struct place *place = &e->places[index];
		uint32_t likely, other;
		bool swap;

		if (place->open || node->kind == NODE_RETURN) {
			stack.n--;
			if (!place->visited)
				list[n++] = index;
			place->visited = true;
			continue;
		}
		place->open = true;
		note_edges(e, node);
		swap = node->word == WORD_ARCH &&
		       e->graph->nodes.v[node->no].kind != NODE_RETURN;
		likely = swap ? node->yes : node->no;
		other = swap ? node->no : node->yes;
		if (!e->places[likely].open)
			*vec_push(e->arena, &stack) = likely;
		if (!e->places[other].open)
			*vec_push(e->arena, &stack) = other;
	}
	return n;
}

const struct program *
emit(struct arena *arena, const struct graph *graph)
{
	struct program *program = arena_alloc(arena, sizeof(*program));
	size_t count = graph->nodes.n;
	struct emitter e = { .arena = arena, .graph = graph };
	uint32_t *list = arena_alloc(arena, count * sizeof(*list));
	const struct node *root = &graph->nodes.v[graph->root];

	e.places = arena_alloc(arena, count * sizeof(*e.places));
	count = list_nodes(&e, list);
	/* Nothing is loaded at the start. */
	e.places[graph->root].needs_load = true;
	e.places[graph->root].needs_and = root->mask != UINT32_MAX;
	for (size_t i = 0; i < count; i++) {
		const struct node *node = &graph->nodes.v[list[i]];
		struct place *place = &e.places[list[i]];

		if (node->kind == NODE_RETURN)
			emit_return(&e, place, node);
		else
			emit_test(&e, place, node);
	}
	for (size_t i = e.code.n; i-- > 0;)
		*vec_push(arena, &program->code) = e.code.v[i];
	return program;
}
