/* What a request says of itself, as JSON. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

/* --- path arguments -------------------------------------------------------------------- */

/* The converter that stands before ":name>" in a rule; "string" if none does. */
static void converter_of(const char *rule, const char *name, char *out, size_t cap)
{
	char var[128];
	const char *at = NULL;

	snprintf(out, cap, "string");
	snprintf(var, sizeof var, ":%s>", name);
	for (const char *p = rule; (p = strstr(p, var)); p++)
		at = p;
	if (!at)
		return;
	const char *start = at;
	while (start > rule && start[-1] != '<')
		start--;
	snprintf(out, cap, "%.*s", (int)strcspn(start, "(:"), start);
}

cruet_json *view_args(cruet_ctx *c, const struct doing *d)
{
	cruet_json *o = cruet_object(c);
	const char *name, *value;
	const cJSON *defaults = d->route ? member(d->route, "defaults") : NULL;
	const char *host = d->route ? text_of(d->route, "host") : NULL;
	const char *sub = d->route ? text_of(d->route, "subdomain") : NULL;
	const char *rule = cruet_printf(c, "%s %s %s", host ? host : "", sub ? sub : "",
					cruet_pattern(c));
	char kind[32];

	for (size_t i = 0; cruet_pair(c, CRUET_FROM_ARGS, i, &name, &value); i++) {
		converter_of(rule ? rule : "", name, kind, sizeof kind);
		if (member(defaults, name)) /* the data knows more than a text */
			cruet_put_json(o, name, member(defaults, name));
		else if (!strcmp(kind, "int"))
			cruet_put_int(o, name, strtoll(value, NULL, 10));
		else if (!strcmp(kind, "float"))
			cruet_put_real(o, name, strtod(value, NULL));
		else
			cruet_put_str(o, name, value);
	}
	return o;
}

/* --- pairs, files ------------------------------------------------------------------------ */

static cruet_json *list_in(cruet_json *o, const char *name)
{
	const cruet_json *have = cruet_json_get(o, name);
	return have ? (cruet_json *)have : cruet_put_array(o, name);
}

static void put_pairs(cruet_ctx *c, cruet_json *o, int from, bool first)
{
	const char *name, *value;

	for (size_t i = 0; cruet_pair(c, from, i, &name, &value); i++) {
		if (!first)
			cruet_push_str(list_in(o, name), value);
		else if (!cruet_json_get(o, name))
			cruet_put_str(o, name, value);
	}
}

static void put_files(cruet_ctx *c, cruet_json *o)
{
	unsigned char head[16];
	char hex[33];
	cruet_upload *u;

	for (size_t i = 0; (u = cruet_upload_get(c, NULL, i)); i++) {
		cruet_json *file = cruet_push_object(list_in(o, cruet_upload_name(u)));
		ptrdiff_t n = cruet_upload_read(u, 0, head, sizeof head);
		for (ptrdiff_t k = 0; k < n; k++)
			snprintf(hex + 2 * k, 3, "%02x", head[k]);
		hex[n > 0 ? 2 * n : 0] = '\0';
		cruet_put_str(file, "filename", cruet_upload_filename(u));
		cruet_put_str(file, "type", cruet_upload_mime(u));
		cruet_put_int(file, "size", (int64_t)cruet_upload_size(u));
		cruet_put_str(file, "head", hex);
	}
}

/* --- attributes that are more than a text --------------------------------------------------- */

static void put_blueprints(cruet_json *o, const char *key, const char *endpoint, bool all)
{
	char name[256];

	snprintf(name, sizeof name, "%s", endpoint ? endpoint : "");
	char *dot = strrchr(name, '.');
	if (dot)
		*dot = '\0';
	if (!all) {
		cruet_put_str(o, key, dot ? name : NULL);
		return;
	}
	cruet_json *list = cruet_put_array(o, key);
	while (dot) {
		cruet_push_str(list, name);
		dot = strrchr(name, '.');
		if (dot)
			*dot = '\0';
	}
}

