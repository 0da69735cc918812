/*
 * From a function of calls back to a profile: the text of a plain OCI profile
 * that decides every call so, for those who take JSON alone.
 */
#ifndef SECCOMPC_REWRITE_H
#define SECCOMPC_REWRITE_H

#include "compiler.h"

/* rewrite.c: the whole, and the proof. */

enum rewrite_end {
	REWRITE_DONE,
	REWRITE_IMPOSSIBLE,	/* rules cannot say this */
	REWRITE_GAVE_UP,	/* no answer within the limits */
	REWRITE_NO_MEMORY,
};

/* What to write, and what came out. */
struct rewrite {
	/* Makes the function; it is asked once for each set. */
	dd (*wanted)(struct dd_set *set, const void *data);
	const void *data;
	enum abi native;
	abi_set abis;		/* 0: those that get more than KILL_THREAD */
	bool has_default;	/* else one is looked for */
	uint32_t default_action;
	const struct profile *source;	/* of flags and listener, or NULL */
	const struct ruleset *rules;	/* to be kept if they will do, or NULL */
	bool any_denial;	/* if need be, what refuses a call is free */

	struct buf text;
	char *deviation;	/* an example of that, or NULL */
	char *caveat;		/* a call that gets more under libseccomp, as
				 * it reads multiplexers (rule 10), or NULL */
	char *reason;		/* if there is none, in words */

	struct arena arena;	/* of text and reason */
	struct dd_set set;
	struct compilation back;	/* of text */
};

/*
 * Fills text with a profile and returns REWRITE_DONE if, read again in the
 * dialect OCI with default options, it is the same function: this is proved.
 * With any_denial, if there is none, a profile that lets the same calls
 * through in the same way will do, and deviation is set: proved as well.
 * Else reason says why not.  r is then to be finished whatever came out.
 */
enum rewrite_end rewrite(struct rewrite *r);

/* Sets what to write to the rules of a finished compilation. */
void rewrite_ask(struct rewrite *r, const struct compilation *c);

/* Makes the function of rules (struct ruleset). */
dd rewrite_read_rules(struct dd_set *set, const void *rules);
void rewrite_finish(struct rewrite *r);

/* rewrite-condition.c: what a syscall's decision is as rules. */

/* One rule without its names. */
struct plain_rule {
	uint32_t action;
	struct condition v[6];	/* each index once at most */
	size_t n;
};

typedef VEC(struct plain_rule) plain_rules;

enum { REWRITE_RULES = 1024 };	/* for one syscall at most */

/*
 * Rules, in the set's arena, for a decision that depends on arguments; narrow:
 * of an ABI that has low words alone.  Where no rule holds, otherwise counts.
 * NULL, or why it cannot be.
 */
const char *rewrite_conditions(struct dd_set *set, dd decision,
			       uint32_t otherwise, bool narrow,
			       plain_rules *rules);

/* NULL if a profile can say an action, else why not. */
const char *rewrite_refuses(uint32_t action);

/* rewrite-names.c: which names need which rules. */

/* A syscall and the rules about it: none, one without conditions, or more. */
struct named_rules {
	const char *name;
	plain_rules rules;
};

/* Rules for a function; names ascend. */
struct rewrite_plan {
	uint32_t default_action;
	abi_set abis;
	bool any_denial;
	int64_t highest[ABI_COUNT];	/* number that is named, -1: none */
	VEC(struct named_rules) list;
	char *problem;		/* what cannot be said, or NULL */
};

/*
 * Fills a plan, whose default_action, abis and any_denial are set, in the
 * set's arena; problem is in the other one.
 */
void rewrite_names(struct rewrite_plan *plan, struct dd_set *set, dd wanted,
		   struct arena *arena);

/* Whether an action keeps a call from being run; NOTIFY and TRACE need not. */
bool rewrite_denies(uint32_t action);

/* Rule 11: whether numbers can get ENOSYS under a default action. */
bool rewrite_has_cut(uint32_t default_action);

/* rewrite-text.c */

/* Appends the text with the rules of r as they are. */
void rewrite_keep(struct buf *buf, struct arena *arena,
		  const struct rewrite *r, const struct rewrite_plan *plan);

/* Appends the text.  Names with equal rules share them. */
void rewrite_text(struct buf *buf, struct arena *arena,
		  const struct rewrite *r, const struct rewrite_plan *plan);

#endif
