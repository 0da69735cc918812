/*
 * From resolved rules to one decision per range of numbers.
 */
#ifndef SECCOMPC_DECIDE_H
#define SECCOMPC_DECIDE_H

#include "profile.h"

/* test.c: conditions as one ABI reads them. */

/*
 * A condition in an ABI's own width.  With low, only the low word of the
 * argument is compared, and value and value2 are below 2^32.
 */
struct test {
	uint8_t arg;
	bool low;
	enum cmp_op op;
	uint64_t value, value2;
};

enum test_truth {
	TEST_NEVER,
	TEST_ALWAYS,
	TEST_OPEN,
};

/*
 * Reads a condition as an ABI does (rule 9).  denying says whether its rule
 * is stricter than the default.  *exact is false when a constant did not fit
 * and was compared by its true value.  Fills test when the answer is
 * TEST_OPEN.
 */
enum test_truth test_from_condition(struct test *test,
				    const struct condition *condition,
				    enum arg_width width, bool denying,
				    bool *exact);

/* Simplifies to an equal test; all else in docs of test_from_condition. */
enum test_truth test_normalise(struct test *test);

/*
 * Whether some arguments satisfy all tests of both lists.  Exact.  When they
 * do, args holds the smallest such values, 0 where nothing is asked.
 */
bool tests_meet(const struct test *a, size_t a_count, const struct test *b,
		size_t b_count, uint64_t args[6]);

/* Whether a test holds. */
bool test_holds(const struct test *test, const uint64_t args[6]);

/* claim.c: what each rule says on each ABI. */

/* A conjunction of tests and the action where it holds. */
struct alternative {
	const struct test *tests;
	size_t count;
	uint32_t action;
};

/*
 * What one rule says of one number on one ABI: its action where one of the
 * alternatives holds.  A rule without conditions has none: it always holds.
 */
struct claim {
	const struct resolved_rule *rule;
	const struct json *where;	/* the name, in the profile */
	const char *name;
	const struct alternative *alternatives;
	uint32_t count;
	uint32_t action;
	bool plain;		/* the rule has no conditions */
	bool dropped;		/* its action is the default (rule 6) */
	bool carried;		/* it comes through a multiplexer */
};

/* There is room for all that it will have. */
struct claim_list {
	struct claim *v;
	uint32_t n, cap;
};

/* Everything that is claimed on one ABI. */
struct claims {
	enum abi abi;
	struct claim_list *numbers;	/* by number without the number bit */
	size_t number_count;
	int32_t highest;		/* number that is named, or -1 */
	/* By multiplexer and call, in the order of struct mux. */
	struct claim_list **muxed;
	int32_t *mux_numbers;		/* by multiplexer; -1: none */
};

/* The first alternative that holds, else otherwise. */
struct decision {
	VEC(struct alternative) alternatives;
	uint32_t otherwise;
};

/* Which questions came up that options answer. */
struct asked {
	bool conflicts;		/* conditional rules say different things */
	bool muxes;		/* some rule is on a call behind a multiplexer */
	size_t repeated, split;	/* rules that repeat an index, read as OR */
};

/* What the passes behind decide.c share. */
struct decider {
	struct arena *arena;
	struct diags *diags;
	const struct ruleset *ruleset;
	bool *splits;		/* per rule: its conditions are ORed */
	struct report_set reported;
	size_t pairs;		/* of rules that mux.c compared so far */
	struct asked asked;
};

/* Rule 7: which rules are split. */
void claim_splits(struct decider *d);

/*
 * The alternatives of a rule on an ABI.  With selecting, that test takes the
 * place of all conditions on args[0].
 */
const struct alternative *
claim_alternatives(struct decider *d, enum abi abi,
		   const struct resolved_rule *rule,
		   const struct test *selecting, size_t *count);

/* Collects the claims on an ABI, with conditions in its width (rule 9). */
struct claims *claim_collect(struct decider *d, enum abi abi);

/* mux.c: multiplexed syscalls (rule 10). */

/* Adds what rules on muxed calls say to the claims on the multiplexers. */
void mux_carry(struct decider *d, struct claims *claims);

/* Reports what an open multiplexer lets through. */
void mux_report(struct decider *d, const struct claims *claims);

/* settle.c: several rules on one syscall (rules 6 and 8). */

/*
 * Turns the claims on one number into a decision.  False after reporting an
 * error.
 */
bool settle(struct decider *d, const struct claim_list *claims,
	    struct decision *decision);

/* The claim that beats all others, or NULL. */
const struct claim *settle_plain(const struct claim_list *claims);

/* decide.c: one decision per range of the number space. */

/* Numbers first..last, both in, decide alike. */
struct range {
	uint32_t first, last;
	uint32_t decision;	/* index into decisions.list; graph.c: a node */
};

/* All numbers under one audit arch token: ranges without gap from 0 to
 * UINT32_MAX, no two neighbours with the same decision. */
struct number_space {
	uint32_t audit_token;
	VEC(struct range) ranges;
};

struct decisions {
	VEC(struct decision) list;
	VEC(struct number_space) spaces;	/* one per token in the filter */
	uint32_t foreign_action;		/* every other token */
	struct asked asked;
};

/* Rules 3 and 5 to 11.  Returns NULL after at least one error. */
const struct decisions *decide(struct arena *arena,
			       const struct ruleset *ruleset,
			       struct diags *diags);

#endif
