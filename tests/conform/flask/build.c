/* From the data of an application to the application. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

extern const cruet_plugin cruet_plugin_session;

/* --- configuration -------------------------------------------------------------------- */

static char *as_text(const cJSON *v)
{
	if (cJSON_IsString(v))
		return strdup(v->valuestring);
	if (cJSON_IsArray(v) && cJSON_IsString(v->child)) {
		size_t n = 0, cap = 4096;
		char *all = calloc(1, cap);
		const cJSON *one;
		cJSON_ArrayForEach(one, v)
			n += (size_t)snprintf(all + n, n < cap ? cap - n : 0, "%s%s",
					      n ? "," : "", one->valuestring);
		return all;
	}
	return cJSON_PrintUnformatted(v);
}

/* key: of the data; name: of the setting; suffix: its unit. */
static void setting(struct flask *f, const cJSON *config, const char *key, const char *name,
		    const char *suffix)
{
	const cJSON *v = member(config, key);
	char text[4200];

	if (!v || cJSON_IsNull(v))
		return;
	char *value = as_text(v);
	snprintf(text, sizeof text, "%s%s", value, suffix);
	cruet_set(f->app, name, text);
	free(value);
}

static void configure(struct flask *f, const cJSON *config)
{
	static const char *const names[][3] = {
		{"secret_key", "secret_key", ""},
		{"max_content_length", "server.body_max", ""},
		{"max_form_memory_size", "server.field_max", ""},
		{"max_form_parts", "server.fields_max", ""},
		{"trusted_hosts", "server.trusted_hosts", ""},
		{"server_name", "server.name", ""},
		{"application_root", "server.root", ""},
		{"preferred_url_scheme", "server.scheme", ""},
		{"subdomain_matching", "server.subdomains", ""},
		{"host_matching", "server.host_matching", ""},
		{"provide_automatic_options", "server.auto_options", ""},
		{"send_file_max_age_default", "server.file_max_age", "s"},
	};
	static const char *const proxies[][2] = {
		{"x_for", "server.proxy_for"},     {"x_proto", "server.proxy_proto"},
		{"x_host", "server.proxy_host"},   {"x_port", "server.proxy_port"},
		{"x_prefix", "server.proxy_prefix"},
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		setting(f, config, names[i][0], names[i][1], names[i][2]);
	for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
		setting(f, member(config, "proxyfix"), proxies[i][0], proxies[i][1], "");
}

static void option(char *all, size_t cap, const char *name, const cJSON *v, const char *suffix)
{
	if (!v || cJSON_IsNull(v))
		return;
	char *text = as_text(v);
	for (char *p = text; *p && !strcmp(name, "same_site"); p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	size_t n = strlen(all);
	snprintf(all + n, cap - n, "%s=%s%s\n", name, text, suffix);
	free(text);
}

static void use_session(struct flask *f, const cJSON *config)
{
	static const char *const names[][3] = {
		{"session_cookie_name", "name", ""},
		{"session_cookie_domain", "domain", ""},
		{"session_cookie_path", "path", ""},
		{"session_cookie_httponly", "http_only", ""},
		{"session_cookie_samesite", "same_site", ""},
		{"session_cookie_partitioned", "partitioned", ""},
		{"session_refresh_each_request", "refresh", ""},
		{"permanent_session_lifetime", "lifetime", "s"},
	};
	char all[2048] = "";

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		option(all, sizeof all, names[i][1], member(config, names[i][0]), names[i][2]);
	if (cJSON_IsTrue(member(config, "session_cookie_secure")))
		strcat(all, "secure=always\n");
	cruet_use_static(f->app, &cruet_plugin_session, all);
}

/* --- kinds of errors --------------------------------------------------------------------- */

static cruet_errtype *kind_named(struct flask *f, const char *name)
{
	for (size_t i = 0; name && i < f->nkinds; i++)
		if (!strcmp(f->kinds[i].name, name))
			return &f->kinds[i];
	return NULL;
}

static void make_kinds(struct flask *f)
{
	const cJSON *all = member(f->data, "errors"), *v;

	f->kinds = calloc((size_t)cJSON_GetArraySize(all) + 1, sizeof *f->kinds);
	cJSON_ArrayForEach(v, all)
		f->kinds[f->nkinds++] = (cruet_errtype){.size = sizeof *f->kinds, .http = 500,
							.name = v->string};
	cJSON_ArrayForEach(v, all)
		kind_named(f, v->string)->parent = kind_named(f, cJSON_GetStringValue(v));
}

/* --- hooks, handlers, routes --------------------------------------------------------------- */

/* Each list of steps of an array, registered with add on scope. */
#define EACH(f, list, scope, call, slot)                                                 \
	do {                                                                             \
		const cJSON *one_;                                                       \
		cJSON_ArrayForEach(one_, list)                                           \
			call(scope, slot(&(struct doing){.flask = f, .steps = one_}));   \
	} while (0)

static void add_handlers(struct flask *f, cruet_app *scope, const cJSON *list)
{
	const cJSON *h;

	cJSON_ArrayForEach(h, list)
	{
		const cJSON *what = member(h, "for");
		cruet_fn *fn = slot_fn(&(struct doing){.flask = f, .steps = member(h, "do"),
						       .handles = what});
		const char *name = cJSON_GetStringValue(what);
		if (cJSON_IsNumber(what))
			cruet_on_error(scope, what->valueint, fn);
		else if (!strcmp(name, "HTTPException"))
			cruet_on_error(scope, 0, fn);
		else if (!strcmp(name, "Exception"))
			cruet_on_kind(scope, NULL, fn);
		else
			cruet_on_kind(scope, kind_named(f, name), fn);
	}
}

static int view(cruet_ctx *c)
{
	return steps_run(c, cruet_data(c), false);
}

/* {"page": 1} as "page=1". */
static void defaults_text(const cJSON *defaults, char *out, size_t cap)
{
	const cJSON *v;

	*out = '\0';
	cJSON_ArrayForEach(v, defaults)
	{
		char *text = as_text(v);
		size_t n = strlen(out);
		snprintf(out + n, cap - n, "%s%s=%s", n ? "&" : "", v->string, text);
		free(text);
	}
}

static void methods_text(const cJSON *methods, char *out, size_t cap)
{
	const cJSON *v;

	*out = '\0';
	cJSON_ArrayForEach(v, methods)
	{
		size_t n = strlen(out);
		snprintf(out + n, cap - n, "%s%s", n ? "," : "", v->valuestring);
	}
}

/* Routes that share an endpoint share the first one's steps. */
static const cJSON *steps_of(const cJSON *routes, const cJSON *route)
{
	const cJSON *r;

	cJSON_ArrayForEach(r, routes)
		if (!strcmp(text_of(r, "endpoint"), text_of(route, "endpoint")))
			return member(r, "do");
	return NULL;
}

static void add_routes(struct flask *f, cruet_app *scope, const cJSON *routes)
{
	char methods[256], defaults[1024];
	const cJSON *r;

	cJSON_ArrayForEach(r, routes)
	{
		struct doing *d = calloc(1, sizeof *d);
		*d = (struct doing){.flask = f, .steps = steps_of(routes, r), .route = r};
		methods_text(member(r, "methods"), methods, sizeof methods);
		defaults_text(member(r, "defaults"), defaults, sizeof defaults);
		cruet_rule rule = {
			.size = sizeof rule,
			.methods = methods[0] ? methods : "GET",
			.path = text_of(r, "rule"),
			.name = text_of(r, "endpoint"),
			.fn = view,
			.data = d,
			.here = text_of(r, "rule"),
			.defaults = defaults[0] ? defaults : NULL,
			.subdomain = text_of(r, "subdomain"),
			.host = text_of(r, "host"),
			/* Requests of the cases are no browser's. */
			.flags = CRUET_ANY_ORIGIN,
		};
		if (cJSON_IsFalse(member(r, "strict_slashes")))
			rule.flags |= CRUET_LOOSE_SLASH;
		if (cJSON_IsFalse(member(r, "merge_slashes")))
			rule.flags |= CRUET_KEEP_SLASHES;
		if (cJSON_IsFalse(member(r, "provide_automatic_options")))
			rule.flags |= CRUET_NO_OPTIONS;
		cruet_route(scope, &rule);
	}
}

static void add_static(struct flask *f, cruet_app *scope, const cJSON *from)
{
	const char *folder = text_of(from, "static_folder");
	const char *url = text_of(from, "static_url_path");
	char path[4096], prefix[512];

	if (!folder)
		return;
	snprintf(path, sizeof path, "%s/%s", f->root, folder);
	if (url)
		snprintf(prefix, sizeof prefix, "%s", url);
	else
		snprintf(prefix, sizeof prefix, "/%s",
			 strrchr(folder, '/') ? strrchr(folder, '/') + 1 : folder);
	cruet_static(scope, prefix, path, NULL);
}

static void add_scope(struct flask *f, cruet_app *scope, const cJSON *from, const cJSON *statics)
{
	add_static(f, scope, statics);
	add_routes(f, scope, member(from, "routes"));
	EACH(f, member(from, "before"), scope, cruet_before, slot_fn);
	EACH(f, member(from, "after"), scope, cruet_after, slot_after);
	EACH(f, member(from, "teardown"), scope, cruet_teardown, slot_end);
	EACH(f, member(from, "url_value_preprocessors"), scope, cruet_on_match, slot_match);
	EACH(f, member(from, "url_defaults"), scope, cruet_url_defaults, slot_url);
	add_handlers(f, scope, member(from, "errorhandlers"));
}

static void add_blueprints(struct flask *f, cruet_app *parent, const cJSON *list)
{
	char defaults[1024];
	const cJSON *b;

	cJSON_ArrayForEach(b, list)
	{
		cruet_app *scope = cruet_blueprint(parent, text_of(b, "name"),
						   text_of(b, "url_prefix"));
		cruet_app *all = cruet_outermost(parent);
		if (text_of(b, "subdomain"))
			cruet_subdomain(scope, text_of(b, "subdomain"));
		defaults_text(member(b, "defaults"), defaults, sizeof defaults);
		if (defaults[0])
			cruet_defaults(scope, defaults);
		add_scope(f, scope, b, b);
		EACH(f, member(b, "before_app"), all, cruet_before, slot_fn);
		EACH(f, member(b, "after_app"), all, cruet_after, slot_after);
		EACH(f, member(b, "teardown_app"), all, cruet_teardown, slot_end);
		add_handlers(f, all, member(b, "app_errorhandlers"));
		add_blueprints(f, scope, member(b, "blueprints"));
	}
}

/* --- the trace ------------------------------------------------------------------------------ */

static const cruet_key flask_key = {"flask"};

void trace_add(struct flask *f, const char *word)
{
	pthread_mutex_lock(&f->lock);
	if (f->ntrace < TRACE_MAX)
		f->trace[f->ntrace++] = strdup(word);
	pthread_mutex_unlock(&f->lock);
}

bool is_trace(cruet_ctx *c)
{
	return cruet_g_get(c, &flask_key) != NULL;
}

static void drop_trace(struct flask *f)
{
	while (f->ntrace)
		free(f->trace[--f->ntrace]);
}

int trace_answer(cruet_ctx *c, struct flask *f)
{
	if (strcmp(cruet_path(c), "/__trace") != 0 || strcmp(cruet_method(c), "GET") != 0)
		return CRUET_OK;
	cruet_json *list = cruet_array(c);
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->ntrace; i++)
		cruet_push_str(list, f->trace[i]);
	drop_trace(f);
	pthread_mutex_unlock(&f->lock);
	int err = cruet_g_set(c, &flask_key, f, NULL);
	return err ? err : cruet_jsonify(c, list);
}

/* --- the whole ------------------------------------------------------------------------------- */

struct flask *flask_build(const cJSON *data)
{
	struct flask *f = calloc(1, sizeof *f);
	const cJSON *config = member(data, "config");

	*f = (struct flask){.app = cruet_new(text_of(data, "name")), .data = data,
			    .root = text_of(data, "root")};
	pthread_mutex_init(&f->lock, NULL);
	make_kinds(f);
	configure(f, config);
	cruet_before(f->app, slot_fn(&(struct doing){.flask = f}));
	use_session(f, config);
	add_scope(f, f->app, data, config);
	add_blueprints(f, f->app, member(data, "blueprints"));
	if (!cruet_problem(f->app))
		return f;
	fprintf(stderr, "%s: %s\n", text_of(data, "name"), cruet_problem(f->app));
	return NULL;
}
