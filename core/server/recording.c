#include "server/recording.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "app/router_where.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/mask.h"
#include "base/text.h"
#include "cruet/error.h"
#include "http/json_read.h"

/* --- writing ------------------------------------------------------------------------------ */

static void put_fields(struct buf *b, const struct fields *f)
{
	buf_str(b, "\"headers\":[");
	for (size_t i = 0; i < f->n; i++) {
		buf_str(b, i ? ",[" : "[");
		json_write_text(b, f->items[i].name);
		buf_char(b, ',');
		json_write_text(b, f->items[i].value);
		buf_char(b, ']');
	}
	buf_char(b, ']');
}

static void put_body(struct buf *b, const struct recorded_body *body)
{
	static const char digits[] = "0123456789abcdef";

	if (!body->kept) {
		buf_str(b, ",\"body\":null");
	} else if (body->len && utf8_valid(body->p, body->len) && !memchr(body->p, 0, body->len)) {
		buf_str(b, ",\"body\":");
		json_write_text(b, body->p);
	} else if (body->len) {
		char *to = buf_room(b, 2 * body->len + 16);
		if (!to)
			return;
		to += sprintf(to, ",\"hex\":\"");
		for (size_t i = 0; i < body->len; i++) {
			*to++ = digits[(unsigned char)body->p[i] >> 4];
			*to++ = digits[body->p[i] & 15];
		}
		b->len = (size_t)(to - b->p);
		b->p[b->len] = '\0';
		buf_char(b, '"');
	}
}

void recording_put(struct buf *b, const struct recorded *r)
{
	buf_printf(b, "{\"time\":%lld,\"took_us\":%lld,\"request\":{\"method\":",
		   (long long)r->time_ms, (long long)r->took_us);
	json_write_text(b, r->method);
	buf_str(b, ",\"target\":");
	json_write_text(b, r->target);
	if (strcmp(r->scheme, "http") != 0) {
		buf_str(b, ",\"scheme\":");
		json_write_text(b, r->scheme);
	}
	buf_char(b, ',');
	put_fields(b, &r->headers);
	put_body(b, &r->body);
	buf_printf(b, "},\"reply\":{\"status\":%d,", r->status);
	put_fields(b, &r->reply);
	put_body(b, &r->reply_body);
	buf_str(b, "},\"masked\":[");
	for (const char *const *m = r->masked; *m; m++) {
		buf_str(b, m == r->masked ? "" : ",");
		json_write_text(b, *m);
	}
	buf_str(b, "]}\n");
}

void recording_put_head(struct buf *b, const char *application)
{
	buf_printf(b, RECORDING_START "%d,\"cruet\":\"" CRUET_VERSION "\",\"application\":",
		   RECORDING_VERSION);
	json_write_text(b, application);
	buf_printf(b, ",\"time\":%lld}\n", (long long)date_now_ms());
}

/* --- reading ------------------------------------------------------------------------------ */

static const struct json_limits limits = {8, 100000};

static bool read_fields(const cJSON *v, struct arena *a, struct fields *out)
{
	const cJSON *pair;

	fields_init(out, a);
	cJSON_ArrayForEach(pair, cJSON_GetObjectItemCaseSensitive(v, "headers"))
	{
		const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(pair, 0));
		const char *value = cJSON_GetStringValue(cJSON_GetArrayItem(pair, 1));
		if (!name || !value || !field_name_ok(name) || !field_value_ok(value) ||
		    fields_add(out, arena_strdup(a, name), arena_strdup(a, value)))
			return false;
	}
	return true;
}

static bool read_hex(const char *hex, struct arena *a, struct recorded_body *out)
{
	size_t n = strlen(hex) / 2;
	char *p = arena_alloc(a, n + 1);

	for (size_t i = 0; p && i < n; i++) {
		int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		p[i] = (char)(high << 4 | low);
	}
	if (!p)
		return false;
	p[n] = '\0';
	*out = (struct recorded_body){p, n, true};
	return !hex[2 * n];
}

static bool read_body(const cJSON *v, struct arena *a, struct recorded_body *out)
{
	const cJSON *body = cJSON_GetObjectItemCaseSensitive(v, "body");
	const cJSON *hex = cJSON_GetObjectItemCaseSensitive(v, "hex");

	*out = (struct recorded_body){"", 0, !cJSON_IsNull(body)};
	if (cJSON_IsString(hex))
		return read_hex(hex->valuestring, a, out);
	if (!cJSON_IsString(body))
		return true;
	out->p = arena_strdup(a, body->valuestring);
	out->len = strlen(body->valuestring);
	return out->p;
}

