/*
 * The fuzzer of expectations: any bytes are read, and decided on a program
 * that tests many things.  No crash and no hang; messages have their form and
 * nothing that acts on a terminal; each failure is one: the program returns
 * what it says, and the line does not take that.
 *
 * Without libFuzzer, fuzz_expect_main N mutates lines N times.
 */
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/explain/expect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LD(word)                                                               \
	{                                                                      \
		BPF_LD | BPF_W | BPF_ABS, 0, 0, 4 * (word)                     \
	}
#define RET(action)                                                            \
	{                                                                      \
		BPF_RET | BPF_K, 0, 0, (action)                                \
	}
#define JUMP(op, jt, jf, k)                                                    \
	{                                                                      \
		BPF_JMP | BPF_K | (op), (jt), (jf), (k)                        \
	}

static const struct sock_filter code[] = {
	LD(DD_ARCH),
	JUMP(BPF_JEQ, 0, 7, AUDIT_ARCH_X86_64),
	LD(DD_NUMBER),
	JUMP(BPF_JGE, 4, 0, 0x40000000),
	JUMP(BPF_JEQ, 0, 2, 41),
	LD(DD_ARGS),
	JUMP(BPF_JEQ, 3, 4, 2),
	JUMP(BPF_JGE, 4, 5, 200),
	RET(SECCOMP_RET_KILL_THREAD),
	LD(DD_ARGS + 1),
	JUMP(BPF_JSET, 3, 2, 0x80000001),
	RET(SECCOMP_RET_LOG),
	RET(SECCOMP_RET_ERRNO | 38),
	RET(SECCOMP_RET_ALLOW),
	RET(SECCOMP_RET_ERRNO | 1),
};

static _Noreturn void
fail(const char *what, const char *text)
{
	fprintf(stderr, "fuzz_expect: %s: %s\n", what, text);
	abort();
}

/* Each line is <file>:LINE:COLUMN: error: and some text. */
static void
check_errors(const struct buf *errors)
{
	unsigned line, column, lines = 0;
	int end = 0;

	for (const char *s = errors->data; s && *s; lines++) {
		if (sscanf(s, "fuzz:%u:%u: error: %n", &line, &column, &end) !=
			    2 ||
		    !end || !line || !column || s[end] == '\n')
			fail("a message", s);
		s = strchr(s, '\n') + 1;
	}
	for (size_t i = 0; i < errors->len; i++)
		if ((errors->data[i] < ' ' && errors->data[i] != '\n') ||
		    errors->data[i] == 0x7f)
			fail("a control character", errors->data);
	if (!lines || lines > EXPECT_MAX_ERRORS)
		fail("messages", errors->data);
}

static void
check_result(struct arena *arena, const struct expectation *e,
	     const struct expect_result *result)
{
	struct buf words = { .arena = arena };

	for (size_t i = 0; i < result->count; i++) {
		const struct expect_failure *f = &result->failures[i];

		if (!(e->abis >> f->abi & 1) || call_abi(&f->call) != f->abi ||
		    bpf_run(code, LENGTH(code), &f->call, NULL) != f->actual)
			fail("a failure", e->text);
		for (size_t j = 0; j < e->actions.n; j++)
			if ((f->actual & e->actions.v[j].mask) ==
			    e->actions.v[j].value)
				fail("no failure", e->text);
		call_write(&words, &f->call, f->words);
	}
	if ((result->answer == EXPECT_FAILS) != (result->count > 0))
		fail("an answer", e->text);
}

static size_t good, bad;

static void
run(struct arena *arena, const uint8_t *data, size_t size)
{
	struct expectations list = { .arena = arena };
	struct buf errors = { .arena = arena };
	struct source source = { "fuzz", (const char *)data, size };
	const struct expect_subject subject = { code, LENGTH(code), 0 };
	struct expect_result *results;
	char why[160];
	size_t at;

	if (setjmp(arena->oom))
		return;
	if (!expect_read(&list, &source, &errors)) {
		check_errors(&errors);
		bad++;
		return;
	}
	if (errors.len)
		fail("messages and success", errors.data);
	good++;
	results = arena_alloc(arena, (list.list.n + 1) * sizeof(*results));
	if (expect_decide(&list, &subject, results, &at, why, sizeof(why)) !=
	    DD_DONE)
		fail("no answer", why);
	for (size_t i = 0; i < list.list.n; i++)
		check_result(arena, &list.list.v[i], &results[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;

	arena_init(&arena);
	run(&arena, data, size);
	arena_finish(&arena);
	return 0;
}

#ifndef FUZZING
static const char *const pieces[] = {
	"x86_64",
	"i386",
	"x32",
	"*",
	"socket",
	"ptrace",
	"clone",
	"ioctl",
	"recv",
	"(",
	")",
	",",
	"{",
	"}",
	"&",
	"==",
	"!=",
	"<",
	">=",
	"..",
	"...",
	"|",
	"not",
	"AF_INET",
	"TIOCSTI",
	"AT_FDCWD",
	"-1",
	"0x80000000",
	"41",
	"200",
	"allow",
	"deny",
	"errno",
	"(EPERM)",
	"kill",
	"log",
	"#",
	"\n",
	"\t",
	"\x1b[0m",
	"\xff",
	"family",
	"18446744073709551615",
};

static const char *const lines[] = {
	"x86_64 socket(AF_INET, *, not {1..3, & 8 == 8}) allow",
	"* {41, 200..300} errno(38)",
	"x86_64, i386 ioctl(*, TIOCSTI) deny | kill_thread",
	"x32 * kill",
	"x86_64 clone(flags & CLONE_NEWUSER|CLONE_NEWNS, ...) not allow",
};

static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % below;
}

/* A line with some pieces put in, and some bytes taken out. */
static void
mutate(struct buf *text, uint64_t *seed)
{
	const char *line = lines[draw(seed, LENGTH(lines))];
	unsigned rate = 2 + draw(seed, 60);

	for (; *line; line++) {
		if (!draw(seed, rate))
			buf_printf(text, " %s ",
				   pieces[draw(seed, LENGTH(pieces))]);
		if (draw(seed, 4 * rate))
			buf_append(text, line, 1);
	}
	buf_append(text, "\n", 1);
}

/* False when out of memory. */
static bool
try_one(uint64_t *seed)
{
	struct arena arena;
	struct buf text = { .arena = &arena };

	arena_init(&arena);
	if (setjmp(arena.oom))
		return false;
	for (uint32_t i = draw(seed, 3) + 1; i-- > 0;)
		mutate(&text, seed);
	LLVMFuzzerTestOneInput((const uint8_t *)text.data, text.len);
	arena_finish(&arena);
	return true;
}

int
main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;

	for (unsigned long i = 0; i < count; i++)
		if (!try_one(&seed))
			return 2;
	printf("%zu texts are expectations, %zu are refused\n", good, bad);
	return good < count / 20 || bad < count / 20;
}
#endif
