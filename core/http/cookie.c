#include "http/cookie.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/fields.h"
#include "base/text.h"
#include "cruet/error.h"

/* "a\"b\054" without its quotes: \ooo is a byte, \x is x. */
static const char *unquote(struct arena *a, const char *s, size_t len)
{
	char *out = arena_alloc(a, len + 1);
	size_t n = 0;

	if (!out)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		if (s[i] != '\\' || i + 1 == len) {
			out[n++] = s[i];
		} else if (len - i > 3 && s[i + 1] >= '0' && s[i + 1] <= '3' && s[i + 2] >= '0' &&
			   s[i + 2] <= '7' && s[i + 3] >= '0' && s[i + 3] <= '7') {
			char ch = (char)((s[i + 1] - '0') << 6 | (s[i + 2] - '0') << 3 |
					 (s[i + 3] - '0'));
			out[n++] = ch ? ch : '?'; /* a NUL would cut the value */
			i += 3;
		} else {
			out[n++] = s[++i];
		}
	}
	out[n] = '\0';
	return out;
}

static void trim(const char **p, const char **end)
{
	while (*p < *end && (**p == ' ' || **p == '\t'))
		++*p;
	while (*end > *p && ((*end)[-1] == ' ' || (*end)[-1] == '\t'))
		--*end;
}

int cookie_parse(struct fields *out, const char *p, size_t max_pairs)
{
	while (*p) {
		const char *stop = p + strcspn(p, ";"), *end = stop;
		const char *eq = memchr(p, '=', (size_t)(stop - p));
		const char *name_end = eq ? eq : stop, *v = eq ? eq + 1 : stop;
		trim(&p, &name_end);
		trim(&v, &end);
		if (name_end > p) {
			if (out->n == max_pairs)
				return CRUET_ELIMIT;
			bool quoted = end - v >= 2 && *v == '"' && end[-1] == '"';
			const char *value =
				quoted ? unquote(out->arena, v + 1, (size_t)(end - v) - 2)
				       : arena_strndup(out->arena, v, (size_t)(end - v));
			int err = fields_add(out,
					     arena_strndup(out->arena, p, (size_t)(name_end - p)),
					     value);
			if (err)
				return err;
		}
		p = *stop ? stop + 1 : stop;
	}
	return CRUET_OK;
}

/* --- writing -------------------------------------------------------------------------- */

/* What may stand unquoted, as Werkzeug has it. */
static bool plain(int ch)
{
	return is_alnum(ch) || (ch && strchr("!#$%&'()*+-./:<=>?@[]^_`{|}~", ch));
}

static void put_value(struct buf *b, const char *v)
{
	const char *p = v;

	while (*p && plain((unsigned char)*p))
		p++;
	if (!*p) {
		buf_str(b, v);
		return;
	}
	buf_char(b, '"');
	for (; *v; v++) {
		unsigned char ch = (unsigned char)*v;
		if (ch == '"' || ch == '\\')
			buf_printf(b, "\\%c", ch);
		else if (ch < ' ' || ch >= 0x7f || ch == ',' || ch == ';')
			buf_printf(b, "\\%03o", ch);
		else
			buf_char(b, (char)ch);
	}
	buf_char(b, '"');
}

static bool path_ok(const char *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f || *s == ';')
			return false;
	return true;
}

static bool domain_ok(const char *s)
{
	for (; s && *s; s++)
		if (!is_alnum(*s) && !strchr("-._:[]", *s))
			return false;
	return true;
}

static const char *refuse(struct arena *a, const char *name, const cruet_cookie_opts *o)
{
	const char *p = name;

	while (p && *p && is_token((unsigned char)*p))
		p++;
	if (!name || !*name || *p)
		return arena_printf(a, "cookie name '%s': expected letters, digits and "
				       "!#$%%&'*+-.^_`|~",
				    name ? name : "");
	if (!path_ok(o->path))
		return arena_printf(a, "cookie %s: a path with ';' or a control character", name);
	if (!domain_ok(o->domain))
		return arena_printf(a, "cookie %s: domain '%s': expected a host name such as "
				       "example.com",
				    name, o->domain);
	if (o->same_site && *o->same_site && !text_ieq(o->same_site, "Strict") &&
	    !text_ieq(o->same_site, "Lax") && !text_ieq(o->same_site, "None"))
		return arena_printf(a, "cookie %s: same_site '%s': expected Strict, Lax or None",
				    name, o->same_site);
	return NULL;
}

static const char *same_site(const char *s)
{
	if (!s || text_ieq(s, "Lax"))
		return "Lax";
	return text_ieq(s, "Strict") ? "Strict" : "None";
}

const char *cookie_write(struct arena *a, const char *name, const char *value,
			 const cruet_cookie_opts *o, int64_t now, const char **why)
{
	bool gone = o->max_age < 0;
	int64_t expires = gone ? 0 : o->expires ? o->expires : o->max_age ? now + o->max_age : -1;
	char date[DATE_LEN + 1];
	struct buf b;

	*why = refuse(a, name, o);
	if (*why)
		return NULL;
	buf_init(&b, a, 0);
	buf_str(&b, name);
	buf_char(&b, '=');
	put_value(&b, value && !gone ? value : "");
	if (o->domain && *o->domain) {
		buf_str(&b, "; Domain=");
		buf_str(&b, o->domain + (*o->domain == '.'));
	}
	if (expires >= 0) {
		date_http(date, expires);
		buf_str(&b, "; Expires=");
		buf_str(&b, date);
	}
	if (o->max_age) {
		buf_str(&b, "; Max-Age=");
		buf_int(&b, gone ? 0 : o->max_age);
	}
	if (o->flags & (CRUET_COOKIE_SECURE | CRUET_COOKIE_PARTITIONED))
		buf_str(&b, "; Secure");
	if (!(o->flags & CRUET_COOKIE_SCRIPTS))
		buf_str(&b, "; HttpOnly");
	if (!o->path || *o->path) {
		buf_str(&b, "; Path=");
		percent_encode(&b, o->path ? o->path : "/", strlen(o->path ? o->path : "/"),
			       "/%!$&'()*+,:=@", false);
	}
	if (!o->same_site || *o->same_site) {
		buf_str(&b, "; SameSite=");
		buf_str(&b, same_site(o->same_site));
	}
	if (o->flags & CRUET_COOKIE_PARTITIONED)
		buf_str(&b, "; Partitioned");
	return buf_err(&b) ? NULL : b.p;
}
