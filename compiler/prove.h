/*
 * The prover: what rules and programs decide, exactly, and whether it is the
 * same.  Nothing here uses what the passes between resolve.c and emit.c make
 * or do; docs/proof.md has the method.
 */
#ifndef SECCOMPC_PROVE_H
#define SECCOMPC_PROVE_H

#include "profile.h"

/* diagram.c: functions of a call, one node for each. */

/*
 * A diagram is a function of the 16 words of struct seccomp_data.  Equal
 * functions are the same node, so comparing two is comparing two integers.
 *
 * A node tests a word against a threshold (below it, or not).  Where masks
 * look at a word it is cut into fields of bits, each of which is tested like a
 * word of its own, from the top; a field can be one bit.  Words come in one
 * order on every path: arch, number, then each argument's high word before its
 * low one.  A diagram ends in a value: an action, or DD_FALSE and DD_TRUE.
 */
typedef uint32_t dd;

enum {
	DD_WORDS = sizeof(struct seccomp_data) / 4,
	/* By offset in struct seccomp_data (linux/seccomp.h). */
	DD_NUMBER = 0,
	DD_ARCH = 1,
	DD_ARGS = 4,	/* + 2 * arg: its low word, + 1: its high word */
	DD_IP_WORDS = 3 << 2,	/* of the instruction pointer, bit by word */
};

/* Nodes that exist from the start.  No action has the value of TRUE. */
enum { DD_FALSE, DD_TRUE, DD_NONE, DD_CLASH };

enum dd_op {
	DD_ITE,		/* a ? b : c */
	DD_AND,
	DD_OR,
	DD_XOR,
	DD_WITH,	/* a where words have the values that b wants; b is
			 * words == values: words no longer matter then */
	DD_IS,		/* a is the value b: true or false */
	DD_FIRST,	/* a, or b where a is NONE */
	DD_MERGE,	/* the same; CLASH where both are and differ */
	DD_STRICTEST,	/* the stricter of a and b, a if neither is */
	DD_LAXEST,	/* the laxer of them, a if neither is */
	DD_STACKED,	/* the stricter, b if neither is: filter b is newer */
	DD_ORDER,	/* enum dd_order, as values */
	DD_KERNEL,	/* what the kernel does with a filter's value a */
};

/* How two actions compare, as values of a diagram. */
enum dd_order {
	DD_EQUAL,
	DD_STRICTER,	/* a is */
	DD_WEAKER,	/* a is */
	DD_OTHER_DATA,	/* the same action with another errno or so */
	DD_ORDERS,
};

struct dd_node {
	uint32_t rank;		/* of the field; UINT32_MAX: a value */
	uint32_t at;		/* threshold, or value */
	dd below, above;
};

struct dd_memo {
	uint32_t op;
	dd a, b, c, result;
};

/* What a walk noted of a node. */
struct dd_mark {
	uint32_t walk;		/* the last one that met it */
	dd result;
};

struct dd_frame {
	struct dd_node node;	/* above is not known yet */
	dd a, b, c;
};

/* From first on, up to the next range's first. */
struct dd_range {
	uint32_t first;
	dd node;
};

typedef VEC(struct dd_range) dd_range_list;

/* Why work on diagrams ended. */
enum dd_end {
	DD_DONE,
	DD_AGAIN,	/* with cuts or interleaved changed; dd_run does it */
	DD_TOO_LARGE,	/* more than LIMIT_PROOF_NODES */
	DD_TOO_LONG,	/* more than LIMIT_PROOF_STEPS */
	DD_TOO_MANY,	/* more than LIMIT_PROOF_CONTEXTS */
	DD_NO_MEMORY,
};

struct dd_set {
	struct arena arena;	/* all nodes, and what the work allocates */
	VEC(struct dd_node) nodes;
	uint32_t *table;	/* hash table of nodes */
	size_t table_size;	/* a power of two */
	struct dd_memo *memo;	/* what was applied, direct-mapped */
	size_t memo_size;	/* a power of two */
	VEC(struct dd_frame) spine;
	VEC(struct dd_mark) marks;	/* by node, of the walk */
	dd_range_list room[3];		/* for dd_cells() */
	uint32_t walk;
	uint32_t bits;		/* by word: it is cut */
	uint32_t cuts[DD_WORDS]; /* bit i: a field begins there */
	unsigned starts;	/* of the work */
	bool tests;		/* some nodes test words */
	bool whole_bits;	/* a word that is cut is cut into bits */
	bool interleaved;	/* so it is, and top bits of all come first */
	size_t steps;			/* of all starts */
	const char *where;		/* what was being read, for messages */
	size_t where_index;
	enum dd_end end;
	jmp_buf stop;
};

