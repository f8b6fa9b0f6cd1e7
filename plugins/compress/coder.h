/* Bytes in, fewer bytes out: gzip by zlib and br by libbrotli behind one face. */
#ifndef COMPRESS_CODER_H
#define COMPRESS_CODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

struct br;

struct coder {
	struct br *br; /* NULL: it is gzip */
	z_stream gzip;
};

enum { CODER_ROOM = 16 }; /* bytes that coder_run() needs at least, to come to an end */

enum coder_step {
	CODER_TAKE,  /* the input; may keep back all of it */
	CODER_FLUSH, /* what was taken so far can be read by the client then */
	CODER_FINISH
};

/* Moves on as bytes are taken and given. */
struct coder_bytes {
	const uint8_t *in;
	uint8_t *out;
	size_t in_left, out_left;
};

/* len: bytes that will come, at most UINT32_MAX; negative: not known. It decides how much
 * memory is taken. level: 1 to 9 for gzip, 0 to 11 for br; from 7 on
 * that one takes tens of megabytes. False: out of memory. */
bool coder_begin(struct coder *k, const char *coding, int level, int64_t len);

/* Room in which len bytes fit, whatever they are. */
size_t coder_bound(struct coder *k, size_t len);

/* CRUET_DONE: the step was made to its end. CRUET_OK: there is no room for all of it; the
 * same step again goes on. CRUET_ENOMEM: nothing more can come. */
int coder_run(struct coder *k, enum coder_step step, struct coder_bytes *b);

void coder_end(struct coder *k);

#endif
