/*
 * base*.c: what was seen, added to a profile that is there.
 */
#ifndef SECCOMPC_BASE_PROFILE_H
#define SECCOMPC_BASE_PROFILE_H

#include "compiler/explain/edit.h"
#include "learn.h"

enum base_verdict {
	BASE_ADDED,
	BASE_REFUSED, /* a rule refuses it, and has its reasons */
	BASE_UNSURE,  /* some arguments are allowed, and none were seen */
	BASE_NO_ABI,  /* --arch leaves its ABI out */
};

/* What came of a call. */
struct base_item {
	enum base_verdict verdict;
	enum abi abi;
	const struct syscall_name *name;
	uint64_t count;	      /* 0: it was not seen, but is wanted */
	uint32_t action;      /* that it had so far */
	const struct json *where; /* the rule's name in the base, or NULL */
	const char *waits; /* a capability or kernel that a rule for it waits
			    * for, or NULL */
};

/* A syscall that is added, on any arguments or on some. */
struct base_addition {
	const struct syscall_name *name;
	struct seen_values values; /* of some if there are any */
};

enum base_end {
	BASE_DONE,
	BASE_FAILED,   /* what comes of it is refused */
	BASE_UNPROVED, /* it is not what was to come of it */
};

struct base {
	struct arena *arena;
	const struct seen *seen;
	const struct learned_options *options;
	const struct compilation *first; /* of the base */
	const struct compilation *now;	 /* of the text as it is */
	struct draft draft;
	struct edit edit; /* of the draft */
	/* What came out. */
	VEC(struct base_item) items;
	VEC(struct base_addition) additions; /* names ascend */
	abi_set abis;			     /* that were added */
	bool is_new;			     /* the text changed */
	/* Numbers without a rule that had ENOSYS and get the default now. */
	VEC(const struct syscall_name *) uncut;
	/* Of which nothing was named: the rest got the default, and what is
	 * above the new names gets ENOSYS now. */
	abi_set cut;
	const char *problem; /* if there is no result, */
	bool unproved;	     /* as there is no answer within limits */
};

/*
 * What calls are best held against that are to be added to c, a finished
 * compilation: one with rules for all ABIs, if that can be and c's options do
 * not say which; else c.  It lives as long as the arena.
 */
const struct compilation *base_widen(struct arena *arena,
				     const struct compilation *c);

/*
 * Adds what was seen and c, a finished compilation, does not allow already:
 * decided on the arguments that were seen, as far as they were.  The text of
 * c stays as it is but for names, rules and architectures that are put in.
 * What comes of it is compiled and proved under c's options, and compared with
 * c for all calls: nothing is stricter than it was, but for numbers above all
 * names (rule 11), and nothing is laxer but the additions.  c, seen and options are to outlive base, whose memory is of
 * arena.
 */
enum base_end base_extend(struct base *base, struct arena *arena,
			  const struct compilation *c, const struct seen *seen,
			  const struct learned_options *options);

/* base-ask.c: fills items and additions from base->now; false: problem. */
bool base_ask(struct base *base);

/* base-text.c: puts the additions into the draft. */
void base_write(struct base *base);

/* base-check.c: compares base->now with base->first; false: problem. */
bool base_check(struct base *base);

#endif
