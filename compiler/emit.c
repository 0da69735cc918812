#include "compiler.h"

/*
 * Backwards: the code grows from its end, so that the distance of every jump
 * is known when the jump is made, and the whole is reversed at last.
 *
 * A test on (word & mask) is up to three instructions, each of which can be
 * jumped to:
 *
 *	cut:	AND mask	where a NODE_AND leads here
 *	load:	LD word		unless all that lead here hold word,
 *	and:	AND mask	or already word & mask
 *	jump:	Jxx k, yes, no
 *
 * Which entry an edge takes depends on its source alone: after its test the
 * accumulator holds the source's own word & mask.  A NODE_AND has no place of
 * its own: an edge to it takes the entry `cut` of what it leads to, which is
 * a test of the whole word and needs no `and`.
 */
enum entry { ENTRY_CUT, ENTRY_LOAD, ENTRY_AND, ENTRY_JUMP, ENTRY_COUNT };

enum { MAX_DISTANCE = 255 }; /* of a jump: its offsets have 8 bits */

struct place {
	bool visited, open;
	bool needs_load, needs_and;
	uint32_t cut_mask; /* 0: no NODE_AND leads here */
	uint32_t at[ENTRY_COUNT]; /* counted from the end */
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

/* What an edge of `from` leads to, and its entry there. */
static const struct node *
edge(const struct emitter *e, const struct node *from, uint32_t *target,
     enum entry *entry)
{
	const struct node *to = &e->graph->nodes.v[*target];

	*entry = ENTRY_JUMP;
	if (to->kind == NODE_AND) {
		*target = to->yes;
		*entry = ENTRY_CUT;
		return &e->graph->nodes.v[to->yes];
	}
	if (to->kind == NODE_RETURN)
		return to;
	if (from->word != to->word)
		*entry = ENTRY_LOAD;
	else if (from->mask != to->mask)
		*entry = from->mask == UINT32_MAX ? ENTRY_AND : ENTRY_LOAD;
	return to;
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
target_at(const struct emitter *e, const struct node *from, uint32_t *target)
{
	enum entry entry;

	edge(e, from, target, &entry);
	return e->places[*target].at[entry];
}

/* AND, then the test: over what loads the word, if that comes between. */
static void
emit_cut(struct emitter *e, struct place *place)
{
	uint32_t jump = place->at[ENTRY_JUMP];

	if (!place->cut_mask)
		return;
	if (distance(e, jump))
		push(e, BPF_JMP | BPF_JA, 0, 0, distance(e, jump));
	place->at[ENTRY_CUT] =
		push(e, BPF_ALU | BPF_AND | BPF_K, 0, 0, place->cut_mask);
}

static void
emit_test(struct emitter *e, struct place *place, const struct node *node)
{
	static const uint16_t codes[] = {
		[NODE_EQ] = BPF_JMP | BPF_JEQ | BPF_K,
		[NODE_GE] = BPF_JMP | BPF_JGE | BPF_K,
		[NODE_SET] = BPF_JMP | BPF_JSET | BPF_K,
	};
	uint32_t targets[2] = { node->yes, node->no };
	uint32_t yes = target_at(e, node, &targets[0]);
	uint32_t no = target_at(e, node, &targets[1]);

	/* What is brought near pushes the other one further away. */
	for (int i = 0; i < 2; i++) {
		bring_near(e, targets[0], &yes);
		bring_near(e, targets[1], &no);
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
	emit_cut(e, place);
}

/* Notes which entries the edges of a node take. */
static void
note_edges(struct emitter *e, const struct node *node)
{
	uint32_t targets[2] = { node->yes, node->no };

	for (int i = 0; i < 2; i++) {
		uint32_t mask = e->graph->nodes.v[targets[i]].mask;
		enum entry entry;
		const struct node *to = edge(e, node, &targets[i], &entry);
		struct place *place = &e->places[targets[i]];

		if (to->kind == NODE_RETURN)
			continue;
		if (entry == ENTRY_CUT) {
			place->cut_mask = mask;
			continue;
		}
		place->needs_load |= entry == ENTRY_LOAD;
		place->needs_and |=
			entry != ENTRY_JUMP && to->mask != UINT32_MAX;
	}
}

/*
 * The nodes that root leads to, every one behind all that it leads to.  The
 * side that is visited last comes to lie right behind the test: the likelier
 * one.
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

		if (place->open || node->kind == NODE_RETURN) {
			stack.n--;
			if (!place->visited && node->kind != NODE_AND)
				list[n++] = index;
			place->visited = true;
			continue;
		}
		place->open = true;
		if (node->kind != NODE_AND)
			note_edges(e, node);
		likely = node->likely ? node->yes : node->no;
		other = node->likely ? node->no : node->yes;
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
