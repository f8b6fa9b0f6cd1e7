#include "server/secrets.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mask.h"
#include "base/text.h"
#include "http/json_read.h"
#include "http/params.h"

static const char *ask(const struct secrets *s, const char *where, const char *name,
		       const char *value)
{
	const char *place = arena_printf(s->a, "%s.%s", where, name);
	return place ? s->fn(s->arg, place, value) : NULL;
}

static const char *done(const struct buf *b)
{
	return buf_err(b) ? NULL : b->p;
}

/* --- rules -------------------------------------------------------------------------------- */

enum { ARGUMENT_MAX = 128 };

/* Of "<int:id>" the name, which stands before its end. */
static bool secret_argument(const char *rule, const char *end)
{
	char name[ARGUMENT_MAX];
	const char *from = end;

	while (from > rule && end - from < ARGUMENT_MAX - 1 && (is_alnum(from[-1]) || from[-1] == '_'))
		from--;
	memcpy(name, from, (size_t)(end - from));
	name[end - from] = '\0';
	return mask_name(name);
}

bool secrets_in_rule(const char *rule)
{
	for (const char *end = rule; (end = strchr(end, '>')); end++)
		if (secret_argument(rule, end))
			return true;
	return false;
}

/* --- queries and forms -------------------------------------------------------------------- */

/* The value of [p, p + len), which follows "name=". */
static bool put_value(const struct secrets *s, struct buf *b, const char *where, const char *name,
		      const char *p, size_t len)
{
	const char *value = percent_decode(s->a, p, len, true, NULL);
	const char *now = value ? ask(s, where, name, value) : NULL;

	if (!now)
		return false;
	if (now == value)
		buf_put(b, p, len);
	else
		percent_encode(b, now, strlen(now), "*", true);
	return true;
}

const char *secrets_pairs(const struct secrets *s, const char *where, const char *text)
{
	struct buf b;

	buf_init(&b, s->a, 0);
	while (*text) {
		size_t len = strcspn(text, "&"), n = strcspn(text, "=&");
		const char *name = percent_decode(s->a, text, n, true, NULL);
		if (!name)
			return NULL;
		if (n < len && mask_name(name)) {
			buf_put(&b, text, n + 1);
			if (!put_value(s, &b, where, name, text + n + 1, len - n - 1))
				return NULL;
		} else {
			buf_put(&b, text, len);
		}
		text += len;
		if (*text)
			buf_char(&b, *text++);
	}
	return done(&b);
}

const char *secrets_target(const struct secrets *s, const char *target)
{
	size_t n = strcspn(target, "?");

	if (!target[n])
		return target;
	const char *query = secrets_pairs(s, "query", target + n + 1);
	return query ? arena_printf(s->a, "%.*s?%s", (int)n, target, query) : NULL;
}

/* --- headers ------------------------------------------------------------------------------ */

/* "name=value", or a value without a name, which is as secret. False: out of memory, or fn
 * says nothing. */
static bool put_cookie(const struct secrets *s, struct buf *b, const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len);
	size_t n = equals ? (size_t)(equals - text) : 0, from = equals ? n + 1 : 0;

	if (!len)
		return true;
	const char *name = arena_strndup(s->a, text, n);
	const char *old = arena_strndup(s->a, text + from, len - from);
	const char *now = name && old ? ask(s, "cookie", name, old) : NULL;
	if (!now)
		return false;
	buf_put(b, text, from);
	buf_str(b, now);
	return true;
}

/* "a=1; b=2": each is one. */
static const char *cookies(const struct secrets *s, const char *value)
{
	struct buf b;

	buf_init(&b, s->a, 0);
	while (*value) {
		size_t blank = strspn(value, " ");
		buf_put(&b, value, blank);
		value += blank;
		size_t len = strcspn(value, ";");
		if (!put_cookie(s, &b, value, len))
			return NULL;
		value += len;
		if (*value)
			buf_char(&b, *value++);
	}
	return done(&b);
}

static const char *set_cookie(const struct secrets *s, const char *value)
{
	size_t len = strcspn(value, ";");
	struct buf b;

	buf_init(&b, s->a, 0);
	if (!put_cookie(s, &b, value, len))
		return NULL;
	buf_str(&b, value + len);
	return done(&b);
}

/* "Bearer x": the type is no secret. */
static const char *authorization(const struct secrets *s, const char *name, const char *value)
{
	size_t n = strcspn(value, " ");

	n += value[n] == ' ';
	if (!value[n])
		n = 0;
	const char *now = ask(s, "header", name, value + n);
	return now ? arena_printf(s->a, "%.*s%s", (int)n, value, now) : NULL;
}

