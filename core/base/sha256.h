/* SHA-256 (FIPS 180-4), for the hashes of plugin files. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
	uint32_t h[8];
	uint64_t len;
	unsigned char block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *p, size_t len);
void sha256_end(struct sha256 *s, unsigned char out[32]);
/* 64 hex digits and a NUL. */
void sha256_hex(const unsigned char hash[32], char out[65]);

#endif
