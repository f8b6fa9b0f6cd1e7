/* Endpoints that options name, looked at before a visitor does: one that is not there would
 * be a page that nobody can log in at, or one that is shut. */
#include "login.h"

#include <string.h>

/* What sites without a folder for it do not have. */
#define USUAL "static"

static int missing(const struct state *s, const char *option, const char *name,
		   const char *near)
{
	if (near)
		return cruet_reject(s->app,
				    "option %s: no rule has the endpoint \"%s\": did you mean "
				    "\"%s\"? `cruet routes` lists them",
				    option, name, near);
	return cruet_reject(s->app,
			    "option %s: no rule has the endpoint \"%s\": `cruet routes` lists "
			    "the endpoints",
			    option, name);
}

static int look_for(const struct state *s, cruet_ctx *c, const char *option, const char *name)
{
	const char *near;

	return cruet_endpoint_known(c, name, &near) ? CRUET_OK : missing(s, option, name, near);
}

static int look_for_all(const struct state *s, cruet_ctx *c)
{
	int err = *s->cfg->view ? look_for(s, c, "view", s->cfg->view) : CRUET_OK;

	for (const char *const *o = s->cfg->open; !err && o && *o; o++)
		if (strcmp(*o, USUAL) != 0)
			err = look_for(s, c, "open", *o);
	return err;
}

int endpoints_check(const struct state *s)
{
	cruet_ctx *c = cruet_open(s->app);
	int err = c ? look_for_all(s, c) : CRUET_ENOMEM;

	cruet_close(c);
	return err;
}
