/*
 * From decisions to instructions, and what is done with instructions.
 */
#ifndef SECCOMPC_CODE_H
#define SECCOMPC_CODE_H

#include "decide.h"

/* graph.c: tests on 32-bit words, shared. */

/* The words of struct seccomp_data, symbolic until emission. */
enum word {
	WORD_NUMBER,
	WORD_ARCH,
	WORD_ARGS,	/* + 2 * arg: its low word, + 1: its high word */
	WORD_COUNT = WORD_ARGS + 12,
};

enum node_kind {
	NODE_RETURN,	/* k is the action */
	NODE_EQ,	/* word & mask == k */
	NODE_GE,	/* word & mask >= k */
	NODE_SET,	/* word & k != 0; mask is all ones */
	NODE_AND,	/* not a test: goes on at `yes` with word & mask, which
			 * is taken for the word itself until another word, or
			 * the word with yet another mask, is tested */
};

/* References to nodes are indices into graph.nodes. */
struct node {
	uint8_t kind;
	uint8_t word;
	bool likely;	/* `yes`, in what runs most; equal nodes may differ */
	bool often;	/* it is run in many calls, for all that is known */
	uint32_t mask;
	uint32_t k;
	uint32_t yes, no;
};

struct graph {
	struct arena *arena;
	VEC(struct node) nodes;	/* children come before parents */
	uint32_t *table;	/* hash table of indices + 1 */
	size_t table_size;	/* a power of two */
	uint32_t *marks;	/* by node: the last walk that met it */
	size_t marks_size;
	uint32_t walk;
	uint32_t root;		/* once order.c has run */
};

void graph_init(struct graph *graph, struct arena *arena);

/* The node that returns action. */
uint32_t graph_return(struct graph *graph, uint32_t action);

/* The node for a test; equal nodes exist once, yes == no folds. */
uint32_t graph_test(struct graph *graph, enum node_kind kind, enum word word,
		    uint32_t mask, uint32_t k, uint32_t yes, uint32_t no);

/* The node that leads to target with word & mask in place of word. */
uint32_t graph_and(struct graph *graph, enum word word, uint32_t mask,
		   uint32_t target);

/*
 * The instructions that run from a node on, its RET included, when another
 * word was tested before: those of a call of the arch that is tested for,
 * with all arguments 0.
 */
unsigned graph_executed(const struct graph *graph, uint32_t node);

/* The number of nodes that root leads to, root included. */
size_t graph_size(struct graph *graph, uint32_t root);

/* word.c: what is known of the 32 bits of a word. */

/*
 * The smallest y >= x with (y & mask) == value; false if there is none.
 */
bool word_next_match(uint32_t x, uint32_t mask, uint32_t value, uint32_t *y);

/* What a test asks of a word: an interval or, with masked, a mask. */
struct word_part {
	bool masked;
	uint32_t first, last;	/* interval */
	uint32_t mask, value;
};

/* (word & mask) == value; a mask with no hole below its top bit is an
 * interval. */
struct word_part word_mask(uint32_t mask, uint32_t value);

/* (word & mask) == value does not hold, nor do the next. */
struct word_pattern {
	uint32_t mask, value;
	const struct word_pattern *next;
};

/* The words with (word & mask) == value that match no negated pattern. */
struct word_domain {
	uint32_t mask, value;
	const struct word_pattern *negated;
};

bool word_is_member(const struct word_domain *d, uint32_t x);

/*
 * Whether a domain has a member in first..last.  After some thousand steps
 * of looking (added to *steps) the answer is yes: at worst a test is made
 * that is never true.
 */
bool word_has_member(const struct word_domain *d, uint32_t first,
		     uint32_t last, size_t *steps);

/* The same with a member; unknown is set if it came to that. */
bool word_find_member(const struct word_domain *d, uint32_t first,
		      uint32_t last, uint32_t *x, bool *unknown,
		      size_t *steps);

/* A domain and a mask. */
struct word_domain word_with(const struct word_domain *d,
			     const struct word_part *part);

/* Whether some member has the pattern of a mask, and whether some has not. */
void word_weigh(const struct word_domain *d, const struct word_part *part,
		bool *yes, bool *no, size_t *steps);

/* chain.c: alternatives tested one after the other. */

/* Whether JSET decides a mask test, as one pattern of bits does. */
bool chain_is_set(const struct word_part *part);

