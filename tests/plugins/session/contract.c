/* The contract of session/1, for this provider: in cookies, and with a store. */
#include <cruet.h>
#include <cruet/contract.h>
#include <string.h>

extern const cruet_plugin cruet_plugin_session;

static int in_cookies(cruet_app *app, void *arg)
{
	(void)arg;
	return cruet_use_static(app, &cruet_plugin_session, NULL);
}

static int on_the_server(cruet_app *app, void *arg)
{
	int err = cruet_use(app, "cache", "memory=4m");

	(void)arg;
	if (!err)
		err = cruet_use(app, "session_store", "on=cache");
	return err ? err : cruet_use_static(app, &cruet_plugin_session, "store=server");
}

int main(int argc, char **argv)
{
	bool server = argc > 1 && !strcmp(argv[1], "server");
	const cruet_contract k = {.size = sizeof k,
				  .service = "session/1",
				  .attach = server ? on_the_server : in_cookies};

	return argc < 2 ? 2 : cruet_contract_run(&k, argc - 1, argv + 1);
}