const char *secrets_header(const struct secrets *s, const char *name, const char *value)
{
	if (text_ieq(name, "Cookie"))
		return cookies(s, value);
	if (text_ieq(name, "Set-Cookie"))
		return set_cookie(s, value);
	if (text_ieq(name, "Authorization") || text_ieq(name, "Proxy-Authorization"))
		return authorization(s, name, value);
	if (text_ieq(name, "Referer") || text_ieq(name, "Location"))
		return secrets_target(s, value);
	return mask_name(name) ? ask(s, "header", name, value) : value;
}

/* --- bodies ------------------------------------------------------------------------------- */

static const struct json_limits limits = {64, 1000000};

/* Replaces the values of secret members below at. False: out of memory. */
static bool json_walk(const struct secrets *s, cJSON *at, const char *where, bool *changed)
{
	size_t i = 0;

	for (cJSON *v = at->child, *next; v; v = next, i++) {
		const char *name = v->string ? v->string : arena_printf(s->a, "%zu", i);
		next = v->next;
		if (!name)
			return false;
		if (!v->string || !mask_name(name)) {
			const char *below = v->child ? arena_printf(s->a, "%s.%s", where, name) : "";
			if (!below || (v->child && !json_walk(s, v, below, changed)))
				return false;
			continue;
		}
		const char *old = cJSON_IsString(v) ? v->valuestring : "";
		const char *now = ask(s, where, name, old), *key = arena_strdup(s->a, name);
		if (!now || !key)
			return false;
		if (now == old)
			continue;
		cJSON *put = cJSON_CreateString(now);
		if (!put || !cJSON_ReplaceItemInObjectCaseSensitive(at, key, put)) {
			cJSON_Delete(put);
			return false;
		}
		*changed = true;
	}
	return true;
}

/* What cannot be read may hold anything: all of it is a secret. */
static const char *whole(const struct secrets *s, const char *where, const char *body,
			 size_t len, size_t *out_len)
{
	const char *old = arena_strndup(s->a, body, len);
	const char *now = old ? ask(s, where, "body", old) : NULL;

	if (!now || now == old)
		return now ? body : NULL;
	*out_len = strlen(now);
	return now;
}

static const char *json_body(const struct secrets *s, const char *body, size_t len,
			     size_t *out_len)
{
	struct json_problem why;
	bool changed = false;
	cJSON *v = json_read(body, len, 0, &limits, &why);
	struct buf b;

	if (!v)
		return whole(s, "json", body, len, out_len);
	buf_init(&b, s->a, 0);
	bool ok = json_walk(s, v, "json", &changed);
	if (ok && changed) {
		ok = !json_write(&b, v, 0) && !buf_err(&b);
		*out_len = b.len;
	}
	cJSON_Delete(v);
	return !ok ? NULL : changed ? b.p : body;
}

/* Of a part of a multipart form, [p, end) behind its boundary: its name, or NULL. */
static const char *part_name(const struct secrets *s, const char *p, const char *end)
{
	for (; p < end; p++) {
		size_t n = strcspn(p, "\r\n");
		if (n > (size_t)(end - p))
			break;
		const char *line = arena_strndup(s->a, p, n);
		if (line && text_ieqn(line, "Content-Disposition:", 20))
			return params_get(s->a, line, "name");
		p += n;
	}
	return NULL;
}

static const char *multipart_body(const struct secrets *s, const char *type, const char *body,
				  size_t len, size_t *out_len)
{
	const char *word = params_get(s->a, type, "boundary"), *end = body + len, *p = body;
	const char *mark = word ? arena_printf(s->a, "\r\n--%s", word) : NULL;
	struct buf b;

	if (!mark || !body)
		return whole(s, "form", body, len, out_len);
	buf_init(&b, s->a, 0);
	for (const char *next; p < end; p = next) {
		const char *head = memmem(p, (size_t)(end - p), "\r\n\r\n", 4);
		const char *stop = memmem(p, (size_t)(end - p), mark, strlen(mark));
		next = stop ? stop + strlen(mark) : end;
		if (!stop)
			stop = end; /* cut short */
		const char *name = head && head + 4 <= stop ? part_name(s, p, head) : NULL;
		if (!name || !mask_name(name)) {
			buf_put(&b, p, (size_t)(next - p));
			continue;
		}
		const char *value = head + 4;
		const char *old = value < stop ? arena_strndup(s->a, value, (size_t)(stop - value)) : "";
		const char *now = old ? ask(s, "form", name, old) : NULL;
		if (!now)
			return NULL;
		buf_put(&b, p, (size_t)(value - p));
		buf_str(&b, now);
		buf_put(&b, stop, (size_t)(next - stop));
	}
	*out_len = b.len;
	return done(&b);
}

