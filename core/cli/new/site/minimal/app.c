#include <cruet.h>

static int hello(cruet_ctx *c)
{
	return cruet_text(c, "Hello from my_site!\n");
}

CRUET_APP(app)
{
	cruet_get(app, "/", hello);
}
