/* An application that makes the mistake that settings.mistake names; "all": each of them. */
#include <cruet.h>
#include <locale.h>
#include <string.h>

static int front(cruet_ctx *c)
{
	return cruet_text(c, "front");
}

static int other(cruet_ctx *c)
{
	return cruet_text(c, "other");
}

static bool makes(const cruet_app *app, const char *mistake)
{
	const char *m = cruet_setting(app, "mistake");

	return m && (!strcmp(m, mistake) || !strcmp(m, "all"));
}

CRUET_APP(app)
{
	cruet_get(app, "/", front);
	if (makes(app, "collide"))
		cruet_get(app, "/", other);
	if (makes(app, "shadow")) {
		cruet_get(app, "/a/<x>", front);
		cruet_get(app, "/a/<y>", other);
	}
	if (makes(app, "endpoint")) {
		cruet_add(app, "GET", "/1", front, "page", CRUET_HERE);
		cruet_add(app, "GET", "/2", other, "page", CRUET_HERE);
	}
	if (makes(app, "blueprint"))
		cruet_blueprint(app, "empty", "/empty");
	if (makes(app, "static"))
		cruet_static(app, "/static", "nowhere", NULL);
	if (makes(app, "need"))
		cruet_need(app, "db/1");
	if (makes(app, "locale"))
		setlocale(LC_ALL, "");
}
