#include "layout.h"

/*
 * Backwards: the code grows from its end, so that the distance of every jump
 * is known when the jump is made, and the whole is reversed at last.
 */

enum { MAX_DISTANCE = 255 }; /* of a jump: its offsets have 8 bits */
enum { MAX_ROUNDS = 8 };     /* to leave out RETs without use: one, as a rule */
#define NOWHERE UINT32_MAX

struct emitter {
	struct arena *arena;
	const struct graph *graph;
	struct layout layout;
	VEC(struct sock_filter) code; /* last instruction first */
};

/* Where an edge of a node leads. */
struct exit {
	const struct node *to;
	struct place *place;
	enum entry entry;
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

static struct exit
find_exit(const struct emitter *e, const struct node *from, uint32_t index)
{
	return (struct exit){ &e->graph->nodes.v[index],
			      &e->layout.places[index],
			      layout_entry(e->graph, from, index) };
}

static uint32_t
exit_distance(const struct emitter *e, const struct exit *exit)
{
	uint32_t at = exit->place->at[exit->entry];

	return at == NOWHERE ? NOWHERE : distance(e, at);
}

/*
 * Puts something at distance 0 that leads where an exit does: a RET of its
 * own, or a JA.  Others that come later use it as well.
 */
static void
copy_exit(struct emitter *e, const struct exit *exit)
{
	uint32_t home = exit->place->home[exit->entry];

	exit->place->at[exit->entry] =
		exit->to->kind == NODE_RETURN
			? push(e, BPF_RET | BPF_K, 0, 0, exit->to->k)
			: push(e, BPF_JMP | BPF_JA, 0, 0, distance(e, home));
}

/* Copies an exit that is further away than max. */
static void
bring_near(struct emitter *e, const struct exit *exit, uint32_t max)
{
	if (exit_distance(e, exit) > max)
		copy_exit(e, exit);
}

/*
 * Whether a RET of its own spares what runs most a jump that is taken.  The
 * kernel has no opposite of JSET: if its bits are set, it is always taken.
 */
static bool
wants_return(const struct emitter *e, const struct node *node,
	     const struct exit *likely)
{
	return e->layout.fast && node->often &&
	       likely->to->kind == NODE_RETURN && exit_distance(e, likely) &&
	       !(node->kind == NODE_SET && node->likely);
}

static uint8_t
offset(const struct emitter *e, const struct exit *exit)
{
	struct place *place = exit->place;

	if (place->at[exit->entry] == place->home[exit->entry])
		place->unused = false;
	return (uint8_t)exit_distance(e, exit);
}

/* The jump of a test, and what it takes to reach both sides. */
static uint32_t
push_jump(struct emitter *e, const struct node *node)
{
	static const uint16_t codes[] = {
		[NODE_EQ] = BPF_JMP | BPF_JEQ | BPF_K,
		[NODE_GE] = BPF_JMP | BPF_JGE | BPF_K,
		[NODE_SET] = BPF_JMP | BPF_JSET | BPF_K,
	};
	const struct exit yes = find_exit(e, node, node->yes);
	const struct exit no = find_exit(e, node, node->no);
	const struct exit *likely = node->likely ? &yes : &no;

	if (wants_return(e, node, likely)) {
		bring_near(e, likely == &yes ? &no : &yes, MAX_DISTANCE - 1);
		copy_exit(e, likely);
	}
	/* What is brought near pushes the other one further away. */
	for (int i = 0; i < 2; i++) {
		bring_near(e, &yes, MAX_DISTANCE);
		bring_near(e, &no, MAX_DISTANCE);
	}
	return push(e, codes[node->kind], offset(e, &yes), offset(e, &no),
		    node->k);
}

static uint32_t
push_load(struct emitter *e, const struct node *node)
{
	return push(e, BPF_LD | BPF_W | BPF_ABS, 0, 0, word_offset(node->word));
}

/* Unless every test is known to have a copy: then the first one makes it. */
static void
emit_return(struct emitter *e, struct place *place, const struct node *node)
{
	place->home[ENTRY_JUMP] =
		place->unused ? NOWHERE
			      : push(e, BPF_RET | BPF_K, 0, 0, node->k);
	place->unused = true;
}

/* AND, then the test: its jump again, if another entry of it or something
 * else comes between. */
static void
emit_and(struct emitter *e, struct place *place, const struct node *node)
{
	const struct node *to = &e->graph->nodes.v[node->yes];

	if (distance(e, e->layout.places[node->yes].home[ENTRY_JUMP]))
		push_jump(e, to);
	place->home[ENTRY_JUMP] =
		push(e, BPF_ALU | BPF_AND | BPF_K, 0, 0, node->mask & to->mask);
	if (place->needs_load)
		place->home[ENTRY_LOAD] = push_load(e, node);
}

static void
emit_test(struct emitter *e, struct place *place, const struct node *node)
{
	place->home[ENTRY_JUMP] = place->home[ENTRY_AND] = push_jump(e, node);
	if (place->needs_and)
		place->home[ENTRY_AND] =
			push(e, BPF_ALU | BPF_AND | BPF_K, 0, 0, node->mask);
	if (place->needs_load)
		place->home[ENTRY_LOAD] = push_load(e, node);
}

static void
emit_node(struct emitter *e, uint32_t index)
{
	const struct node *node = &e->graph->nodes.v[index];
	struct place *place = &e->layout.places[index];

	if (node->kind == NODE_RETURN)
		emit_return(e, place, node);
	else if (node->kind == NODE_AND)
		emit_and(e, place, node);
	else
		emit_test(e, place, node);
	for (size_t i = 0; i < ENTRY_COUNT; i++)
		place->at[i] = place->home[i];
}

/*
 * Whether some RET turned out to be copied by every test that leads there, as
 * it was out of reach of the first one.
 */
static bool
has_unused(struct emitter *e)
{
	bool found = false;

	for (size_t i = 0; i < e->layout.order.n; i++) {
		uint32_t index = e->layout.order.v[i];
		struct place *place = &e->layout.places[index];

		if (e->graph->nodes.v[index].kind != NODE_RETURN ||
		    index == e->graph->root)
			continue;
		found |= place->unused && place->home[ENTRY_JUMP] != NOWHERE;
	}
	return found;
}

const struct program *
emit(struct arena *arena, const struct graph *graph,
     const struct options *options)
{
	struct program *program = arena_alloc(arena, sizeof(*program));
	struct emitter e = { .arena = arena, .graph = graph };
	unsigned rounds = 0;

	layout_find(&e.layout, arena, graph, options);
	do {
		e.code.n = 0;
		for (size_t i = 0; i < e.layout.order.n; i++)
			emit_node(&e, e.layout.order.v[i]);
	} while (has_unused(&e) && ++rounds < MAX_ROUNDS);
	for (size_t i = e.code.n; i-- > 0;)
		*vec_push(arena, &program->code) = e.code.v[i];
	return program;
}
