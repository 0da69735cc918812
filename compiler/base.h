/*
 * Memory, text, diagnostics, JSON and the facts about syscalls and actions:
 * what all passes stand on.
 */
#ifndef SECCOMPC_BASE_H
#define SECCOMPC_BASE_H

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
	LIMIT_NODES = 1 << 20,		/* tests made for conditions */
	LIMIT_PAIRS = 1 << 24,		/* of rules that are compared */
	LIMIT_PROOF_NODES = 1 << 21,	/* of the diagrams of a proof */
	LIMIT_PROOF_STEPS = 1 << 25,	/* of work on them */
	LIMIT_PROOF_CONTEXTS = 1 << 16,	/* in which instructions are read */
	LIMIT_EXPRESS_STEPS = 1 << 21,	/* to put one function into words */
	LIMIT_DIAGNOSTICS = 256,	/* kept per profile; more are counted */
};

/* arena.c: memory of one compilation, freed at once. */

struct arena_block;

struct arena {
	struct arena_block *blocks;
	char *next;	/* free memory of the block of small objects */
	size_t left;
	jmp_buf oom;	/* where to go when malloc fails: set before use */
};

void arena_init(struct arena *arena);

/* Frees everything allocated from arena; it can be used again. */
void arena_finish(struct arena *arena);

/* Returns size zeroed bytes; never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* The same with bytes of any value. */
void *arena_alloc_raw(struct arena *arena, size_t size);

/*
 * As realloc(3) on memory of this arena, of which old is the size that was
 * asked for; it never shrinks.  Bytes past old are zeroed.
 */
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
	((vec)->n == (vec)->cap                                            \
		 ? (void)((vec)->v = arena_grow((arena), (vec)->v,         \
						(vec)->n, &(vec)->cap,     \
						sizeof(*(vec)->v)))        \
		 : (void)0,                                                \
	 &(vec)->v[(vec)->n++])

void *arena_grow(struct arena *arena, void *v, size_t n, size_t *cap,
		 size_t size);

/* Makes room for count elements in an array that has none yet. */
#define vec_reserve(arena, vec, count)                                     \
	((vec)->v = arena_alloc((arena), (count) * sizeof(*(vec)->v)),     \
	 (void)((vec)->cap = (count)))

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

/* diag.c: what is wrong with a profile, and where. */

enum severity {
	SEVERITY_NONE,	/* switched off */
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
};

/* "none", "note", "warning" or "error". */
const char *severity_name(enum severity severity);

/*
 * Every diagnostic by name: identifier, name, default severity, whether the
 * command line may change that, and a line of help.  Those that cannot be
 * changed leave nothing to compile, or nothing that means anything.
 */
#include "diag-names.h"
#include "lint-names.h"

