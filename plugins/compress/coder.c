#include "coder.h"

#include <brotli/encode.h>
#include <cruet.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* Windows: what lies further back is not found again. Larger ones find little more in
 * pages, and memory for each reply that is on its way grows with them. */
enum {
	GZIP_MIN = 9,
	GZIP_MAX = 15,
	GZIP_HASH = 7, /* bits by which the table of hashes is smaller than the window */
	GZIP_HEADER = 16,
	BR_MIN = BROTLI_MIN_WINDOW_BITS,
	BR_MAX = 18
};

/* The least number of bits that len needs, within bounds. */
static int window(int64_t len, int min, int max)
{
	int bits = min;

	while (bits < max && (len < 0 || len > (int64_t)1 << bits))
		bits++;
	return bits;
}

/* --- br ------------------------------------------------------------------------------- */

/* libbrotli ends the process when it gets no memory. So what it asks for is ours to give,
 * and where there is none we leave it by a jump: all that it has lies in a list, and goes
 * with that. */
struct block {
	struct block *next, **at;
	max_align_t bytes[];
};

struct br {
	BrotliEncoderState *state;
	struct block *blocks;
	jmp_buf no_memory; /* set while the library runs */
};

static void *give(void *opaque, size_t size)
{
	struct br *br = opaque;
	struct block *b = size <= SIZE_MAX - sizeof *b ? malloc(sizeof *b + size) : NULL;

	if (!b)
		longjmp(br->no_memory, 1);
	b->next = br->blocks;
	b->at = &br->blocks;
	if (b->next)
		b->next->at = &b->next;
	br->blocks = b;
	return b->bytes;
}

static void take_back(void *opaque, void *p)
{
	struct block *b;

	(void)opaque;
	if (!p)
		return;
	b = (struct block *)((char *)p - offsetof(struct block, bytes));
	*b->at = b->next;
	if (b->next)
		b->next->at = b->at;
	free(b);
}

static void end_br(struct br *br)
{
	while (br->blocks)
		take_back(br, br->blocks->bytes);
	free(br);
}

static bool set_up_br(struct br *br, int level, int64_t len, int bits)
{
	if (setjmp(br->no_memory))
		return false;
	br->state = BrotliEncoderCreateInstance(give, take_back, br);
	BrotliEncoderSetParameter(br->state, BROTLI_PARAM_QUALITY, (uint32_t)level);
	BrotliEncoderSetParameter(br->state, BROTLI_PARAM_LGWIN, (uint32_t)bits);
	if (len >= 0)
		BrotliEncoderSetParameter(br->state, BROTLI_PARAM_SIZE_HINT, (uint32_t)len);
	return true;
}

static struct br *begin_br(int level, int64_t len)
{
	struct br *br = calloc(1, sizeof *br);

	if (!br || set_up_br(br, level, len, window(len, BR_MIN, BR_MAX)))
		return br;
	end_br(br);
	return NULL;
}

static int run_br(struct br *br, enum coder_step step, struct coder_bytes *b)
{
	static const BrotliEncoderOperation ops[] = {BROTLI_OPERATION_PROCESS,
						     BROTLI_OPERATION_FLUSH,
						     BROTLI_OPERATION_FINISH};

	if (setjmp(br->no_memory) ||
	    !BrotliEncoderCompressStream(br->state, ops[step], &b->in_left, &b->in, &b->out_left,
					 &b->out, NULL))
		return CRUET_ENOMEM;
	return b->in_left || BrotliEncoderHasMoreOutput(br->state) ? CRUET_OK : CRUET_DONE;
}

/* --- gzip ------------------------------------------------------------------------------ */

static bool begin_gzip(z_stream *z, int level, int64_t len)
{
	int bits = window(len, GZIP_MIN, GZIP_MAX);

	return deflateInit2(z, level, Z_DEFLATED, bits + GZIP_HEADER, bits - GZIP_HASH,
			    Z_DEFAULT_STRATEGY) == Z_OK;
}

static int run_gzip(z_stream *z, enum coder_step step, struct coder_bytes *b)
{
	static const int flushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};

	z->next_in = (Bytef *)b->in;
	z->avail_in = (uInt)b->in_left;
	z->next_out = b->out;
	z->avail_out = (uInt)b->out_left;
	int r = deflate(z, flushes[step]);
	b->in += b->in_left - z->avail_in;
	b->out += b->out_left - z->avail_out;
	b->in_left = z->avail_in;
	b->out_left = z->avail_out;
	if (step == CODER_FINISH)
		return r == Z_STREAM_END ? CRUET_DONE : CRUET_OK;
	/* A flush that has just filled the room may have more to say. */
	return b->in_left || (step == CODER_FLUSH && !b->out_left) ? CRUET_OK : CRUET_DONE;
}

/* --- both ------------------------------------------------------------------------------- */

bool coder_begin(struct coder *k, const char *coding, int level, int64_t len)
{
	*k = (struct coder){.br = NULL};
	if (!strcmp(coding, "br"))
		return (k->br = begin_br(level, len)) != NULL;
	return begin_gzip(&k->gzip, level, len);
}

size_t coder_bound(struct coder *k, size_t len)
{
	return k->br ? BrotliEncoderMaxCompressedSize(len) : deflateBound(&k->gzip, (uLong)len);
}

int coder_run(struct coder *k, enum coder_step step, struct coder_bytes *b)
{
	return k->br ? run_br(k->br, step, b) : run_gzip(&k->gzip, step, b);
}

void coder_end(struct coder *k)
{
	if (k->br)
		end_br(k->br);
	else
		deflateEnd(&k->gzip);
	*k = (struct coder){.br = NULL};
}
