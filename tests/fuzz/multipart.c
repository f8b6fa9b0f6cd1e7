/* Multipart bodies: however they are cut into pieces, the parts are the same, and no
 * more comes out than went in. The first byte says the size of the pieces. */
#include "fuzz.h"

#include "base/buf.h"
#include "cruet/error.h"
#include "http/multipart.h"

struct feed {
	const uint8_t *p;
	size_t left, step;
};

static ptrdiff_t feed(void *arg, void *buf, size_t cap)
{
	struct feed *f = arg;
	size_t n = f->left < f->step ? f->left : f->step;

	n = n < cap ? n : cap;
	if (n)
		memcpy(buf, f->p, n);
	f->p += n;
	f->left -= n;
	return (ptrdiff_t)n;
}

static int read_all(struct arena *a, const uint8_t *data, size_t size, size_t step,
		    struct buf *out, size_t *bytes)
{
	struct feed f = {data, size, step};
	struct multipart m;
	struct multipart_part part;
	char buf[61];
	ptrdiff_t n = 0;

	*bytes = 0;
	CHECK(multipart_init(&m, a, "B", feed, &f) == CRUET_OK);
	int err;
	while (!(err = multipart_next(&m, &part))) {
		buf_printf(out, "[%s %s %s]", part.name, part.filename ? part.filename : "-",
			   part.mime ? part.mime : "-");
		while ((n = multipart_read(&m, buf, sizeof buf)) > 0) {
			CHECK((size_t)n <= sizeof buf);
			buf_put(out, buf, (size_t)n);
			*bytes += (size_t)n;
		}
		if (n < 0)
			return (int)n;
	}
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct buf whole, pieces;
	size_t bytes;

	if (!size)
		return 0;
	arena_init(&a, 65536);
	buf_init(&whole, &a, 0);
	buf_init(&pieces, &a, 0);
	int one = read_all(&a, data + 1, size - 1, SIZE_MAX, &whole, &bytes);
	CHECK(bytes <= size);
	CHECK(one == CRUET_ENOENT || one == CRUET_EPARSE || one == CRUET_ELIMIT);
	int two = read_all(&a, data + 1, size - 1, 1u + data[0] % 40u, &pieces, &bytes);
	CHECK(one == two);
	CHECK(whole.len == pieces.len && !memcmp(whole.p, pieces.p, whole.len));
	arena_fini(&a);
	return 0;
}
