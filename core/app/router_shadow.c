/* A rule that is never reached. Examples of what it takes are built from it and looked up:
 * as long as each of them finds another rule, it is in the shadow of that. An example that
 * it does not take by itself, as may be with converters of plugins, says nothing. */
#include "app/router_priv.h"

#include <stdio.h>
#include <string.h>

#include "cruet/error.h"

enum { EXAMPLES = 3, EXAMPLES_MAX = 64, LONG_STRING = 512 };

struct shadow {
	const struct router *r;
	struct arena *a;
	cruet_ctx *c;
	const struct compiled *rule;
	const struct rule *by; /* the first that took an example */
	bool reached;
};

/* --- examples -------------------------------------------------------------------------- */

/* Letters that nobody writes into a rule. */
static const char *text_example(const struct conv *cv, struct arena *a, unsigned i)
{
	static const char letters[] = "qzx";
	size_t n = cv->min_len > 7 ? cv->min_len : 7;

	if (n > cv->max_len)
		n = cv->max_len;
	char *out = n <= LONG_STRING ? arena_alloc(a, n + 1) : NULL;
	if (!out)
		return NULL;
	memset(out, letters[i % (sizeof letters - 1)], n);
	out[n] = '\0';
	return out;
}

static const char *int_example(const struct conv *cv, struct arena *a, unsigned i)
{
	int64_t v = cv->digits && cv->digits < 6 ? 1 : 918273;

	v += i;
	if (cv->has_max && v > cv->imax)
		v = cv->imax - i;
	if (cv->has_min && v < cv->imin)
		v = cv->imin + i;
	return arena_printf(a, "%lld", (long long)v);
}

static const char *real_example(const struct conv *cv, struct arena *a, unsigned i)
{
	double v = 918273.5 + i;

	if (cv->has_max && v > cv->max)
		v = cv->max - i;
	if (cv->has_min && v < cv->min)
		v = cv->min + i;
	return arena_printf(a, "%.6f", v);
}

/* The i-th text that a variable may take; NULL: out of memory, or too long to try. */
static const char *example(const struct conv *cv, struct arena *a, unsigned i)
{
	static const char *const any[] = {"1", "q", "2001-02-03"};
	size_t n = 0;

	switch (cv->kind) {
	case CONV_STRING:
		return text_example(cv, a, i);
	case CONV_INT:
		return int_example(cv, a, i);
	case CONV_FLOAT:
		return real_example(cv, a, i);
	case CONV_PATH:
		return arena_printf(a, "qzx/%u", i);
	case CONV_UUID:
		return arena_printf(a, "91827364-5544-4332-8211-%012u", i);
	case CONV_ANY:
		while (cv->words[n])
			n++;
		return n ? cv->words[i % n] : NULL;
	case CONV_CUSTOM:
		break;
	}
	return any[i % (sizeof any / sizeof *any)];
}

/* So many that each word of each choice comes once. */
static unsigned examples(const struct compiled *c)
{
	unsigned most = EXAMPLES;

	for (unsigned i = 0; i < c->pattern.nvars; i++) {
		const struct conv *cv = c->pattern.vars[i].conv;
		unsigned n = 0;
		while (cv->kind == CONV_ANY && cv->words[n])
			n++;
		most = n > most ? n : most;
	}
	return !c->pattern.nvars ? 1 : most < EXAMPLES_MAX ? most : EXAMPLES_MAX;
}

/* --- looking them up -------------------------------------------------------------------- */

static void try(struct shadow *s, const char *domain, const char *path, const char *method)
{
	const struct lookup q = {.method = method,
				 .raw_path = path,
				 .query = "",
				 .domain = domain,
				 .websocket = s->rule->websocket};
	struct verdict alone;
	struct match m;

	if (router_explain(s->r, s->a, s->c, &s->rule->rule, &q, &alone) ||
	    alone.kind != VERDICT_TAKES || router_match(s->r, s->a, s->c, &q, &m))
		return;
	if (m.kind == MATCH_FOUND && m.rule != &s->rule->rule)
		s->by = s->by ? s->by : m.rule;
	else
		s->reached = true;
}

/* HEAD and OPTIONS mostly come by themselves. */
static bool comes_along(const struct compiled *c, const char *method)
{
	bool only = !strcmp(c->listed[0], method) && !c->listed[1];
	return !only && (!strcmp(method, "HEAD") || !strcmp(method, "OPTIONS"));
}

static void try_methods(struct shadow *s, const char *domain, const char *path)
{
	static const char *const any[] = {"GET", "POST", "DELETE", "QZX", NULL};
	const char *const *m = s->rule->any_method ? any : s->rule->listed;

	for (; *m && !s->reached; m++)
		if (s->rule->any_method || !comes_along(s->rule, *m))
			try(s, domain, path, *m);
}

static void try_example(struct shadow *s, unsigned i)
{
	struct build_value values[PATTERN_VARS_MAX];
	const struct pattern *p = &s->rule->pattern;
	const char *domain, *path, *why = NULL;

	for (unsigned k = 0; k < p->nvars; k++) {
		values[k] = (struct build_value){p->vars[k].name, example(p->vars[k].conv, s->a, i)};
		if (!values[k].value)
			return;
	}
	if (rule_build(s->r, s->rule, s->a, s->c, values, p->nvars, false, &domain, &path, &why))
		try_methods(s, domain, path);
}

const struct rule *router_shadow(const struct router *r, struct arena *a, cruet_ctx *c,
				 const struct rule *rule)
{
	struct shadow s = {.r = r, .a = a, .c = c};

	s.rule = (const struct compiled *)((const char *)rule - offsetof(struct compiled, rule));
	if (rule->flags & CRUET_BUILD_ONLY)
		return NULL;
	for (unsigned i = 0; i < examples(s.rule) && !s.reached; i++)
		try_example(&s, i);
	return s.reached ? NULL : s.by;
}
