/*
 * A rule set read a second time: what the files meaning*.c share.
 */
#ifndef SECCOMPC_MEANING_H
#define SECCOMPC_MEANING_H

#include "prove.h"

/* One name of a rule that has a number, or is behind a multiplexer. */
struct naming {
	const struct resolved_rule *rule;
	uint32_t next; /* index + 1 of the next one, 0: none */
};

/* The rules that name something, in the profile's order. */
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
	dd *holds; /* by rule: where it holds, + 1; 0: not asked */
	VEC(struct naming) namings;
	struct named *numbers; /* by number */
	struct named **behind; /* by multiplexer and call */
	uint32_t count;	       /* of numbers that are named or known */
	int64_t highest;       /* that is named, -1: none */
};

/* meaning-rule.c: one rule. */

/* The kernel's order of actions: the smaller one is stricter. */
int32_t meaning_rank(uint32_t action);

/* Whether an action is stricter than the default. */
bool meaning_denies(const struct reader *r, uint32_t action);

dd meaning_action(struct reader *r, uint32_t action);

/* Where a rule holds; skip: what it asks of argument 0 counts as true. */
dd meaning_holds(struct reader *r, const struct resolved_rule *rule,
		 bool skip);

/* The rule's action where it holds, else NONE. */
dd meaning_says(struct reader *r, const struct resolved_rule *rule);

/* Rule 7: whether the conditions of a rule are ORed. */
bool meaning_is_split(struct reader *r, const struct resolved_rule *rule);

/* Looks once at all masks, so as not to find out midway that bits of a word
 * matter. */
void meaning_plan_bits(struct reader *r);

#endif
