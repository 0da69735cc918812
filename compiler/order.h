/* Inside of order.c: the branch of numbers with a bit is made by order-bit.c. */
#ifndef SECCOMPC_ORDER_H
#define SECCOMPC_ORDER_H

#include "search.h"

/* search_goal.evened where nothing is known of what is called. */
enum { ALL_EVEN = 40 };

/* Ranges whose decisions are nodes, and their weights. */
struct dispatch_part {
	struct range *ranges;
	uint64_t *weights;
	size_t count;
};

/* The numbers under one audit arch token. */
struct dispatch {
	struct arena *arena;
	struct graph *graph;
	struct search_goal goal;
	uint32_t number_bit;		/* 0: all numbers are plain */
	struct dispatch_part plain, bit;	/* without and with the bit */
};

/* Makes the branch of d->bit; context is the dispatch, and search has placed
 * all of d->plain. */
uint32_t build_bit(void *context, struct search *search);

#endif
