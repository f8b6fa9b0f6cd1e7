/* Queries and forms: every pair is text, and what is encoded again reads the same. */
#include "fuzz.h"

#include "base/buf.h"
#include "base/fields.h"
#include "base/text.h"
#include "cruet/error.h"
#include "http/query.h"

enum { PAIRS_MAX = 100 };

static void encode(struct buf *b, const struct fields *f)
{
	for (size_t i = 0; i < f->n; i++) {
		buf_str(b, i ? "&" : "");
		percent_encode(b, f->items[i].name, strlen(f->items[i].name), "", true);
		buf_char(b, '=');
		percent_encode(b, f->items[i].value, strlen(f->items[i].value), "", true);
	}
	CHECK(!buf_err(b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fields f, again;
	struct arena a;
	struct buf b;
	size_t pairs = 1, bytes = 0;

	arena_init(&a, 4096);
	fields_init(&f, &a);
	fields_init(&again, &a);
	char *copy = arena_strndup(&a, (const char *)data, size);
	for (size_t i = 0; i < size; i++)
		pairs += data[i] == '&';
	int err = query_parse(&f, copy, size, PAIRS_MAX);
	CHECK(err == CRUET_OK || (err == CRUET_ELIMIT && pairs > PAIRS_MAX));
	CHECK(f.n <= pairs && f.n <= PAIRS_MAX);
	for (size_t i = 0; i < f.n; i++) {
		size_t name = strlen(f.items[i].name), value = strlen(f.items[i].value);
		CHECK(utf8_valid(f.items[i].name, name) && utf8_valid(f.items[i].value, value));
		bytes += name + value;
	}
	CHECK(bytes <= 3 * size); /* a bad byte becomes three characters */

	buf_init(&b, &a, 0);
	encode(&b, &f);
	CHECK(query_parse(&again, b.p, b.len, PAIRS_MAX) == CRUET_OK);
	CHECK(again.n == f.n);
	for (size_t i = 0; i < f.n; i++)
		CHECK(!strcmp(f.items[i].name, again.items[i].name) &&
		      !strcmp(f.items[i].value, again.items[i].value));
	arena_fini(&a);
	return 0;
}
