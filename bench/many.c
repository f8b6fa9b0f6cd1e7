/* An application with 300 routes, to be loaded. */
#include <cruet.h>
#include <stdio.h>

static int item(cruet_ctx *c)
{
	return cruet_textf(c, "item %s\n", cruet_arg(c, "id"));
}

CRUET_APP(app)
{
	char path[64], name[32];

	for (int i = 0; i < 300; i++) {
		snprintf(path, sizeof path, "/section%d/<int:id>", i);
		snprintf(name, sizeof name, "item%d", i);
		cruet_add(app, "GET", path, item, name, CRUET_HERE);
	}
}
