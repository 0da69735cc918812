/*
 * bpf.c against tables worked out by hand; test_bpf_kernel.c asks the
 * kernel.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"

#define S(code, k) BPF_STMT(code, k)
#define J(op, k, jt, jf) BPF_JUMP(BPF_JMP | (op), k, jt, jf)
#define LD(k) S(BPF_LD | BPF_W | BPF_ABS, k)
#define IMM(k) S(BPF_LD | BPF_IMM, k)
#define XIMM(k) S(BPF_LDX | BPF_IMM, k)
#define ALU(op, k) S(BPF_ALU | (op), k)
#define RET(k) S(BPF_RET | BPF_K, k)
#define RET_A S(BPF_RET | BPF_A, 0)
#define MEM(k) S(BPF_LD | BPF_MEM, k)
#define XMEM(k) S(BPF_LDX | BPF_MEM, k)
#define ST(k) S(BPF_ST, k)
#define STX(k) S(BPF_STX, k)
#define TAX S(BPF_MISC | BPF_TAX, 0)
#define TXA S(BPF_MISC | BPF_TXA, 0)
#define JA(k) J(BPF_JA, k, 0, 0)

#define CODE(...)                                                              \
	.code = (const struct sock_filter[]){ __VA_ARGS__ },                   \
	.count = LENGTH(((const struct sock_filter[]){ __VA_ARGS__ }))

/* clang-format off */
static const struct {
	const struct sock_filter *code;
	size_t count;
	size_t converted;	/* by the rules in bpf_convert_filter */
} accepted[] = {
	{ CODE(RET(0)), 3 + 2 },
	{ CODE(RET_A), 3 + 1 },
	{ CODE(LD(0), RET_A), 3 + 2 },
	{ CODE(LD(60), RET_A), 3 + 2 },
	{ CODE(S(BPF_LD | BPF_W | BPF_LEN, 77),
	       S(BPF_LDX | BPF_W | BPF_LEN, 0), RET_A), 3 + 3 },
	/* What an opcode does not use is not looked at. */
	{ CODE(BPF_JUMP(BPF_RET | BPF_A, 99, 9, 9)), 3 + 1 },
	{ CODE(ALU(BPF_NEG, 99), RET_A), 3 + 2 },
	/* Jumps onto the last instruction. */
	{ CODE(J(BPF_JEQ, 1, 1, 0), RET(0), RET(0)), 3 + 1 + 4 },
	{ CODE(J(BPF_JEQ, 1, 0, 1), RET(0), RET(0)), 3 + 1 + 4 },
	{ CODE(J(BPF_JEQ, 1, 0, 0), RET(0)), 3 + 1 + 2 },
	{ CODE(J(BPF_JGT, 1, 1, 1), RET(0), RET(0)), 3 + 2 + 4 },
	{ CODE(J(BPF_JGE, 0x80000000, 1, 0), RET(0), RET(0)), 3 + 2 + 4 },
	{ CODE(J(BPF_JGE, 0x7fffffff, 1, 0), RET(0), RET(0)), 3 + 1 + 4 },
	{ CODE(J(BPF_JGE | BPF_X, 0x80000000, 1, 0), RET(0), RET(0)),
	  3 + 1 + 4 },
	{ CODE(J(BPF_JSET, 1, 0, 1), RET(0), RET(0)), 3 + 2 + 4 },
	{ CODE(J(BPF_JSET, 1, 1, 0), RET(0), RET(0)), 3 + 1 + 4 },
	{ CODE(J(BPF_JSET, 1, 0, 0), RET(0)), 3 + 1 + 2 },
	{ CODE(J(BPF_JSET, 0x80000000, 0, 1), RET(0), RET(0)), 3 + 3 + 4 },
	{ CODE(JA(1), RET(0), RET(0)), 3 + 1 + 4 },
	{ CODE(JA(0), RET(0)), 3 + 1 + 2 },
	{ CODE(ALU(BPF_DIV | BPF_X, 0), RET_A), 3 + 5 + 1 },
	{ CODE(ALU(BPF_DIV, 1), ALU(BPF_LSH, 31), ALU(BPF_RSH | BPF_X, 32),
	       RET_A), 3 + 4 },
	{ CODE(ST(15), MEM(15), STX(0), XMEM(0), RET_A), 3 + 5 },
	/* Written on both ways. */
	{ CODE(J(BPF_JEQ, 1, 0, 2), ST(3), JA(1), STX(3), MEM(3), RET_A),
	  3 + 1 + 5 },
	/* Code that nothing reaches counts as if after a jump all is
	 * written, so this reads what no way writes. */
	{ CODE(JA(1), MEM(5), RET(0)), 3 + 2 + 2 },
	{ CODE(RET(0), RET(0)), 3 + 4 },
};

