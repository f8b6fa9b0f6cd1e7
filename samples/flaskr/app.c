/* A blog with accounts: whoever has registered writes posts, and changes or deletes their
 * own. The application of Flask's tutorial, in C.
 *
 *	app.c    what there is, in one place
 *	auth.c   registering, logging in and out
 *	blog.c   posts
 *
 * Database, sessions, forms, pages and logging in are plugins; cruet.json names them. */
#include <cruet.h>
#include <cruet/template.h>
#include "auth.h"
#include "blog.h"

/* What may be shown: the words of cruet_fail(). What failed inside stays inside. */
static const char *words(cruet_ctx *c)
{
	if (cruet_err_status(c) >= 500)
		return "Something went wrong on our side. Please try again in a moment.";
	return cruet_err_kind(c) ? "This could not be done." : cruet_err_text(c);
}

static int error_page(cruet_ctx *c)
{
	cruet_json *vars = cruet_object(c);

	cruet_put_int(vars, "status", cruet_err_status(c));
	cruet_put_str(vars, "words", words(c));
	return cruet_render(c, "error.html", vars);
}

CRUET_APP(app)
{
	cruet_need(app, "db/1");
	cruet_need(app, "forms/1");
	cruet_need(app, "login/1");
	cruet_need(app, "template/1");
	cruet_on_error(app, 0, error_page);
	cruet_static(app, "/static", "static", NULL);
	auth_routes(cruet_blueprint(app, "auth", "/auth"));
	blog_routes(cruet_blueprint(app, "blog", ""));
}
