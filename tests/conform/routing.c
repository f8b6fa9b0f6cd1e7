/* The router alone, behind the line protocol of the routing cases: one JSON
 * object a line in (rules, map, bind, op, ...), one JSON answer a line out. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/router.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "http/json_read.h"

static struct arena mem;

static const char *str(const cJSON *o, const char *k, const char *def)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, k);
	return cJSON_IsString(v) ? v->valuestring : def;
}

static bool flag(const cJSON *o, const char *k, bool def)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, k);
	return cJSON_IsBool(v) ? cJSON_IsTrue(v) : def;
}

/* A value as cruet_url() would get it: text; NULL for null. */
static const char *as_text(const cJSON *v)
{
	struct buf b;
	if (cJSON_IsString(v))
		return v->valuestring;
	if (cJSON_IsNull(v))
		return NULL;
	if (cJSON_IsBool(v))
		return cJSON_IsTrue(v) ? "True" : "False";
	buf_init(&b, &mem, 0);
	json_write(&b, v, 0);
	return b.p;
}

static const char *methods_of(const cJSON *list)
{
	struct buf b;
	const cJSON *m;
	if (!cJSON_IsArray(list))
		return "*";
	buf_init(&b, &mem, 0);
	cJSON_ArrayForEach(m, list)
	{
		buf_printf(&b, "%s", b.len ? "," : "");
		for (const char *p = m->valuestring; *p; p++)
			buf_char(&b, is_lower(*p) ? (char)(*p - 32) : *p);
	}
	return b.p;
}

static const char *defaults_of(const cJSON *o)
{
	struct buf b;
	const cJSON *v;
	if (!cJSON_IsObject(o))
		return NULL;
	buf_init(&b, &mem, 0);
	cJSON_ArrayForEach(v, o)
	{
		const char *text = as_text(v);
		buf_printf(&b, "%s%s=", b.len ? "&" : "", v->string);
		percent_encode(&b, text ? text : "None", strlen(text ? text : "None"), "", true);
	}
	return b.p;
}

static int add_rules(struct router *r, const cJSON *in, const char **why)
{
	const cJSON *map = cJSON_GetObjectItemCaseSensitive(in, "map"), *o;
	cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(in, "rules"))
	{
		struct rule rule = {
			.path = str(o, "rule", NULL),
			.methods = methods_of(cJSON_GetObjectItemCaseSensitive(o, "methods")),
			.endpoint = str(o, "endpoint", ""),
			.defaults = defaults_of(cJSON_GetObjectItemCaseSensitive(o, "defaults")),
			.subdomain = str(o, "subdomain", NULL),
			.host = str(o, "host", NULL),
			.target = o,
		};
		if (flag(o, "strict_slashes", flag(map, "strict_slashes", true)))
			rule.flags |= RULE_STRICT_SLASHES;
		if (!flag(o, "merge_slashes", flag(map, "merge_slashes", true)))
			rule.flags |= CRUET_KEEP_SLASHES;
		if (flag(o, "build_only", false))
			rule.flags |= CRUET_BUILD_ONLY;
		if (flag(o, "alias", false))
			rule.flags |= RULE_ALIAS;
		if (flag(o, "websocket", false))
			rule.flags |= RULE_WEBSOCKET;
		if (!rule.subdomain)
			rule.subdomain = str(map, "default_subdomain", NULL);
		int err = router_add(r, &rule, NULL, NULL, NULL, &mem, why);
		if (err)
			return err;
	}
	return router_compile(r, &mem, why);
}

struct bound {
	const char *server, *script, *subdomain, *scheme, *domain;
};

static const char *root_of(const struct bound *b)
{
	size_t n = strlen(b->script);
	while (n && b->script[n - 1] == '/')
		n--;
	return arena_strndup(&mem, b->script, n);
}

static const char *host_of(const struct bound *b, const char *domain, bool hosts)
{
	if (hosts)
		return domain && *domain ? domain : b->server;
	if (!domain)
		domain = b->subdomain;
	return *domain ? arena_printf(&mem, "%s.%s", domain, b->server) : b->server;
}

static cJSON *error(const char *why)
{
	cJSON *out = cJSON_CreateObject();
	cJSON_AddStringToObject(out, "error", why ? why : "error");
	return out;
}

static void add_arg(cJSON *args, const struct match *m, const struct arg *a)
{
	const cJSON *rule = m->rule->target;
	const cJSON *defaults = cJSON_GetObjectItemCaseSensitive(rule, "defaults");
	const cJSON *def = cJSON_GetObjectItemCaseSensitive(defaults, a->name);
	char raw[40];
	if (def) {
		cJSON_AddItemToObject(args, a->name, cJSON_Duplicate(def, 1));
	} else if (a->kind == ARG_INT) {
		snprintf(raw, sizeof raw, "%lld", (long long)a->number);
		cJSON_AddRawToObject(args, a->name, raw);
	} else if (a->kind == ARG_REAL) {
		cJSON_AddRawToObject(args, a->name, a->value);
	} else {
		cJSON_AddStringToObject(args, a->name, a->value);
	}
}

