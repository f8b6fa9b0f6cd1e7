/* The contract of db/1, for this provider: a file of its own for each promise. */
#include <cruet.h>
#include <cruet/contract.h>
#include "../../folder.h"

extern const cruet_plugin cruet_plugin_sqlite;

static char folder[FOLDER_MAX]; /* of one promise */

static int attach(cruet_app *app, void *arg)
{
	char options[FOLDER_MAX + 64];

	(void)arg;
	if (!folder_make(folder))
		return CRUET_EIO;
	snprintf(options, sizeof options, "path=%s/site.db\npool=2\nwait=50ms", folder);
	return cruet_use_static(app, &cruet_plugin_sqlite, options);
}

static void done(void *arg)
{
	(void)arg;
	if (folder[0])
		folder_remove(folder);
}

int main(int argc, char **argv)
{
	const cruet_contract k = {
		.size = sizeof k, .service = "db/1", .attach = attach, .done = done};
	char temporary[FOLDER_MAX];

	if (!folder_begin(temporary))
		return 1;
	int status = cruet_contract_run(&k, argc, argv);
	return folder_remove(temporary) ? status : 1;
}
