/*
 * redundant-slot.c: without which names of rules would nothing change?
 *
 * Names are asked about from the last of the profile to the first, and one
 * that can go is gone for those that follow, so that all of them can go
 * together.  A name is looked at on each number that it has: what the rules
 * before it say there together is found once, what those behind it say grows,
 * and joining the two is the answer without it.
 */
#ifndef SECCOMPC_REDUNDANT_H
#define SECCOMPC_REDUNDANT_H

#include "compiler/meaning.h"
#include "lint.h"

/* The rules on one number of an ABI. */
struct slot {
	struct parts parts;
	dd *before;    /* by part: what those before it say where they have
			* conditions */
	dd after;      /* what those say that were kept */
	size_t cursor; /* parts from here on were looked at */
	size_t named;  /* how many name the number itself, of those kept */
	const struct part *plain;    /* the first that is unconditional */
	const struct part *next;     /* the first such one that was kept behind
				      * the cursor */
	bool fixed;		     /* rules with conditions conflict here */
	const struct part *selected; /* the first whose being selected depends
				      * on capabilities or so, or NULL */
	bool mixed;		     /* others depend on something else */
	bool pinned; /* without plain, what it covered would matter */
	dd gets;     /* what the number gets */
};

/* An ABI of the filter. */
struct slots {
	struct reader r;
	struct slot **v; /* by number, NULL where no rule bears on it */
	int64_t highest; /* that is named, -1: none */
	bool cut;	 /* some numbers get ENOSYS if they are not named */
};

struct redundant {
	struct lint *l;
	uint64_t *classes; /* by rule: what its being selected depends on */
	struct slots *abis[ABI_COUNT]; /* NULL: not in the filter */
};

/* Where a name stands in the slot of an ABI; part is NULL if it does not. */
struct place {
	struct slot *slot;
	const struct part *part;
};

void redundant_open(struct redundant *d, struct lint *l);

/*
 * Finds the places of a name, which is the next one from the end, and whether
 * it can go.  False if it has no place.
 */
bool redundant_find(struct redundant *d, const struct resolved_rule *rule,
		    const struct target *target, struct place places[ABI_COUNT],
		    bool *can_go);

/* Goes on to the name before, without this one or with it. */
void redundant_next(struct redundant *d, const struct target *target,
		    const struct place places[ABI_COUNT], bool goes);

#endif