/*
 * Does work(set, data) on an empty set, again from the start when a word
 * turns out to be looked at bit by bit.  Returns why it ended.  The set is
 * then to be finished whatever came out.  dd_run_fields() cuts words where
 * masks do, which is less work; then dd_top() cannot be asked.
 */
enum dd_end dd_run(struct dd_set *set, void (*work)(struct dd_set *, void *),
		   void *data);
enum dd_end dd_run_fields(struct dd_set *set,
			  void (*work)(struct dd_set *, void *), void *data);
void dd_finish(struct dd_set *set);

/* Says why it ended, if not with DD_DONE, and at what. */
void dd_explain(const struct dd_set *set, enum dd_end end, char *out,
		size_t size);

/* Ends the work; does not return. */
_Noreturn void dd_stop(struct dd_set *set, enum dd_end end);

/* Counts a step of work, after the last of which it does not return. */
static inline void
dd_step(struct dd_set *set)
{
	if (++set->steps > LIMIT_PROOF_STEPS)
		dd_stop(set, DD_TOO_LONG);
}

/* Begins a walk: all marks are those of other walks. */
void dd_start_walk(struct dd_set *set);

/* Says that all bits of a word matter: may not return, but start again. */
void dd_need_bits(struct dd_set *set, unsigned word);

/* The same of the ends of fields: bit i if one begins there. */
void dd_need_cuts(struct dd_set *set, unsigned word, uint32_t cuts);

/* Says that bits of two words are compared with each other. */
void dd_need_interleaved(struct dd_set *set);

/* Whether a word is cut. */
bool dd_has_bits(const struct dd_set *set, unsigned word);

dd dd_value(struct dd_set *set, uint32_t value);

/* The value of a node that is one; else false. */
bool dd_is_value(const struct dd_set *set, dd a, uint32_t *value);

dd dd_apply(struct dd_set *set, enum dd_op op, dd a, dd b, dd c);

/* A node of its own: word < k ? below : above, which test later words or,
 * above, higher thresholds alone. */
dd dd_threshold(struct dd_set *set, unsigned word, uint32_t k, dd below,
		dd above);

/* The same for a bit of a word, clear or set; both sides test later words or
 * lower bits alone. */
dd dd_on_bit(struct dd_set *set, unsigned word, unsigned bit, dd clear,
	     dd set_);

/* Whether one bit of a word is set. */
dd dd_bit(struct dd_set *set, unsigned word, unsigned bit);

static inline dd
dd_and(struct dd_set *set, dd a, dd b)
{
	return dd_apply(set, DD_AND, a, b, DD_FALSE);
}

static inline dd
dd_or(struct dd_set *set, dd a, dd b)
{
	return dd_apply(set, DD_OR, a, b, DD_FALSE);
}

static inline dd
dd_not(struct dd_set *set, dd a)
{
	return dd_apply(set, DD_ITE, a, DD_FALSE, DD_TRUE);
}

/*
 * A call on which a and b, which differ, do so: words as small as can be.
 * Returns the words that matter, bit by word; others can be anything.
 */
uint32_t dd_difference(const struct dd_set *set, dd a, dd b,
		   struct seccomp_data *data);

/* The value for one call. */
uint32_t dd_decide(const struct dd_set *set, dd a,
		   const struct seccomp_data *data);

/* Up to last, a word leads a and b to these. */
struct dd_cell {
	uint32_t last;
	dd a, b;
};

/*
 * Cuts the first cell off two diagrams by the thresholds of a word that no
 * earlier word is tested before.  False if neither tests it (any more): the
 * cell is then all that is left.
 */
bool dd_split(const struct dd_set *set, unsigned word, dd *a, dd *b,
	      struct dd_cell *cell);

/* The values that a ends in; false if they are more than limit. */
bool dd_values(struct dd_set *set, dd a, uint32_t *values, size_t *count,
	       size_t limit);

/* The words that a looks at, bit by word. */
uint32_t dd_words(struct dd_set *set, dd a);

/* The test at the top of a diagram. */
struct dd_test {
	unsigned word;
	bool bit;	/* k is one bit: it is clear below, set above */
	uint32_t k;	/* else word < k is below */
	dd below, above;
};

/* False for a value, which has none. */
bool dd_top(const struct dd_set *set, dd a, struct dd_test *test);

/* Combines a list with an associative op in the list's order; empty if 0. */
dd dd_combine(struct dd_set *set, enum dd_op op, const dd *list, size_t count,
	      dd empty);

/* diagram-word.c: tests on whole words. */

/* word < k */
dd dd_less(struct dd_set *set, unsigned word, uint32_t k);

/* (word & mask) == k, (word & mask) >= k */
dd dd_equals(struct dd_set *set, unsigned word, uint32_t mask, uint32_t k);
dd dd_reaches(struct dd_set *set, unsigned word, uint32_t mask, uint32_t k);

