/* What `seccompc syscalls` prints: a list of calls, or what operands mean. */
#ifndef SECCOMPC_SYSCALL_REPORT_H
#define SECCOMPC_SYSCALL_REPORT_H

#include "compiler.h"

/* A name and the ABIs that it is asked for on; not all need to have it. */
struct syscall_entry {
	const struct syscall_name *name;
	abi_set abis;
};

struct syscall_entries {
	struct syscall_entry *v;
	size_t n, cap;
};

/*
 * The multiplexer that a call is behind on an ABI and the value that selects
 * it, or NULL.
 */
const struct mux *report_find_mux(const char *name, size_t abi, uint32_t *call);

/* "ipc with (args[0] & 0xffff) == 1" */
void report_mux(struct buf *out, const struct mux *mux, uint32_t call);

/* The number as a filter sees it, with the bit of the ABI; "-" for none. */
const char *report_number(char text[16], const struct syscall_name *name,
			  size_t abi);

/* A line per entry, a column per ABI of abis. */
void report_list(struct buf *out, const struct syscall_entries *entries,
		 abi_set abis);

/* A line per entry and ABI. */
void report_lines(struct buf *out, const struct syscall_entries *entries);
void report_json(struct buf *out, const struct syscall_entries *entries);

#endif
