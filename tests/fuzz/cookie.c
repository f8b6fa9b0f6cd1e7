/* Cookies. The first line is a Cookie header. The second is a name, a value and
 * attributes to send, with TABs between them: what is sent is one header line, and
 * reads back as it was meant. */
#include "fuzz.h"

#include "base/fields.h"
#include "base/text.h"
#include "cruet/error.h"
#include "http/cookie.h"

enum { PAIRS_MAX = 50 };

static void reads(struct arena *a, const char *header)
{
	struct fields f;
	size_t bytes = 0;

	fields_init(&f, a);
	int err = cookie_parse(&f, header, PAIRS_MAX);
	CHECK(err == CRUET_OK || (err == CRUET_ELIMIT && f.n == PAIRS_MAX));
	for (size_t i = 0; i < f.n; i++) {
		CHECK(*f.items[i].name && !strpbrk(f.items[i].name, "=;"));
		bytes += strlen(f.items[i].name) + strlen(f.items[i].value);
	}
	CHECK(bytes <= strlen(header));
}

static void writes(struct arena *a, char *line)
{
	const char *name = cut_text(&line, "\t"), *value = line ? cut_text(&line, "\t") : "";
	cruet_cookie_opts o = {.size = sizeof o};
	const char *why = NULL;
	struct fields f;

	o.path = line ? cut_text(&line, "\t") : NULL;
	o.domain = line ? cut_text(&line, "\t") : NULL;
	o.same_site = line ? cut_text(&line, "\t") : NULL;
	if (line)
		text_int(cut_text(&line, "\t"), &o.max_age);
	o.flags = line ? (uint32_t)strlen(line) : 0;
	const char *s = cookie_write(a, name, value, &o, 1700000000, &why);
	CHECK(!s == (why != NULL));
	if (!s) {
		CHECK(*why);
		return;
	}
	for (const char *p = s; *p; p++)
		CHECK(*p >= ' ' && *p < 0x7f);
	fields_init(&f, a);
	CHECK(cookie_parse(&f, s, PAIRS_MAX) == CRUET_OK);
	CHECK(f.n && !strcmp(f.items[0].name, name));
	CHECK(!strcmp(f.items[0].value, o.max_age < 0 ? "" : value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cut in = cut_of(data, size);
	struct arena a;

	arena_init(&a, 4096);
	char *header = cut_at(&in, &a, '\n'), *line = cut_at(&in, &a, '\n');
	if (header)
		reads(&a, header);
	if (line)
		writes(&a, line);
	arena_fini(&a);
	return 0;
}
