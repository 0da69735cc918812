/*
 * What calls are expected to get: reading lines such as
 *
 *	x86_64 socket(AF_INET, *, *) allow
 *
 * and deciding, for all calls that a line is about, whether a program does so.
 * docs/expectations.md says what a line means.
 */
#ifndef SECCOMPC_EXPECT_H
#define SECCOMPC_EXPECT_H

#include "compiler/compiler.h"

enum {
	EXPECT_MAX_FILE = 1 << 20,  /* bytes of a file */
	EXPECT_MAX_LINE = 1 << 12,  /* bytes of a line */
	EXPECT_MAX_LINES = 1 << 13, /* that expect something, of a run */
	EXPECT_MAX_TESTS = 256,	    /* on arguments, of a line */
	EXPECT_MAX_ERRORS = 20,	    /* that are told of a file */
};

enum expect_op {
	EXPECT_RANGE, /* a <= value <= b */
	EXPECT_MASK,  /* (value & a) == b */
};

/* A test on one argument, in as many bits as the argument has. */
struct expect_test {
	enum expect_op op;
	bool negated;
	uint64_t a, b;
};

/* One of the tests holds, or negated: none does; no tests: any value. */
struct expect_arg {
	VEC(struct expect_test) tests;
	bool negated;
};

/* Syscalls: one by name, or numbers. */
struct expect_call {
	const struct syscall_name *name; /* NULL: numbers */
	bool every;			 /* all numbers of an ABI */
	uint32_t first, last;		 /* with or without the ABI's bit */
};

/* An action is one of those where action & mask is value. */
struct expect_action {
	uint32_t mask, value;
};

/* The syscall of a name or a single number on an ABI; NULL if none is known. */
const struct syscall_name *expect_call_name(const struct expect_call *call,
					    enum abi abi);

struct expectation {
	const char *file; /* as messages print it */
	unsigned line;
	const char *text; /* without what is around it */
	abi_set abis;
	bool every_abi; /* that the filter has: `*` */
	VEC(struct expect_call) calls;
	struct expect_arg args[6];
	VEC(struct expect_action) actions; /* any of them will do */
};

struct expectations {
	struct arena *arena;
	VEC(struct expectation) list;
};

/* expect-read.c */

/*
 * Adds the lines of a text to list.  On failure returns false, and what is
 * wrong is appended to errors, a line for each: file:line:column: error: why.
 * Memory that runs out leaves through the arena of list.
 */
bool expect_read(struct expectations *list, const struct source *source,
		 struct buf *errors);

/* expect-decide.c */

/* What is held against expectations: a program that bpf_check() accepts. */
struct expect_subject {
	const struct sock_filter *code;
	size_t count;
	abi_set abis; /* that it is for; 0: as it looks, below */
};

/* A call that gets something else. */
struct expect_failure {
	enum abi abi;
	struct seccomp_data call;
	uint32_t words; /* of it that matter, bit by word */
	uint32_t actual;
};

enum expect_answer {
	EXPECT_HOLDS,
	EXPECT_FAILS,
	EXPECT_SKIPPED, /* no ABI of the filter has the call */
	EXPECT_EMPTY,	/* it is about no call at all, so it fails */
};

struct expect_result {
	enum expect_answer answer;
	size_t count; /* of failures, at most one for each ABI */
	struct expect_failure failures[ABI_COUNT];
};

/*
 * Answers all expectations of a list, exactly.  Returns DD_DONE, or why there
 * is no answer to one of them: *stopped is its index, and why (size bytes)
 * says more.  Memory that runs out leaves through the arena of list.
 */
enum dd_end expect_decide(const struct expectations *list,
			  const struct expect_subject *subject,
			  struct expect_result *results, size_t *stopped,
			  char *why, size_t size);

/*
 * The ABIs that a program is for, as it looks: without those all of whose
 * calls get one and the same denial, unless all of them do.
 */
enum dd_end expect_abis(const struct sock_filter *code, size_t count,
			abi_set *abis);

/* call.c: calls in words. */

/*
 * Appends a call as describe_call() does, with names of constants:
 * "x86_64 socket(family=AF_INET, ...)".
 */
void call_write(struct buf *buf, const struct seccomp_data *call,
		uint32_t words);

/*
 * How many bits of an argument the kernel takes: 64 for what the tables do
 * not know, 32 on an ABI without more.
 */
unsigned call_arg_width(const struct syscall_name *name, enum abi abi,
			unsigned arg);

/*
 * Whether libcs may widen an argument with the sign of what a caller gives: an
 * int, or the request of ioctl, which musl has as one.
 */
bool call_arg_signed(const struct syscall_name *name, enum abi abi,
		     unsigned arg);

/*
 * Appends which calls a name is behind that has no number on some ABI:
 * "i386 has it as socketcall(10, ...)".  False, having appended nothing, if it
 * is behind none.
 */
bool call_write_behind(struct buf *buf, const char *name);

/* expect-rule.c */

/*
 * Appends ", by FILE:LINE:COLUMN", which is where the rule of a profile or the
 * default action stands that gives a call this action, or words on why it gets
 * that without a rule; nothing where neither is plain to see, as behind a
 * multiplexer.
 */
void call_write_rule(struct buf *buf, const struct compilation *c,
		     const struct seccomp_data *call, uint32_t action);

#endif