static const struct {
	const char *message;
	const struct sock_filter *code;
	size_t count, at;
} rejected[] = {
	{ "no instructions", NULL, 0, 0 },
	{ "not an opcode", CODE(S(0xff, 0), RET(0)), 0 },
	{ "not an opcode", CODE(RET(0), S(BPF_RET | BPF_X, 0)), 1 },
	{ "not an opcode", CODE(ALU(BPF_MOD, 3), RET(0)), 0 },
	{ "not an opcode", CODE(ALU(BPF_NEG | BPF_X, 0), RET(0)), 0 },
	{ "not an opcode", CODE(S(BPF_LD | BPF_H | BPF_ABS, 0), RET(0)), 0 },
	{ "not an opcode", CODE(S(BPF_LD | BPF_B | BPF_ABS, 0), RET(0)), 0 },
	{ "not an opcode", CODE(S(BPF_LD | BPF_W | BPF_IND, 0), RET(0)), 0 },
	{ "not an opcode", CODE(S(BPF_LDX | BPF_W | BPF_ABS, 0), RET(0)), 0 },
	{ "not an opcode", CODE(S(BPF_LDX | BPF_B | BPF_MSH, 0), RET(0)), 0 },
	/* An opcode in the low byte alone. */
	{ "not an opcode", CODE(S(0x100 | BPF_RET, 0), RET(0)), 0 },
	{ "not an opcode", CODE(RET(0), S(0x8000 | BPF_RET, 0)), 1 },
	{ "jump past the end", CODE(J(BPF_JEQ, 1, 1, 0), RET(0)), 0 },
	{ "jump past the end", CODE(J(BPF_JEQ, 1, 0, 1), RET(0)), 0 },
	{ "jump past the end",
	  CODE(J(BPF_JSET | BPF_X, 1, 255, 0), RET(0)), 0 },
	{ "jump past the end", CODE(RET(0), J(BPF_JEQ, 1, 0, 0)), 1 },
	{ "jump past the end", CODE(RET(0), JA(0)), 1 },
	{ "jump past the end", CODE(RET(0), JA(1), RET(0)), 1 },
	/* These would wrap onto the program again. */
	{ "jump past the end", CODE(RET(0), JA(0xffffffff), RET(0)), 1 },
	{ "jump past the end", CODE(RET(0), JA(0xfffffffe), RET(0)), 1 },
	{ "jump past the end", CODE(RET(0), JA(0x7fffffff), RET(0)), 1 },
	{ "not a multiple of 4", CODE(LD(1), RET(0)), 0 },
	{ "not a multiple of 4", CODE(LD(63), RET(0)), 0 },
	{ "load past the end", CODE(LD(64), RET(0)), 0 },
	{ "load past the end", CODE(LD(0xfffff000), RET(0)), 0 },
	{ "division by 0", CODE(ALU(BPF_DIV, 0), RET(0)), 0 },
	{ "shift by 32", CODE(ALU(BPF_LSH, 32), RET(0)), 0 },
	{ "shift by 32", CODE(ALU(BPF_RSH, 0xffffffff), RET(0)), 0 },
	{ "M[15]", CODE(ST(16), RET(0)), 0 },
	{ "M[15]", CODE(STX(0xffffffff), RET(0)), 0 },
	{ "M[15]", CODE(RET(0), MEM(16), RET(0)), 1 },
	{ "M[15]", CODE(RET(0), XMEM(32), RET(0)), 1 },
	{ "on every path", CODE(MEM(0), RET(0)), 0 },
	{ "on every path", CODE(ST(1), XMEM(0), RET(0)), 1 },
	{ "on every path",
	  CODE(J(BPF_JEQ, 1, 0, 1), ST(3), MEM(3), RET_A), 2 },
	{ "on every path",
	  CODE(J(BPF_JEQ, 1, 1, 0), ST(3), MEM(3), RET_A), 2 },
	/* A RET does not end a path for the kernel. */
	{ "on every path", CODE(RET(0), MEM(3), RET_A), 1 },
	{ "on every path",
	  CODE(J(BPF_JEQ, 1, 0, 1), RET(0), MEM(3), RET_A), 2 },
	{ "last instruction", CODE(RET(0), LD(0)), 1 },
	{ "last instruction", CODE(TAX), 0 },
};

