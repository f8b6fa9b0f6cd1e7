/* What a client makes of compressed bytes. */
#ifndef TESTS_COMPRESS_DECODE_H
#define TESTS_COMPRESS_DECODE_H

#include <brotli/decode.h>
#include <string.h>
#include <zlib.h>

#include "suite.h"

/* The text of all bytes that have come so far, also where the end is missing; *whole says
 * whether it is there, and that nothing follows it. */
static inline size_t gunzip(const void *p, size_t len, char *out, size_t cap, bool *whole)
{
	z_stream z = {.next_in = (Bytef *)p,
		      .avail_in = (uInt)len,
		      .next_out = (Bytef *)out,
		      .avail_out = (uInt)cap};

	ck_assert_int_eq(inflateInit2(&z, 15 + 16), Z_OK);
	int r = inflate(&z, Z_SYNC_FLUSH);
	ck_assert_msg(r == Z_STREAM_END || r == Z_OK || r == Z_BUF_ERROR, "inflate: %d", r);
	*whole = r == Z_STREAM_END && !z.avail_in;
	inflateEnd(&z);
	return cap - z.avail_out;
}

static inline size_t unbrotli(const void *p, size_t len, char *out, size_t cap, bool *whole)
{
	BrotliDecoderState *s = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	const uint8_t *in = p;
	uint8_t *to = (uint8_t *)out;
	size_t left = cap;

	BrotliDecoderResult r =
		BrotliDecoderDecompressStream(s, &len, &in, &left, &to, NULL);
	ck_assert_int_ne(r, BROTLI_DECODER_RESULT_ERROR);
	*whole = r == BROTLI_DECODER_RESULT_SUCCESS && !len;
	BrotliDecoderDestroyInstance(s);
	return cap - left;
}

static inline size_t decode(const char *coding, const void *p, size_t len, char *out, size_t cap,
			    bool *whole)
{
	ck_assert_ptr_nonnull(coding);
	return !strcmp(coding, "br") ? unbrotli(p, len, out, cap, whole)
				     : gunzip(p, len, out, cap, whole);
}

#endif
