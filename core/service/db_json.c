/* cruet/db.h: rows as JSON. */
#include <string.h>

#include "app/ctx.h"
#include "base/text.h"
#include "service/db.h"

int db_distinct(const struct db_set *set)
{
	for (size_t i = 1; i < set->ncolumns; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(set->names[i], set->names[k]))
				return cruet_raise(set->c, &cruet_db_syntax_kind,
						   "the statement gives two columns "
						   "named \"%s\": name "
						   "one of them with \"as\"",
						   set->names[i]);
	return CRUET_OK;
}

/* RFC 4648, section 4. */
static void base64(struct buf *b, const unsigned char *p, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (; len; p += 3) {
		size_t n = len < 3 ? len : 3;
		uint32_t three = (uint32_t)p[0] << 16 |
				 (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
		char four[4] = {digits[three >> 18], digits[three >> 12 & 63],
				n > 1 ? digits[three >> 6 & 63] : '=',
				n > 2 ? digits[three & 63] : '='};
		buf_put(b, four, sizeof four);
		len -= n;
	}
}

/* Text that JSON can carry and a C string can hold. */
static void clean(struct buf *b, const char *p, size_t len)
{
	for (const char *nul; (nul = memchr(p, '\0', len)); p = nul + 1) {
		utf8_clean(b, p, (size_t)(nul - p));
		buf_str(b, "\xef\xbf\xbd");
		len -= (size_t)(nul + 1 - p);
	}
	utf8_clean(b, p, len);
}

static int put_bytes(cruet_json *o, const struct db_set *set, const char *name,
		     const cruet_db_value *v)
{
	struct buf b;

	if (v->kind == CRUET_DB_TEXT && utf8_valid(v->as.p, v->len) &&
	    strlen(v->as.p) == v->len) {
		cruet_put_str(o, name, v->as.p);
		return CRUET_OK;
	}
	buf_init(&b, &set->c->arena, 0);
	if (v->kind == CRUET_DB_TEXT)
		clean(&b, v->as.p, v->len);
	else
		base64(&b, v->as.p, v->len);
	if (buf_err(&b))
		return ctx_fail(set->c, buf_err(&b), NULL, false);
	cruet_put_str(o, name, b.p);
	return CRUET_OK;
}

int db_put(cruet_json *o, const cruet_db_row *row)
{
	const struct db_set *set = row->set;
	int err = o ? CRUET_OK : ctx_fail(set->c, CRUET_ENOMEM, NULL, false);

	for (size_t i = 0; !err && i < set->ncolumns; i++) {
		const cruet_db_value *v = &row->values[i];
		switch (v->kind) {
		case CRUET_DB_INT:
			cruet_put_int(o, set->names[i], v->as.i);
			break;
		case CRUET_DB_BOOL:
			cruet_put_bool(o, set->names[i], v->as.i != 0);
			break;
		case CRUET_DB_REAL:
			cruet_put_real(o, set->names[i], v->as.r);
			break;
		case CRUET_DB_TEXT:
		case CRUET_DB_BLOB:
			err = put_bytes(o, set, set->names[i], v);
			break;
		default:
			cruet_put_null(o, set->names[i]);
		}
	}
	return err;
}

cruet_json *cruet_db_row_json(const cruet_db_row *row)
{
	if (!row || db_distinct(row->set))
		return NULL;
	cruet_json *o = cruet_object(row->set->c);
	return o && !db_put(o, row) ? o : NULL;
}