/* A mask test as one node; JSET where one pattern of bits decides. */
uint32_t chain_mask(struct graph *graph, enum word word,
		    const struct word_part *part, uint32_t yes, uint32_t no);

/* A decision as nodes, as many as its tests have words, and some. */
uint32_t chain_build(struct graph *graph, const struct decision *decision);

/* state.c: alternatives that are still open while args.c settles words. */

/*
 * What is open of a test.  It looks at a whole argument or, when the other
 * half of that is settled or never mattered, at one word: value and value2
 * are then below 2^32.
 */
struct open_test {
	uint8_t arg;
	bool low, high;		/* the words that it looks at */
	enum cmp_op op;		/* of those that test_normalise() leaves */
	uint64_t value, value2;
};

/* An alternative and the tests of it that are not settled. */
struct rest {
	const struct open_test *tests;
	size_t count;
	uint32_t action;
};

struct state {
	const struct rest *v;
	size_t n;
	uint32_t otherwise;
};

/* Words by rank: the high word of an argument comes before its low one. */
enum { STATE_RANKS = 12 };

enum word state_word(unsigned rank);

/* Whether a test looks at the word of a rank, and what it asks of it; where
 * both words of an argument count, what the other one does is left open. */
bool state_looks(const struct open_test *test, unsigned rank);
struct word_part state_part(const struct open_test *test, unsigned rank);

/* The ranks of all words that are looked at, a bit for each. */
unsigned state_words(const struct state *state);

struct state_maker {
	struct arena *arena;
	size_t bytes, steps;	/* spent so far */
	VEC(struct rest) rests;	/* room for one state while it is made */
	VEC(struct open_test) tests;
};

/* The simplified state where nothing is settled. */
struct state state_start(struct state_maker *m,
			 const struct decision *decision);

/*
 * The simplified state after settling the word of a rank, of which the
 * domain is known or, if x is given, the value as far as intervals ask; with
 * x and no domain, altogether.  It lies in the maker until the next call.
 */
struct state state_advance(struct state_maker *m, const struct state *state,
			   unsigned rank, const struct word_domain *d,
			   const uint32_t *x);

/* Copies a state out of the maker. */
struct state state_keep(struct state_maker *m, struct state s);

size_t state_hash(const struct state *state);
bool state_same(const struct state *a, const struct state *b);

/* args.c: conditions on arguments as tests on words. */

/*
 * Turns every decision into a node and joins neighbouring ranges that came
 * out equal.  The result's ranges refer to nodes.  NULL if there are more
 * than LIMIT_NODES.
 */
const struct decisions *args_build(struct arena *arena, struct graph *graph,
				   const struct decisions *decisions,
				   enum optimize_mode mode);

/* search.c: the cheapest search over the ranges of one word. */

/* What one executed instruction of all calls counts; weights sum up to it. */
#define SEARCH_UNIT (UINT64_C(1) << 30)

struct search_goal {
	uint64_t size;		/* what an instruction of the program counts */
	bool thorough;		/* every split is tried, however long it takes */
	uint8_t evened;		/* how much long paths are shortened: 0 to 64 */
};

struct search;

/* Ranges first..last of a search, without the holes, and their tree. */
struct search_side {
	uint32_t first, last;
	uint64_t holes;
	uint32_t node;
};

enum { SEARCH_SIDES = 32 };

/*
 * A node that is only made when all below the last range is: build is then
 * called with the search, in whose sides are the trees below it.
 */
struct search_deferred {
	uint32_t node;	/* what stands for it in the ranges */
	uint32_t (*build)(void *context, struct search *search);
	void *context;
};

/*
 * The node that leads each value of word to the node of its range.  ranges
 * are disjoint, ascending, count > 0, and cover every value that can occur.
 * weights, by range, sum up to at most SEARCH_UNIT.
 */
uint32_t search_weighted(struct graph *graph, enum word word,
			 const struct range *ranges, const uint64_t *weights,
			 size_t count, const struct search_goal *goal,
			 const struct search_deferred *deferred);

/* The same with equal weights, for few instructions. */
uint32_t search_tree(struct graph *graph, enum word word,
		     const struct range *ranges, size_t count);

/* weigh.c: how much of all calls each range of numbers gets. */

/*
 * Weights by range of decisions->spaces.v[index], whose ranges refer to
 * nodes.  Those of all spaces sum up to SEARCH_UNIT at most.
 */
