#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/real.h"
#include "base/text.h"
#include "cruet/error.h"
#include "http/json_read.h"

enum { DEPTH_MAX = 1000 };

/* What stands for one byte that may not stand for itself. */
static void put_escape(struct buf *b, unsigned char ch)
{
	static const char hex[] = "0123456789abcdef";
	static const char names[] = "b\bf\fn\nr\rt\t\"\"\\\\";

	for (const char *p = names; *p; p += 2)
		if ((unsigned char)p[1] == ch) {
			char esc[2] = {'\\', *p};
			buf_put(b, esc, 2);
			return;
		}
	char esc[6] = {'\\', 'u', '0', '0', hex[ch >> 4], hex[ch & 15]};
	buf_put(b, esc, 6);
}

/* Most texts stand for themselves; false: this one does not, or there is no room. */
static bool put_plain(struct buf *b, const char *s)
{
	size_t n = text_span(s, TEXT_JSON);
	char *at = s[n] ? NULL : buf_room(b, n + 2);

	if (!at)
		return false;
	at[0] = '"';
	memcpy(at + 1, s, n);
	at[n + 1] = '"';
	at[n + 2] = '\0';
	b->len += n + 2;
	return true;
}

void json_write_text(struct buf *b, const char *s)
{
	static const char malformed[] = "\xef\xbf\xbd"; /* U+FFFD */
	const char *from = s ? s : "";
	uint32_t cp;

	if (put_plain(b, from))
		return;
	buf_char(b, '"');
	for (s = from; *(s += text_span(s, TEXT_JSON));) {
		unsigned char ch = (unsigned char)*s;
		size_t n = ch < 0x80 ? 1 : utf8_next(s, strnlen(s, 4), &cp);
		if (n > 1) {
			s += n;
			continue;
		}
		buf_put(b, from, (size_t)(s - from));
		if (n)
			put_escape(b, ch);
		else
			buf_put(b, malformed, 3);
		from = ++s;
	}
	buf_put(b, from, (size_t)(s - from));
	buf_char(b, '"');
}

static void put_number(struct buf *b, const struct cJSON *j)
{
	double v = j->valuedouble;
	char text[32];

	if (j->valuestring)
		buf_str(b, j->valuestring);
	else if (!isfinite(v))
		buf_str(b, "null");
	else if (fabs(v) <= (double)JSON_EXACT_MAX && v == (double)(int64_t)v)
		buf_int(b, (int64_t)v);
	else
		buf_put(b, text, real_put(text, sizeof text, v));
}

static void new_line(struct buf *b, int level)
{
	buf_char(b, '\n');
	while (level-- > 0)
		buf_put(b, "  ", 2);
}

/* A value that lost a child, or got one that it cannot have. */
static int broken(const struct cJSON *j)
{
	if (!(j->type & (JSON_BROKEN | JSON_MISUSED)))
		return CRUET_OK;
	return j->type & JSON_BROKEN ? CRUET_ENOMEM : CRUET_EINVAL;
}

static int check(const struct cJSON *j, int level)
{
	unsigned kind = (unsigned)j->type & 0xFF; /* one bit for each */
	bool parent = cJSON_IsArray(j) || cJSON_IsObject(j);
	int err = broken(j);

	if (!err && (!kind || kind & (kind - 1)))
		err = CRUET_EINVAL;
	if (!err && parent && level > DEPTH_MAX)
		err = CRUET_ELIMIT;
	for (const struct cJSON *v = parent ? j->child : NULL; v && !err; v = v->next)
		err = check(v, level + 1);
	return err;
}

int json_check(const struct cJSON *j)
{
	return check(j, 0);
}

static int put(struct buf *b, const struct cJSON *j, bool indent, int level)
{
	bool object = cJSON_IsObject(j);
	int err = broken(j);

	if (err)
		return err;
	switch (j->type & 0xFF) {
	case cJSON_False:
		buf_str(b, "false");
		return CRUET_OK;
	case cJSON_True:
		buf_str(b, "true");
		return CRUET_OK;
	case cJSON_NULL:
		buf_str(b, "null");
		return CRUET_OK;
	case cJSON_Number:
		put_number(b, j);
		return CRUET_OK;
	case cJSON_String:
		json_write_text(b, j->valuestring);
		return CRUET_OK;
	case cJSON_Raw:
		buf_str(b, j->valuestring);
		return CRUET_OK;
	case cJSON_Array:
	case cJSON_Object:
		break;
	default:
		return CRUET_EINVAL;
	}
	if (level > DEPTH_MAX)
		return CRUET_ELIMIT;
	buf_char(b, object ? '{' : '[');
	for (const struct cJSON *v = j->child; v; v = v->next) {
		if (indent)
			new_line(b, level + 1);
		if (object) {
			json_write_text(b, v->string);
			buf_put(b, ": ", indent ? 2 : 1);
		}
		err = put(b, v, indent, level + 1);
		if (err)
			return err;
		if (v->next)
			buf_char(b, ',');
	}
	if (indent && j->child)
		new_line(b, level);
	buf_char(b, object ? '}' : ']');
	return CRUET_OK;
}

int json_write(struct buf *b, const struct cJSON *j, int indent)
{
	int err = put(b, j, indent, 0);
	return err ? err : buf_err(b);
}
