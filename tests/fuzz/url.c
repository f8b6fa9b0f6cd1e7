/* Routing: each line but the last is a rule (methods, path, defaults, subdomain and a
 * letter per flag, with TABs between them), the last is a request (method, path,
 * query, subdomain). Whatever the rules, an answer keeps its word: a redirect points
 * into this site and comes to an end, the methods of a 405 are those that would do,
 * and what one rule has matched it builds and matches again. */
#include "fuzz.h"

#include "app/router.h"
#include "base/text.h"
#include "cruet/error.h"

enum { RULES_MAX = 24, HOPS_MAX = 4 };

struct site {
	struct arena a;
	struct router *router;
	struct rule rules[RULES_MAX];
	size_t nrules;
	bool aliases; /* two of them may point to each other */
};

static uint32_t flags_of(const char *letters)
{
	uint32_t flags = RULE_STRICT_SLASHES;

	for (; letters && *letters; letters++)
		flags ^= *letters == 'l'   ? (uint32_t)RULE_STRICT_SLASHES
			 : *letters == 'k' ? (uint32_t)CRUET_KEEP_SLASHES
			 : *letters == 'b' ? (uint32_t)CRUET_BUILD_ONLY
			 : *letters == 'a' ? (uint32_t)RULE_ALIAS
			 : *letters == 'w' ? (uint32_t)RULE_WEBSOCKET
					   : 0;
	return flags;
}

static const char *word(char **line)
{
	char *s = *line ? cut_text(line, "\t") : NULL;
	return s && *s ? s : NULL;
}

static void add_rule(struct site *s, char *line)
{
	const char *why = NULL;
	struct rule *r = &s->rules[s->nrules];

	if (!utf8_valid(line, strlen(line))) /* what a program says is text */
		return;
	*r = (struct rule){.here = "here"};
	r->methods = word(&line);
	for (const char *m = r->methods; m && *m; m++)
		if (!is_token(*m) && *m != ',')
			return;
	r->path = word(&line);
	r->defaults = word(&line);
	if (r->defaults && strchr(r->defaults, '%')) /* could be what is no text */
		return;
	r->subdomain = word(&line);
	r->flags = flags_of(word(&line));
	r->endpoint = s->nrules % 4 ? "a" : "b";
	int err = router_add(s->router, r, NULL, NULL, NULL, &s->a, &why);
	CHECK(err == CRUET_OK || err == CRUET_EINVAL || err == CRUET_EEXIST);
	CHECK(!err == !why);
	if (err)
		CHECK(text_starts(why, "here: URL rule '"));
	else
		s->nrules++;
	s->aliases |= (r->flags & RULE_ALIAS) != 0;
}

