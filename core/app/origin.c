/* Requests that change something, or open a WebSocket, and come from another site's
 * page. A browser says so in Sec-Fetch-Site; an old one at least in Origin. A client
 * that says neither is no browser, and carries nobody's cookies by itself. */
#include <string.h>

#include "app/dispatch.h"
#include "app/ws.h"
#include "base/text.h"
#include "cruet/request.h"

static bool changes(const char *method)
{
	return !text_eq(method, "GET") && !text_eq(method, "HEAD") &&
	       !text_eq(method, "OPTIONS") && !text_eq(method, "TRACE");
}

/* Of "a.example:443", without a port that is the usual one. */
static size_t host_len(const char *host, const char *port)
{
	size_t n = strlen(host);
	return n > strlen(port) && text_ends(host, port) ? n - strlen(port) : n;
}

/* "https://a.example:443" names the host "a.example". */
static bool origin_is_host(const char *origin, const char *host)
{
	const char *at = strstr(origin, "://");
	if (!at || !*host)
		return false;
	const char *port = text_ieqn(origin, "https:", 6) ? ":443" : ":80";
	at += 3;
	size_t n = host_len(at, port);
	return n == host_len(host, port) && text_ieqn(at, host, n);
}

bool origin_is_own(const char *site, const char *origin, const char *host)
{
	return site ? text_ieq(site, "same-origin") || text_ieq(site, "none")
		    : !origin || origin_is_host(origin, host);
}

static bool allows(cruet_ctx *c, const struct entry_origin *e, const char *origin)
{
	if (!e->fn)
		return text_ieq(e->origin, origin);
	cruet_app *was = c->scope;
	c->scope = e->head.scope;
	bool yes = e->fn(c, origin);
	c->scope = was;
	return yes;
}

static bool allowed(cruet_ctx *c, const struct level *l, const char *origin)
{
	for (size_t i = 0; origin && i < l->norigins; i++)
		if (allows(c, l->origins[i], origin))
			return true;
	return false;
}

int origin_check(cruet_ctx *c, const struct level *l)
{
	if (!changes(c->head->method) && !(c->endpoint && c->endpoint->entry->ws))
		return CRUET_OK;
	if (c->endpoint && c->endpoint->entry->rule.flags & CRUET_ANY_ORIGIN)
		return CRUET_OK;
	const char *site = cruet_header(c, "Sec-Fetch-Site");
	const char *origin = cruet_header(c, "Origin");
	if (origin_is_own(site, origin, c->target.host))
		return CRUET_OK;
	if (allowed(c, l, origin))
		return CRUET_OK;
	return ctx_fail(c, 403,
			"The request comes from a page of another site, which may not change "
			"anything here.",
			true);
}
