/* A message is compressed as raw deflate that ends with an empty stored block, whose
 * last four bytes (tail) are not sent (RFC 7692, 7.2). */
#include "ws_deflate.h"

#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "ws_frame.h"

static const unsigned char tail[] = {0x00, 0x00, 0xFF, 0xFF};

enum {
	AT_BLOCK = 128, /* in z_stream.data_type: between two blocks */
	/* Room of a sync flush behind what deflateBound() knows of. */
	FLUSH_MAX = 16
};

struct ws_inflater {
	z_stream z;
	bool open, keeps;
	uint8_t bits;
};

struct ws_deflater {
	z_stream z;
	bool open, keeps;
	uint8_t bits;
};

struct ws_inflater *ws_inflater_new(const struct ws_deflate *d)
{
	struct ws_inflater *f = calloc(1, sizeof *f);

	if (f) {
		f->keeps = d->client_keeps;
		f->bits = d->client_bits;
	}
	return f;
}

static void close_inflater(struct ws_inflater *f)
{
	if (f->open)
		inflateEnd(&f->z);
	f->open = false;
}

void ws_inflater_free(struct ws_inflater *f)
{
	if (f)
		close_inflater(f);
	free(f);
}

static int open_inflater(struct ws_inflater *f)
{
	if (f->open)
		return 0;
	memset(&f->z, 0, sizeof f->z);
	if (inflateInit2(&f->z, -f->bits) != Z_OK)
		return WS_INTERNAL;
	f->open = true;
	return 0;
}

/* One call of inflate() into the room of out; where there is none left, into a byte
 * that shows that there would be more. */
static int inflate_some(struct ws_inflater *f, struct ws_bytes *out, size_t max)
{
	unsigned char beyond;
	bool full = out->len >= max;
	size_t room = full ? 1 : max - out->len;

	if (!full) {
		if (!ws_bytes_room(out, out->len < out->cap ? 0 : 1, max))
			return Z_MEM_ERROR;
		if (room > out->cap - out->len)
			room = out->cap - out->len;
	}
	f->z.next_out = full ? &beyond : out->p + out->len;
	f->z.avail_out = room > UINT32_MAX ? UINT32_MAX : (uInt)room;
	uInt before = f->z.avail_out;
	int r = inflate(&f->z, Z_SYNC_FLUSH);
	size_t made = before - f->z.avail_out;
	if (full && made)
		return Z_NEED_DICT; /* which raw deflate never asks for: too large */
	if (!full)
		out->len += made;
	return r;
}

static int code_of(int r)
{
	return r == Z_NEED_DICT ? WS_TOO_LARGE : r == Z_MEM_ERROR ? WS_INTERNAL : WS_BAD_DATA;
}

int ws_inflate(struct ws_inflater *f, const unsigned char *p, size_t n, struct ws_bytes *out,
	       size_t max)
{
	int err = open_inflater(f);

	if (err)
		return err;
	while (n) {
		uInt part = n > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uInt)n;
		f->z.next_in = p;
		f->z.avail_in = part;
		do {
			int r = inflate_some(f, out, max);
			/* A block may say that it is the last; more may follow in the
			 * same window (7.2.3.5). */
			if (r == Z_STREAM_END)
				r = inflateResetKeep(&f->z);
			if (r == Z_BUF_ERROR) /* all is taken */
				break;
			if (r != Z_OK)
				return code_of(r);
		} while (f->z.avail_in || !f->z.avail_out);
		p += part;
		n -= part;
	}
	return 0;
}

int ws_inflate_end(struct ws_inflater *f, struct ws_bytes *out, size_t max)
{
	int err = ws_inflate(f, tail, sizeof tail, out, max);

	if (!err && !(f->z.data_type & AT_BLOCK))
		err = WS_BAD_DATA; /* cut short */
	if (err || !f->keeps)
		close_inflater(f);
	return err;
}

struct ws_deflater *ws_deflater_new(const struct ws_deflate *d)
{
	struct ws_deflater *f = calloc(1, sizeof *f);

	if (f) {
		f->keeps = d->server_keeps;
		f->bits = d->server_bits;
	}
	return f;
}

static void close_deflater(struct ws_deflater *d)
{
	if (d->open)
		deflateEnd(&d->z);
	d->open = false;
}

void ws_deflater_free(struct ws_deflater *d)
{
	if (d)
		close_deflater(d);
	free(d);
}

/* As much memory for the hashes as for the window. */
static bool open_deflater(struct ws_deflater *d)
{
	if (d->open)
		return true;
	memset(&d->z, 0, sizeof d->z);
	d->open = deflateInit2(&d->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -d->bits, d->bits - 7,
			       Z_DEFAULT_STRATEGY) == Z_OK;
	return d->open;
}

/* The bytes of a message whose window is not kept are worth it only while they are
 * fewer than the message; the others must be sent, for the client needs them. */
static size_t room_for(struct ws_deflater *d, size_t n)
{
	return d->keeps ? deflateBound(&d->z, n) + FLUSH_MAX : n + sizeof tail - 1;
}

bool ws_deflate_message(struct ws_deflater *d, const unsigned char *p, size_t n,
			struct ws_bytes *out)
{
	bool done = false;

	if (n > UINT32_MAX / 2 || !open_deflater(d))
		return false;
	size_t room = room_for(d, n);
	unsigned char *to = ws_bytes_room(out, room, out->len + room);
	if (to) {
		d->z.next_in = p;
		d->z.avail_in = (uInt)n;
		d->z.next_out = to;
		d->z.avail_out = (uInt)room;
		int r = deflate(&d->z, Z_SYNC_FLUSH);
		size_t made = room - d->z.avail_out;
		done = r == Z_OK && d->z.avail_out && !d->z.avail_in;
		if (done)
			out->len += made - sizeof tail;
	}
	/* A window that the client does not share must not be used again. */
	if (!done || !d->keeps)
		close_deflater(d);
	return done;
}
