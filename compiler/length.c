#include "compiler.h"

#include <stdlib.h>
#include <string.h>

enum { NAMED = 5 }; /* syscalls that the message names */

/* The room of one decision, and the first syscall that has it. */
struct room {
	uint32_t token, number;
	size_t nodes;
};

static int
compare_room(const void *a, const void *b)
{
	const struct room *x = a, *y = b;

	if (x->nodes != y->nodes)
		return x->nodes > y->nodes ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static const char *
syscall_text(struct arena *arena, const struct room *room)
{
	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct arch *arch = arch_table[i];
		const struct syscall_name *name;

		if (arch->audit_token != room->token)
			continue;
		name = syscall_find_number((enum abi)i,
					   room->number ^ arch->number_bit);
		if (name)
			return arena_printf(arena, "%s %s", arch->name,
					    name->name);
	}
	return arena_printf(arena, "syscall %u", room->number);
}

const char *
length_culprits(struct compilation *c)
{
	struct arena *arena = &c->arena;
	struct buf buf = { .arena = arena };
	VEC(struct room) rooms = { 0 };

	for (size_t i = 0; i < c->ordered->spaces.n; i++) {
		const struct number_space *space = &c->ordered->spaces.v[i];

		for (size_t j = 0; j < space->ranges.n; j++)
			*vec_push(arena, &rooms) = (struct room){
				space->audit_token, space->ranges.v[j].first,
				graph_size(&c->graph,
					   space->ranges.v[j].decision)
			};
	}
	qsort(rooms.v, rooms.n, sizeof(*rooms.v), compare_room);
	for (size_t i = 0; i < rooms.n && i < NAMED; i++)
		if (rooms.v[i].nodes > 1)
			buf_printf(&buf, "%s%s (%zu tests)", i ? ", " : "",
				   syscall_text(arena, &rooms.v[i]),
				   rooms.v[i].nodes);
	return buf.data ? buf.data : "finding out the number";
}

static bool
report(struct compilation *c)
{
	return diag_at(&c->diags, DIAG_TOO_LONG, c->profile->root,
		       "fewer or simpler conditions make it shorter; so do "
		       "fewer ABIs (--arch)",
		       "the program has %zu instructions, the kernel takes %d; "
		       "most of them are for %s",
		       c->program->code.n, BPF_MAXINSNS, length_culprits(c));
}

bool
length_nodes(struct compilation *c)
{
	return diag_at(&c->diags, DIAG_TOO_LONG, c->profile->root, NULL,
		       "the conditions need more than %d tests", LIMIT_NODES);
}

bool
length_check(struct compilation *c)
{
	return c->program->code.n <= BPF_MAXINSNS || report(c);
}
