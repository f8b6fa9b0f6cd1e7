/* Ids: UUIDs of version 7, unless a plugin makes others. */
#include <string.h>
#include <sys/random.h>

#include "app/element.h"
#include "base/text.h"
#include "cruet/svc/id.h"

enum { UUID_BYTES = 16, UUID_TEXT = 36 };

/* Version 7 of RFC 9562, 5.7: milliseconds, then random bits; so they sort by time. */
static void mark(unsigned char id[UUID_BYTES], uint64_t ms)
{
	for (int i = 0; i < 6; i++)
		id[i] = (unsigned char)(ms >> (40 - 8 * i));
	id[6] = (unsigned char)(0x70 | (id[6] & 0x0f));
	id[8] = (unsigned char)(0x80 | (id[8] & 0x3f));
}

static const char *write_hex(struct arena *a, const unsigned char id[UUID_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(a, UUID_TEXT + 1), *out = text;

	for (int i = 0; out && i < UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[id[i] >> 4];
		*out++ = digits[id[i] & 15];
	}
	if (out)
		*out = '\0';
	return text;
}

static const char *uuid(cruet_ctx *c)
{
	unsigned char id[UUID_BYTES];

	if (getrandom(id, sizeof id, 0) != sizeof id) {
		ctx_fail(c, CRUET_EIO, "the system gives no random bytes", false);
		return NULL;
	}
	mark(id, (uint64_t)cruet_now(c->host->root));
	const char *text = write_hex(&c->arena, id);
	if (!text)
		ctx_fail(c, CRUET_ENOMEM, NULL, false);
	return text;
}

/* What may stand in a log line, a header and an address without harm. */
static bool is_id(const char *s)
{
	size_t n = 0;

	while (n <= CRUET_ID_MAX && s[n] && (is_alnum(s[n]) || strchr("-_.:+/=@", s[n])))
		n++;
	return n && n <= CRUET_ID_MAX && !s[n];
}

static const char *made(cruet_ctx *c, const struct entry_service *e)
{
	const char *id = NULL;
	int err = ((const cruet_id_maker *)e->vt)->make(e->self, c, &id);

	if (!err && id && is_id(id))
		return id;
	element_fail(c, e, err,
		     err || !id ? "made no id"
				: "made an id that is none: expected 1 to 128 letters, "
				  "digits and "
				  "-_.:+/=@");
	return NULL;
}

const char *cruet_new_id(cruet_ctx *c)
{
	const struct entry_service *e = element_of(c, ELEMENT_ID);
	return e ? made(c, e) : uuid(c);
}
