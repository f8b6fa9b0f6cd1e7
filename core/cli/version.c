#include <cjson/cJSON.h>

#include "cli/cli.h"
#include "cli/compile.h"
#include "cli/table.h"
#include "cruet/plugin.h"

int version_command(struct cmdline *c)
{
	bool json = args_value(&c->args, "json");
	struct table t;

	table_init(&t, &c->arena, 2);
	if (json) {
		table_row(&t, "WHAT", "FOUND");
		table_row(&t, "cruet", CRUET_VERSION);
	} else {
		printf("cruet %s\n", CRUET_VERSION);
	}
	table_row(&t, "plugin ABI", arena_printf(&c->arena, "%u", CRUET_PLUGIN_ABI));
	table_row(&t, "plugins", CRUET_PLUGIN_DIR);
	table_row(&t, "headers", compile_include_dir());
	table_row(&t, "library", compile_lib_dir());
	table_row(&t, "cJSON", cJSON_Version());
	int err = json ? table_show(&t, true) : table_print(&t, "  ", stdout);
	return err ? cli_fail("out of memory") : EXIT_DONE;
}
