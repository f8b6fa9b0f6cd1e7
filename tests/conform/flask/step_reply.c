/* Steps that reply with what they say, fail, or change the reply at hand. */
#include <stdlib.h>
#include <string.h>

#include "steps.h"

/* --- changing the reply at hand --------------------------------------------------- */

static const char *put_headers(cruet_ctx *c, const cJSON *list,
			       int (*put)(cruet_ctx *, const char *, const char *))
{
	const cJSON *h;

	cJSON_ArrayForEach(h, list)
	{
		const char *name = cJSON_GetArrayItem(h, 0)->valuestring;
		if (put(c, name, cJSON_GetArrayItem(h, 1)->valuestring))
			return name;
	}
	return NULL;
}

static int set_cookie(cruet_ctx *c, const cJSON *v, bool forget)
{
	const cJSON *expires = member(v, "expires"), *age = member(v, "max_age");
	cruet_cookie_opts o = {
		.size = sizeof o,
		.path = cJSON_IsNull(member(v, "path")) ? "" : text_of(v, "path"),
		.domain = text_of(v, "domain"),
		.same_site = text_of(v, "samesite") ? text_of(v, "samesite") : "",
		.max_age = forget ? -1
			   : age  ? (int64_t)age->valuedouble
				  : 0,
		.expires = expires ? (int64_t)expires->valuedouble : 0,
		.flags = cJSON_IsTrue(member(v, "secure")) ? CRUET_COOKIE_SECURE
							   : CRUET_COOKIE_INSECURE,
	};
	if (!cJSON_IsTrue(member(v, "httponly")))
		o.flags |= CRUET_COOKIE_SCRIPTS;
	if (cJSON_IsTrue(member(v, "partitioned")))
		o.flags = (o.flags & ~(uint32_t)CRUET_COOKIE_INSECURE) |
			  CRUET_COOKIE_PARTITIONED;
	const char *value = text_of(v, "value");
	return cruet_set_cookie(c, text_of(v, "name"), value ? value : "", &o);
}

static int append_body(cruet_ctx *c, const char *more)
{
	size_t len, extra = strlen(more);
	const void *body = cruet_reply_body(c, &len);
	char *all = cruet_alloc(c, len + extra + 1);

	if (!all)
		return CRUET_ENOMEM;
	if (len)
		memcpy(all, body, len);
	memcpy(all + len, more, extra);
	return cruet_bytes(c, NULL, all, len + extra);
}

bool step_changes_reply(const char *step)
{
	static const char *const names[] = {"set_header",  "add_header", "set_status",
					    "append_body", "set_cookie", "delete_cookie"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(step, names[i]))
			return true;
	return false;
}

int step_change_reply(cruet_ctx *c, const char *step, const cJSON *v)
{
	if (!strcmp(step, "set_status"))
		return cruet_status(c, v->valueint);
	if (!strcmp(step, "append_body"))
		return append_body(c, v->valuestring);
	if (!strcmp(step, "set_cookie") || !strcmp(step, "delete_cookie"))
		return set_cookie(c, v, step[0] == 'd');
	const char *name = cJSON_GetArrayItem(v, 0)->valuestring;
	const char *value = cJSON_GetArrayItem(v, 1)->valuestring;
	return step[0] == 's' ? cruet_set_header(c, name, value)
			      : cruet_add_header(c, name, value);
}

/* --- replies ---------------------------------------------------------------------- */

static char *decode64(cruet_ctx *c, const char *s, size_t *len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, have = 0;
	char *out = cruet_alloc(c, strlen(s) + 1);

	for (*len = 0; out && *s && *s != '='; s++) {
		bits = bits << 6 | (unsigned)(strchr(digits, *s) - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[(*len)++] = (char)(bits >> have);
		}
	}
	return out;
}

