/* Pages for those who are logged in, and where others are sent. */
#include "login.h"

#include <cruet/session.h>
#include <string.h>

#include "next.h"

/* The endpoints that are open also where a whole scope is not. What has none is no page
 * of ours, and answered by a 404. */
static bool open_to_all(const struct config *cfg, const char *endpoint)
{
	if (!endpoint || !*endpoint || !strcmp(endpoint, cfg->view))
		return true;
	for (const char *const *o = cfg->open; o && *o; o++)
		if (!strcmp(endpoint, *o))
			return true;
	return false;
}

/* Browsers ask for HTML above all; programs name something else, or nothing. */
static bool wants_page(const cruet_ctx *c)
{
	static const char *const offers[] = {"application/json",
					     "application/problem+json", "text/plain",
					     "text/html", NULL};
	const char *best = cruet_accept(c, "Accept", offers);

	return best && !strcmp(best, "text/html");
}

/* The path to come back to; NULL: there is no way back to what was asked for. */
static const char *way_back(cruet_ctx *c)
{
	const char *method = cruet_method(c), *query = cruet_query_string(c);

	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return NULL;
	const char *path = cruet_printf(c, "%s%s%s%s", cruet_root(c), cruet_raw_path(c),
					*query ? "?" : "", query);
	return path && next_safe(path) ? path : NULL;
}

static int unauthorized(cruet_ctx *c)
{
	int err = cruet_fail(c, 401, "This is for those who are logged in.");
	int set = cruet_fail_header(c, "WWW-Authenticate", "Cookie realm=\"login\"");

	return set ? CRUET_ENOMEM : err;
}

int view_require(void *self, cruet_ctx *c)
{
	struct state *s = self;
	const cruet_json *user;

	if (open_to_all(s->cfg, cruet_endpoint(c)))
		return CRUET_OK;
	int err = user_get(s, c, &user);
	if (err || user)
		return err;
	if (!*s->cfg->view || !wants_page(c))
		return unauthorized(c);
	const char *url = cruet_url(c, s->cfg->view, "next", way_back(c), (char *)0);
	if (!url)
		return cruet_err(c);
	if (*s->cfg->message)
		err = cruet_flash(c, s->cfg->category, "%s", s->cfg->message);
	return err ? err : cruet_redirect(c, 0, url);
}

const char *view_next(void *self, cruet_ctx *c, const char *def)
{
	const char *next = cruet_query(c, "next");

	(void)self;
	if (!next)
		next = cruet_form(c, "next");
	return next && next_safe(next) ? next : def;
}
