/*
 * Tables of names and values, which the build makes of system headers.  They
 * are read before this file, and some mind what else is there: it has to do
 * with few.
 */
#ifndef SECCOMPC_CONSTANT_TABLE_H
#define SECCOMPC_CONSTANT_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* No pointer, which the loader would have to relocate. */
struct constant {
	int64_t value;
	uint32_t name; /* in the unit's names */
};

/* Headers that were read together; sorted by name. */
struct constant_unit {
	const struct constant *constants;
	const char *names;
	size_t count;
};

/* The kernel's, and the C library's; where both have a name, the first. */
extern const struct constant_unit constants_of_kernel, constants_of_libc;

#endif
