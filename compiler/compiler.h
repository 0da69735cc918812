/*
 * The internal interface of the compiler, a section per file.  Data flows
 * one way: each pass reads what the passes before it made and changes none
 * of it.  compile.c is the list of passes.
 *
 * Memory: everything that one compilation makes lives in its arena.
 * Running out of memory leaves through arena->oom, a jump that compile.c and
 * the other entry points set; no pass sees a NULL.
 */
#ifndef SECCOMPC_COMPILER_H
#define SECCOMPC_COMPILER_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Limits on input, docs/limits.md; past each of them is an error. */
enum {
	LIMIT_FILE = 16 << 20,		/* bytes of profile text */
	LIMIT_DEPTH = 64,		/* nested arrays and objects */
	LIMIT_VALUES = 1 << 20,		/* JSON values in a file */
	LIMIT_RULES = 1 << 14,		/* entries of `syscalls` */
	LIMIT_NAMES = 1 << 17,		/* names in all rules together */
	LIMIT_CONDITIONS = 1 << 14,	/* entries of all `args` together */
	LIMIT_ALTERNATIVES = 1 << 12,	/* conditional rules on one syscall */
	LIMIT_PAIRS = 1 << 24,		/* of rules held against each other */
	LIMIT_DIAGNOSTICS = 256,	/* kept per profile; more are counted */
};

/* arena.c: memory of one compilation, freed at once. */

struct arena_block;

struct arena {
	struct arena_block *blocks;
	jmp_buf oom;	/* where to go when malloc fails: set before use */
};

void arena_init(struct arena *arena);

/* Frees everything allocated from arena; it can be used again. */
void arena_finish(struct arena *arena);

/* Returns size zeroed bytes; never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* As realloc(3) on memory of this arena; bytes past old are zeroed. */
void *arena_realloc(struct arena *arena, void *memory, size_t old,
		    size_t size);

/* Calls drop(object) when the arena is finished. */
void arena_own(struct arena *arena, void *object, void (*drop)(void *));

