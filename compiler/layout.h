/* layout.c: in which order the nodes of a graph become instructions. */
#ifndef SECCOMPC_LAYOUT_H
#define SECCOMPC_LAYOUT_H

#include "compiler.h"

/*
 * A node is up to three instructions, each of which can be jumped to:
 *
 *	load:	LD word		unless all that lead here hold word,
 *	and:	AND mask	or already word & mask
 *	jump:	Jxx k, yes, no
 *
 * A NODE_AND has `load` and, for `jump`, the AND; what it leads to follows.
 */
enum entry { ENTRY_LOAD, ENTRY_AND, ENTRY_JUMP, ENTRY_COUNT };

struct place {
	bool found, open, listed, placed;
	bool needs_load, needs_and;
	bool unused;	   /* emit.c: nothing leads to a RET but copies */
	bool has_cut;	   /* a NODE_AND that wants to lie before it */
	uint32_t waiting;  /* edges to what is not placed yet */
	uint32_t position; /* in the order by depth alone */
	uint32_t parents, parent_count;
	/* Both counted from the end of the code: where the entry is, and
	 * the latest copy of it or jump to it. */
	uint32_t home[ENTRY_COUNT], at[ENTRY_COUNT];
};

struct layout {
	struct arena *arena;
	const struct graph *graph;
	bool keeps_often;     /* likely sides of what runs often stay near */
	bool fast;	      /* at the price of more instructions */
	struct place *places; /* by node */
	uint32_t *parents;    /* of all nodes; a place has its first one */
	VEC(uint32_t) order;  /* the node that comes last in the code first */
};

/* Fills all of a layout but home and at; places are by node. */
void layout_find(struct layout *layout, struct arena *arena,
		 const struct graph *graph, const struct options *options);

/* Which entry an edge takes. */
enum entry layout_entry(const struct graph *graph, const struct node *from,
			uint32_t to);

#endif
