#include "app/router_where.h"

#include <string.h>

#include "app/router_priv.h"
#include "base/percent.h"

static bool is_slash(const struct trace *t)
{
	return t->text && *t->text == '/';
}

/* Whether the piece of a path that is len long, escapes decoded, begins with text; whole: and
 * is no longer. */
static bool begins(const char *piece, size_t len, const char *text, bool whole)
{
	size_t at = 0;

	for (char byte; *text; text++) {
		if (at == len)
			return false;
		at += percent_byte(piece + at, len - at, &byte);
		if (byte != *text)
			return false;
	}
	return !whole || at == len;
}

/* Where the last argument that is named so stands in a rule's trace; 0: it has none. */
static unsigned end_of(const struct pattern *p, bool (*named)(const char *name))
{
	unsigned end = 0;

	for (unsigned i = p->domain_trace; i < p->ntrace; i++)
		if (!p->trace[i].text && named(p->vars[p->trace[i].var].name))
			end = i + 1;
	return end;
}

/* The piece of the path in which such an argument stands; NULL: it fits the rule no further. */
static const char *in_rule(const struct pattern *p, const char *path,
			   bool (*named)(const char *name))
{
	unsigned end = end_of(p, named);

	for (unsigned i = p->domain_trace; i < end;) {
		if (is_slash(&p->trace[i])) {
			i++;
			continue;
		}
		path += strspn(path, "/");
		size_t len = strcspn(path, "/?#");
		const char *text = p->trace[i].text;
		bool whole = i + 1 == p->ntrace || is_slash(&p->trace[i + 1]);
		if (!len || (text && !begins(path, len, text, whole)))
			return NULL;
		for (; i < end && !is_slash(&p->trace[i]); i++) {
			const struct variable *v =
				p->trace[i].text ? NULL : &p->vars[p->trace[i].var];
			if (v && (named(v->name) || v->conv->slashes))
				return path;
		}
		path += len;
	}
	return NULL;
}

const char *router_where(const struct router *r, const char *path,
			 bool (*named)(const char *name))
{
	const char *first = NULL, *at;

	for (size_t i = 0; i < r->nrules; i++)
		if ((at = in_rule(&r->rules[i]->pattern, path, named)) && (!first || at < first))
			first = at;
	return first;
}
