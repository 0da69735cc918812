/*
 * differ.c: on which calls two profiles or programs differ, and how.
 */
#ifndef SECCOMPC_DIFFER_H
#define SECCOMPC_DIFFER_H

#include "express.h"
#include "prove.h"

/* One side of a comparison: rules, or a program. */
struct side {
	const struct ruleset *ruleset;	/* NULL: a program */
	const struct sock_filter *code;	/* that bpf_check() accepts */
	size_t count;
};

/* What a side decides. */
dd side_read(struct dd_set *set, const struct side *side);

/* Numbers that are decided alike. */
struct diff_place {
	enum abi abi;		/* ABI_COUNT: archs without one here */
	const char *name;	/* of the only number, or NULL */
	uint32_t first, last;	/* numbers, with the bit of the ABI */
	uint32_t first_arch, last_arch;
	bool example;		/* of many that are not listed */
};

/* What both sides say of some arguments. */
struct diff_case {
	enum dd_order order;
	uint32_t a, b;			/* actions */
	struct conjunctions where;	/* any of these holds, */
	struct conjunctions except;	/* and none of these */
	bool more;			/* there are too many to say */
	struct seccomp_data call;	/* for example */
	uint32_t words;			/* of it that matter, bit by word */
};

struct diff_group {
	dd a, b;
	VEC(struct diff_place) places;
	VEC(struct diff_case) cases;
};

struct diff {
	struct dd_set set;	/* owns all that follows */
	const struct side *a, *b;
	bool by_action;
	bool equal;		/* proved */
	bool found[DD_ORDERS];	/* on some call, listed or not */
	VEC(struct diff_group) groups;
};

/*
 * Compares two sides; with by_action an action's data (errno) does not count.
 * Returns DD_DONE, or why there is no answer.  a and b are to outlive the
 * comparison; diff_finish() frees it whatever came out.
 */
enum dd_end diff_find(struct diff *diff, const struct side *a,
		      const struct side *b, bool by_action);
void diff_finish(struct diff *diff);

/* diff-text.c: a comparison in words. */

/* The ABIs on which a group has the name of a place, and whether it has that
 * at an earlier place. */
abi_set diff_abis(const struct diff_group *group, size_t at);
bool diff_is_repeated(const struct diff_group *group, size_t at);

/* What is compared, in words. */
struct diff_sides {
	const char *a, *b;	/* names of files */
};

/* "equal", "a-stricter", "a-weaker" or "neither" */
const char *diff_verdict(const struct diff *diff);

/* One line on each case of each group, with a call, at most limit lines;
 * a and b are what the sides are called there. */
void diff_write_calls(struct buf *buf, const struct diff *diff, const char *a,
		      const char *b, size_t limit);

/* Appends where a case is, " when domain == 16"; nothing if it always is. */
void diff_write_when(struct buf *buf, const struct diff_group *group,
		     const struct diff_case *c);

/* Grouped by syscall, for people, and the same as JSON. */
void diff_write_text(struct buf *buf, const struct diff *diff,
		     const struct diff_sides *sides);
void diff_write_json(struct buf *buf, const struct diff *diff,
		     const struct diff_sides *sides);

#endif
