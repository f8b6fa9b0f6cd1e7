/* The two forms that files are packed in, as small as it goes. */
#include <brotli/decode.h>
#include <brotli/encode.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "assets.h"

enum { WINDOW = 15, GZIP_HEADER = 16, MEMORY = 9, PIECE = 65536 };

/* --- br ------------------------------------------------------------------------------- */

static uint8_t *pack_br(const uint8_t *p, size_t len, size_t *got)
{
	uint8_t *out;

	*got = BrotliEncoderMaxCompressedSize(len);
	out = malloc(*got);
	if (out && BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_DEFAULT_WINDOW,
					 BROTLI_MODE_GENERIC, len, p, got, out))
		return out;
	free(out);
	return NULL;
}

static bool br_holds(const uint8_t *packed, size_t n, const uint8_t *p, size_t len)
{
	BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	BrotliDecoderResult r = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
	uint8_t piece[PIECE];
	bool same = state;

	while (same && r == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
		uint8_t *out = piece;
		size_t room = sizeof piece;
		r = BrotliDecoderDecompressStream(state, &n, &packed, &room, &out, NULL);
		size_t got = sizeof piece - room;
		same = got <= len && !memcmp(piece, p, got);
		p += same ? got : 0;
		len -= same ? got : 0;
	}
	if (state)
		BrotliDecoderDestroyInstance(state);
	return same && r == BROTLI_DECODER_RESULT_SUCCESS && !n && !len;
}

/* --- gzip ------------------------------------------------------------------------------ */

static uint8_t *pack_gzip(const uint8_t *p, size_t len, size_t *got)
{
	z_stream z = {.next_in = (Bytef *)p, .avail_in = (uInt)len};

	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, WINDOW + GZIP_HEADER, MEMORY,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	uLong room = deflateBound(&z, (uLong)len);
	uint8_t *out = malloc(room);
	z.next_out = out;
	z.avail_out = (uInt)room;
	bool ok = out && deflate(&z, Z_FINISH) == Z_STREAM_END;
	*got = z.total_out;
	deflateEnd(&z);
	if (ok)
		return out;
	free(out);
	return NULL;
}

static bool gzip_holds(const uint8_t *packed, size_t n, const uint8_t *p, size_t len)
{
	z_stream z = {.next_in = (Bytef *)packed, .avail_in = (uInt)n};
	uint8_t piece[PIECE];
	bool same = true;
	int r = Z_OK;

	if (inflateInit2(&z, WINDOW + GZIP_HEADER) != Z_OK)
		return false;
	while (same && r == Z_OK) {
		z.next_out = piece;
		z.avail_out = sizeof piece;
		r = inflate(&z, Z_NO_FLUSH);
		size_t got = sizeof piece - z.avail_out;
		same = got <= len && !memcmp(piece, p, got);
		p += same ? got : 0;
		len -= same ? got : 0;
	}
	inflateEnd(&z);
	return same && r == Z_STREAM_END && !z.avail_in && !len;
}

const struct form forms[] = {
	{"br", pack_br, br_holds}, {"gz", pack_gzip, gzip_holds}, {.suffix = NULL}};
