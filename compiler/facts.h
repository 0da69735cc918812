/*
 * What holds of a call and of A at each instruction of a program.
 *
 * Jumps go forward only, so that one pass in the program's order knows at
 * each instruction all that holds on every way to it: which ABIs the call
 * can be made through, the bounds of its number, what A holds.  That is what
 * syscall names depend on: 59 is execve on x86_64 and oldolduname on i386.
 */
#ifndef SECCOMPC_FACTS_H
#define SECCOMPC_FACTS_H

#include "compiler.h"

#define FACTS_NO_WORD UINT8_MAX

enum {
	FACTS_OTHER_ABI = 1 << ABI_COUNT, /* none of arch_table */
	FACTS_ALL_ABIS = 2 * FACTS_OTHER_ABI - 1,
};

/* Offsets in struct seccomp_data, in words. */
enum {
	OFFSET_NR = offsetof(struct seccomp_data, nr) / 4,
	OFFSET_ARCH = offsetof(struct seccomp_data, arch) / 4,
	OFFSET_ARGS = offsetof(struct seccomp_data, args) / 4,
};

struct facts {
	bool reached;	    /* false: on no way that tests allow */
	uint32_t abis;	    /* those that are possible, bit per enum abi */
	uint32_t low, high; /* the number is within */
	uint8_t word;	    /* A is the word at this offset, masked */
	uint32_t mask;
};

/* The bits of a number that tell the ABIs of one audit arch apart. */
uint32_t facts_abi_bits(enum abi abi);

/* Whether a number of an ABI can have these bits under this mask. */
bool facts_abi_fits(enum abi abi, uint32_t bits, uint32_t mask);

/* Changes what A is as an instruction that does not jump does. */
void facts_step(struct facts *facts, const struct sock_filter *insn);

/* Fills facts, zeroed, with what holds before each instruction. */
void facts_find(struct facts *facts, const struct sock_filter *code,
		size_t count);

#endif
