/* libseccomp of this machine as a compiler of rule lists. */
#ifndef SECCOMPC_BENCH_PEER_H
#define SECCOMPC_BENCH_PEER_H

#include "rule-list.h"

enum peer_tree {
	PEER_LINEAR,
	PEER_TREE,	/* SCMP_FLTATR_CTL_OPTIMIZE 2 */
	PEER_COUNT,
};

/* Its version, or NULL when it was not there at build time. */
const char *peer_version(void);

/* Whether it has a number for a name on any architecture. */
bool peer_knows(const char *name);

/* The same on an ABI, by enum abi; behind a multiplexer it has none. */
bool peer_has(const char *name, unsigned abi);

/*
 * Compiles a list and writes the program to fd: libseccomp makes the
 * instructions only then.  Returns false when a call of libseccomp fails.
 * With several ABIs, names that libseccomp does not know are left out.
 */
bool peer_compile(const struct rule_list *list, enum peer_tree tree, int fd);

#endif
