/* A site with pages:
 *
 *	app.c      what there is, in one place
 *	pages.c    what each page does
 *	posts.c    what there is to read
 *	templates/ what pages look like
 *	static/    style and icon */
#include <cruet.h>
#include "pages.h"

CRUET_APP(app)
{
	cruet_need(app, "template/1");
	cruet_static(app, "/static", "static", NULL);
	pages_routes(app);
}