/* Whether dd_equals() knows a mask without dd_need_cuts(). */
bool dd_takes_mask(const struct dd_set *set, unsigned word, uint32_t mask);

/*
 * Says that a mask will be asked for.  Before all else this is free, and saves
 * a start.
 */
void dd_plan_mask(struct dd_set *set, unsigned word, uint32_t mask);

/* ranges ascend from first 0; their nodes look at later words alone. */
dd dd_ranges(struct dd_set *set, unsigned word, const struct dd_range *ranges,
	     size_t count);

/* The same with nodes that look at any words. */
dd dd_cells(struct dd_set *set, unsigned word, const struct dd_range *ranges,
	    size_t count);

/* What a is where a word has a value. */
dd dd_at(struct dd_set *set, dd a, unsigned word, uint32_t value);

/* meaning.c: what rules decide. */

/*
 * The function of a rule set: rules 3 and 6 to 11 of docs/profile.md, read
 * anew.  *clash is set when conditional rules overlap that say different
 * things, unless the options settle that; the function then takes the
 * strictest.
 */
dd meaning_of(struct dd_set *set, const struct ruleset *ruleset, bool *clash);

/* The kernel's order of actions: the smaller one is stricter. */
int32_t meaning_rank(uint32_t action);

/* What the kernel does with a filter's return value, as an action. */
uint32_t meaning_normalise(uint32_t value);

/* Whether the kernel knows an action that, without its lowest bits (at most
 * 31), is top. */
bool meaning_is_known(uint32_t top, unsigned bits);

/* Without data that counts for nothing; an action that the kernel does not
 * know stays, as it has its place among others before it kills. */
uint32_t meaning_strip(uint32_t value);

/* symbolic.c: what a program decides. */

/* The function of a program that bpf_check() accepts: what the kernel does
 * with the values that it returns; raw, meaning_strip() of them. */
dd symbolic_run(struct dd_set *set, const struct sock_filter *code,
		size_t count);
dd symbolic_run_raw(struct dd_set *set, const struct sock_filter *code,
		    size_t count);

/* describe.c: calls in words. */

/* The ABI of a call, ABI_COUNT if it is none of arch_table; and its syscall,
 * NULL if the number is none. */
enum abi call_abi(const struct seccomp_data *call);
const struct syscall_name *call_name(const struct seccomp_data *call);

/* Appends "x86_64, i386". */
void describe_abis(struct buf *buf, abi_set abis);

/*
 * Appends a call as "x86_64 socket(family=0x10, ...)": the arguments that
 * words has, bit by word, and dots if there are others.
 */
void describe_call(struct buf *buf, const struct seccomp_data *call,
		   uint32_t words);

/* The same with values as somebody else writes them; syscall is "" if the
 * number is none. */
typedef void describe_value(struct buf *buf, const char *syscall, unsigned arg,
			    uint64_t value);
void describe_call_by(struct buf *buf, const struct seccomp_data *call,
		      uint32_t words, describe_value *write_value);

/* The same by ABI and name: a multiplexed call need not have a number. */
void describe_named(struct buf *buf, enum abi abi, const char *name,
		    const __u64 args[6], uint32_t words);

/* overlap.c: what a profile says twice. */

/*
 * Reports rules that others void, contradict or conflict with, repeated
 * indices, and rules that never hold (rules 6, 7 and 8), each with a call
 * where that is one.
 */
void overlap_report(struct arena *arena, const struct ruleset *ruleset,
		    struct diags *diags);

/* prove.c */

enum proof_answer {
	PROOF_NONE,		/* not tried */
	PROOF_EQUAL,
	PROOF_DIFFERENT,
	PROOF_INVALID,		/* the kernel would refuse the program */
	PROOF_GAVE_UP,
	PROOF_NO_MEMORY,
};

struct proof {
	enum proof_answer answer;
	bool clash;			/* of rules, as of meaning_of() */
	struct seccomp_data call;	/* PROOF_DIFFERENT: on this one */
	uint32_t words;			/* of it that matter, bit by word */
	uint32_t expected, actual;	/* the rules and the program say */
	char reason[160];		/* PROOF_INVALID, PROOF_GAVE_UP */
	size_t nodes, steps;		/* what it took */
};

/*
 * Whether a program decides every call as the rules say.  Needs no more than
 * LIMIT_PROOF_NODES and LIMIT_PROOF_STEPS.
 */
void prove(struct proof *proof, const struct ruleset *ruleset,
	   const struct sock_filter *code, size_t count);

/*
 * Appends what a proof came to, in words: "proved", or a call and what both
 * sides say of it, or why there is no answer.
 */
void proof_write(struct buf *buf, const struct proof *proof);

#endif