/* Words of the call that the programs below run on. */
static const struct seccomp_data call = {
	.nr = 59,
	.arch = 0xc000003e,
	.instruction_pointer = 0x1122334455667788,
	.args = { 0x8000000000000001, 7, 0xffffffff00000000, 3, 4,
		  0xfedcba9876543210 },
};

static const struct {
	uint32_t action;
	unsigned executed;
	const struct sock_filter *code;
	size_t count;
} results[] = {
	{ 59, 2, CODE(LD(0), RET_A) },
	{ 0xc000003e, 2, CODE(LD(4), RET_A) },
	{ 0x55667788, 2, CODE(LD(8), RET_A) },
	{ 0x11223344, 2, CODE(LD(12), RET_A) },
	{ 0x00000001, 2, CODE(LD(16), RET_A) },
	{ 0x80000000, 2, CODE(LD(20), RET_A) },
	{ 0x76543210, 2, CODE(LD(56), RET_A) },
	{ 0xfedcba98, 2, CODE(LD(60), RET_A) },
	{ 64, 2, CODE(S(BPF_LD | BPF_W | BPF_LEN, 5), RET_A) },
	{ 64, 3, CODE(S(BPF_LDX | BPF_W | BPF_LEN, 5), TXA, RET_A) },
	/* A and X start at 0. */
	{ 0, 1, CODE(RET_A) },
	{ 0, 3, CODE(IMM(5), TXA, RET_A) },
	{ 5, 3, CODE(XIMM(5), TXA, RET_A) },
	{ 5, 5, CODE(IMM(5), TAX, IMM(6), TXA, RET_A) },
	{ 4, 3, CODE(IMM(5), ALU(BPF_ADD, 0xffffffff), RET_A) },
	{ 0xfffffffe, 3, CODE(IMM(5), ALU(BPF_SUB, 7), RET_A) },
	{ 0xfffffffb, 3, CODE(IMM(0xffffffff), ALU(BPF_MUL, 5), RET_A) },
	{ 0x7fffffff, 3, CODE(IMM(0xffffffff), ALU(BPF_DIV, 2), RET_A) },
	{ 0x00f0, 3, CODE(IMM(0x0ff0), ALU(BPF_AND, 0x00ff), RET_A) },
	{ 0x0fff, 3, CODE(IMM(0x0ff0), ALU(BPF_OR, 0x00ff), RET_A) },
	{ 0x0f0f, 3, CODE(IMM(0x0ff0), ALU(BPF_XOR, 0x00ff), RET_A) },
	{ 0x80000000, 3, CODE(IMM(3), ALU(BPF_LSH, 31), RET_A) },
	{ 1, 3, CODE(IMM(0xf0000000), ALU(BPF_RSH, 31), RET_A) },
	{ 3, 3, CODE(IMM(3), ALU(BPF_RSH, 0), RET_A) },
	{ 0xffffffff, 3, CODE(IMM(1), ALU(BPF_NEG, 0), RET_A) },
	{ 0x80000000, 3, CODE(IMM(0x80000000), ALU(BPF_NEG, 0), RET_A) },
	{ 12, 4, CODE(XIMM(7), IMM(5), ALU(BPF_ADD | BPF_X, 1), RET_A) },
	{ 2, 4, CODE(XIMM(5), IMM(7), ALU(BPF_SUB | BPF_X, 1), RET_A) },
	{ 35, 4, CODE(XIMM(5), IMM(7), ALU(BPF_MUL | BPF_X, 1), RET_A) },
	{ 2, 4, CODE(XIMM(5), IMM(14), ALU(BPF_DIV | BPF_X, 1), RET_A) },
	{ 4, 4, CODE(XIMM(5), IMM(14), ALU(BPF_AND | BPF_X, 1), RET_A) },
	{ 15, 4, CODE(XIMM(5), IMM(14), ALU(BPF_OR | BPF_X, 1), RET_A) },
	{ 11, 4, CODE(XIMM(5), IMM(14), ALU(BPF_XOR | BPF_X, 1), RET_A) },
	/* X modulo 32. */
	{ 10, 4, CODE(XIMM(33), IMM(5), ALU(BPF_LSH | BPF_X, 0), RET_A) },
	{ 5, 4, CODE(XIMM(32), IMM(5), ALU(BPF_RSH | BPF_X, 0), RET_A) },
	/* Division by X = 0 ends the program at once. */
	{ 0, 2, CODE(IMM(5), ALU(BPF_DIV | BPF_X, 1), RET(0x7fff0000)) },
	{ 7, 6, CODE(IMM(7), ST(15), IMM(1), STX(0), MEM(15), RET_A) },
	{ 9, 5, CODE(XIMM(9), STX(4), MEM(4), ST(5), RET_A) },
	{ 9, 5, CODE(IMM(9), ST(4), XMEM(4), TXA, RET_A) },
	{ 2, 2, CODE(JA(1), RET(1), RET(2)) },
	{ 1, 2, CODE(JA(0), RET(1), RET(2)) },
	{ 2, 3, CODE(IMM(5), J(BPF_JEQ, 5, 1, 0), RET(1), RET(2)) },
	{ 1, 3, CODE(IMM(4), J(BPF_JEQ, 5, 1, 0), RET(1), RET(2)) },
	{ 2, 3, CODE(IMM(0xffffffff), J(BPF_JGT, 1, 1, 0), RET(1), RET(2)) },
	{ 1, 3, CODE(IMM(1), J(BPF_JGT, 1, 1, 0), RET(1), RET(2)) },
	{ 2, 3, CODE(IMM(1), J(BPF_JGE, 1, 1, 0), RET(1), RET(2)) },
	{ 1, 3, CODE(IMM(0), J(BPF_JGE, 1, 1, 0), RET(1), RET(2)) },
	{ 1, 3, CODE(IMM(1), J(BPF_JGE, 0x80000000, 1, 0), RET(1), RET(2)) },
	{ 2, 3, CODE(IMM(6), J(BPF_JSET, 3, 1, 0), RET(1), RET(2)) },
	{ 1, 3, CODE(IMM(4), J(BPF_JSET, 3, 1, 0), RET(1), RET(2)) },
	{ 2, 4, CODE(XIMM(4), IMM(6), J(BPF_JSET | BPF_X, 1, 1, 0), RET(1),
		     RET(2)) },
	{ 2, 4, CODE(XIMM(6), IMM(6), J(BPF_JEQ | BPF_X, 1, 1, 0), RET(1),
		     RET(2)) },
	{ 1, 4, CODE(XIMM(6), IMM(6), J(BPF_JGT | BPF_X, 1, 1, 0), RET(1),
		     RET(2)) },
	{ 2, 4, CODE(XIMM(6), IMM(6), J(BPF_JGE | BPF_X, 9, 1, 0), RET(1),
		     RET(2)) },
};
/* clang-format on */

