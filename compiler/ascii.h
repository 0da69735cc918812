/*
 * Letters of ASCII alone: those of ctype.h are a locale's, and a program that
 * uses the library may have set one where 'I' is not the capital of 'i'.
 */
#ifndef SECCOMPC_ASCII_H
#define SECCOMPC_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool
ascii_is_alnum(char c)
{
	char lower = ascii_lower(c);

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

/* Whether len bytes of both are the same but for case. */
static inline bool
ascii_same(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (ascii_lower(a[i]) != ascii_lower(b[i]))
			return false;
	return true;
}

#endif
