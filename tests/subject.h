/*
 * A profile that a test compiles in its own process, and calls that its
 * program decides.
 */
#ifndef SECCOMPC_SUBJECT_H
#define SECCOMPC_SUBJECT_H

#include <stdio.h>

#include "compiler.h"

struct subject {
	struct compilation c;
	char *text;
	size_t size;
	FILE *file; /* writes text until it is compiled */
	bool ok;
};

/* Opens a profile; options can then be set in s->c.options. */
void subject_open(struct subject *s);

/* Writes to its text. */
void subject_write(struct subject *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A condition as JSON; value2 is written for MASKED_EQ alone. */
void subject_write_condition(struct subject *s, unsigned arg, enum cmp_op op,
			     uint64_t value, uint64_t value2);

/* Compiles what was written. */
void subject_compile(struct subject *s);

/* The name of a number, which must have one. */
const char *subject_x86_64_name(uint32_t number);

/* Opens a profile that refuses what its rules do not name, without a cut. */
void subject_open_denying(struct subject *s);

/* A rule that allows the n-th syscall of x86_64 under one condition. */
void subject_write_rule(struct subject *s, uint32_t number, unsigned arg,
			enum cmp_op op, uint64_t value, uint64_t value2);

/* Ends the rules and compiles, which must work. */
void subject_compile_closed(struct subject *s);

/* Opens, writes and compiles under the default options. */
void subject_from(struct subject *s, const char *text);

/*
 * Fails unless a call gets the action wanted.  nr is without the ABI's number
 * bit; NULL for args is 0 in all of them.
 */
void subject_expect(const struct subject *s, enum abi abi, uint32_t nr,
		    const uint64_t args[6], uint32_t wanted);

/* The same by name, which the ABI must have. */
void subject_expect_call(const struct subject *s, enum abi abi,
			 const char *name, uint64_t arg0, uint32_t wanted);

/* What was reported under a diagnostic's name, or NULL. */
const struct diag *subject_find(const struct subject *s, enum diag_id id);

void subject_finish(struct subject *s);

/* What a comparison of C says. */
bool subject_compare(enum cmp_op op, uint64_t x, uint64_t value,
		     uint64_t value2);

#endif