enum diag_id {
#define X(id, name, severity, adjustable, help) id,
	DIAG_NAMES(X)
	LINT_FIRST,	/* from here on lints, which check/lint.c finds */
	LINT_BEFORE_FIRST = LINT_FIRST - 1,
	LINT_NAMES(X)
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
	size_t dropped[DIAG_COUNT];	/* of each, those not in list */
	bool grave[DIAG_COUNT];	/* kept like errors, whatever the level */
	bool found[DIAG_COUNT];	/* reported, also where switched off */
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

/* Appends text from anywhere so that a terminal shows and does no more. */
void diag_write_safe(struct buf *buf, const char *s);

/* Line and column of a diagnostic, both from 1; false if it has none. */
bool diag_position(const struct source *source, const struct diag *diag,
		   size_t *number, size_t *column);

/*
 * The word, number or string that a diagnostic's caret points at, or a single
 * character, never past its line; at the end of a line it is empty.
 */
struct diag_region {
	size_t line, column, end_column; /* from 1, in characters, [,) */
	size_t start, end;	     /* offsets of the same */
	size_t line_start, line_end; /* of the line without its end */
};

/* False if the diagnostic has no position. */
bool diag_region(const struct source *source, const struct diag *diag,
		 struct diag_region *region);

/* The diagnostics in the order of the text, as many as diags->list has. */
const struct diag **diags_sorted(const struct diags *diags);

/*
 * The word of words (count of them, NULL-terminated strings) nearest to s,
 * NULL if none is near enough to be a slip: at most a third of its letters.
 */
const char *diag_nearest(const char *s, const char *const *words,
			 size_t count);

/* report-set.c: what was reported of which value. */

struct report_set {
	struct report *slots;
	size_t size, used;	/* size is a power of two */
};

/*
 * Whether id at where is new in a set, to which it is added: several ABIs
 * find the same thing.
 */
bool report_is_new(struct report_set *set, struct arena *arena,
		   enum diag_id id, const struct json *where);

/* json.c: strict text to a tree with positions; json-c inside. */

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* LIMIT_FILE keeps offsets and counts in 32 bits. */
struct json {
	uint8_t kind;			/* enum json_kind */
	bool boolean;
	/* A number is an integer if it has no fraction, no exponent and
	 * |number| fits in 64 bits. */
	bool integer, negative;
	uint32_t length;		/* of string, in bytes */
	uint32_t offset;		/* of its first byte in the text */
	uint32_t key_offset;
	uint32_t index;			/* among its parent's children */
	uint32_t count;			/* of children */
	const struct json *parent;	/* NULL for the root */
	const char *key;		/* in an object, else NULL */
	uint64_t magnitude;
	const char *string;		/* UTF-8 without NUL */
	struct json *children;
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

/*
 * Text and arguments are offsets, not pointers: the loader would have to
 * relocate each pointer, and to copy the page that it is in, at every start.
 */
struct syscall_arg {
	uint16_t name, type; /* in syscall_strings, as the kernel declares it */
	uint8_t width[ABI_COUNT];	/* bits that reach the entry point */
	char sign;		/* s signed, u unsigned, p pointer */
};

struct syscall_args {
	bool known;
	uint8_t count;
	uint16_t first; /* in syscall_arg_table */
};

enum { SYSCALL_NAME_SIZE = 32 }; /* more than the longest takes */

/* One name and its numbers, with the number bit of the ABI not set. */
struct syscall_name {
	char name[SYSCALL_NAME_SIZE];
	int32_t number[ABI_COUNT];		/* -1: not on this ABI */
	kernel_release since[ABI_COUNT];
	struct syscall_args args[ABI_COUNT];
	uint8_t length; /* of name */
};

/* All names of all ABIs, sorted with strcmp. */
extern const struct syscall_name syscall_names[];
extern const size_t syscall_name_count;

/* Per ABI, indices into syscall_names sorted by number. */
extern const uint16_t *const syscall_numbers[ABI_COUNT];
extern const size_t syscall_number_count[ABI_COUNT];

/*
 * For syscall.c alone.  By name: 1 + the index into syscall_names at or
 * behind the slot that name_hash gives; 0: free.  By number: the same, 0 for
 * numbers that are unassigned, up to the largest of each ABI.
 */
extern const uint16_t syscall_slots[];
extern const size_t syscall_slot_count; /* a power of two */
extern const uint16_t *const syscall_by_number[ABI_COUNT];
extern const size_t syscall_number_end[ABI_COUNT];

extern const char syscall_strings[];
extern const struct syscall_arg syscall_arg_table[];

/* Argument i, below args->count, and its texts. */
static inline const struct syscall_arg *
syscall_arg(const struct syscall_args *args, size_t i)
{
	return &syscall_arg_table[args->first + i];
}

static inline const char *
syscall_arg_name(const struct syscall_args *args, size_t i)
{
	return syscall_strings + syscall_arg(args, i)->name;
}

static inline const char *
syscall_arg_type(const struct syscall_args *args, size_t i)
{
	return syscall_strings + syscall_arg(args, i)->type;
}

/* Names with no number on any ABI here, sorted, and the archs with one. */
struct syscall_foreign {
	char name[SYSCALL_NAME_SIZE];
	uint16_t archs; /* in syscall_strings, comma-separated */
};

extern const struct syscall_foreign syscall_foreign[];
extern const size_t syscall_foreign_count;

/* The newest release that the tables cover. */
extern const kernel_release syscall_tables_release;

const struct syscall_name *syscall_find(const char *name);
/* The same with what name_hash gives for len bytes of name. */
const struct syscall_name *syscall_find_hashed(const char *name, size_t len,
					       uint32_t hash);

const struct syscall_foreign *syscall_find_foreign(const char *name);
const char *syscall_foreign_archs(const struct syscall_foreign *foreign);

/* By number without the ABI's number bit; NULL if unassigned. */
const struct syscall_name *syscall_find_number(enum abi abi, uint32_t number);

/* The nearest known name for a misspelt one, or NULL. */
const char *syscall_nearest(const char *name);

/* wrapper.c: what the C library calls. */

/*
 * The syscall of x86_64 that a function of the C library makes, if it has
 * another name than the function; else NULL.
 */
const char *syscall_wrapped(const char *function);

/* weights.c: how often workloads make each syscall. */

/* What all counts are together at most, so that sums of costs cannot wrap. */
#define LIMIT_WEIGHTS (UINT64_C(1) << 48)

/* Counts by index into syscall_names; only their ratios matter. */
struct weights {
	const uint64_t *count;	/* NULL: every syscall alike */
	/* Of all calls, how many percent are taken to be spread evenly over
	 * all known syscalls: no counts stand for all programs. */
	uint8_t even;
};

/* What `even` is for counts that somebody gives. */
enum { WEIGHTS_EVEN = 12 };

/* Those of docs/weights.md, and every syscall alike. */
extern const struct weights weights_built_in, weights_uniform;

/* The shares of syscall-tables/weights.tbl, in parts per million. */
extern const uint64_t syscall_weights[];

/*
 * Reads counts as strace -c or perf trace -s print them, or lines of a name
 * and a count; what comes several times adds up.  At least one count is not
 * 0.  Returns NULL after reporting what is wrong.
 */
const struct weights *weights_read(struct arena *arena,
				   const struct source *source,
				   struct diags *diags);

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

#endif
