/* SHA-256: what a manifest names texts and programs by. */
#ifndef SECCOMPC_DIGEST_H
#define SECCOMPC_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_SIZE = 65 }; /* 64 hexadecimal digits and a NUL */

struct digest {
	uint32_t state[8];
	uint64_t length; /* bytes so far; fewer than 2^61 */
	unsigned char block[64];
};

void digest_init(struct digest *digest);
void digest_add(struct digest *digest, const void *data, size_t len);

/* Writes the digest in lower case; no more can then be added. */
void digest_end(struct digest *digest, char out[DIGEST_SIZE]);

#endif