int step_reply(cruet_ctx *c, const cJSON *v)
{
	const cJSON *status = member(v, "status"), *json = member(v, "json");
	const char *type = text_of(v, "type"), *b64 = text_of(v, "body_b64");
	const char *body = text_of(v, "body");
	size_t len = body ? strlen(body) : 0;
	int r;

	if (json) {
		r = cruet_jsonify(c, json);
		if (r == CRUET_DONE && type)
			r = cruet_set_header(c, "Content-Type", type) ? CRUET_EINVAL : r;
	} else {
		const char *p = b64 ? decode64(c, b64, &len) : body ? body : "";
		r = cruet_bytes(c, type ? type : "text/html; charset=utf-8", p, len);
	}
	if (r == CRUET_DONE && status)
		r = cruet_status(c, status->valueint) ? CRUET_EINVAL : r;
	if (r == CRUET_DONE && put_headers(c, member(v, "headers"), cruet_add_header))
		r = CRUET_EINVAL;
	return r;
}

int step_get_json(cruet_ctx *c, const cJSON *v)
{
	bool force = cJSON_IsTrue(member(v, "force")),
	     silent = cJSON_IsTrue(member(v, "silent"));
	const cruet_json *j = force ? cruet_body_json_any(c) : cruet_body_json(c);

	if (!j && !silent)
		return cruet_err(c);
	if (!j)
		cruet_err_clear(c);
	cruet_json *box = cruet_array(c);
	cruet_push_json(box, j);
	return cruet_jsonify(c, cruet_json_first(box));
}

int step_reply_text(cruet_ctx *c, const char *text)
{
	cruet_json *box = cruet_array(c);
	cruet_push_str(box, text);
	return cruet_jsonify(c, cruet_json_first(box));
}

int step_reply_json(cruet_ctx *c, const cJSON *v)
{
	cruet_json *box = cruet_array(c);
	cruet_push_json(box, v);
	return cruet_jsonify(c, cruet_json_first(box));
}

int step_required(cruet_ctx *c, const char *value, const char *name)
{
	if (cruet_err(c))
		return cruet_err(c);
	return value ? step_reply_text(c, value)
		     : cruet_fail(c, 400, "%s is missing", name);
}

int step_arg_typed(cruet_ctx *c, const cJSON *v)
{
	const char *type = text_of(v, "type"),
		   *value = cruet_query(c, text_of(v, "name"));
	char *end = NULL;

	if (value && !strcmp(type, "str"))
		return step_reply_text(c, value);
	double n = value && *value ? strtod(value, &end) : 0;
	bool ok = end && !*end && !(value[0] == ' ');
	if (ok && !strcmp(type, "int"))
		ok = !value[strspn(value, "+-0123456789")];
	if (!ok)
		return step_reply_json(c, member(v, "default"));
	cruet_json *box = cruet_array(c);
	if (!strcmp(type, "int"))
		cruet_push_int(box, strtoll(value, NULL, 10));
	else
		cruet_push_real(box, n);
	return cruet_jsonify(c, cruet_json_first(box));
}

int step_accept_best(cruet_ctx *c, const cJSON *v)
{
	const char *kind = text_of(v, "kind"), *offers[32];
	const char *header = !strcmp(kind, "mimetypes")	  ? "Accept"
			     : !strcmp(kind, "languages") ? "Accept-Language"
			     : !strcmp(kind, "encodings") ? "Accept-Encoding"
							  : "Accept-Charset";
	const cJSON *o;
	size_t n = 0;

	cJSON_ArrayForEach(o, member(v, "offers")) if (n < 31) offers[n++] =
		o->valuestring;
	offers[n] = NULL;
	return step_reply_text(
		c, cruet_header(c, header) ? cruet_accept(c, header, offers) : NULL);
}

int step_abort(cruet_ctx *c, const cJSON *v)
{
	int code = member(v, "code")->valueint;
	const char *text = text_of(v, "description");

	put_headers(c, member(v, "headers"), cruet_fail_header);
	if (code < 400 || code > 599)
		return CRUET_EINVAL;
	return text ? cruet_fail(c, code, "%s", text) : code;
}

int step_raise(cruet_ctx *c, const struct doing *d, const char *name)
{
	const struct flask *f = d->flask;

	for (size_t i = 0; i < f->nkinds; i++)
		if (!strcmp(f->kinds[i].name, name))
			return cruet_raise(c, &f->kinds[i], "raised");
	return CRUET_EIO;
}
