/*
 * What C libraries and container runtimes call in the place of something, or
 * under a filter: facts that lints and `seccompc learn` go by.
 */
#ifndef SECCOMPC_LIBC_H
#define SECCOMPC_LIBC_H

#include "compiler/compiler.h"

/* lint-break-libc.c */

/* A syscall that is tried first; on ENOSYS alone another one is made. */
struct libc_attempt {
	const char *family;
	const char *first, *then;
	abi_set abis;
	const char *who; /* "musl falls", back on ENOSYS */
};

/* NULL past the last; those of a family follow each other. */
const struct libc_attempt *libc_attempt_at(size_t i);

/* What one libc makes where another makes something else. */
struct libc_choice {
	uint8_t libc;
	const char *makes, *other;
	bool falls_back; /* to the other, on ENOSYS */
};

/* NULL past the last; those of a libc follow each other. */
const struct libc_choice *libc_choice_at(size_t i);

/* "musl 1.2" */
const char *libc_name(unsigned libc);

/* lint-runtime.c */

/* A call that a runtime makes between installing the filter and execve. */
struct runtime_call {
	const char *name;
	const char *maker; /* "runc 1.1.5" */
	bool late;	   /* with no_new_privs as well: the filter comes last */
	bool at_times;	   /* Go's scheduler makes it, not in every start */
};

extern const char runtime_calls_measured[]; /* a date */

/*
 * Of the runtimes (enum runtime, see lint-consumer.h) a call without which no
 * container starts where an action is what is not allowed gets, or ENOSYS.
 * *at is 0 at first, and set for the next.  False if there is none left.
 */
bool runtime_call_next(size_t *at, unsigned runtimes, uint32_t action,
		       struct runtime_call *call);

#endif
