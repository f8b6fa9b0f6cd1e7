/* cruet_url(c, "endpoint", ...) in the sources, and options of plugins that name endpoints:
 * each of these should have a rule. The text is read as a compiler sees it, without comments;
 * names that are no literals are not looked at. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "app/generation.h"
#include "app/option.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cli/checkup.h"
#include "cli/report.h"
#include "cli/routes.h"
#include "plugin/registry.h"

enum { SOURCE_MAX = 4 << 20, FILES_MAX = 512, NAMES_MAX = 1024 };

struct source {
	struct checkup *k;
	const char *file; /* as it is shown */
	const char *p, *end;
	unsigned line;
};

/* --- reading C -------------------------------------------------------------------------- */

static bool at(const struct source *s, const char *text)
{
	size_t n = strlen(text);
	return (size_t)(s->end - s->p) >= n && !memcmp(s->p, text, n);
}

static void skip_quoted(struct source *s, char quote)
{
	for (s->p++; s->p < s->end && *s->p != quote && *s->p != '\n'; s->p++)
		s->p += *s->p == '\\' && s->p + 1 < s->end;
	s->p += s->p < s->end && *s->p == quote;
}

static void skip_line(struct source *s)
{
	while (s->p < s->end && *s->p != '\n')
		s->p++;
}

static void skip_comment(struct source *s)
{
	for (s->p += 2; s->p < s->end && !at(s, "*/"); s->p++)
		s->line += *s->p == '\n';
	s->p += s->p < s->end ? 2 : 0;
}

/* White space and comments. */
static void skip_space(struct source *s)
{
	while (s->p < s->end) {
		if (at(s, "/*")) {
			skip_comment(s);
		} else if (at(s, "//")) {
			skip_line(s);
		} else if (strchr(" \t\r\n\\", *s->p)) {
			s->line += *s->p == '\n';
			s->p++;
		} else {
			return;
		}
	}
}

/* Behind the comma that ends the first argument. False: there is none. */
static bool skip_argument(struct source *s)
{
	for (int depth = 0; s->p < s->end;) {
		skip_space(s);
		if (s->p == s->end)
			return false;
		char ch = *s->p;
		if (ch == '"' || ch == '\'') {
			skip_quoted(s, ch);
			continue;
		}
		if (ch == ';' || (ch == ')' && !depth))
			return false;
		s->p++;
		if (ch == ',' && !depth)
			return true;
		depth += ch == '(' || ch == '[' || ch == '{';
		depth -= ch == ')' || ch == ']' || ch == '}';
	}
	return false;
}

/* A literal that is the whole second argument; NULL: something else stands there. */
static const char *literal(struct source *s)
{
	skip_space(s);
	if (s->p == s->end || *s->p != '"')
		return NULL;
	const char *from = s->p + 1;
	skip_quoted(s, '"');
	const char *text = arena_strndup(s->k->a, from, (size_t)(s->p - 1 - from));
	skip_space(s);
	bool whole = s->p < s->end && (*s->p == ',' || *s->p == ')');
	return whole && text && !strchr(text, '\\') ? text : NULL;
}

/* --- endpoints -------------------------------------------------------------------------- */

/* ".show" is one of the blueprint that the request will be in. */
static bool is_known(const struct router *r, const char *name)
{
	const struct rule *rule;

	if (*name != '.')
		return router_rule_of(r, name, 0);
	for (size_t i = 0; (rule = router_rule(r, i)); i++)
		if (!strcmp(rule->endpoint, name + 1) || text_ends(rule->endpoint, name))
			return true;
	return false;
}

static const char *nearest_endpoint(const struct checkup *k, const char *name)
{
	const char *names[NAMES_MAX + 1];
	const struct rule *rule;
	size_t n = 0;

	for (size_t i = 0; n < NAMES_MAX && (rule = router_rule(k->site.plan->router, i)); i++)
		names[n++] = rule->endpoint;
	names[n] = NULL;
	return nearest(name, names);
}

static void found_unknown(struct checkup *k, const char *where, const char *who,
			  const char *name)
{
	const char *near = nearest_endpoint(k, name);

	found(k, where, arena_printf(k->a, "%s: no rule has the endpoint \"%s\"", who, name),
	      near ? arena_printf(k->a, "did you mean \"%s\"? `cruet routes` lists them", near)
		   : "`cruet routes` lists the endpoints");
}

