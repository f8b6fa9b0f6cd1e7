/* The contract of session_store/1, for this provider: in a file of its own for each
 * promise, or in a cache. */
#include <cruet.h>
#include <cruet/contract.h>
#include <string.h>
#include "../../folder.h"

extern const cruet_plugin cruet_plugin_session_store;

static char folder[FOLDER_MAX]; /* of one promise */

static int on_db(cruet_app *app, void *arg)
{
	char options[FOLDER_MAX + 64];

	(void)arg;
	if (!folder_make(folder))
		return CRUET_EIO;
	snprintf(options, sizeof options, "path=%s/site.db\nsynchronous=normal", folder);
	int err = cruet_use(app, "sqlite", options);
	return err ? err : cruet_use_static(app, &cruet_plugin_session_store, NULL);
}

static int on_cache(cruet_app *app, void *arg)
{
	int err = cruet_use(app, "cache", NULL);

	(void)arg;
	return err ? err : cruet_use_static(app, &cruet_plugin_session_store, "on=cache");
}

static void done(void *arg)
{
	(void)arg;
	if (folder[0])
		folder_remove(folder);
}

int main(int argc, char **argv)
{
	bool cache = argc > 1 && !strcmp(argv[1], "cache");
	const cruet_contract k = {.size = sizeof k,
				  .service = "session_store/1",
				  .attach = cache ? on_cache : on_db,
				  .done = done};
	char temporary[FOLDER_MAX];

	if (argc < 2 || !folder_begin(temporary))
		return 1;
	int status = cruet_contract_run(&k, argc - 1, argv + 1);
	return folder_remove(temporary) ? status : 1;
}
