/* cruet routes --match: the router itself is asked, once with all rules, and once for each
 * rule with that rule alone. */
#include "cli/routes_match.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "app/dispatch.h"
#include "base/buf.h"
#include "cli/json_out.h"
#include "cli/site.h"
#include "cli/table.h"

struct question {
	struct site *s;
	const struct routes *routes;
	struct cmdline *c;
	struct arena *a;
	cruet_ctx *ctx; /* for converters */
	const char *method, *target;
	struct lookup q;
	struct match answer;
};

/* --- what is asked -------------------------------------------------------------------- */

static int misread(struct question *k, const char *request, const char *why)
{
	return cli_misused(k->c->command->name, "option --match \"%s\": %s", request, why);
}

/* "GET /a/b", or a path alone. */
static bool split(struct question *k, const char *request)
{
	const char *space = strchr(request, ' ');
	char *method = arena_strndup(k->a, request, space ? (size_t)(space - request) : 0);

	k->target = space ? space + 1 + strspn(space + 1, " ") : request;
	k->method = space ? method : "GET";
	k->q.websocket = method && !strcmp(k->method, "WS");
	return method;
}

/* The front door looks at it as at any request. */
static int read_request(struct question *k, const char *request)
{
	static const char form[] = "expected a method and a path, such as \"GET /notes/7\"";
	const struct server_settings *set = &k->s->app->host->settings;
	const cruet_field host = {"Host", set->name ? set->name : "localhost"};
	const char *why = NULL;
	struct door d;

	if (!split(k, request))
		return cli_fail("out of memory");
	const cruet_head head = {.size = sizeof head,
				 .minor = 1,
				 .method = k->q.websocket ? "GET" : k->method,
				 .target = k->target,
				 .fields = &host,
				 .nfields = 1,
				 .peer = "127.0.0.1",
				 .scheme = "http"};
	if (*k->target != '/' && !strstr(k->target, "://"))
		return misread(k, request, form);
	if (front_door(k->a, &head, 0, NULL, &d, &why))
		return misread(k, request, why ? why : form);
	k->q.method = head.method;
	k->q.raw_path = d.raw_path;
	k->q.plain = d.plain;
	k->q.query = d.query;
	k->q.domain = target_domain(set, d.host, k->a);
	return k->q.domain ? EXIT_DONE : cli_fail("out of memory");
}

/* --- in words ------------------------------------------------------------------------- */

/* What stands in front of it fits. A rule that ends with a slash has "" behind that. */
static const char *path_reason(const struct verdict *v, struct arena *a)
{
	if (!v->part || !*v->part)
		return arena_printf(a, "the rule ends before \"%s\"", v->piece ? v->piece : "");
	if (!v->piece)
		return arena_printf(a, "the path ends before \"%s\"", v->part);
	return arena_printf(a, "\"%s\" is not %s", v->piece,
			    strchr(v->part, '<') ? v->part : arena_printf(a, "\"%s\"", v->part));
}

/* NULL: out of memory. */
static const char *reason(const struct question *k, const struct rule *rule,
			  const struct verdict *v)
{
	bool first = k->answer.kind == MATCH_FOUND && k->answer.rule == rule;

	switch (v->kind) {
	case VERDICT_TAKES:
		return first ? "it answers" : "it would match, but another rule is found before";
	case VERDICT_REDIRECTS:
		return arena_printf(k->a, "it redirects to %s", v->match.location);
	case VERDICT_METHOD:
		return arena_printf(k->a, "the path fits, the method does not: %s",
				    v->match.allow);
	case VERDICT_WEBSOCKET:
		return k->q.websocket ? "the path fits, but it is no WebSocket"
				      : "the path fits, but it is a WebSocket";
	case VERDICT_DOMAIN:
		return *routes_domain(rule)
			       ? arena_printf(k->a, "\"%s\" is not its domain", k->q.domain)
			       : "it is of the site itself, not of a domain";
	case VERDICT_PATH:
		return path_reason(v, k->a);
	case VERDICT_NEVER:
		break;
	}
	return "it is there to build URLs alone";
}

/* "a.show, id = 7", "404", ...; NULL: out of memory. */
static const char *answer_text(const struct question *k)
{
	const struct match *m = &k->answer;
	struct buf b;

	buf_init(&b, k->a, 0);
	if (m->kind == MATCH_FOUND)
		buf_printf(&b, "%s", m->rule->endpoint);
	for (size_t i = 0; m->kind == MATCH_FOUND && i < m->nargs; i++)
		buf_printf(&b, ", %s = \"%s\"", m->args[i].name, m->args[i].value);
	if (m->kind == MATCH_REDIRECT)
		buf_printf(&b, "308 to %s", m->location);
	if (m->kind == MATCH_METHOD)
		buf_printf(&b, "405, Allow: %s", m->allow);
	if (m->kind == MATCH_WEBSOCKET)
		buf_str(&b, k->q.websocket ? "400, it is no WebSocket" : "400, it is a WebSocket");
	if (m->kind == MATCH_NONE)
		buf_str(&b, "404");
	return buf_err(&b) ? NULL : b.p;
}

