/* What a client may send as a head, and as a chunked body. The first byte chooses which,
 * and the pieces: in these the same comes out as at once. */
#include "fuzz.h"

#include <cruet/error.h>
#include "chunk.h"
#include "head.h"

enum { BYTES = 256, FIELDS = 8 };

static const struct head_limits limits = {.bytes = BYTES, .fields = FIELDS};

/* A piece of the length that the next byte of the input asks for, so that cuts may fall
 * anywhere. */
static size_t piece(const uint8_t *data, size_t size, size_t at, unsigned how)
{
	size_t n = 1 + (how % 4 == 3 ? data[at] % 7u : how % 4);
	return n < size - at ? n : size - at;
}

/* Bytes in memory of their exact size, so that a look too far is seen. */
static char *exactly(const void *p, size_t n)
{
	char *copy = malloc(n ? n : 1);

	CHECK(copy);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

static ptrdiff_t find(const uint8_t *data, size_t size, unsigned how, const char **why)
{
	size_t seen = 0;
	ptrdiff_t head = 0;

	for (size_t here = 0; !head && here < size;) {
		here += how == 0 ? size : piece(data, size, here, how);
		char *copy = exactly(data, here);
		head = head_find(copy, here, &limits, &seen, why);
		CHECK(seen <= here);
		free(copy);
	}
	return head;
}

static bool is_known(int status)
{
	return status == 400 || status == 414 || status == 431 || status == 501 ||
	       status == 505;
}

static void check_texts(const struct head *h, const char *p, size_t n)
{
	CHECK(h->method >= p && h->target > h->method && h->target < p + n);
	CHECK(*h->method && *h->target && h->nfields <= FIELDS);
	CHECK(h->length >= -2 && h->minor <= 1);
	for (size_t i = 0; i < h->nfields; i++) {
		const cruet_field *f = &h->fields[i];
		CHECK(*f->name && f->name >= p && f->value > f->name);
		CHECK(f->value + strlen(f->value) < p + n);
	}
}

/* It is read and put back; read again, it says the same. */
static void read_head(const uint8_t *data, size_t n)
{
	cruet_field fields[FIELDS], again[FIELDS];
	struct head h = {.fields = fields}, h2 = {.fields = again};
	char *p = exactly(data, n);
	const char *why = NULL;

	int status = head_read(p, n, &limits, &h, &why);
	if (status) {
		CHECK(is_known(status) && why);
		free(p);
		return;
	}
	check_texts(&h, p, n);
	head_restore(&h);
	for (size_t i = 0; i < n; i++)
		CHECK(p[i] == (char)data[i] || (p[i] == ' ' && data[i] == '\t'));
	CHECK(head_read(p, n, &limits, &h2, &why) == 0);
	CHECK(h2.nfields == h.nfields && h2.length == h.length && h2.close == h.close &&
	      h2.keep == h.keep && h2.expects == h.expects && h2.upgrade == h.upgrade);
	check_texts(&h2, p, n);
	free(p);
}

static void try_head(const uint8_t *data, size_t size, unsigned how)
{
	const char *why = NULL, *why2 = NULL;
	ptrdiff_t head = find(data, size, 0, &why);

	CHECK(find(data, size, how, &why2) == head);
	CHECK(head <= BYTES && head <= (ptrdiff_t)size);
	if (head < 0)
		CHECK(is_known((int)-head) && why == why2);
	if (head > 0)
		read_head(data, (size_t)head);
}

struct decoded {
	bool failed, over;
	size_t used, len;
	char *body;
};

static struct decoded decode(const uint8_t *data, size_t size, unsigned how)
{
	struct decoded d = {.body = malloc(size + 1)};
	struct chunk k = {0};

	CHECK(d.body);
	for (size_t here = 0; here < size && !d.failed && !chunk_over(&k);) {
		here += how == 0 ? size : piece(data, size, here, how);
		size_t used = 1, cap = how == 0 ? size + 1 : 1 + how % 3;
		for (ptrdiff_t got = 1; got > 0;) {
			char *in = exactly(data + d.used, here - d.used);
			cap = cap < size + 1 - d.len ? cap : size + 1 - d.len;
			got = chunk_read(&k, in, here - d.used, &used, d.body + d.len,
					 cap);
			free(in);
			d.failed = got < 0;
			if (d.failed)
				break;
			CHECK((size_t)got <= cap && used <= here - d.used);
			d.used += used;
			d.len += (size_t)got;
		}
		CHECK(d.failed || chunk_over(&k) || d.used == here);
	}
	d.over = !d.failed && chunk_over(&k);
	return d;
}

static void try_chunks(const uint8_t *data, size_t size, unsigned how)
{
	struct decoded whole = decode(data, size, 0), pieces = decode(data, size, how);

	CHECK(whole.failed == pieces.failed && whole.over == pieces.over);
	if (!whole.failed)
		CHECK(whole.used == pieces.used && whole.len == pieces.len &&
		      !memcmp(whole.body, pieces.body, whole.len));
	CHECK(whole.len <= size);
	free(whole.body);
	free(pieces.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	unsigned how = 1 + data[0] % 16;
	if (data[0] & 128)
		try_chunks(data + 1, size - 1, how);
	else
		try_head(data + 1, size - 1, how);
	return 0;
}