static void put_route(cruet_ctx *c, cruet_json *o, const char *key)
{
	cruet_json *list = cruet_put_array(o, key);
	const char *all = cruet_header(c, "X-Forwarded-For");

	if (!all)
		cruet_push_str(list, cruet_peer(c));
	while (all && *all) {
		all += strspn(all, ", \t");
		size_t n = strcspn(all, ",");
		if (n)
			cruet_push_str(list, cruet_printf(c, "%.*s", (int)n, all));
		all += n;
	}
}

static void put_mime_params(cruet_ctx *c, cruet_json *o, const char *key)
{
	cruet_json *params = cruet_put_object(o, key);
	const char *s = cruet_header(c, "Content-Type");

	while (s && (s = strchr(s, ';'))) {
		s += 1 + strspn(s + 1, " ");
		size_t n = strcspn(s, "=; ");
		const char *name = cruet_printf(c, "%.*s", (int)n, s);
		if (!n || !name || !cruet_mime_param(c, name))
			continue;
		char lower[64];
		for (n = 0; name[n] && n < sizeof lower - 1; n++)
			lower[n] = (char)tolower((unsigned char)name[n]);
		lower[n] = '\0';
		cruet_put_str(params, lower, cruet_mime_param(c, name));
	}
}

static void put_authorization(cruet_ctx *c, cruet_json *o, const char *key)
{
	cruet_auth auth = {.size = sizeof auth};

	if (!cruet_authorization(c, &auth)) {
		cruet_put_null(o, key);
		return;
	}
	cruet_json *a = cruet_put_object(o, key);
	cruet_put_str(a, "type", auth.type);
	cruet_put_str(a, "username", auth.user);
	cruet_put_str(a, "password", auth.password);
	/* Flask calls token what is one word, with '=' at its end alone. */
	const char *rest = auth.token ? auth.token + strcspn(auth.token, "=, ") : "";
	cruet_put_str(a, "token", rest[strspn(rest, "=")] ? NULL : auth.token);
}

static bool form_type(cruet_ctx *c)
{
	return !strcmp(cruet_mime(c), "multipart/form-data") ||
	       !strcmp(cruet_mime(c), "application/x-www-form-urlencoded");
}

/* Bytes as text: each one a character, where they are not UTF-8. */
static void put_body(cruet_ctx *c, cruet_json *o, const char *key, bool parsed)
{
	size_t len;
	const char *body = cruet_body(c, &len);
	cruet_put_str(o, key, parsed || !body ? "" : body);
}

static void put_error(cruet_ctx *c, const struct doing *d, cruet_json *o, const char *what,
		      const char *key)
{
	const cruet_errtype *kind = cruet_err_kind(c);
	bool http = !kind && cruet_err(c) > 0;
	const char *name = http ? NULL : kind ? kind->name : "fail";
	/* A handler for a status, or for all that have one, sees the 500 that an
	 * unexpected error became. */
	bool wrapped = !http && (cJSON_IsNumber(d->handles) ||
				 !strcmp(cJSON_GetStringValue(d->handles), "HTTPException"));

	if (!strcmp(what, "code")) {
		if (http || wrapped)
			cruet_put_int(o, key, cruet_err_status(c));
		else
			cruet_put_null(o, key);
	} else if (!strcmp(what, "name")) {
		cruet_put_str(o, key, wrapped ? NULL : name);
	} else if (!strcmp(what, "original")) {
		cruet_put_str(o, key, wrapped ? name : NULL);
	} else {
		cruet_put_str(o, key, cruet_err_text(c));
	}
}

/* --- the whole ---------------------------------------------------------------------------------- */

/* The root's URL without the root. */
static const char *host_url(cruet_ctx *c)
{
	const char *root = cruet_root_url(c);
	return cruet_printf(c, "%.*s/", (int)(strlen(root) - strlen(cruet_root(c)) - 1), root);
}