static void check_call(struct source *s)
{
	struct checkup *k = s->k;

	skip_space(s);
	if (s->p == s->end || *s->p != '(')
		return;
	s->p++;
	if (!skip_argument(s))
		return;
	skip_space(s);
	unsigned line = s->line;
	const char *name = literal(s);
	if (!name || is_known(k->site.plan->router, name))
		return;
	found_unknown(k, arena_printf(k->a, "%s:%u", s->file, line), "cruet_url", name);
}

static bool is_word(char ch)
{
	return is_alnum(ch) || ch == '_';
}

static void check_text(struct source *s)
{
	while (skip_space(s), s->p < s->end) {
		const char *from = s->p;
		if (*s->p == '"' || *s->p == '\'') {
			skip_quoted(s, *s->p);
			continue;
		}
		while (s->p < s->end && is_word(*s->p))
			s->p++;
		size_t n = (size_t)(s->p - from);
		s->p += !n;
		if ((n == 9 && !memcmp(from, "cruet_url", n)) ||
		    (n == 15 && !memcmp(from, "cruet_url_pairs", n)))
			check_call(s);
	}
}

/* --- which files ------------------------------------------------------------------------ */

static void check_file(struct checkup *k, const char *path, const char *shown)
{
	struct source s = {.k = k, .file = shown, .line = 1};
	char *text, *why = NULL;
	size_t len;

	if (!config_slurp(path, SOURCE_MAX, &text, &len, &why)) {
		s.p = text;
		s.end = text + len;
		check_text(&s);
	}
	free(text);
	free(why);
}

static bool is_among(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

/* Of what was built before, the files that rules say they stand in. */
static size_t files_of_rules(struct checkup *k, const char **list)
{
	const struct rule *rule;
	size_t n = 0;

	for (size_t i = 0; n < FILES_MAX && (rule = router_rule(k->site.plan->router, i)); i++) {
		const struct endpoint *e = rule->target;
		const struct owner *o = e->entry->head.scope->owner;
		const char *file = arena_strndup(k->a, rule->here, strcspn(rule->here, ":"));
		if (file && o && !strcmp(o->plugin->name, "app") && !is_among(list, n, file))
			list[n++] = file;
	}
	return n;
}

/* --- options ---------------------------------------------------------------------------- */

static void check_option(struct checkup *k, const struct instance *in, const cruet_option *o)
{
	const char *key = arena_printf(k->a, "plugins.%s.%s", in->owner.name, o->name);
	const char *who = arena_printf(k->a, "plugin '%s': option %s", in->owner.name, o->name);
	const void *value = (const char *)in->owner.config + o->offset;
	const char *const one[] = {o->type == CRUET_OPT_STR ? *(const char *const *)value : NULL,
				   NULL};
	const char *const *names =
		o->type == CRUET_OPT_LIST ? *(const char *const *const *)value : one;

	k->no_memory |= !key || !who;
	for (; key && who && *names; names++)
		if (**names && !is_known(k->site.plan->router, *names))
			found_unknown(k, config_origin(k->site.app->host->config, key), who,
				      *names);
}

/* Of those that the configuration sets: a default may name what not every site has. */
static void check_options(struct checkup *k)
{
	const struct registry *r = k->site.app->host->registry;
	const cruet_option *o;
	struct config_plugin cp;

	for (const struct instance *in = r ? r->all.first : NULL; in; in = in->next) {
		const cruet_plugin *p = in->owner.plugin;
		if (!plugin_instance(&k->site, in->owner.name, &cp))
			continue;
		for (size_t i = 0; (o = option_at(p->options, p->option_size, i)); i++)
			if (o->flags & CRUET_OPT_ENDPOINT &&
			    cJSON_GetObjectItemCaseSensitive(cp.options, o->name))
				check_option(k, in, o);
	}
}

void check_urls(struct checkup *k)
{
	const char **list = arena_array(k->a, FILES_MAX, sizeof *list);

	k->no_memory |= !list;
	if (!k->ctx || !list)
		return;
	for (size_t i = 0; k->sources && k->sources[i]; i++)
		check_file(k, k->sources[i], k->code.sources[i]);
	for (size_t n = k->sources ? 0 : files_of_rules(k, list); n--;)
		check_file(k, list[n], list[n]);
	check_options(k);
}
