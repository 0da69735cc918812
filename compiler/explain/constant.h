/*
 * constant.c: names of argument values, as the system's headers have them
 * when this is built.
 */
#ifndef SECCOMPC_CONSTANT_H
#define SECCOMPC_CONSTANT_H

#include "compiler/compiler.h"

/*
 * The value of a name such as AF_INET; false if there is none.  What is
 * negative has the high bits set: AT_FDCWD is 0xffffffffffffff9c.
 */
bool constant_find(const char *name, uint64_t *value);

/* The name nearest to a misspelt one, or NULL. */
const char *constant_nearest(const char *name);

/*
 * Reads a value: a number (decimal, 0x, 0 for octal, negative) or names and
 * numbers joined by '|'.  On failure returns false and why (size bytes) says
 * what is wrong, with a suggestion, safe for terminals.
 */
bool constant_read(const char *s, uint64_t *value, char *why, size_t size);

/* constant-name.c: what values of arguments are called. */

/*
 * The name of a value of an argument (0 to 5) of a syscall, for instance
 * AF_INET for 2 of socket's first; NULL if no one name says all of it.
 */
const char *constant_name(const char *syscall, unsigned arg, uint64_t value);

/*
 * Appends a value of an argument in words, O_WRONLY|O_CREAT|0x1000000 with
 * the bits that have no name at the end.  False, having appended nothing, if
 * nothing of it has a name.
 */
bool constant_write(struct buf *buf, const char *syscall, unsigned arg,
		    uint64_t value);

/* The bits of an argument that hold one of several values, and no flags: all
 * of socket's first, 0xff of clone's.  0 if that is not known. */
uint64_t constant_field(const char *syscall, unsigned arg);

/* All names in a unit's order, for tests and look-ups: NULL past the last. */
const char *constant_at(size_t i, uint64_t *value);

#endif