static bool read_masked(const cJSON *v, struct arena *a, struct recorded *out)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(v, "masked"), *one;
	const char **names = arena_array(a, (size_t)cJSON_GetArraySize(list) + 1, sizeof *names);
	size_t n = 0;

	out->masked = names;
	cJSON_ArrayForEach(one, list)
		if (names && cJSON_IsString(one) && !(names[n++] = arena_strdup(a, one->valuestring)))
			return false;
	return names;
}

static bool read_all(const cJSON *v, struct arena *a, struct recorded *out)
{
	const cJSON *request = cJSON_GetObjectItemCaseSensitive(v, "request");
	const cJSON *reply = cJSON_GetObjectItemCaseSensitive(v, "reply");
	const char *method = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "method"));
	const char *target = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "target"));
	const char *scheme = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "scheme"));

	out->scheme = !scheme || strcmp(scheme, "https") != 0 ? "http" : "https";
	out->time_ms = json_int(cJSON_GetObjectItemCaseSensitive(v, "time"), 0);
	out->status = (int)json_int(cJSON_GetObjectItemCaseSensitive(reply, "status"), 0);
	out->method = arena_strdup(a, method);
	out->target = arena_strdup(a, target);
	return out->method && out->target && *out->target == '/' && out->status &&
	       read_fields(request, a, &out->headers) && read_body(request, a, &out->body) &&
	       read_fields(reply, a, &out->reply) && read_body(reply, a, &out->reply_body) &&
	       read_masked(v, a, out);
}

int recording_read(const char *line, size_t len, struct arena *a, struct recorded *out,
		   const char **why)
{
	struct json_problem p;
	cJSON *v = json_read(line, len, 0, &limits, &p);

	*out = (struct recorded){.status = 0};
	*why = v ? "expected a request and its reply, as `cruet run --record` writes them"
		 : arena_printf(a, "column %u: %s", p.column, p.what);
	bool ok = v && read_all(v, a, out);
	int err = ok ? CRUET_OK : v ? CRUET_EINVAL : CRUET_EPARSE;
	cJSON_Delete(v);
	return err;
}

bool recording_is_aside(const char *line, size_t len, struct arena *a, const char **why)
{
	struct json_problem p;
	cJSON *v = json_read(line, len, 0, &limits, &p);
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(v, "recording");
	const cJSON *note = cJSON_GetObjectItemCaseSensitive(v, "note");

	*why = NULL;
	if (cJSON_IsString(note))
		*why = arena_strdup(a, note->valuestring);
	else if (version && json_int(version, 0) != RECORDING_VERSION)
		*why = arena_printf(a, "it is a recording of version %lld, and this cruet reads %d",
				    (long long)json_int(version, 0), RECORDING_VERSION);
	cJSON_Delete(v);
	return version || note;
}

/* --- masking ------------------------------------------------------------------------------ */

const char *recording_mask_url(const struct router *rules, struct arena *a, const char *url)
{
	const char *host = strstr(url, "//"), *path = url;

	if (host && host == url + strcspn(url, "/?#"))
		path = host + 2 + strcspn(host + 2, "/?#");
	const char *at = rules ? router_where(rules, path, mask_name) : NULL;
	return at ? arena_printf(a, "%.*s" MASK "%s", (int)(at - url), url, at + strcspn(at, "?#"))
		  : url;
}

bool recording_mask_reply(const struct secrets *s, const struct router *rules,
			  struct fields *reply, struct recorded_body *body)
{
	bool repeats = false; /* the body of a redirect says where it leads once more */

	for (size_t i = 0; i < reply->n; i++) {
		struct cruet_field *f = &reply->items[i];
		const char *was = f->value;
		f->value = secrets_header(s, f->name, was);
		if (f->value && text_ieq(f->name, "Location")) {
			f->value = recording_mask_url(rules, s->a, f->value);
			repeats |= f->value != was;
		}
		if (!f->value)
			return false;
	}
	if (!body->kept)
		return true;
	if (repeats && body->len) {
		body->p = MASK;
		body->len = strlen(MASK);
	}
	const char *type = fields_get(reply, "Content-Type");
	body->p = secrets_body(s, type, body->p, body->len, &body->len);
	return body->p;
}
