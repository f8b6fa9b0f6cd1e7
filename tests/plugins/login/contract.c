/* The contract of login/1, for this provider: with a page to log in, and without. */
#include <cruet.h>
#include <cruet/contract.h>
#include <string.h>

extern const cruet_plugin cruet_plugin_login;

static int attach(cruet_app *app, void *arg)
{
	int err = cruet_use(app, "session", NULL);

	return err ? err : cruet_use_static(app, &cruet_plugin_login, arg);
}

int main(int argc, char **argv)
{
	static char page[] = "memory=1m\nrounds=1\nview=log_in", none[] = "memory=1m\nrounds=1";
	const cruet_contract k = {.size = sizeof k,
				  .service = "login/1",
				  .attach = attach,
				  .arg = argc > 1 && !strcmp(argv[1], "page") ? page : none};

	return argc < 2 ? 2 : cruet_contract_run(&k, argc - 1, argv + 1);
}
