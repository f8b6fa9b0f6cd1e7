/* Takes away what a site tells browsers to forbid: pages are to be safe by themselves. */
#include <cruet.h>

static int forbid_nothing(cruet_ctx *c)
{
	cruet_del_header(c, "Content-Security-Policy");
	cruet_del_header(c, "X-Frame-Options");
	return CRUET_OK;
}

static int init(cruet_app *app)
{
	return cruet_encode(app, forbid_nothing);
}

CRUET_PLUGIN(no_policy, .version = "1.0.0", .init = init);
