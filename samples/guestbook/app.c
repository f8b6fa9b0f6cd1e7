/* A guestbook: what a small site of several files looks like.
 *
 *	app.c      what there is, in one place
 *	pages.c    for people: what stands on the pages in templates/; errors.c is theirs too
 *	api.c      for programs: JSON
 *	entries.c  the data
 *	visitor.c  what the session remembers
 *
 * Database, sessions, validation, forms and templates are plugins; cruet.json names them. */
#include <cruet.h>
#include <cruet/validate.h>
#include "api.h"
#include "entries.h"
#include "errors.h"
#include "pages.h"

/* Nothing on our pages comes from elsewhere or runs, whatever a visitor writes. */
static int security_headers(cruet_ctx *c)
{
	cruet_set_header(c, "Content-Security-Policy",
			 "default-src 'none'; style-src 'self'; img-src 'self'; "
			 "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
	return cruet_set_header(c, "Referrer-Policy", "same-origin");
}

CRUET_APP(app)
{
	cruet_need(app, "db/1");
	cruet_need(app, "session/1");
	cruet_need(app, "validate/1");
	cruet_need(app, "forms/1");
	cruet_need(app, "template/1");
	entries_setup(app);
	cruet_after(app, security_headers);
	cruet_on_error(app, 0, error_reply);
	cruet_static(app, "/static", "static", NULL);
	pages_routes(app);
	api_routes(cruet_blueprint(app, "api", "/api"));
}
