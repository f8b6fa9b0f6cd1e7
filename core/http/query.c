#include "http/query.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fields.h"
#include "base/text.h"
#include "cruet/error.h"

/* Bytes that are not UTF-8 go back to %XX, so that nothing is lost and all text
 * is UTF-8. A NUL would cut the value: it stays encoded too. */
static const char *tidy(struct arena *a, const char *s, size_t len)
{
	struct buf b;
	uint32_t cp;

	if (!memchr(s, 0, len) && utf8_valid(s, len))
		return s;
	buf_init(&b, a, 0);
	for (size_t i = 0, n; i < len; i += n) {
		n = s[i] ? utf8_next(s + i, len - i, &cp) : 0;
		if (n) {
			buf_put(&b, s + i, n);
		} else {
			buf_printf(&b, "%%%02X", (unsigned char)s[i]);
			n = 1;
		}
	}
	return buf_err(&b) ? NULL : b.p;
}

static const char *decode(struct arena *a, const char *p, size_t len)
{
	size_t n;
	const char *s = percent_decode(a, p, len, true, &n);
	return s ? tidy(a, s, n) : NULL;
}

int query_parse(struct fields *out, const char *p, size_t len, size_t max_pairs)
{
	const char *end = p + len;

	while (p < end) {
		const char *amp = memchr(p, '&', (size_t)(end - p));
		const char *stop = amp ? amp : end;
		if (stop > p) {
			const char *eq = memchr(p, '=', (size_t)(stop - p));
			const char *name_end = eq ? eq : stop, *from = eq ? eq + 1 : stop;
			if (out->n == max_pairs)
				return CRUET_ELIMIT;
			int err = fields_add(out, decode(out->arena, p, (size_t)(name_end - p)),
					     decode(out->arena, from, (size_t)(stop - from)));
			if (err)
				return err;
		}
		p = amp ? amp + 1 : end;
	}
	return CRUET_OK;
}
