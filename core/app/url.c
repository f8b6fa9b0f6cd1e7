#include <stdarg.h>
#include <string.h>

#include "app/ctx.h"
#include "cruet/memory.h"
#include "base/text.h"

enum { URL_VALUES_MAX = 64 };

/* "_anchor", "_external", "_scheme" and "_method" are said to the builder, all
 * other pairs are values. */
static bool take_option(struct build *b, const char *name, const char *value)
{
	if (!strcmp(name, "_anchor"))
		b->anchor = value;
	else if (!strcmp(name, "_external"))
		b->external = value && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
	else if (!strcmp(name, "_scheme"))
		b->scheme = value;
	else if (!strcmp(name, "_method"))
		b->method = value;
	else
		return false;
	return true;
}

/* ".show" is an endpoint of the blueprint that the request is in. */
static const char *resolve(cruet_ctx *c, const char *name)
{
	if (name[0] != '.')
		return name;
	const char *here = c->endpoint ? c->endpoint->name : "";
	const char *dot = strrchr(here, '.');
	return dot ? arena_printf(&c->arena, "%.*s%s", (int)(dot - here), here, name) : name + 1;
}

const char *cruet_url(cruet_ctx *c, const char *name, ...)
{
	struct build_value *values = arena_array(&c->arena, URL_VALUES_MAX, sizeof *values);
	struct build b = {
		.endpoint = name ? resolve(c, name) : NULL,
		.values = values,
		.bound_server = c->door.host ? c->door.host : "",
		.bound_scheme = c->head ? c->head->scheme : "http",
		.bound_domain = "",
		.script_root = "",
	};
	const char *why = NULL, *url = NULL;
	va_list ap;

	if (!values || !b.endpoint) {
		ctx_fail(c, values ? CRUET_EINVAL : CRUET_ENOMEM,
			 values ? "cruet_url: the endpoint is NULL" : NULL, false);
		return NULL;
	}
	va_start(ap, name);
	for (const char *k; (k = va_arg(ap, const char *));) {
		const char *v = va_arg(ap, const char *);
		if (take_option(&b, k, v))
			continue;
		if (b.nvalues == URL_VALUES_MAX) {
			why = "more than 64 values";
			break;
		}
		values[b.nvalues++] = (struct build_value){k, v};
	}
	va_end(ap);
	if (!why)
		url = router_build(c->gen->router, &c->arena, c, &b, &why);
	if (!url)
		ctx_fail(c, why ? CRUET_EINVAL : CRUET_ENOMEM,
			 why ? arena_printf(&c->arena, "cruet_url: %s", why) : NULL, false);
	return url;
}

const char *cruet_escape(cruet_ctx *c, const char *s)
{
	struct buf b;

	if (!s)
		return "";
	if (!s[strcspn(s, "&<>\"'")])
		return s;
	buf_init(&b, &c->arena, 0);
	html_escape(&b, s, strlen(s));
	if (buf_err(&b)) {
		ctx_fail(c, CRUET_ENOMEM, NULL, false);
		return "";
	}
	return b.p;
}
