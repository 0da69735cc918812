/* Programs by hand, each for an instruction or two. */
#ifndef TESTS_MOVES_H
#define TESTS_MOVES_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1)

/* clang-format off */
/* By hand: what A is at the end, for which arguments 7 and 9 are the words. */
static const struct {
	const char *name;
	struct sock_filter code[12];
	uint32_t wanted;
} moves[] = {
	{ "A is 0 at first", {
		BPF_STMT(BPF_RET | BPF_A, 0) }, 0 },
	{ "X is 0 at first", {
		BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_STMT(BPF_RET | BPF_A, 0) }, 0 },
	{ "TAX", {
		BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_LOG),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_IMM, 1),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_STMT(BPF_RET | BPF_A, 0) }, 0x7ffc0000 },
	{ "LDX IMM", {
		BPF_STMT(BPF_LDX | BPF_IMM, 0x00050007),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_STMT(BPF_RET | BPF_A, 0) }, 0x00050007 },
	{ "the length", {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 0x00050000),
		BPF_STMT(BPF_RET | BPF_A, 0) }, 0x00050080 },
	{ "ST, LD M[k]", {
		BPF_STMT(BPF_LD | BPF_IMM, 0x00050001),
		BPF_STMT(BPF_ST, 0),
		BPF_STMT(BPF_LD | BPF_IMM, 0x00050002),
		BPF_STMT(BPF_ST, 15),
		BPF_STMT(BPF_LD | BPF_MEM, 0),
		BPF_STMT(BPF_RET | BPF_A, 0) }, 0x00050001 },
	{ "STX, LDX M[k]", {
		BPF_STMT(BPF_LDX | BPF_IMM, 0x00050001),
		BPF_STMT(BPF_STX, 3),
		BPF_STMT(BPF_LDX | BPF_IMM, 0x00050002),
		BPF_STMT(BPF_STX, 4),
		BPF_STMT(BPF_LDX | BPF_MEM, 3),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_STMT(BPF_RET | BPF_A, 0) }, 0x00050001 },
	{ "a cell keeps what it had", {
		LOAD(16),
		BPF_STMT(BPF_ST, 1),
		LOAD(24),
		BPF_STMT(BPF_LDX | BPF_MEM, 1),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0x00050003),
		REFUSE }, 0x00050003 },
	{ "JA", {
		BPF_STMT(BPF_JMP | BPF_JA, 1),
		REFUSE,
		ALLOW }, 0x7fff0000 },
	{ "NEG", {
		LOAD(16),
		BPF_STMT(BPF_ALU | BPF_NEG, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xfffffff9, 0, 1),
		ALLOW,
		REFUSE }, 0x7fff0000 },
	{ "DIV X by zero", {
		LOAD(20),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		LOAD(16),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 15),
		BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
		ALLOW }, 0 },
	{ "DIV X by a constant zero", {
		BPF_STMT(BPF_LD | BPF_IMM, 5),
		BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
		ALLOW }, 0 },
	{ "a shift by 33 is by 1", {
		BPF_STMT(BPF_LDX | BPF_IMM, 33),
		BPF_STMT(BPF_LD | BPF_IMM, 0x80028001),
		BPF_STMT(BPF_ALU | BPF_LSH | BPF_X, 0),
		BPF_STMT(BPF_RET | BPF_A, 0) }, 0x00050002 },
	{ "the high word is at the higher offset", {
		LOAD(20),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2),
		LOAD(16),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 1, 0),
		REFUSE,
		ALLOW }, 0x7fff0000 },
	{ "an errno has a bound", {
		BPF_STMT(BPF_RET | BPF_K, 0x00058000) }, 0x00050fff },
	{ "unknown actions kill", {
		BPF_STMT(BPF_RET | BPF_K, 0x00060000) }, 0x80000000 },
	{ "ALLOW has no data", {
		BPF_STMT(BPF_RET | BPF_K, 0x7fff1234) }, 0x7fff0000 },
};
/* clang-format on */

#endif