/* The query, given as text or as an object. */
static const char *query_of(const cJSON *in, const cJSON *bind)
{
	const cJSON *q = cJSON_GetObjectItemCaseSensitive(in, "query");
	if (!q)
		q = cJSON_GetObjectItemCaseSensitive(bind, "query_args");
	if (cJSON_IsString(q))
		return q->valuestring;
	const char *pairs = defaults_of(q);
	return pairs ? pairs : "";
}

static cJSON *do_match(struct router *r, const cJSON *in, const struct bound *b, bool hosts)
{
	const cJSON *bind = cJSON_GetObjectItemCaseSensitive(in, "bind");
	struct lookup q = {
		.method = str(in, "method", "GET"),
		.raw_path = str(in, "raw_path", str(in, "path", "")),
		.query = query_of(in, bind),
		.domain = b->domain,
		.websocket = flag(in, "websocket", false),
	};
	struct match m;
	cJSON *out = cJSON_CreateObject();

	if (router_match(r, &mem, NULL, &q, &m))
		return error("out of memory");
	switch (m.kind) {
	case MATCH_FOUND: {
		cJSON_AddStringToObject(out, "endpoint", m.rule->endpoint);
		cJSON *args = cJSON_AddObjectToObject(out, "args");
		for (size_t i = 0; i < m.nargs; i++)
			add_arg(args, &m, &m.args[i]);
		break;
	}
	case MATCH_REDIRECT:
		cJSON_AddStringToObject(out, "redirect",
					arena_printf(&mem, "%s://%s%s%s", b->scheme,
						     host_of(b, m.domain, hosts), root_of(b),
						     m.location));
		cJSON_AddNumberToObject(out, "code", 308);
		break;
	case MATCH_METHOD: {
		cJSON_AddNumberToObject(out, "status", 405);
		cJSON *list = cJSON_AddArrayToObject(out, "allow");
		for (const char *p = m.allow; *p;) {
			size_t n = strcspn(p, ",");
			cJSON_AddItemToArray(list, cJSON_CreateString(arena_strndup(&mem, p, n)));
			p += n + strspn(p + n, ", ");
		}
		break;
	}
	case MATCH_WEBSOCKET:
		cJSON_AddNumberToObject(out, "status", 400);
		break;
	default:
		cJSON_AddNumberToObject(out, "status", 404);
	}
	return out;
}

static cJSON *do_build(struct router *r, const cJSON *in, const struct bound *b)
{
	static struct build_value values[4096];
	const cJSON *v, *one;
	size_t n = 0;
	cJSON_ArrayForEach(v, cJSON_GetObjectItemCaseSensitive(in, "values"))
	{
		if (n == sizeof values / sizeof *values)
			break;
		if (cJSON_IsArray(v)) {
			cJSON_ArrayForEach(one, v) if (n < sizeof values / sizeof *values)
				values[n++] = (struct build_value){v->string, as_text(one)};
		} else {
			values[n++] = (struct build_value){v->string, as_text(v)};
		}
	}
	struct build what = {
		.endpoint = str(in, "endpoint", ""),
		.values = values,
		.nvalues = n,
		.method = str(in, "method", NULL),
		.scheme = NULL,
		.external = flag(in, "force_external", false),
		.no_extra = !flag(in, "append_unknown", true),
		.bound_server = b->server,
		.bound_scheme = str(in, "url_scheme", b->scheme),
		.bound_domain = b->domain,
		.script_root = b->script,
	};
	const char *why = NULL, *url = router_build(r, &mem, NULL, &what, &why);
	if (!url)
		return error(why);
	cJSON *out = cJSON_CreateObject();
	cJSON_AddStringToObject(out, "url", url);
	return out;
}

static cJSON *answer(const cJSON *in)
{
	const cJSON *map = cJSON_GetObjectItemCaseSensitive(in, "map");
	const cJSON *bind = cJSON_GetObjectItemCaseSensitive(in, "bind");
	struct router_opts opts = {
		.host_matching = flag(map, "host_matching", false),
		.redirect_defaults = flag(map, "redirect_defaults", true),
		.merge_slashes = true,
		.sort_query = flag(map, "sort_parameters", false),
	};
	struct bound b = {
		.server = str(bind, "server_name", "example.org"),
		.script = str(bind, "script_name", "/"),
		.subdomain = str(bind, "subdomain", str(map, "default_subdomain", "")),
		.scheme = str(bind, "url_scheme", "http"),
	};
	b.domain = opts.host_matching ? b.server : b.subdomain;
	struct router *r = router_new(&opts);
	const char *why = NULL;
	cJSON *out;
	if (add_rules(r, in, &why))
		out = error(why);
	else if (!strcmp(str(in, "op", "match"), "build"))
		out = do_build(r, in, &b);
	else
		out = do_match(r, in, &b, opts.host_matching);
	router_free(r);
	return out;
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	arena_init(&mem, 65536);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		cJSON *in = cJSON_ParseWithLength(line, (size_t)n);
		cJSON *out = in ? answer(in) : error("no JSON");
		char *text = cJSON_PrintUnformatted(out);
		puts(text);
		fflush(stdout);
		free(text);
		cJSON_Delete(out);
		cJSON_Delete(in);
		arena_reset(&mem);
	}
	free(line);
	arena_fini(&mem);
	return 0;
}
