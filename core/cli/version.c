#include <cjson/cJSON.h>

#include "cli/cli.h"
#include "cli/compile.h"
#include "cli/table.h"
#include "cruet/plugin.h"

int version_command(struct cmdline *c)
{
	struct table t;

	printf("cruet %s\n", CRUET_VERSION);
	table_init(&t, &c->arena, 2);
	table_row(&t, "plugin ABI", arena_printf(&c->arena, "%u", CRUET_PLUGIN_ABI));
	table_row(&t, "plugins", CRUET_PLUGIN_DIR);
	table_row(&t, "headers", compile_include_dir());
	table_row(&t, "library", compile_lib_dir());
	table_row(&t, "cJSON", cJSON_Version());
	return table_print(&t, "  ", stdout) ? cli_fail("out of memory") : EXIT_DONE;
}
