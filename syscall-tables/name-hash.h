/*
 * Where a name stands in the hash table of names: the generator fills the
 * table during the build, syscall.c looks names up in it.
 */
#ifndef SYSCALL_TABLES_NAME_HASH_H
#define SYSCALL_TABLES_NAME_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Little-endian wherever it runs: the build may be for another machine. */
static inline uint32_t
name_word(const char *s)
{
	const unsigned char *b = (const unsigned char *)s;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	       (uint32_t)b[3] << 24;
}

/*
 * Both ends, which differ among syscalls more than the middles do; what
 * still meets in a slot is told apart by comparing.
 */
static inline uint32_t
name_hash(const char *s, size_t len)
{
	uint64_t first = 0, last = 0;

	if (len >= 8) {
		first = name_word(s) | (uint64_t)name_word(s + 4) << 32;
		last = name_word(s + len - 8) | (uint64_t)name_word(s + len - 4)
							<< 32;
	} else if (len >= 4) {
		first = name_word(s);
		last = name_word(s + len - 4);
	} else if (len) {
		first = (unsigned char)s[0];
		last = (unsigned char)s[len / 2] |
		       (uint64_t)(unsigned char)s[len - 1] << 8;
	}
	first = (first + len) * 0x9e3779b97f4a7c15;
	last = (last ^ first >> 32) * 0xc2b2ae3d27d4eb4f;
	return (uint32_t)((first ^ last) >> 32);
}

#endif