uint64_t *weigh_space(struct arena *arena, const struct graph *graph,
		      const struct decisions *decisions, size_t index,
		      const struct options *options);

/* order.c: the tests on arch and number that lead to the decisions. */

/* Sets graph->root. */
void order_build(struct graph *graph, const struct decisions *decisions,
		 const struct options *options);

/* emit.c: a graph as instructions. */

struct program {
	VEC(struct sock_filter) code;	/* may be over BPF_MAXINSNS here */
};

/* Emits what graph->root reaches, whatever its length. */
const struct program *emit(struct arena *arena, const struct graph *graph,
			   const struct options *options);

/* bpf.c: what the kernel accepts, and what it does with it. */

/*
 * Checks a program as bpf_check_classic and seccomp_check_filter do
 * (net/core/filter.c, kernel/seccomp.c).  count is checked before it is
 * narrowed.  Returns NULL, or what is wrong; *at is then the instruction,
 * or count for the whole.
 */
const char *bpf_check(const struct sock_filter *code, size_t count,
		      size_t *at);

/*
 * The length in eBPF instructions that counts against the stacking limit of
 * 32768 (kernel/seccomp.c, MAX_INSNS_PER_PATH), without the 4 per filter.
 */
size_t bpf_converted_length(const struct sock_filter *code, size_t count);

/*
 * Runs a program that bpf_check accepts.  Returns the action; *executed, if
 * not NULL, counts instructions, the final RET included.
 */
uint32_t bpf_run(const struct sock_filter *code, size_t count,
		 const struct seccomp_data *data, unsigned *executed);

/* The same with the indices of the instructions, *executed of them: path has
 * room for count. */
uint32_t bpf_trace(const struct sock_filter *code, size_t count,
		   const struct seccomp_data *data, unsigned *executed,
		   uint16_t *path);

/*
 * How many instructions a jump (BPF_JMP) of a checked program skips: a is the
 * accumulator, b what it is compared with.
 */
size_t bpf_jump(const struct sock_filter *insn, uint32_t a, uint32_t b);

/* Fills reachable[i] for every instruction of a checked program. */
void bpf_reachable(const struct sock_filter *code, size_t count,
		   bool *reachable);

/* install.c: a program in this process; it needs bpf.c and nothing else. */

/*
 * Sets no_new_privs and installs a checked program: with
 * prctl(PR_SET_SECCOMP), or with seccomp(2) if flags
 * (SECCOMP_FILTER_FLAG_*) ask for what prctl cannot carry.  Returns 0, or the
 * file descriptor of the listener if flags ask for one; -1 with errno set and
 * nothing installed: with ESRCH, *thread is the thread that TSYNC could not
 * reach, else 0.
 */
int install_filter(const struct sock_filter *code, size_t count,
		   uint32_t flags, int *thread);

/* What the errno of install_filter() means; NULL if that is not particular
 * to filters, and what strerror(3) says of it then. */
const char *install_known_cause(int error);
const char *install_cause(int error);

/*
 * Whether a checked program refuses a syscall of this process, by its number
 * and arguments.  What it leaves to a tracer is not refused.
 */
bool install_refuses(const struct sock_filter *code, size_t count, int number,
		     const uint64_t args[6]);

/* Whether a program returns USER_NOTIF, which takes a listener. */
bool install_needs_listener(const struct sock_filter *code, size_t count);

/* longest.c: the most that a program executes. */

struct longest {
	unsigned executed; /* instructions, the final RET included */
	struct seccomp_data call; /* that executes so many */
	unsigned bound;	   /* no call executes more */
	bool exact;	   /* shown by that call and by all ways tried: bound
			    * is what it executes */
};

/*
 * The longest way that any call can take through a program that bpf_check()
 * accepts: any number and any arch, known or not.  With zero, arguments and
 * instruction pointer are 0.  Not exact for programs that compute, and where
 * the ways are too many.
 */
void longest_find(struct longest *longest, struct arena *arena,
		  const struct sock_filter *code, size_t count, bool zero);

/* The same for calls with one arch token and number (with the bit of its ABI)
 * and any arguments. */
void longest_find_for(struct longest *longest, struct arena *arena,
		      const struct sock_filter *code, size_t count,
		      uint32_t token, uint32_t number);

#endif
