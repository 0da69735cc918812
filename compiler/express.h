/*
 * express.c, express-piece.c: where a diagram is true, as conditions on
 * arguments that people and profiles can write.
 */
#ifndef SECCOMPC_EXPRESS_H
#define SECCOMPC_EXPRESS_H

#include "prove.h"

/* What is asked of one argument. */
struct piece {
	uint8_t arg;
	bool low;	/* of its low word alone, as a number of 32 bits */
	bool masked;	/* (arg & mask) == value, else first <= arg <= last */
	bool negated;	/* all but that */
	uint64_t first, last;
	uint64_t mask, value;
};

/* All of them hold; at most one piece for an argument, ascending. */
struct conjunction {
	struct piece v[6];
	size_t n;
	bool narrow;	/* for express_write(), set by its caller: arguments
			 * have 32 bits (i386), so `low` goes without saying */
};

/* One of them holds.  They may overlap, but none lies in the others. */
struct conjunctions {
	struct conjunction *v;
	size_t n, cap;
};

/*
 * Fills list, in the set's arena, with conjunctions that hold exactly where
 * `where` is true, a function of arguments alone.  As few as the method finds:
 * one piece for a set of values if there is one, else its ranges or, if fewer,
 * its cubes.  Returns false if they are more than limit, or take more than
 * LIMIT_EXPRESS_STEPS to find; the list is then the first of them.
 */
bool express(struct dd_set *set, dd where, struct conjunctions *list,
	     size_t limit);

/* The same without negated pieces. */
bool express_plainly(struct dd_set *set, dd where, struct conjunctions *list,
		     size_t limit);

/* Where it is true with some high words of arguments: low ones alone count. */
dd express_low(struct dd_set *set, dd where);

/* Where a piece or a conjunction holds.  For a piece that is not from
 * express(): may need bits. */
dd express_piece(struct dd_set *set, const struct piece *piece);
dd express_conjunction(struct dd_set *set, const struct conjunction *c);

/*
 * Appends "domain == 16", "2 <= type <= 5", "(flags & 0x7e020000) == 0 and
 * cmd != 21522", or "always".  Arguments are named as in args, or arg0 and so
 * on if args is NULL or does not know.
 */
void express_write(struct buf *buf, const struct conjunction *c,
		   const struct syscall_args *args);

#endif
