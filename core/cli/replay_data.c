/* What is replayed may write: so it writes into a copy. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/scope.h"
#include "base/write.h"
#include "cli/cli.h"
#include "cli/replay.h"
#include "cruet/testing.h"

/* 0, also where there is no such file, or what errno says. */
static int copy(const char *from, const char *to)
{
	static char piece[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out, err = 0;
	ssize_t n;

	if (in < 0)
		return errno == ENOENT ? 0 : errno;
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		err = errno;
	while (!err && (n = read(in, piece, sizeof piece)))
		err = n < 0 ? errno : write_whole(out, piece, (size_t)n);
	close(in);
	if (out >= 0 && close(out) && !err)
		err = errno;
	return err;
}

/* A database, and what was not yet written into it. */
static int copy_instance(cruet_app *app, const char *instance, const char *folder,
			 const char *scratch, struct arena *a)
{
	struct config *cf = app->host->config;
	const char *key = arena_printf(a, "plugins.%s.path", instance);
	const char *path = key ? config_text(cf, key) : NULL;
	char *problem = NULL;

	if (!path)
		path = "site.db"; /* what the plugin takes */
	if (*path == ':')
		return EXIT_DONE; /* it is in memory */
	const char *from = *path == '/' ? path : arena_printf(a, "%s/%s", folder, path);
	const char *to = arena_printf(a, "%s/%s.db", scratch, instance);
	const char *log = from ? arena_printf(a, "%s-wal", from) : NULL;
	const char *to_log = to ? arena_printf(a, "%s-wal", to) : NULL;
	if (!key || !log || !to_log)
		return cli_fail("out of memory");
	int err = copy(from, to);
	if (!err)
		err = copy(log, to_log);
	if (err)
		return cli_fail("%s cannot be copied: %s", from, strerror(err));
	err = config_set(cf, CONFIG_COMMAND, key, to, "cruet replay", &problem);
	if (err)
		cli_fail("%s", problem ? problem : "out of memory");
	free(problem);
	return err ? EXIT_FAILED : EXIT_DONE;
}

int replay_check_data(const cruet_app *app, const char *scratch)
{
	const char *path;

	for (size_t i = 0; (path = cruet_plugin_option(app, "sqlite", i, "path")); i++)
		if (*path != ':' && strncmp(path, scratch, strlen(scratch)) != 0)
			return cli_fail("the code of the application attaches the plugin sqlite, and "
					"what is replayed would write into its file %s: name the "
					"plugin in cruet.json instead, and a copy is taken",
					path);
	return EXIT_DONE;
}

int replay_copy_data(cruet_app *app, const char *folder, const char *scratch, struct arena *a)
{
	struct config_plugin p;
	int code = EXIT_DONE;

	for (size_t i = 0; !code && config_plugin_at(app->host->config, i, &p); i++)
		if (!strcmp(p.plugin, "sqlite"))
			code = copy_instance(app, arena_strdup(a, p.instance), folder, scratch, a);
	return code;
}
