#include <check.h>
#include <string.h>

#include "random-bpf.h"

#define LD(k) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, k)
#define AND(k) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, k)
#define JEQ(k, jt, jf) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, jt, jf)
#define JGE(k, jt, jf) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, k, jt, jf)
#define JGT(k, jt, jf) BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, k, jt, jf)
#define JSET(k, jt, jf) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, k, jt, jf)
#define RET(k) BPF_STMT(BPF_RET | BPF_K, k)
#define RET_A BPF_STMT(BPF_RET | BPF_A, 0)
#define X86_64 0xc000003e
#define I386 0x40000003

#define CODE(...)                                                              \
	.code = (const struct sock_filter[]){ __VA_ARGS__ },                   \
	.count = LENGTH(((const struct sock_filter[]){ __VA_ARGS__ }))

/* Numbers are those of asm/unistd_64.h, unistd_32.h and unistd_x32.h. */
/* clang-format off */
static const struct {
	const struct sock_filter *code;
	size_t count;
	/* The parts of each line between blanks, as far as given. */
	const char *lines[12];
} listings[] = {
	{ CODE(LD(0), LD(4), LD(8), LD(12), LD(16), LD(20), LD(56), LD(60),
	       RET_A),
	  { "0 ld [0] ; nr", "1 ld [4] ; arch", "2 ld [8] ; ip.low",
	    "3 ld [12] ; ip.high", "4 ld [16] ; args[0].low",
	    "5 ld [20] ; args[0].high", "6 ld [56] ; args[5].low",
	    "7 ld [60] ; args[5].high", "8 ret a" } },
	{ CODE(BPF_STMT(BPF_LD | BPF_IMM, 7), BPF_STMT(BPF_ST, 3),
	       BPF_STMT(BPF_LDX | BPF_MEM, 3), BPF_STMT(BPF_STX, 4),
	       BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0),
	       BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
	       BPF_STMT(BPF_ALU | BPF_NEG, 0), BPF_STMT(BPF_MISC | BPF_TAX, 0),
	       BPF_STMT(BPF_MISC | BPF_TXA, 0),
	       BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 16), RET_A),
	  { " 0 ld #7", " 1 st M[3]", " 2 ldx M[3]", " 3 stx M[4]",
	    " 4 ldx len", " 5 add x", " 6 neg", " 7 tax", " 8 txa",
	    " 9 or #0x10", "10 ret a" } },
	/* The arch decides what a number means. */
	{ CODE(LD(4), JEQ(X86_64, 0, 3), LD(0), JEQ(59, 5, 0), JEQ(11, 4, 4),
	       JEQ(I386, 0, 3), LD(0), JEQ(11, 1, 0), JEQ(59, 0, 0),
	       RET(0x7fff0000)),
	  { "0 ld [4] ; arch",
	    "1 jeq #0xc000003e, next, L1 ; AUDIT_ARCH_X86_64",
	    "2 ld [0] ; nr", "3 jeq #59, L2, next ; execve",
	    "4 jeq #11, L2, L2 ; munmap",
	    "5 L1: jeq #0x40000003, next, L2 ; AUDIT_ARCH_I386",
	    "6 ld [0] ; nr", "7 jeq #11, L2, next ; execve",
	    "8 jeq #59, next, next ; oldolduname",
	    "9 L2: ret #0x7fff0000 ; ALLOW" } },
	/* With the arch open, each reading has its ABI. */
	{ CODE(LD(0), JEQ(59, 1, 0), JEQ(0x4000003b, 0, 0), RET(0)),
	  { "0 ld [0] ; nr",
	    "1 jeq #59, L1, next ; x86_64 execve, i386 oldolduname",
	    "2 jeq #0x4000003b, next, next ; nr",
	    "3 L1: ret #0x00000000 ; KILL_THREAD" } },
	/* x32: execve is 520 there, read 0. */
	{ CODE(LD(4), JEQ(X86_64, 0, 5), LD(0), JEQ(0x40000208, 3, 0),
	       JEQ(0x40000000, 2, 0), JEQ(0x400001ff, 1, 0),
	       JEQ(520, 0, 0), RET(0x80000000)),
	  { "0", "1", "2", "3 jeq #0x40000208, L1, next ; x32 execve",
	    "4 jeq #0x40000000, L1, next ; x32 read",
	    "5 jeq #0x400001ff, L1, next ; nr",
	    "6 jeq #520, next, next ; nr",
	    "7 L1: ret #0x80000000 ; KILL_PROCESS" } },
	/* Numbers without their bit, known to be x32 or not. */
	{ CODE(LD(4), JEQ(X86_64, 0, 7), LD(0), JGE(0x40000000, 0, 2),
	       AND(0x3fffffff), JEQ(520, 3, 3), JGE(1, 0, 2), JGT(59, 1, 0),
	       JEQ(2, 0, 0), RET(0x7ffc0000)),
	  { "0", "1", "2", "3 jge #0x40000000, next, L1 ; >= x32 read",
	    "4 and #0x3fffffff", "5 jeq #520, L2, L2 ; x32 execve",
	    "6 L1: jge #1, next, L2 ; >= write",
	    "7 jgt #59, L2, next ; > execve",
	    "8 jeq #2, next, next ; open",
	    "9 L2: ret #0x7ffc0000 ; LOG" } },
	/* After AND alone both are possible. */
	{ CODE(LD(4), JEQ(X86_64, 0, 3), LD(0), AND(0xbfffffff),
	       JEQ(1, 0, 0), RET(0x7ff00005)),
	  { "0", "1", "2", "3 and #0xbfffffff",
	    "4 jeq #1, next, next ; x86_64 write, x32 write",
	    "5 L1: ret #0x7ff00005 ; TRACE(5)" } },
	/* JSET on the bit tells too. */
	{ CODE(LD(4), JEQ(X86_64, 0, 3), LD(0), JSET(0x40000000, 1, 0),
	       JEQ(1, 0, 0), RET(0x00030000)),
	  { "0", "1", "2", "3 jset #0x40000000, L1, next ; nr",
	    "4 jeq #1, next, next ; write",
	    "5 L1: ret #0x00030000 ; TRAP" } },
	/* Where ways with different archs meet, both are possible. */
	{ CODE(LD(4), JEQ(X86_64, 1, 0), JEQ(I386, 0, 2), LD(0),
	       JEQ(11, 0, 0), RET(0x00050001)),
	  { "0", "1", "2", "3 L1: ld [0] ; nr",
	    "4 jeq #11, next, next ; x86_64 munmap, i386 execve",
	    "5 L2: ret #0x00050001 ; ERRNO(EPERM)" } },
	/* Other machines have names too, their syscalls none here. */
	{ CODE(LD(4), JEQ(0xc00000b7, 0, 2), LD(0), JEQ(59, 0, 0),
	       RET(0x00050fff)),
	  { "0", "1 jeq #0xc00000b7, next, L1 ; AUDIT_ARCH_AARCH64", "2",
	    "3 jeq #59, next, next ; nr",
	    "4 L1: ret #0x00050fff ; ERRNO(4095)" } },
	/* A number comes from nr alone. */
	{ CODE(LD(4), JEQ(X86_64, 0, 4), LD(0), LD(16), JEQ(59, 1, 0),
	       BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 59, 0, 0),
	       RET(0x7fc00000)),
	  { "0", "1", "2", "3 ld [16] ; args[0].low",
	    "4 jeq #59, L1, next ; args[0].low",
	    "5 jeq x, next, next ; args[0].low",
	    "6 L1: ret #0x7fc00000 ; NOTIFY" } },
	/* Arithmetic makes of a number something else. */
	{ CODE(LD(4), JEQ(X86_64, 0, 4), LD(0),
	       BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 12345),
	       JEQ(59, 0, 0), BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0), RET(5)),
	  { "0", "1", "2", "3 add #0x3039", "4 jeq #59, next, next",
	    "5 ja next", "6 L1: ret #0x00000005 ; KILL_THREAD(5)" } },
	{ CODE(LD(0), BPF_JUMP(BPF_JMP | BPF_JA, 2, 0, 0), LD(0),
	       RET(0x0005000d), RET(0x00010000)),
	  { "0 ld [0] ; nr", "1 ja L1", "2 ld [0] ; unreachable",
	    "3 ret #0x0005000d ; unreachable, ERRNO(EACCES)",
	    "4 L1: ret #0x00010000 ; 0x00010000" } },
};
/* clang-format on */

