/* The contract of forms/1, for this provider. */
#include <cruet.h>
#include <cruet/contract.h>

extern const cruet_plugin cruet_plugin_forms;

static int attach(cruet_app *app, void *arg)
{
	int err = cruet_use(app, "session", NULL);

	(void)arg;
	if (!err)
		err = cruet_use(app, "validate", NULL);
	return err ? err : cruet_use_static(app, &cruet_plugin_forms, NULL);
}

int main(int argc, char **argv)
{
	const cruet_contract k = {.size = sizeof k, .service = "forms/1", .attach = attach};

	return cruet_contract_run(&k, argc, argv);
}
