/* Rules with a function for each method. */
#include <string.h>

#include "app/ctx.h"
#include "app/scope.h"

struct view_method {
	const char *name;
	size_t offset;
};

#define METHOD(name, m) {name, offsetof(cruet_view, m)}

static const struct view_method methods[] = {
	METHOD("GET", get), METHOD("HEAD", head),  METHOD("POST", post),
	METHOD("PUT", put), METHOD("PATCH", patch), METHOD("DELETE", del),
	METHOD("OPTIONS", options),
};

static cruet_fn *function_of(const cruet_view *v, const struct view_method *m)
{
	cruet_fn *fn = NULL;

	if (v->size >= m->offset + sizeof fn)
		memcpy(&fn, (const char *)v + m->offset, sizeof fn);
	return fn;
}

static int run(cruet_ctx *c)
{
	const cruet_view *v = c->endpoint->entry->rule.view;
	const char *method = c->head->method;

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (!strcmp(method, methods[i].name) && function_of(v, &methods[i]))
			return function_of(v, &methods[i])(c);
	return v->get(c); /* HEAD */
}

bool view_apply(cruet_rule *r, char *text, size_t cap)
{
	char *end = text + cap;

	*text = '\0';
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		const char *name = methods[i].name;
		if (!function_of(r->view, &methods[i]) || strlen(name) + 2 > (size_t)(end - text))
			continue;
		text = stpcpy(stpcpy(text, r->methods ? "," : ""), name);
		r->methods = r->methods ? r->methods : text - strlen(name);
	}
	r->fn = run;
	return r->methods;
}