char *arena_strndup(struct arena *arena, const char *s, size_t len);
char *arena_printf(struct arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A growing array: struct { T *v; size_t n, cap; }. */
#define VEC(T)                   \
	struct {                 \
		T *v;            \
		size_t n, cap;   \
	}

/* Appends a zeroed element; the value is a pointer to it. */
#define vec_push(arena, vec)                                               \
	((vec)->v = arena_grow((arena), (vec)->v, (vec)->n, &(vec)->cap,   \
			       sizeof(*(vec)->v)),                         \
	 &(vec)->v[(vec)->n++])

void *arena_grow(struct arena *arena, void *v, size_t n, size_t *cap,
		 size_t size);

/* A growing text or blob; data is NUL-terminated past len. */
struct buf {
	struct arena *arena;
	char *data;
	size_t len, cap;
};

void buf_append(struct buf *buf, const void *data, size_t len);
void buf_printf(struct buf *buf, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/*
 * Appends len bytes of s with everything but printable ASCII, and quote and
 * backslash, escaped as JSON escapes it.  Safe for terminals, C and JSON.
 */
void buf_escape(struct buf *buf, const char *s, size_t len);

/* diag.c: what is wrong with a profile, and where. */

enum severity {
	SEVERITY_NONE,	/* switched off */
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
};

/*
 * Every diagnostic by name: identifier, name, default severity, whether the
 * command line may change that, and a line of help.  Those that cannot be
 * changed leave nothing to compile, or nothing that means anything.
 */
#include "diag-names.h"

enum diag_id {
#define X(id, name, severity, adjustable, help) id,
	DIAG_NAMES(X)
#undef X
	DIAG_COUNT,
};

struct diag_info {
	const char *name;
	enum severity severity;
	bool adjustable;
	const char *help;
};

extern const struct diag_info diag_table[DIAG_COUNT];

/* The id of a name, DIAG_COUNT if there is none. */
enum diag_id diag_find(const char *name);

/* The text of a profile and where it came from. */
struct source {
	const char *name;	/* as messages print it */
	const char *text;	/* not NUL-terminated */
	size_t len;
};

struct diag {
	enum diag_id id;
	enum severity severity;
	size_t offset;		/* into the source; SIZE_MAX: no position */
	const char *pointer;	/* JSON pointer (RFC 6901), or NULL */
	const char *message;
	const char *hint;	/* or NULL */
};

struct diags {
	struct arena *arena;
	const struct source *source;
	enum severity level[DIAG_COUNT];	/* in force in this run */
	VEC(struct diag) list;			/* at most LIMIT_DIAGNOSTICS */
	size_t count[SEVERITY_ERROR + 1];	/* all of them */
};

/* Sets the default levels and forgets what was reported. */
void diags_init(struct diags *diags, struct arena *arena,
		const struct source *source);

struct json;

/*
 * Reports id at a value of the profile (NULL: about the whole file).  hint
 * says what to do, or is NULL.  The same id at the same place with the same
 * message is kept once.  Returns false when it is an error in this run, so
 * that a pass can end with `return diag_at(…)`.
 */
bool diag_at(struct diags *diags, enum diag_id id, const struct json *where,
	     const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* The same at a byte offset, where there is no value yet. */
bool diag_offset(struct diags *diags, enum diag_id id, size_t offset,
		 const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * Appends a diagnostic as text: file:line:col, severity, pointer, message,
 * name, the source line with a caret, the hint.  Lines and columns count
 * from 1, columns in characters.  colour adds ANSI escapes.
 */
void diag_write(struct buf *buf, const struct source *source,
		const struct diag *diag, bool colour);

/*
 * The word of words (count of them, NULL-terminated strings) nearest to s,
 * NULL if none is near enough to be a slip: at most a third of its letters.
 */
const char *diag_nearest(const char *s, const char *const *words,
			 size_t count);

/* json.c: strict text to a tree with positions; json-c inside. */

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json {
	enum json_kind kind;
	size_t offset;			/* of its first byte in the text */
	const struct json *parent;	/* NULL for the root */
	const char *key;		/* in an object, else NULL */
	size_t key_offset;
	size_t index;			/* among its parent's children */
	bool boolean;
	/* A number is an integer if it has no fraction, no exponent and
	 * |number| fits in 64 bits. */
	bool integer, negative;
	uint64_t magnitude;
	const char *string;		/* UTF-8 without NUL */
	struct json *children;
	size_t count;
};

/*
 * Reads a whole text: one JSON value as RFC 8259 has it, UTF-8, no duplicate
 * keys, no NUL in a string, within the limits.  Returns NULL after reporting
 * what is wrong.
 */
const struct json *json_read(struct arena *arena, const struct source *source,
			     struct diags *diags);

struct json_list {
	const struct json **v;
	size_t n, cap;
};

/* The member of an object, NULL if absent (a null member is returned). */
const struct json *json_member(const struct json *object, const char *key);

/* The JSON pointer of a value, "" for the root. */
char *json_pointer(struct arena *arena, const struct json *value);

/* syscall.c: the tables that the build generates. */

/* A kernel release as major << 8 | minor; 0: older than the tables tell. */
typedef uint16_t kernel_release;

/*
 * Reads "4.8", compared as numbers: both parts 0..255, at least one digit
 * each, nothing else.  Returns false if it is anything else.
 */
bool kernel_release_parse(const char *s, kernel_release *release);

struct syscall_arg {
	const char *name;	/* as the kernel declares it */
	const char *type;
	uint8_t width[ABI_COUNT];	/* bits that reach the entry point */
	char sign;		/* s signed, u unsigned, p pointer */
};

struct syscall_args {
	bool known;
	uint8_t count;
	const struct syscall_arg *arg;
};

/* One name and its numbers, with the number bit of the ABI not set. */
struct syscall_name {
	const char *name;
	int32_t number[ABI_COUNT];		/* -1: not on this ABI */
	kernel_release since[ABI_COUNT];
	struct syscall_args args[ABI_COUNT];
};

/* All names of all ABIs, sorted with strcmp. */
extern const struct syscall_name syscall_names[];
extern const size_t syscall_name_count;

/* Per ABI, indices into syscall_names sorted by number. */
extern const uint16_t *const syscall_numbers[ABI_COUNT];
extern const size_t syscall_number_count[ABI_COUNT];

/* Names with no number on any ABI here, sorted, and the archs with one. */
struct syscall_foreign {
	const char *name;
	const char *archs;	/* comma-separated */
};

extern const struct syscall_foreign syscall_foreign[];
extern const size_t syscall_foreign_count;

/* The newest release that the tables cover. */
extern const kernel_release syscall_tables_release;

const struct syscall_name *syscall_find(const char *name);
const struct syscall_foreign *syscall_find_foreign(const char *name);

/* By number without the ABI's number bit; NULL if unassigned. */
const struct syscall_name *syscall_find_number(enum abi abi, uint32_t number);

/* The nearest known name for a misspelt one, or NULL. */
const char *syscall_nearest(const char *name);

/* action.c: actions are the kernel's 32-bit return value. */

enum action_data {
	ACTION_NO_DATA,
	ACTION_ERRNO,	/* 0..4095 */
	ACTION_16_BITS,
};

struct action_info {
	const char *name;	/* SCMP_ACT_ERRNO */
	uint32_t value;
	enum action_data data;
};

/* By SCMP_ACT_ name (KILL is KILL_THREAD); NULL if unknown. */
const struct action_info *action_find(const char *scmp_name);

/* All SCMP_ACT_ names, for suggestions. */
enum { ACTION_COUNT = 9 };
void action_names(const char *names[ACTION_COUNT]);

/* By value; NULL if the kernel does not know it (it then kills). */
const struct action_info *action_info(uint32_t action);

/* "ERRNO(EPERM)", "ERRNO(4095)", "KILL_THREAD", "TRACE(5)": at most 32 bytes. */
void action_print(char out[32], uint32_t action);

/*
 * The order of the kernel: the smaller one wins when filters stack
 * (kernel/seccomp.c, ACTION_ONLY).  Data does not count.
 */
int32_t action_rank(uint32_t action);

/* Errno names ("EPERM") to numbers and back; 0 and NULL if there is none. */
int errno_find(const char *name);
const char *errno_find_name(int number);

/* shape.c: fields of JSON objects by type and range, as profile.c reads. */

/* Dialects, and sets of them: bit i stands for enum dialect i. */
enum dialect {
	DIALECT_AUTO,	/* docker, or oci for a runtime's config.json */
	DIALECT_DOCKER,
	DIALECT_PODMAN,
	DIALECT_OCI,
};

enum {
	DOCKER = 1 << DIALECT_DOCKER,
	PODMAN = 1 << DIALECT_PODMAN,
	OCI = 1 << DIALECT_OCI,
	EVERY_DIALECT = DOCKER | PODMAN | OCI,
};

/* A field and the dialects that read it. */
struct field {
	const char *name;
	unsigned dialects;
};

struct shape {
	struct arena *arena;
	struct diags *diags;
	enum dialect dialect;	/* never DIALECT_AUTO */
};

/* The functions below return false after reporting an error. */

/* Whether the dialect being read is among dialects. */
bool shape_reads(const struct shape *shape, unsigned dialects);

bool shape_expect(const struct shape *shape, const struct json *value,
		  enum json_kind kind);

/* The member, or NULL if it is absent or null. */
bool shape_optional(const struct shape *shape, const struct json *object,
		    const char *key, enum json_kind kind,
		    const struct json **value);
bool shape_required(const struct shape *shape, const struct json *object,
		    const char *key, enum json_kind kind,
		    const struct json **value);

/* That value is an object, and what its keys are (count at most 16). */
bool shape_object(const struct shape *shape, const struct json *value,
		  const struct field *fields, size_t count);

/* An integer 0..max. */
bool shape_integer(const struct shape *shape, const struct json *value,
		   uint64_t max, uint64_t *out);

/* Appends the strings of an optional array. */
bool shape_strings(const struct shape *shape, const struct json *object,
		   const char *key, struct json_list *list);

/* "did you mean 'x'?" for the nearest of words, or NULL. */
const char *shape_hint(const struct shape *shape, const char *s,
		       const char *const *words, size_t count);

/* condition.c: one entry of `args`. */

enum cmp_op {
	CMP_EQ,
	CMP_NE,
	CMP_LT,
	CMP_LE,
	CMP_GT,
	CMP_GE,
	CMP_MASKED_EQ,
};


/* As written. */
struct condition {
	const struct json *where;
	uint8_t arg;		/* 0..5 */
	enum cmp_op op;
	uint64_t value;		/* MASKED_EQ: the mask */
	uint64_t value2;	/* MASKED_EQ: (arg & value) == value2 */
};

/* False after reporting an error. */
bool condition_read(const struct shape *shape, const struct json *value,
		    struct condition *condition);

/* SCMP_CMP_ name of an operator, and the sign that messages use. */
const char *cmp_name(enum cmp_op op);
const char *cmp_sign(enum cmp_op op);

/* profile.c: the shape of a profile, whatever its dialect. */

/* `includes` or `excludes` of Docker and Podman. */
struct clause {
	struct json_list caps;
	struct json_list arches;
	const struct json *min_kernel;	/* NULL: none */
	kernel_release release;		/* of min_kernel */
};

struct rule {
	const struct json *where;
	const struct json *action_where;
	uint32_t action;
	struct json_list names;	/* strings */
	VEC(struct condition) conditions;
	struct clause includes, excludes;
};

struct arch_map {
	const struct json *architecture;
	struct json_list sub;
};

struct profile {
	const struct json *root;	/* the object with defaultAction */
	enum dialect dialect;		/* never DIALECT_AUTO */
	uint32_t default_action;
	const struct json *default_where;
	VEC(struct rule) rules;
	struct json_list architectures;
	VEC(struct arch_map) arch_map;
	struct json_list flags;	/* strings, all known */
	uint32_t filter_flags;		/* SECCOMP_FILTER_FLAG_* */
	const char *listener_path;	/* or NULL */
	const char *listener_metadata;	/* or NULL */
};

struct options;


/*
 * Reads shapes, types and ranges (rules 1, 2, 5 and 13 of docs/profile.md).
 * Returns NULL after at least one error.
 */
const struct profile *profile_read(struct arena *arena,
				   const struct json *json,
				   const struct options *options,
				   struct diags *diags);

/* options.c: what the command line, or the library's user, asks for. */

enum unknown_mode {
	UNKNOWN_ENOSYS,		/* above the largest number named */
	UNKNOWN_SINCE,		/* newer than options.since, not named */
	UNKNOWN_DEFAULT,
};

enum conflict_mode {
	CONFLICTS_REFUSE,
	CONFLICTS_RUNC,		/* take what runc's order gives */
	CONFLICTS_FIRST,	/* and where it gives nothing, the first rule */
	CONFLICTS_STRICTEST,
};

enum repeated_mode {
	REPEATED_REFUSE,	/* OR if the AND can never be true */
	REPEATED_OR,
	REPEATED_AND,
};

enum mux_mode {
	MUX_STRICT,
	MUX_LIBSECCOMP,
};

struct options {
	enum dialect dialect;
	bool caps_given;
	uint64_t caps;			/* bit i: capability i */
	bool kernel_given;
	kernel_release kernel;
	enum abi native;
	abi_set abis;			/* 0: as the profile says */
	bool foreign_default;		/* foreign calls: the default action */
	uint32_t foreign_action;	/* else this */
	enum unknown_mode unknown;
	kernel_release since;
	enum conflict_mode conflicts;
	enum repeated_mode repeated;
	enum mux_mode muxes;
};

/* Rule 3's and 11's defaults; native x86_64. */
void options_init(struct options *options);

/*
 * Capabilities: "none", "all", "docker", or a list of names with commas,
 * with or without CAP_.  On failure returns false and *bad is the name.
 */
bool options_parse_caps(const char *s, uint64_t *caps, const char **bad);

/* The number of a capability by name with CAP_, -1 if unknown. */
int capability_find(const char *name);

/* select.c: what caps, kernel and native arch leave of a profile. */

struct selection {
	const struct profile *profile;
	const struct options *options;
	abi_set abis;			/* native always in */
	VEC(const struct rule *) rules;	/* in the profile's order */
};

/* Rules 2 and 3.  Returns NULL after at least one error. */
const struct selection *select_rules(struct arena *arena,
				     const struct profile *profile,
				     const struct options *options,
				     struct diags *diags);

/* resolve.c: names turned into numbers; nothing else is touched. */

/* One name of a rule. */
struct target {
	const struct json *where;
	const char *name;
	int32_t number[ABI_COUNT];	/* without the number bit; -1: none */
	/* Behind a multiplexer: its index in arch.muxes, or -1, and the
	 * selecting value. */
	int8_t mux[ABI_COUNT];
	uint32_t mux_call[ABI_COUNT];
};

struct resolved_rule {
	const struct rule *rule;
	uint32_t action;
	VEC(struct target) targets;	/* known on an ABI of the filter */
	const struct condition *conditions;
	size_t condition_count;
};

/* What a filter must do: the input of decide.c and of any check of it. */
struct ruleset {
	const struct selection *selection;
	const struct options *options;
	abi_set abis;
	uint32_t default_action;
	VEC(struct resolved_rule) rules;
};

/* Rule 4.  Returns NULL after at least one error. */
const struct ruleset *resolve_names(struct arena *arena,
				    const struct selection *selection,
				    struct diags *diags);

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
 * alternatives holds.  A rule without conditions has one without tests.
 */
struct claim {
	const struct resolved_rule *rule;
	const struct json *where;	/* the name, in the profile */
	const char *name;
	bool plain;		/* the rule has no conditions */
	bool dropped;		/* its action is the default (rule 6) */
	bool carried;		/* it comes through a multiplexer */
	uint32_t action;
	const struct alternative *alternatives;
	size_t count;
};

struct claim_list {
	struct claim *v;
	size_t n, cap;
};

/* Everything that is claimed on one ABI. */
struct claims {
	enum abi abi;
	struct claim_list *numbers;	/* by number without the number bit */
	size_t number_count;
	int32_t highest;		/* number that is named, or -1 */
	/* By multiplexer and call, in the order of struct mux. */
	struct claim_list **muxed;
};

/* The first alternative that holds, else otherwise. */
struct decision {
	VEC(struct alternative) alternatives;
	uint32_t otherwise;
};

/* What the passes behind decide.c share. */
struct decider {
	struct arena *arena;
	struct diags *diags;
	const struct ruleset *ruleset;
	bool *splits;		/* per rule: its conditions are ORed */
	struct report_set *reported;
	size_t pairs;		/* of rules compared so far */
};

/* Rule 7: which rules are split.  False after reporting an error. */
bool claim_splits(struct decider *d);

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
 * Whether diag id at where is new in this compilation: several ABIs find the
 * same thing.
 */
bool settle_is_new(struct decider *d, enum diag_id id,
		   const struct json *where);

/*
 * Turns the claims on one number into a decision.  False after reporting an
 * error.
 */
bool settle(struct decider *d, enum abi abi, const struct claim_list *claims,
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
};

/* Rules 3 and 5 to 11.  Returns NULL after at least one error. */
const struct decisions *decide(struct arena *arena,
			       const struct ruleset *ruleset,
			       struct diags *diags);

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
};

/* References to nodes are indices into graph.nodes. */
struct node {
	uint8_t kind;
	uint8_t word;
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

/*
 * Whether a domain has a member in first..last.  After some thousand steps
 * of looking (added to *steps) the answer is yes: at worst a test is made
 * that is never true.
 */
bool word_has_member(const struct word_domain *d, uint32_t first,
		     uint32_t last, size_t *steps);

/* A domain and a mask. */
struct word_domain word_with(const struct word_domain *d,
			     const struct word_part *part);

/* Whether some member has the pattern of a mask, and whether some has not. */
void word_weigh(const struct word_domain *d, const struct word_part *part,
		bool *yes, bool *no, size_t *steps);

/* chain.c: alternatives tested one after the other. */

/* A mask test as one node; JSET where one pattern of bits decides. */
uint32_t chain_mask(struct graph *graph, enum word word,
		    const struct word_part *part, uint32_t yes, uint32_t no);

/* A decision as nodes, as many as its tests have words, and some. */
uint32_t chain_build(struct graph *graph, const struct decision *decision);

/* state.c: alternatives that are still open while args.c settles words. */

/* An alternative and the tests of it that are not settled. */
struct rest {
	const struct test *tests;
	size_t count;
	uint32_t action;
};

struct state {
	const struct rest *v;
	size_t n;
	uint32_t otherwise;
};

/* Words are settled in the order of their rank: the high word of an argument
 * before its low one.  A test has the rank of the first word it looks at. */
unsigned state_rank(const struct test *test);
enum word state_word(unsigned rank);
struct word_part state_part(const struct test *test);

/* The lowest rank of any test. */
unsigned state_first_rank(const struct state *state);

struct state_maker {
	struct arena *arena;
	size_t bytes, steps;	/* spent so far */
	VEC(struct rest) rests;	/* room for one state while it is made */
	VEC(struct test) tests;
};

/*
 * Drops what no longer matters: all behind an alternative that holds, and
 * then those at the end that say what follows them anyway.
 */
struct state state_simplify(struct state s);

/*
 * The simplified state after settling the word of a rank, of which the
 * domain is known and, if x is given, the value.  It lies in the maker until
 * the next call.
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
 * out equal.  The result's ranges refer to nodes.
 */
const struct decisions *args_build(struct arena *arena, struct graph *graph,
				   const struct decisions *decisions);

/* search.c: a search tree over the ranges of one word. */

/*
 * The node that leads each value of word to the node of its range.  ranges
 * are disjoint, ascending, count > 0, and cover every value that can occur.
 */
uint32_t search_tree(struct graph *graph, enum word word,
		     const struct range *ranges, size_t count);

/* order.c: the tests on arch and number that lead to the decisions. */

/* Sets graph->root. */
void order_build(struct graph *graph, const struct decisions *decisions);

/* emit.c: a graph as instructions. */

struct program {
	VEC(struct sock_filter) code;	/* may be over BPF_MAXINSNS here */
};

/* Emits what graph->root reaches, whatever its length. */
const struct program *emit(struct arena *arena, const struct graph *graph);

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

/* Fills reachable[i] for every instruction of a checked program. */
void bpf_reachable(const struct sock_filter *code, size_t count,
		   bool *reachable);

/* output.c: a program in the form somebody asked for. */

enum format {
	FORMAT_BPF,	/* raw struct sock_filter array */
	FORMAT_C,	/* a header */
	FORMAT_ASM,	/* a listing */
	FORMAT_JSON,
	FORMAT_COUNT,
};

struct compilation;

/* Appends a finished compilation; symbol names what a C header defines. */
void output_write(struct buf *buf, enum format format,
		  const struct compilation *compilation, const char *symbol);

/* disasm.c: a listing of any checked program. */

/*
 * Appends one line per instruction, with labels where jumps land, syscall
 * names as the arch tests before a number test imply, argument, action and
 * errno names, and a mark on what cannot be reached.
 */
void disasm_write(struct buf *buf, struct arena *arena,
		  const struct sock_filter *code, size_t count);

/* dump.c: what a pass made, for --dump=PASS. */

enum pass {
	PASS_NONE,
	PASS_PROFILE,
	PASS_SELECT,
	PASS_RESOLVE,
	PASS_DECIDE,
	PASS_GRAPH,
	PASS_ORDER,
	PASS_EMIT,
};

/* length.c: the kernel's limit, and what takes the room. */

struct compilation;

/* False after reporting that the program is longer than BPF_MAXINSNS. */
bool length_check(struct compilation *c);

/* compile.c: the pipeline. */

/* A compilation and all that its passes made, NULL past the first failure. */
struct compilation {
	struct arena arena;
	struct source source;
	struct options options;
	struct diags diags;
	const struct json *json;
	const struct profile *profile;
	const struct selection *selection;
	const struct ruleset *ruleset;
	const struct decisions *decisions;	/* ranges refer to decisions */
	const struct decisions *ordered;	/* ranges refer to nodes */
	struct graph graph;
	const struct program *program;
	bool out_of_memory;
	const char *fault;	/* a bug of the compiler's own, or NULL */
};

/*
 * Compiles c->source under c->options; levels in c->diags may have been
 * changed after compilation_init.  Returns true when c->program is a program
 * that does what the profile says; else c->diags says why not, or
 * c->out_of_memory is set.
 */
bool compile(struct compilation *c);

/* text stays the caller's and must outlive the compilation. */
void compilation_init(struct compilation *c, const char *name,
		      const char *text, size_t len);
void compilation_finish(struct compilation *c);

/* Appends what a pass made, in a form for people. */
void dump_pass(struct buf *buf, const struct compilation *c, enum pass pass);

#endif
