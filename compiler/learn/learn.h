/*
 * Profiles out of what was seen: which calls programs made, as the kernel's
 * log or an observed run has them.  Not in libseccompc.
 */
#ifndef SECCOMPC_LEARN_H
#define SECCOMPC_LEARN_H

#include "compiler/compiler.h"

enum {
	SEEN_NUMBERS = 1024, /* more than any table has */
	SEEN_EXES = 256,     /* programs told apart; the rest is one more */
	SEEN_STRANGE = 64,   /* numbers without a name that are kept */
};

/* seen.c: a set of calls, of bounded size. */

/* One call. */
struct seen_call {
	uint32_t arch, number; /* as in struct seccomp_data */
	uint32_t action;       /* what a filter did, without data */
	const char *exe;       /* safe for terminals; "": not known */
	const uint64_t *args;  /* six registers, or NULL: not known */
};

/* What one program made. */
struct seen_exe {
	const char *path;
	uint64_t count[ABI_COUNT][SEEN_NUMBERS];
};

/* A number that no table has. */
struct seen_strange {
	uint32_t arch, number;
	uint64_t count;
};

struct seen {
	struct arena *arena;
	uint64_t calls;	  /* all of them */
	uint64_t refused; /* of these, by a filter */
	VEC(struct seen_exe *) exes;
	VEC(struct seen_strange) strange;
	uint64_t others; /* numbers without a name that found no room */
	abi_set abis;	 /* that were used */
	uint64_t count[ABI_COUNT][SEEN_NUMBERS]; /* of all programs */
};

/* Starts an empty set.  Running out of memory leaves through the arena. */
struct seen *seen_create(struct arena *arena);

enum seen_news {
	SEEN_BEFORE,
	SEEN_NEW_BY_EXE, /* another program makes this call */
	SEEN_NEW,	 /* nobody made it so far */
};

/* Adds a call; its memory is the caller's. */
enum seen_news seen_add(struct seen *seen, const struct seen_call *call);

/* learned.c: the profile. */

struct learned_options {
	uint32_t default_action;
};

/* Appends a profile that allows what was seen: a plain OCI one, which Docker,
 * Podman and Kubernetes take.  The same set gives the same text. */
void learned_write(struct buf *buf, const struct seen *seen,
		   const struct learned_options *options);

#endif