static bool put_text(cruet_ctx *c, cruet_json *o, const char *k)
{
	const char *q = cruet_query_string(c);
	const struct {
		const char *name, *value;
	} texts[] = {
		{"method", cruet_method(c)},
		{"path", cruet_path(c)},
		{"full_path", cruet_printf(c, "%s?%s", cruet_path(c), q)},
		{"url", cruet_full_url(c)},
		{"base_url", cruet_base_url(c)},
		{"url_root", cruet_root_url(c)},
		{"host_url", host_url(c)},
		{"host", cruet_host(c)},
		{"scheme", cruet_scheme(c)},
		{"remote_addr", cruet_peer(c)},
		{"script_root", cruet_root(c)},
		{"root_path", cruet_root(c)},
		{"query_string", q},
		{"endpoint", cruet_endpoint(c)},
		{"rule", cruet_pattern(c)},
		{"content_type", cruet_header(c, "Content-Type")},
		{"mimetype", cruet_mime(c)},
		{"user_agent", cruet_header(c, "User-Agent")},
		{"referrer", cruet_header(c, "Referer")},
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!strcmp(k, texts[i].name)) {
			cruet_put_str(o, k, texts[i].value);
			return true;
		}
	return false;
}

static void put_one(cruet_ctx *c, const struct doing *d, cruet_json *o, const char *k, bool *raw)
{
	size_t len;

	if (put_text(c, o, k))
		return;
	if (!strncmp(k, "header:", 7))
		cruet_put_str(o, k, cruet_header(c, k + 7));
	else if (!strncmp(k, "g:", 2))
		cruet_put_json(o, k, g_value(c, k + 2));
	else if (!strncmp(k, "error.", 6))
		put_error(c, d, o, k + 6, k);
	else if (!strcmp(k, "is_secure"))
		cruet_put_bool(o, k, !strcmp(cruet_scheme(c), "https"));
	else if (!strcmp(k, "access_route"))
		put_route(c, o, k);
	else if (!strcmp(k, "blueprint") || !strcmp(k, "blueprints"))
		put_blueprints(o, k, cruet_endpoint(c), k[9] == 's');
	else if (!strcmp(k, "view_args") && cruet_endpoint(c))
		cruet_put_json(o, k, view_args(c, d));
	else if (!strcmp(k, "mimetype_params"))
		put_mime_params(c, o, k);
	else if (!strcmp(k, "content_length") && cruet_header(c, "Content-Length"))
		cruet_put_int(o, k, strtoll(cruet_header(c, "Content-Length"), NULL, 10));
	else if (!strcmp(k, "is_json"))
		cruet_put_bool(o, k, cruet_is_json(c));
	else if (!strcmp(k, "cookies"))
		put_pairs(c, cruet_put_object(o, k), CRUET_FROM_COOKIES, true);
	else if (!strcmp(k, "args"))
		put_pairs(c, cruet_put_object(o, k), CRUET_FROM_QUERY, false);
	else if (!strcmp(k, "form"))
		put_pairs(c, cruet_put_object(o, k), CRUET_FROM_FORM, false);
	else if (!strcmp(k, "values")) {
		cruet_json *all = cruet_put_object(o, k);
		put_pairs(c, all, CRUET_FROM_QUERY, false);
		if (strcmp(cruet_method(c), "GET") != 0)
			put_pairs(c, all, CRUET_FROM_FORM, false);
	} else if (!strcmp(k, "files"))
		put_files(c, cruet_put_object(o, k));
	else if (!strcmp(k, "json"))
		cruet_put_json(o, k, cruet_body_json(c));
	else if (!strcmp(k, "data"))
		put_body(c, o, k, !*raw && form_type(c));
	else if (!strcmp(k, "raw")) {
		put_body(c, o, k, false);
		*raw = true;
	} else if (!strcmp(k, "data_len"))
		cruet_put_int(o, k, cruet_body(c, &len) ? (int64_t)len : 0);
	else if (!strcmp(k, "authorization"))
		put_authorization(c, o, k);
	else
		cruet_put_null(o, k);
}

cruet_json *echo(cruet_ctx *c, const struct doing *d, const cJSON *names)
{
	cruet_json *o = cruet_object(c);
	const cJSON *name;
	bool raw = false;

	cJSON_ArrayForEach(name, names)
		put_one(c, d, o, name->valuestring, &raw);
	return o;
}
