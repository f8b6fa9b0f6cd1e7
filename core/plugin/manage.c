#include "cruet/manage.h"

#include <stdlib.h>

#include "plugin/change.h"

static int run(cruet_app *app, enum change_kind kind, const char *name, char **why)
{
	struct change_report report;
	char *said = NULL;
	int err = CRUET_EINVAL;

	if (app) {
		err = change_run(app->root, kind, name, &report, &said);
		if (!err)
			change_finish(app->root, &report);
		change_report_free(&report);
	}
	if (why)
		*why = said;
	else
		free(said);
	return err;
}

int cruet_plugin_reload(cruet_app *app, const char *name, char **why)
{
	return run(app, CHANGE_RELOAD, name, why);
}

int cruet_plugin_load(cruet_app *app, const char *name, char **why)
{
	return run(app, CHANGE_LOAD, name ? name : "", why);
}

int cruet_plugin_unload(cruet_app *app, const char *name, char **why)
{
	return run(app, CHANGE_UNLOAD, name ? name : "", why);
}