/* As the front door lets it in. */
static bool passes_door(struct arena *a, const char *raw)
{
	size_t n = strlen(raw), len;

	if (*raw != '/' || !percent_valid(raw, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (raw[i] <= ' ' || raw[i] >= 0x7f || raw[i] == '?' || raw[i] == '#')
			return false;
	char *s = percent_decode(a, raw, n, false, &len);
	return strlen(s) == len && utf8_valid(s, len);
}

static bool is_host(const char *s)
{
	while (is_alnum(*s) || *s == '.' || *s == '-')
		s++;
	return !*s;
}

static bool is_listed(const char *allow, const char *method)
{
	size_t n = strlen(method);

	for (const char *p = allow; *p; p += *p == ' ') {
		size_t len = strcspn(p, ",");
		if (len == n && !memcmp(p, method, n))
			return true;
		p += len + (p[len] == ',');
	}
	return false;
}

static void check_args(const struct match *m)
{
	for (size_t i = 0; i < m->nargs; i++) {
		int64_t v;
		CHECK(m->args[i].name && m->args[i].value);
		CHECK(utf8_valid(m->args[i].value, strlen(m->args[i].value)));
		if (m->args[i].kind == ARG_INT)
			CHECK(text_int(m->args[i].value, &v) && v == m->args[i].number);
	}
}

/* In order, none twice. */
static void check_order(struct arena *a, const char *list)
{
	char *rest = arena_strdup(a, list), *last = cut_text(&rest, ",");

	while (rest) {
		char *next = cut_text(&rest, ",");
		CHECK(*next++ == ' ' && strcmp(last, next) < 0);
		last = next;
	}
}

static void check_methods(struct site *s, const struct lookup *q, const struct match *m)
{
	const char *allow = router_allowed(s->router, &s->a, NULL, q);

	if (m->kind == MATCH_METHOD) {
		CHECK(*m->allow && !is_listed(m->allow, q->method));
		CHECK(allow);
		check_order(&s->a, allow);
		char *rest = arena_strdup(&s->a, m->allow);
		while (rest) {
			const char *method = cut_text(&rest, ",");
			CHECK(is_listed(allow, method + (*method == ' ')));
		}
	}
	const char *methods = m->kind == MATCH_FOUND ? m->rule->methods : NULL;
	if (methods && strcmp(methods, "*") != 0)
		CHECK(allow && is_listed(allow, q->method));
}

/* An int of many digits, say, may be another rule's; so only where there is one. */
static void check_build(struct site *s, const struct lookup *q, const struct match *m)
{
	struct build_value values[64];
	struct build b = {.endpoint = m->rule->endpoint,
			  .values = values,
			  .method = q->method,
			  .bound_server = "example.com",
			  .bound_scheme = "http",
			  .bound_domain = q->domain,
			  .script_root = ""};
	const char *why = NULL;
	struct match again;

	if (m->rule->defaults) /* one of them may stand for a variable, fit or unfit */
		return;
	for (size_t i = 0; i < m->nargs; i++) {
		values[b.nvalues++] = (struct build_value){m->args[i].name, m->args[i].value};
		if (strchr(m->args[i].value, '/')) /* a slash of %2F is written as one */
			return;
	}
	const char *url = router_build(s->router, &s->a, NULL, &b, &why);
	CHECK(url && !why);
	if (*url != '/') /* a subdomain that came from defaults */
		return;
	CHECK(passes_door(&s->a, url));
	struct lookup back = *q;
	back.raw_path = url;
	CHECK(router_match(s->router, &s->a, NULL, &back, &again) == CRUET_OK);
	CHECK(again.kind == MATCH_FOUND && again.nargs == m->nargs);
	for (size_t i = 0; i < m->nargs; i++)
		CHECK(!strcmp(again.args[i].value, m->args[i].value));
}

static void ask(struct site *s, struct lookup *q, int hops)
{
	struct match m;

	CHECK(router_match(s->router, &s->a, NULL, q, &m) == CRUET_OK);
	check_methods(s, q, &m);
	switch (m.kind) {
	case MATCH_FOUND:
		check_args(&m);
		if (s->nrules == 1)
			check_build(s, q, &m);
		break;
	case MATCH_REDIRECT: {
		CHECK(m.location[0] == '/' && m.location[1] != '/');
		struct cut in = {m.location, strlen(m.location)};
		struct lookup next = *q;
		next.raw_path = cut_at(&in, &s->a, '?');
		CHECK(passes_door(&s->a, next.raw_path));
		CHECK(in.left == strlen(q->query) && !memcmp(in.p, q->query, in.left));
		if (m.domain)
			next.domain = m.domain;
		CHECK(hops < HOPS_MAX || s->aliases);
		if (hops < HOPS_MAX)
			ask(s, &next, hops + 1);
		break;
	}
	case MATCH_NONE:
	case MATCH_METHOD:
	case MATCH_WEBSOCKET:
		CHECK(!m.nargs);
		break;
	}
}

static void ask_line(struct site *s, char *line)
{
	struct lookup q = {.method = word(&line)};
	q.raw_path = word(&line);
	const char *query = word(&line);
	const char *domain = word(&line);

	q.query = query && !strpbrk(query, "# ") ? query : "";
	q.domain = domain && is_host(domain) ? domain : "";
	q.websocket = line != NULL;
	if (q.method && q.raw_path && passes_door(&s->a, q.raw_path))
		ask(s, &q, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct router_opts opts = {.redirect_defaults = true, .merge_slashes = true};
	struct cut in = cut_of(data, size);
	struct site s = {.router = router_new(&opts)};
	const char *why = NULL;
	char *line, *last = NULL;

	CHECK(s.router);
	arena_init(&s.a, 16384);
	while ((line = cut_at(&in, &s.a, '\n'))) {
		if (last && s.nrules < RULES_MAX)
			add_rule(&s, last);
		last = line;
	}
	CHECK(router_compile(s.router, &s.a, &why) == CRUET_OK && !why);
	if (last)
		ask_line(&s, last);
	router_free(s.router);
	arena_fini(&s.a);
	return 0;
}