/* The arena leaves by a jump when memory ends; here that is a failure. */
static const char *
list(struct arena *arena, const struct sock_filter *code, size_t count)
{
	struct buf buf = { .arena = arena };

	arena_init(arena);
	if (setjmp(arena->oom))
		ck_abort_msg("out of memory");
	disasm_write(&buf, arena, code, count);
	ck_assert_uint_eq(strlen(buf.data), buf.len);
	return buf.data;
}

/* Copies a line with each run of blanks made one; returns the next line. */
static const char *
squeeze(const char *line, char out[256])
{
	size_t n = 0;

	for (; *line != '\n'; line++) {
		ck_assert(*line >= ' ' && *line < 0x7f && n < 255);
		if (*line != ' ' || (n && out[n - 1] != ' '))
			out[n++] = *line;
	}
	out[n] = '\0';
	return line + 1;
}

START_TEST(lists)
{
	struct arena arena;
	const char *line;
	size_t at;

	ck_assert_ptr_null(
		bpf_check(listings[_i].code, listings[_i].count, &at));
	line = list(&arena, listings[_i].code, listings[_i].count);
	for (size_t i = 0; i < listings[_i].count; i++) {
		const char *expected = listings[_i].lines[i];
		char got[256];

		ck_assert_ptr_nonnull(expected);
		expected += strspn(expected, " ");
		line = squeeze(line, got);
		if (strchr(expected, ' '))
			ck_assert_str_eq(got, expected);
	}
	ck_assert_str_eq(line, "");
	arena_finish(&arena);
}
END_TEST

