/* join.c: two functions of calls as one. */
#ifndef SECCOMPC_JOIN_H
#define SECCOMPC_JOIN_H

#include "differ.h"

/* Two sides, of which each is rules or a program. */
struct join {
	const struct side *a, *b;
	/*
	 * The laxer action of both; if they are the same with other data, the
	 * default one, else a's.  Or the stricter one, as of two filters that
	 * are installed, b after a: then b's data.
	 */
	bool laxer;
	enum abi native;
	/* Filled by join_open(): of rules with rules. */
	bool has_default;
	uint32_t default_action;
};

void join_open(struct join *join);

/* The function; join is a struct join. */
dd join_read(struct dd_set *set, const void *join);

#endif
