/*
 * A rule set read a second time: what the files meaning*.c share.
 */
#ifndef SECCOMPC_MEANING_H
#define SECCOMPC_MEANING_H

#include "prove.h"

/* One name of a rule that has a number, or is behind a multiplexer. */
struct naming {
	const struct resolved_rule *rule;
	const struct target *target;
	uint32_t next; /* index + 1 of the next one, 0: none */
};

/* The rules that name something, each once, in the profile's order. */
struct named {
	uint32_t first, last; /* index + 1, 0: none */
};

/* A rule set, and the ABI that is being read. */
struct reader {
	struct dd_set *set;
	const struct ruleset *rules;
	bool *split; /* by rule: its conditions are ORed */
	bool clash;
	enum abi abi;
	const struct arch *arch;
	dd *holds;   /* by rule: where it holds, + 1; 0: not asked */
	dd *actions; /* by rule: its action, + 1; 0: not asked */
	dd default_, enosys;
	bool cut; /* some numbers get ENOSYS on this ABI */
	VEC(struct naming) namings;
	struct named *numbers; /* by number */
	struct named **behind; /* by multiplexer and call */
	int32_t *mux_numbers;  /* by multiplexer; -1: none */
	uint32_t count;	       /* of numbers that are named or known */
	int64_t highest;       /* that is named, -1: none */
};

/* meaning-rule.c: one rule. */

/* Where a condition holds by its true value: of an argument, or with low of
 * its low word, extended with zeros. */
dd meaning_compare(struct dd_set *set, unsigned arg, bool low, enum cmp_op op,
		   uint64_t value, uint64_t value2);

/* Whether an action is stricter than the default. */
bool meaning_denies(const struct reader *r, uint32_t action);

dd meaning_action(struct reader *r, uint32_t action);

/* The action of a rule; found once. */
dd meaning_says(struct reader *r, const struct resolved_rule *rule);

/* Where a rule holds; skip: what it asks of argument 0 counts as true. */
dd meaning_holds(struct reader *r, const struct resolved_rule *rule,
		 bool skip);

/* Where it holds, nothing skipped; found once. */
dd meaning_where(struct reader *r, const struct resolved_rule *rule);

/* Rule 7: whether an argument index repeats, and where the conditions of a
 * rule hold together as written; *alone: one of them never holds alone. */
bool meaning_repeats(const struct resolved_rule *rule);
dd meaning_together(struct reader *r, const struct resolved_rule *rule,
		    bool *alone);

/* Looks once at all masks, so as not to find out midway that bits of a word
 * matter. */
void meaning_plan_bits(struct reader *r);

/* meaning-names.c: which rules bear on a number. */

/* What a rule says of one number: its action, where it holds. */
struct part {
	const struct resolved_rule *rule;
	const struct target *target;	/* the name, in the profile */
	dd where;
	bool carried;	/* through a multiplexer, which has the number */
};

struct parts {
	struct part *v;
	size_t n, cap;
};

/* Turns to an ABI of the filter: which numbers its rules name. */
void meaning_open_abi(struct reader *r, enum abi abi);

/*
 * All that rules say of a number below count, in the profile's order; rules
 * that repeat the default too.  The list is overwritten.
 */
void meaning_parts(struct reader *r, uint32_t number, struct parts *list);

/* Whether a number is that of a multiplexer. */
bool meaning_is_mux(const struct reader *r, uint32_t number);

/* The part of the first rule that is unconditional, not carried and not the
 * default (rule 8), or NULL. */
const struct part *meaning_plain(const struct reader *r,
				 const struct parts *list);

/* disagree.c */

/* Whether rules that bear on one syscall have different actions, or some rule
 * repeats an argument index: what overlap.c then has to look at. */
bool meaning_disagrees(struct arena *arena, const struct ruleset *ruleset);

/* Whether all rules on one name have the same action. */
bool meaning_is_unanimous(const struct reader *r, const struct named *named);

/* meaning.c */

/* A reader of rules; set is kept. */
void meaning_open(struct reader *r, struct dd_set *set,
		  const struct ruleset *rules);

#endif