START_TEST(accepts)
{
	size_t at, length;
	const char *wrong =
		bpf_check(accepted[_i].code, accepted[_i].count, &at);

	ck_assert_msg(!wrong, "row %d: instruction %zu: %s", _i, at, wrong);
	length = bpf_converted_length(accepted[_i].code, accepted[_i].count);
	ck_assert_msg(length == accepted[_i].converted,
		      "row %d: %zu instead of %zu", _i, length,
		      accepted[_i].converted);
}
END_TEST

START_TEST(rejects)
{
	size_t at;
	const char *wrong =
		bpf_check(rejected[_i].code, rejected[_i].count, &at);

	ck_assert_msg(wrong != NULL, "row %d was accepted", _i);
	ck_assert_msg(strstr(wrong, rejected[_i].message) != NULL,
		      "row %d: \"%s\" without \"%s\"", _i, wrong,
		      rejected[_i].message);
	ck_assert_msg(at == rejected[_i].at, "row %d: at %zu", _i, at);
}
END_TEST

START_TEST(runs)
{
	unsigned executed;
	size_t at;
	uint32_t action;

	ck_assert_ptr_null(bpf_check(results[_i].code, results[_i].count, &at));
	action = bpf_run(results[_i].code, results[_i].count, &call, &executed);
	ck_assert_msg(action == results[_i].action,
		      "row %d: 0x%x instead of 0x%x", _i, action,
		      results[_i].action);
	ck_assert_msg(executed == results[_i].executed,
		      "row %d: %u instructions", _i, executed);
	ck_assert_uint_eq(
		bpf_run(results[_i].code, results[_i].count, &call, NULL),
		action);
}
END_TEST

