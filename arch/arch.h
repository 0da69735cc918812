/*
 * What a target ABI is.  One designated initialiser per ABI in
 * arch/<abi>.c; no pass names an ABI, they all ask here.
 */
#ifndef SECCOMPC_ARCH_H
#define SECCOMPC_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The index of an ABI in arch_table and in every per-ABI array. */
enum abi {
	ABI_X86_64,
	ABI_I386,
	ABI_X32,
	ABI_COUNT,
};

/* A set of ABIs: bit i stands for enum abi i. */
typedef uint32_t abi_set;

/* How a condition on a 64-bit argument register is read on an ABI. */
enum arg_width {
	/* All 64 bits count. */
	ARGS_64,
	/*
	 * The kernel uses the low 32 bits only, and the high ones are not
	 * always zero (int 0x80 from a 64-bit process).
	 */
	ARGS_LOW,
	/*
	 * All 64 bits count, but libseccomp compares the low words: a
	 * condition of a denying rule holds for either reading.
	 */
	ARGS_64_OR_LOW,
};

/* One call behind a multiplexed syscall, such as bind behind socketcall. */
struct mux_call {
	const char *name;	/* the syscall that it amounts to */
	uint32_t call;		/* the value of args[0] & mask */
};

/*
 * A multiplexed syscall: one number whose args[0] selects the real call and
 * whose own arguments lie behind a pointer, out of a filter's reach.
 */
struct mux {
	const char *name;		/* "socketcall" */
	uint32_t mask;			/* the bits of args[0] that select */
	const struct mux_call *calls;	/* sorted by call */
	size_t count;
};

struct arch {
	const char *name;		/* as the command line takes it */
	const char *scmp_name;		/* SCMP_ARCH_X86_64 in profiles */
	const char *go_name;		/* amd64 in includes and excludes */
	const char *audit_name;		/* AUDIT_ARCH_X86_64 */
	uint32_t audit_token;		/* linux/audit.h */
	uint32_t number_bit;		/* set in every number of this ABI */
	enum arg_width args;
	const struct mux *muxes;
	size_t mux_count;
};

extern const struct arch arch_x86_64, arch_i386, arch_x32;

/* Indexed by enum abi. */
extern const struct arch *const arch_table[ABI_COUNT];

/*
 * Finds an ABI by command-line name, SCMP_ARCH_ name or Go name.
 * Returns ABI_COUNT if there is none.
 */
enum abi arch_find(const char *name);

/*
 * The ABI of calls with an audit token and a number: of those under one token
 * the number's bits tell.  ABI_COUNT if there is none.
 */
enum abi arch_of_call(uint32_t token, uint32_t number);

#endif
