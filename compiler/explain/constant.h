/*
 * constant.c: names of argument values, as the system's headers have them
 * when this is built.
 */
#ifndef SECCOMPC_CONSTANT_H
#define SECCOMPC_CONSTANT_H

#include "compiler/compiler.h"

/* The value of a name such as AF_INET; false if there is none. */
bool constant_find(const char *name, uint64_t *value);

/*
 * Reads a value: a number (decimal, 0x, 0 for octal, negative) or names and
 * numbers joined by '|'.  On failure returns false and why (size bytes) says
 * what is wrong, with a suggestion, safe for terminals.
 */
bool constant_read(const char *s, uint64_t *value, char *why, size_t size);

/*
 * The name of a value of an argument (0 to 5) of a syscall, for instance
 * AF_INET for 2 of socket's first; NULL if nothing is known of it.
 */
const char *constant_name(const char *syscall, unsigned arg, uint64_t value);

#endif
