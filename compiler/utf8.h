/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past
 * U+10FFFF.
 */
#ifndef SECCOMPC_UTF8_H
#define SECCOMPC_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads the character at s, of which len bytes are left.  Returns how many
 * bytes it takes, 0 if they are not UTF-8 (or len is 0).
 */
static inline size_t
utf8_decode(const char *s, size_t len, uint32_t *character)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = len ? (unsigned char)*s : 0x80;
	size_t size = lead < 0x80   ? 1
		      : lead < 0xc0 ? 0
		      : lead < 0xe0 ? 2
		      : lead < 0xf0 ? 3
		      : lead < 0xf8 ? 4
				    : 0;
	uint32_t c;

	if (size <= 1) {
		*character = lead;
		return size;
	}
	if (size > len)
		return 0;
	c = lead & (0x7fu >> size);
	for (size_t i = 1; i < size; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	}
	*character = c;
	if (c < smallest[size] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return size;
}

#endif
