/*
 * The opcodes that seccomp takes (kernel/seccomp.c, seccomp_check_filter):
 * one table for the check, the interpreter and the listing.
 */
#ifndef SECCOMPC_BPF_OPS_H
#define SECCOMPC_BPF_OPS_H

#include <stdbool.h>
#include <stdint.h>

/* Where an instruction's operand is, and what the kernel asks of k. */
enum bpf_operand {
	OPERAND_NONE,
	OPERAND_K,
	OPERAND_DIVISOR, /* k, not 0 */
	OPERAND_SHIFT,	 /* k, below 32 */
	OPERAND_A,
	OPERAND_X,
	OPERAND_LEN,	/* the size of struct seccomp_data */
	OPERAND_WORD,	/* at offset k of struct seccomp_data */
	OPERAND_MEM,	/* M[k], written before */
	OPERAND_STORE,	/* M[k], written here */
	OPERAND_TARGET, /* k instructions past the next one */
};

struct bpf_op {
	const char *mnemonic;
	enum bpf_operand operand;
	bool branch; /* has jt and jf */
	bool bits;   /* k is bits rather than a quantity */
};

/* NULL if the kernel refuses the opcode. */
const struct bpf_op *bpf_op(uint16_t code);

#endif