static bool is_white(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static const char *skip_white(const char *p, const char *end)
{
	while (p < end && is_white(*p))
		p++;
	return p;
}

/* An attribute of a tag, as it stands there. */
struct attribute {
	const char *name, *value; /* value NULL: it has none */
	size_t name_len, value_len;
};

/* Reads the one at p, as browsers do; gives what stands behind it. */
static const char *attribute(const char *p, const char *end, struct attribute *out)
{
	*out = (struct attribute){.name = p};
	for (p++; p < end && !is_white(*p) && *p != '/' && *p != '>' && *p != '=';)
		p++;
	out->name_len = (size_t)(p - out->name);
	const char *equals = skip_white(p, end);
	if (equals == end || *equals != '=')
		return p;
	p = skip_white(equals + 1, end);
	char quote = p < end && (*p == '"' || *p == '\'') ? *p++ : '\0';
	out->value = p;
	while (p < end && (quote ? *p != quote : !is_white(*p) && *p != '>'))
		p++;
	out->value_len = (size_t)(p - out->value);
	return p + (quote && p < end);
}

/* What is behind the name of a tag, p, gives its field: a name and a value, each NULL where
 * there is none. */
static const char *field(const char *p, const char *end, struct attribute *name,
			 struct attribute *value)
{
	struct attribute one;

	*name = *value = (struct attribute){.name = NULL};
	for (;;) {
		while (p < end && (is_white(*p) || *p == '/'))
			p++;
		if (p == end || *p == '>')
			return p;
		p = attribute(p, end, &one);
		if (!name->value && one.name_len == 4 && text_ieqn(one.name, "name", 4))
			*name = one;
		else if (!value->value && one.name_len == 5 && text_ieqn(one.name, "value", 5))
			*value = one;
	}
}

/* Behind the next "<input"; NULL: there is none. */
static const char *next_input(const char *p, const char *end)
{
	static const char tag[] = "<input";
	const size_t n = sizeof tag - 1;

	while ((p = memchr(p, '<', (size_t)(end - p)))) {
		if ((size_t)(end - p) > n && text_ieqn(p, tag, n) && (is_white(p[n]) || p[n] == '/'))
			return p + n;
		p++;
	}
	return NULL;
}

/* <input name="token" value="...">: what a form is sent back with. */
static const char *html_body(const struct secrets *s, const char *body, size_t len,
			     size_t *out_len)
{
	const char *end = body + len, *from = body;
	struct attribute name, value;
	struct buf b;

	buf_init(&b, s->a, 0);
	for (const char *p = body; (p = next_input(p, end));) {
		p = field(p, end, &name, &value);
		const char *is = name.value ? arena_strndup(s->a, name.value, name.value_len) : "";
		if (!is)
			return NULL;
		if (!value.value_len || !mask_name(is))
			continue;
		const char *old = arena_strndup(s->a, value.value, value.value_len);
		const char *now = old ? ask(s, "html", is, old) : NULL;
		if (!now)
			return NULL;
		buf_put(&b, from, (size_t)(value.value - from));
		buf_str(&b, now);
		from = value.value + value.value_len;
	}
	if (from == body)
		return body;
	buf_put(&b, from, (size_t)(end - from));
	*out_len = b.len;
	return done(&b);
}

static bool is_form(const char *type)
{
	return text_ieqn(type, "application/x-www-form-urlencoded", 33);
}

static bool is_json(const char *type)
{
	size_t n = strcspn(type, "; ");
	return text_ieqn(type, "application/json", 16) ||
	       (n > 5 && text_ieqn(type + n - 5, "+json", 5));
}

bool secrets_knows(const char *type)
{
	return is_form(type) || is_json(type);
}

const char *secrets_body(const struct secrets *s, const char *type, const char *body,
			 size_t len, size_t *out_len)
{
	*out_len = len;
	if (!type || !len)
		return body;
	if (is_form(type)) {
		const char *text = arena_strndup(s->a, body, len);
		const char *now = text ? secrets_pairs(s, "form", text) : NULL;
		*out_len = now ? strlen(now) : 0;
		return now;
	}
	if (is_json(type))
		return json_body(s, body, len, out_len);
	if (text_ieqn(type, "multipart/form-data", 19))
		return multipart_body(s, type, body, len, out_len);
	if (text_ieqn(type, "text/html", 9))
		return html_body(s, body, len, out_len);
	return body;
}