static const char *mark(const struct question *k, const struct rule *rule, const struct verdict *v)
{
	if (v->kind != VERDICT_TAKES && v->kind != VERDICT_REDIRECTS)
		return "no";
	return k->answer.kind == MATCH_FOUND && k->answer.rule != rule ? "late" : "yes";
}

static int print(const struct question *k)
{
	const char *answer = answer_text(k);
	const struct rule *rule;
	struct table t;

	table_init(&t, k->a, 6);
	table_row(&t, "MATCH", "METHODS", "RULE", "ENDPOINT", "WHERE", "WHY");
	for (size_t i = 0; (rule = routes_next(k->routes, &i));) {
		struct verdict v;
		int err = router_explain(k->routes->router, k->a, k->ctx, rule, &k->q, &v);
		const char *why = err ? NULL : reason(k, rule, &v);
		t.failed |= !why;
		if (why)
			table_row(&t, mark(k, rule, &v), routes_methods(rule), rule->path,
				  rule->endpoint, rule->here, why);
	}
	if (!answer || table_print(&t, "", stdout))
		return cli_fail("out of memory");
	printf("\n%s %s: %s\n", k->method, k->target, answer);
	return EXIT_DONE;
}

/* --- for programs --------------------------------------------------------------------- */

static const char *const answer_words[] = {[MATCH_FOUND] = "found",
					   [MATCH_REDIRECT] = "redirect",
					   [MATCH_NONE] = "not_found",
					   [MATCH_METHOD] = "method",
					   [MATCH_WEBSOCKET] = "websocket"};
static const char *const verdict_words[] = {
	[VERDICT_TAKES] = "takes",	  [VERDICT_REDIRECTS] = "redirects",
	[VERDICT_METHOD] = "method",	  [VERDICT_WEBSOCKET] = "websocket",
	[VERDICT_DOMAIN] = "domain",	  [VERDICT_PATH] = "path",
	[VERDICT_NEVER] = "never"};

static void add_answer(cJSON *to, const struct question *k, bool *ok)
{
	cJSON *out = cJSON_CreateObject(), *args = cJSON_CreateObject();
	const struct match *m = &k->answer;

	json_add_text(to, "method", k->method, ok);
	json_add_text(to, "path", k->target, ok);
	for (size_t i = 0; args && m->kind == MATCH_FOUND && i < m->nargs; i++)
		json_add_text(args, m->args[i].name, m->args[i].value, ok);
	if (out) {
		json_add_text(out, "kind", answer_words[m->kind], ok);
		json_add_text(out, "endpoint", m->rule ? m->rule->endpoint : NULL, ok);
		json_add_text(out, "location", m->location, ok);
		json_add_text(out, "allow", m->allow, ok);
		json_add(out, "arguments", args, ok);
	} else {
		cJSON_Delete(args);
	}
	json_add(to, "answer", out, ok);
}

static cJSON *verdict_json(const struct question *k, const struct rule *rule, bool *ok)
{
	struct verdict v;
	int err = router_explain(k->routes->router, k->a, k->ctx, rule, &k->q, &v);
	const char *why = err ? NULL : reason(k, rule, &v);
	cJSON *out = why ? routes_rule_json(rule, ok) : NULL;

	if (!out)
		return NULL;
	json_add_text(out, "match", mark(k, rule, &v), ok);
	json_add_text(out, "verdict", verdict_words[v.kind], ok);
	json_add_text(out, "part", v.part, ok);
	json_add_text(out, "piece", v.piece, ok);
	json_add_text(out, "why", why, ok);
	return out;
}

static int print_json(const struct question *k)
{
	cJSON *out = cJSON_CreateObject(), *rules = cJSON_CreateArray();
	const struct rule *rule;
	bool ok = out && rules;

	if (ok)
		add_answer(out, k, &ok);
	for (size_t i = 0; ok && (rule = routes_next(k->routes, &i));)
		json_push(rules, verdict_json(k, rule, &ok), &ok);
	if (out)
		json_add(out, "rules", rules, &ok);
	ok = ok && !json_print(out, k->a);
	cJSON_Delete(out);
	return ok ? EXIT_DONE : cli_fail("out of memory");
}

/* --- the whole ------------------------------------------------------------------------ */

int routes_match(struct site *s, const struct routes *r, const char *request, bool json,
		 struct cmdline *c)
{
	struct question k = {.s = s, .routes = r, .c = c, .a = &c->arena};
	int code = read_request(&k, request);

	if (code)
		return code;
	k.ctx = site_ctx(s);
	if (!k.ctx || router_match(r->router, k.a, k.ctx, &k.q, &k.answer))
		code = cli_fail("out of memory");
	if (!code)
		code = json ? print_json(&k) : print(&k);
	if (k.ctx)
		ctx_close(k.ctx);
	if (code)
		return code;
	return k.answer.kind == MATCH_FOUND || k.answer.kind == MATCH_REDIRECT ? EXIT_DONE
									       : EXIT_FAILED;
}
