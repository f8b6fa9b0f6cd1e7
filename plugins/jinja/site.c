#include "site.h"

#include <cruet.h>
#include <cruet/session.h>
#include <stdio.h>

static bool has_request(cruet_ctx *c)
{
	return c && *cruet_method(c);
}

/* --- request ------------------------------------------------------------------------------ */

static int pair_get(cruet_ctx *c, int from, const char *name, cruet_value *out)
{
	const char *key, *value;

	for (size_t i = 0; cruet_pair(c, from, i, &key, &value); i++)
		if (!strcmp(key, name)) {
			*out = cruet_value_text(value);
			return CRUET_OK;
		}
	return CRUET_ENOENT;
}

static int pair_row(cruet_ctx *c, int from, size_t i, cruet_value *out)
{
	const char *key, *value;

	if (!cruet_pair(c, from, i, &key, &value))
		return CRUET_ENOENT;
	*out = cruet_value_text(key);
	return CRUET_OK;
}

static int kept_from(const void *self)
{
	return *(const int *)self;
}

static int pairs_get(cruet_ctx *c, void *self, const char *name, cruet_value *out)
{
	return pair_get(c, kept_from(self), name, out);
}

static int pairs_row(cruet_ctx *c, void *self, size_t i, cruet_value *out)
{
	return pair_row(c, kept_from(self), i, out);
}

static int headers_get(cruet_ctx *c, void *self, const char *name, cruet_value *out)
{
	const char *value = cruet_header(c, name);

	(void)self;
	*out = cruet_value_text(value);
	return value ? CRUET_OK : CRUET_ENOENT;
}

static const cruet_template_type pairs_type = {
	.size = sizeof pairs_type, .name = "pairs", .get = pairs_get, .row = pairs_row};
static const cruet_template_type headers_type = {.size = sizeof headers_type,
						 .name = "headers",
						 .get = headers_get,
						 .row = pairs_row};

static const int from_query = CRUET_FROM_QUERY, from_form = CRUET_FROM_FORM,
		 from_headers = CRUET_FROM_HEADERS, from_cookies = CRUET_FROM_COOKIES,
		 from_args = CRUET_FROM_ARGS;
static const cruet_template_object query_object = {&pairs_type, (void *)&from_query};
static const cruet_template_object form_object = {&pairs_type, (void *)&from_form};
static const cruet_template_object headers_object = {&headers_type, (void *)&from_headers};
static const cruet_template_object cookies_object = {&pairs_type, (void *)&from_cookies};
static const cruet_template_object args_object = {&pairs_type, (void *)&from_args};

struct member {
	const char *name;
	const char *(*text)(cruet_ctx *c);
	const cruet_template_object *object;
};

static const char *method(cruet_ctx *c)
{
	return cruet_method(c);
}
static const char *path(cruet_ctx *c)
{
	return cruet_path(c);
}
static const char *host(cruet_ctx *c)
{
	return cruet_host(c);
}
static const char *scheme(cruet_ctx *c)
{
	return cruet_scheme(c);
}
static const char *root(cruet_ctx *c)
{
	return cruet_root(c);
}
static const char *query_string(cruet_ctx *c)
{
	return cruet_query_string(c);
}
static const char *endpoint(cruet_ctx *c)
{
	return cruet_endpoint(c);
}
static const char *peer(cruet_ctx *c)
{
	return cruet_peer(c);
}

/* Named as Flask names them. */
static const struct member members[] = {
	{"method", method, NULL},	  {"path", path, NULL},
	{"host", host, NULL},		  {"scheme", scheme, NULL},
	{"script_root", root, NULL},	  {"query_string", query_string, NULL},
	{"endpoint", endpoint, NULL},	  {"remote_addr", peer, NULL},
	{"url", cruet_full_url, NULL},	  {"base_url", cruet_base_url, NULL},
	{"url_root", cruet_root_url, NULL}, {"args", NULL, &query_object},
	{"form", NULL, &form_object},	  {"headers", NULL, &headers_object},
	{"cookies", NULL, &cookies_object}, {"view_args", NULL, &args_object}};

static int request_get(cruet_ctx *c, void *self, const char *name, cruet_value *out)
{
	(void)self;
	if (!has_request(c))
		return CRUET_ENOENT;
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		if (strcmp(members[i].name, name) != 0)
			continue;
		*out = members[i].object ? cruet_value_host(members[i].object)
					 : cruet_value_text(members[i].text(c));
		return CRUET_OK;
	}
	return CRUET_ENOENT;
}

static const cruet_template_type request_type = {
	.size = sizeof request_type, .name = "request", .get = request_get};
static const cruet_template_object request_object = {&request_type, NULL};

/* --- session ------------------------------------------------------------------------------ */

static int session_get(cruet_ctx *c, void *self, const char *name, cruet_value *out)
{
	(void)self;
	if (!has_request(c))
		return CRUET_ENOENT;
	int before = cruet_err(c); /* of the error whose page this may be */
	const cruet_json *j = cruet_session_json(c, name);
	if (!j)
		return cruet_err(c) != before ? cruet_err(c) : CRUET_ENOENT;
	*out = cruet_value_json(j);
	return CRUET_OK;
}

static const cruet_template_type session_type = {
	.size = sizeof session_type, .name = "session", .get = session_get};
static const cruet_template_object session_object = {&session_type, NULL};

/* --- config: the settings of the application --------------------------------------------------- */

