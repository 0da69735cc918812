/*
 * Names and what is wanted of them: what the files rewrite-names.c and
 * rewrite-entry.c share.
 */
#ifndef SECCOMPC_REWRITE_NAMES_H
#define SECCOMPC_REWRITE_NAMES_H

#include "rewrite.h"

/* What is decided about a name. */
struct entry {
	const char *name;
	int64_t number[ABI_COUNT]; /* -1: none, or the ABI is not in */
	dd at[ABI_COUNT];	   /* what it gets there */
	/* What a multiplexer decides for it, if rules on it have a say. */
	bool behind[ABI_COUNT];
	dd muxed[ABI_COUNT];
	plain_rules rules;
};

/* The numbers of an ABI. */
struct numbers {
	dd under; /* the function of number and arguments */
	uint32_t count;
	int64_t needed; /* the largest that is not ENOSYS, -1: none */
	bool cut;	/* what lies above all is ENOSYS */
};

struct planner {
	struct rewrite_plan *plan;
	struct dd_set *set;
	struct arena *arena; /* of the problem */
	bool has_cut;
	struct numbers numbers[ABI_COUNT];
	VEC(struct entry) entries;
};

static inline bool
entry_counts(const struct planner *p, size_t abi)
{
	return p->plan->abis >> abi & 1;
}

/* rewrite-entry.c */

/* Fills numbers and entries, sorted by name. */
void entry_list(struct planner *p, dd wanted);

/* NULL if no name is such. */
const struct entry *entry_find(const struct planner *p, const char *name);

/* The multiplexer of a name, and its ABI; NULL for others. */
const struct mux *entry_mux(const struct entry *e, size_t *abi);

#endif
