/* A chat room over a WebSocket, with a page for the browser.
 *
 *	app.c      what there is, in one place
 *	talk.c     the WebSocket: who comes, says something, leaves
 *	room.c     who is here, and what was said last
 *	static/    the page
 *
 * Needs a transport that carries WebSockets; cruet.json names it. */
#include <cruet.h>
#include "room.h"
#include "talk.h"

/* The page runs nothing but its own script, and talks to nobody but us. */
static int security_headers(cruet_ctx *c)
{
	return cruet_set_header(c, "Content-Security-Policy",
				"default-src 'none'; script-src 'self'; style-src 'self'; "
				"img-src 'self'; connect-src 'self'; base-uri 'none'; "
				"form-action 'none'; frame-ancestors 'none'");
}

static int page(cruet_ctx *c)
{
	return cruet_send_from(c, "static", "index.html", NULL);
}

static int init(cruet_app *app)
{
	room_init(cruet_state(app));
	cruet_after(app, security_headers);
	cruet_static(app, "/static", "static", NULL);
	cruet_get(app, "/", page);
	return talk_routes(app);
}

static void fini(cruet_app *app)
{
	room_fini(cruet_state(app));
}

CRUET_PLUGIN(app, .summary = "A chat room", .state_size = sizeof(struct room), .init = init,
	     .fini = fini);
