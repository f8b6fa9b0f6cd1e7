/* A site with pages:
 *
 *	app.c      what there is, in one place
 *	pages.c    what each page does
 *	layout.c   the frame around them
 *	posts.c    what there is to read
 *	static/    style and icon */
#include <cruet.h>
#include "pages.h"

CRUET_APP(app)
{
	cruet_static(app, "/static", "static", NULL);
	pages_routes(app);
}
