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

#include "base.h"
#include "code.h"
#include "decide.h"
#include "profile.h"
#include "prove.h"

/* settings.c: options by name, as the command and the library take them. */

struct settings {
	struct options options;
	enum severity level[DIAG_COUNT];
	bool deny_warnings;
	bool lints;	/* severities of lints can be set */
};

void settings_init(struct settings *settings);

/*
 * Sets the option that the command line calls --NAME.  On failure returns
 * false, why (size bytes) says what is wrong, beginning with the name and safe
 * for terminals, and nothing is changed.
 */
bool settings_set(struct settings *settings, const char *name,
		  const char *value, char *why, size_t size);

/* The word for a value of the option NAME, one of those that take few words. */
const char *settings_word(const char *name, unsigned value);

/* Sets the severities that were asked for. */
void settings_levels(const struct settings *settings, struct diags *diags);

/* output.c: a program in the form somebody asked for. */

enum format {
	FORMAT_BPF,	/* raw struct sock_filter array */
	FORMAT_C,	/* a header */
	FORMAT_ASM,	/* a listing */
	FORMAT_JSON,
	FORMAT_OCI,	/* a profile: rewrite.c writes it, not output.c */
	FORMAT_HEX,	/* the array as text on one line, likewise */
	FORMAT_BASE64,
	FORMAT_DOT,	/* a picture for Graphviz */
	FORMAT_COUNT,
};

struct compilation;

/* By name ("bpf"); FORMAT_COUNT if there is none. */
enum format format_find(const char *name);

/* Whether a header can define a symbol: an identifier of both C and C++. */
bool format_symbol(const char *symbol);

/*
 * Appends a finished compilation; symbol names what a C header defines.
 * Memory is of buf's arena: several threads may write what none changes.
 */
void output_write(struct buf *buf, enum format format,
		  const struct compilation *compilation, const char *symbol);

/*
 * Appends any program that bpf_check() accepts.  Returns false, having
 * appended nothing, if the format says more than a program does.
 */
bool output_program(struct buf *buf, enum format format,
		    const struct sock_filter *code, size_t count);

/*
 * Appends text that is safe in a JSON string and in a C comment: ASCII, with
 * an asterisk escaped so that no comment begins or ends in it.  What is not
 * UTF-8 (a file name can be anything) becomes U+FFFD.
 */
void output_text(struct buf *buf, const char *s);

/* The same between quotes: a JSON string. */
void output_quote(struct buf *buf, const char *s);

/* Appends an action as a member of a JSON object. */
void output_action(struct buf *buf, const char *key, uint32_t action);

/* load.c: programs from elsewhere. */

/*
 * Whether len bytes are a program that the kernel accepts; *count is then how
 * many instructions.  Otherwise why (size bytes) says what is wrong.
 */
bool program_check(const void *data, size_t len, size_t *count, char *why,
		   size_t size);

/* disasm.c: a listing of any checked program. */

/*
 * Appends one line per instruction, with labels where jumps land, syscall
 * names as the arch tests before a number test imply, argument, action and
 * errno names, and a mark on what cannot be reached.
 */
void disasm_write(struct buf *buf, struct arena *arena,
		  const struct sock_filter *code, size_t count);

/* dot.c: a picture of any checked program. */

/*
 * Appends a graph in the language of Graphviz: a node for each test that can
 * be reached, with what disasm_write() says of it, and for each way to a RET
 * a leaf.  Solid edges are those where the test is true, dashed ones the
 * others.
 */
void dot_write(struct buf *buf, const struct sock_filter *code, size_t count);

/* statistics.c: what any checked program comes to. */

/*
 * How many of an ABI's syscalls in the tables get which answer.  Those behind
 * a multiplexer count where they have a number of their own.  All but cached
 * add up to known.
 */
struct abi_statistics {
	unsigned known;
	/* Whatever the arguments; denied: ERRNO, TRAP and KILL. */
	unsigned allowed, logged, traced, notified, denied;
	unsigned conditional;	/* it depends on the arguments */
	unsigned cached; /* of the allowed, by kernels from 5.11 on */
};

struct statistics {
	size_t instructions;
	size_t converted;	/* as bpf_converted_length() */
	struct longest longest;
	struct abi_statistics abis[ABI_COUNT];
};

/*
 * Whether a kernel from 5.11 on takes a number (with the bit of its ABI) for
 * allowed whatever the arguments (kernel/seccomp.c, seccomp_is_const_allow):
 * such calls do not run a checked program.
 */
bool program_caches(const struct sock_filter *code, enum abi abi,
		    uint32_t number);

/*
 * Fills statistics.  Returns false if the program is too hard to read (none
 * that was proved is); the counts by ABI are then missing.
 */
bool statistics_find(struct statistics *statistics, struct arena *arena,
		     const struct sock_filter *code, size_t count);

/* manifest.c: what went into a program and what came out. */

/*
 * Appends a finished compilation's manifest (docs/manifest.md).  Returns
 * false, having appended nothing, if its statistics cannot be found.
 */
bool manifest_write(struct buf *buf, const struct compilation *compilation);

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

/* The syscalls with the most tests of a compilation, in words. */
const char *length_culprits(struct compilation *c);

/* Reports that args.c came past LIMIT_NODES; false. */
bool length_nodes(struct compilation *c);

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
	struct proof proof;	/* that program does what ruleset says */
	bool out_of_memory;
};

/*
 * Compiles c->source under c->options; levels in c->diags may have been
 * changed after compilation_init.  Returns true when c->program is a program
 * that is proved to do what the profile says (c->proof.answer is then
 * PROOF_EQUAL); else c->diags says why not, or c->out_of_memory is set, or
 * c->proof has another answer.
 */
bool compile(struct compilation *c);

/* Whether a program was made that is not proved. */
bool compilation_unproved(const struct compilation *c);

/* text, not NULL, stays the caller's and must outlive the compilation. */
void compilation_init(struct compilation *c, const char *name,
		      const char *text, size_t len);
void compilation_finish(struct compilation *c);

/* Appends what a pass made, in a form for people. */
void dump_pass(struct buf *buf, const struct compilation *c, enum pass pass);

#endif