START_TEST(columns)
{
	static const struct sock_filter code[] = {
		LD(4),
		JEQ(X86_64, 0, 1),
		RET(0x7fff0000),
		RET(0x00050026),
	};
	struct arena arena;

	ck_assert_str_eq(list(&arena, code, LENGTH(code)),
			 "0      ld    [4]                    ; arch\n"
			 "1      jeq   #0xc000003e, next, L1  ; "
			 "AUDIT_ARCH_X86_64\n"
			 "2      ret   #0x7fff0000            ; ALLOW\n"
			 "3  L1: ret   #0x00050026            ; "
			 "ERRNO(ENOSYS)\n");
	arena_finish(&arena);
}
END_TEST

/* Names of arguments where only one syscall can be meant. */
START_TEST(arguments)
{
	static const struct sock_filter code[] = {
		LD(4),		JEQ(X86_64, 0, 7), LD(0),
		JEQ(9, 2, 0),	JEQ(0, 3, 0),	   RET(0),
		LD(16 + 2 * 8), JEQ(4, 1, 0),	   LD(16),
		RET_A,
	};
	struct arena arena;
	const char *text = list(&arena, code, LENGTH(code));

	/* mmap(addr, len, prot, ...) */
	ck_assert_ptr_nonnull(strstr(text, "; args[2].low, prot of mmap\n"));
	/* read and mmap both come here. */
	ck_assert_ptr_nonnull(strstr(text, "; args[0].low\n"));
	arena_finish(&arena);
}
END_TEST

/* Every line a random program gets has its form; labels exist once. */
START_TEST(any_program)
{
	for (int n = 0; n < 3000; n++) {
		struct test_program p;
		struct arena arena;
		const char *text, *line;
		bool reachable[PROGRAM_MAX];
		size_t at, lines = 0;

		random_program(&p);
		if (bpf_check(p.code, p.count, &at))
			continue;
		bpf_reachable(p.code, p.count, reachable);
		text = list(&arena, p.code, p.count);
		for (line = text; *line; lines++) {
			char got[256];

			line = squeeze(line, got);
			ck_assert_uint_eq(strtoul(got, NULL, 10), lines);
			ck_assert_int_ne(got[strlen(got) - 1], ' ');
			ck_assert(!strstr(got, "unreachable") ==
				  reachable[lines]);
		}
		ck_assert_uint_eq(lines, p.count);
		for (line = strstr(text, " L"); line;
		     line = strstr(line + 1, " L")) {
			char label[24] = " ";
			const char *first;

			strncat(label, line + 1,
				1 + strspn(line + 2, "0123456789"));
			strcat(label, ": ");
			first = strstr(text, label);
			ck_assert_msg(first && !strstr(first + 1, label),
				      "%s in\n%s", label, text);
		}
		arena_finish(&arena);
	}
}
END_TEST

/* The largest program, with all jumps as long as they can be. */
START_TEST(largest)
{
	static struct sock_filter code[BPF_MAXINSNS];
	struct arena arena;
	const char *text;
	size_t at, lines = 0;

	for (size_t i = 0; i < BPF_MAXINSNS; i++) {
		size_t left = BPF_MAXINSNS - 2 - i;
		uint8_t far = left > 255 ? 255 : (uint8_t)left;

		code[i] = (struct sock_filter)JEQ(0xfffffff0, far, far);
	}
	code[BPF_MAXINSNS - 1] = (struct sock_filter)RET(0);
	ck_assert_ptr_null(bpf_check(code, BPF_MAXINSNS, &at));
	text = list(&arena, code, BPF_MAXINSNS);
	for (const char *s = text; *s; s++)
		lines += *s == '\n';
	ck_assert_uint_eq(lines, BPF_MAXINSNS);
	/* All from 256 on are landed on. */
	ck_assert_ptr_nonnull(strstr(text, "4095  L3840: ret"));
	arena_finish(&arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("disasm");
	TCase *tcase = tcase_create("listings");
	SRunner *runner = srunner_create(suite);
	int failed;

	random_init();
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, lists, 0, LENGTH(listings));
	tcase_add_test(tcase, columns);
	tcase_add_test(tcase, arguments);
	tcase_add_test(tcase, any_program);
	tcase_add_test(tcase, largest);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