START_TEST(lengths)
{
	static const struct {
		size_t count;
		bool good;
	} rows[] = {
		{ 1, true },	  { 4095, true },    { 4096, true },
		{ 4097, false },  { 65535, false },  { 65536, false },
		{ 65537, false }, { 131072, false },
	};
	struct sock_filter *code = calloc(131072, sizeof(*code));
	size_t at;

	ck_assert_ptr_nonnull(code);
	for (size_t i = 0; i < 131072; i++)
		code[i] = (struct sock_filter)RET(0);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const char *wrong = bpf_check(code, rows[i].count, &at);

		ck_assert_msg(!wrong == rows[i].good, "%zu: %s", rows[i].count,
			      wrong ? wrong : "accepted");
		if (wrong)
			ck_assert_uint_eq(at, rows[i].count);
	}
	/* The longest jumps that fit, and one past them. */
	code[0] = (struct sock_filter)JA(4094);
	ck_assert_ptr_null(bpf_check(code, 4096, &at));
	code[0].k++;
	ck_assert_ptr_nonnull(bpf_check(code, 4096, &at));
	code[0] = (struct sock_filter)J(BPF_JEQ, 0, 255, 255);
	ck_assert_ptr_null(bpf_check(code, 257, &at));
	ck_assert_ptr_nonnull(bpf_check(code, 256, &at));
	free(code);
}
END_TEST

START_TEST(reachable)
{
	static const struct sock_filter code[] = {
		J(BPF_JEQ, 1, 1, 4),
		RET(0),
		JA(1),
		RET(1),
		LD(0),
		RET_A,
		TAX,
		JA(0),
		RET(0),
		LD(0),
		RET_A,
	};
	/* 0 goes to 2 and 5; 2 to 4; 4 to 5, which ends it. */
	static const char expected[] = "ynynyynnnnn";
	bool got[LENGTH(code)];

	bpf_reachable(code, LENGTH(code), got);
	for (size_t i = 0; i < LENGTH(code); i++)
		ck_assert_msg(got[i] == (expected[i] == 'y'), "instruction %zu",
			      i);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("bpf");
	TCase *tcase = tcase_create("tables");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, accepts, 0, LENGTH(accepted));
	tcase_add_loop_test(tcase, rejects, 0, LENGTH(rejected));
	tcase_add_loop_test(tcase, runs, 0, LENGTH(results));
	tcase_add_test(tcase, lengths);
	tcase_add_test(tcase, reachable);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