static int config_get(cruet_ctx *c, void *self, const char *name, cruet_value *out)
{
	const cruet_json *j = cruet_setting_json(self, name);

	(void)c;
	if (!j)
		return CRUET_ENOENT;
	*out = cruet_value_json(j);
	return CRUET_OK;
}

static const cruet_template_type config_type = {
	.size = sizeof config_type, .name = "config", .get = config_get};

/* --- url_for ------------------------------------------------------------------------------------- */

enum { PAIRS_MAX = 32 };

static bool truth(const cruet_value *v)
{
	switch (v->kind) {
	case CRUET_VALUE_UNDEFINED:
	case CRUET_VALUE_NONE:
		return false;
	case CRUET_VALUE_BOOL:
	case CRUET_VALUE_INT:
		return v->as.i;
	case CRUET_VALUE_REAL:
		return v->as.r != 0;
	case CRUET_VALUE_TEXT:
		return v->len;
	case CRUET_VALUE_JSON:
		return cruet_json_first(v->as.json);
	default:
		return true;
	}
}

/* Values of an address are texts; NULL leaves one out. */
static const char *as_text(cruet_ctx *c, const cruet_value *v)
{
	switch (v->kind) {
	case CRUET_VALUE_TEXT:
		return cruet_printf(c, "%.*s", (int)v->len, v->as.s);
	case CRUET_VALUE_INT:
		return cruet_number(c, v->as.i);
	case CRUET_VALUE_BOOL:
		return v->as.i ? "True" : "False";
	case CRUET_VALUE_REAL:
		return cruet_printf(c, "%.15g", v->as.r);
	default:
		return NULL;
	}
}

static int url_for(cruet_ctx *c, void *self, const cruet_value *args, const char *const *names,
		   size_t n, cruet_value *out)
{
	cruet_url_pair pairs[PAIRS_MAX];
	size_t npairs = 0;

	(void)self;
	if (!n || names[0] || args[0].kind != CRUET_VALUE_TEXT || n > PAIRS_MAX)
		return cruet_fail(c, 500, "url_for() takes the name of an endpoint and values by "
					  "name");
	for (size_t i = 1; i < n; i++) {
		if (!names[i])
			return cruet_fail(c, 500, "url_for() takes values by name");
		/* Python's True is what asks for a whole address */
		bool external = !strcmp(names[i], "_external");
		const char *value = as_text(c, &args[i]);
		if (external)
			value = truth(&args[i]) ? "1" : NULL;
		pairs[npairs++] = (cruet_url_pair){names[i], value};
	}
	const char *url = cruet_url_pairs(c, as_text(c, &args[0]), pairs, npairs);
	if (!url)
		return cruet_err(c) ? cruet_err(c) : CRUET_EINVAL;
	*out = cruet_value_text(url);
	return CRUET_OK;
}

static const cruet_template_type url_for_type = {
	.size = sizeof url_for_type, .name = "url_for", .call = url_for};
static const cruet_template_object url_for_object = {&url_for_type, NULL};

/* --- get_flashed_messages --------------------------------------------------------------------------- */

/* The filter as cruet_flashes() takes it: categories with commas. */
static const char *categories(cruet_ctx *c, const cruet_value *v)
{
	const char *all = NULL;

	if (v->kind == CRUET_VALUE_TEXT)
		return as_text(c, v);
	if (v->kind != CRUET_VALUE_JSON)
		return NULL;
	for (const cruet_json *j = cruet_json_first(v->as.json); j; j = cruet_json_next(j)) {
		const char *one = cruet_json_str(j, "");
		all = all ? cruet_printf(c, "%s,%s", all, one) : one;
	}
	return all;
}

static int flashed(cruet_ctx *c, void *self, const cruet_value *args, const char *const *names,
		   size_t n, cruet_value *out)
{
	bool with_categories = false;
	const char *only = NULL;

	(void)self;
	for (size_t i = 0; i < n; i++) {
		if (names[i] ? !strcmp(names[i], "with_categories") : i == 0)
			with_categories = truth(&args[i]);
		else if (names[i] ? !strcmp(names[i], "category_filter") : i == 1)
			only = categories(c, &args[i]);
		else
			return cruet_fail(c, 500, "get_flashed_messages() takes with_categories "
						  "and category_filter");
	}
	const cruet_json *all = cruet_flashes(c, only);
	cruet_json *list = cruet_array(c);
	if (!all || !list)
		return cruet_err(c) ? cruet_err(c) : CRUET_ENOMEM;
	for (const cruet_json *j = cruet_json_first(all); j; j = cruet_json_next(j)) {
		const cruet_json *message = cruet_json_get(j, "message");
		cruet_json *pair = with_categories ? cruet_push_array(list) : list;
		if (with_categories)
			cruet_push_json(pair, cruet_json_get(j, "category"));
		cruet_push_json(pair, message);
	}
	*out = cruet_value_json(list);
	return CRUET_OK;
}

static const cruet_template_type flashed_type = {
	.size = sizeof flashed_type, .name = "get_flashed_messages", .call = flashed};
static const cruet_template_object flashed_object = {&flashed_type, NULL};

bool site_globals(struct engine *e, cruet_app *app, cruet_template_object *config)
{
	*config = (cruet_template_object){&config_type, app};
	return engine_add_global(e, "request", cruet_value_host(&request_object)) &&
	       engine_add_global(e, "session", cruet_value_host(&session_object)) &&
	       engine_add_global(e, "config", cruet_value_host(config)) &&
	       engine_add_global(e, "url_for", cruet_value_host(&url_for_object)) &&
	       engine_add_global(e, "get_flashed_messages", cruet_value_host(&flashed_object));
}
