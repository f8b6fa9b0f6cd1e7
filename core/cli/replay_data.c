/* What is replayed may write: so it writes into a copy. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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

/* --- a database that others may be writing to --------------------------------------------- */

/* Bytes by which processes that use SQLite tell each other what they do, as its file format
 * fixes them: in the database, who reads it; in the file "-shm", who writes to the log "-wal"
 * and who moves that into the database. */
enum { READERS = 0x40000002, READERS_N = 510, LOG_WRITERS = 120, LOG_WRITERS_N = 2 };
enum { WAIT_MS = 5000, STEP_MS = 10 };

/* Until fd is closed. 0, or what errno says. */
static int lock(int fd, short type, off_t at, off_t n)
{
	struct flock how = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = n};
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};

	for (int waited = 0; fcntl(fd, F_OFD_SETLK, &how); waited += STEP_MS) {
		if (errno != EAGAIN || waited >= WAIT_MS)
			return errno;
		nanosleep(&step, NULL);
	}
	return 0;
}

/* Opens a file, if there is one, and locks it; -1: there is none, or *err. */
static int open_locked(const char *path, int flags, short type, off_t at, off_t n, int *err)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0 && errno != ENOENT)
		*err = errno;
	if (fd >= 0)
		*err = lock(fd, type, at, n);
	return fd;
}

/* With what was not yet written into it, or is to be taken back. */
static int copy_database(const char *from, const char *to, struct arena *a)
{
	static const char *const ends[] = {"", "-wal", "-journal", NULL};
	const char *shared = arena_printf(a, "%s-shm", from);
	int err = shared ? 0 : ENOMEM, log = -1;

	if (err)
		return err;
	int main = open_locked(from, O_RDONLY, F_RDLCK, READERS, READERS_N, &err);
	if (!err)
		log = open_locked(shared, O_RDWR, F_WRLCK, LOG_WRITERS, LOG_WRITERS_N, &err);
	for (const char *const *end = ends; !err && *end; end++) {
		const char *x = arena_printf(a, "%s%s", from, *end);
		const char *y = arena_printf(a, "%s%s", to, *end);
		err = x && y ? copy(x, y) : ENOMEM;
	}
	if (log >= 0)
		close(log);
	if (main >= 0)
		close(main);
	return err;
}

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
	if (!key || !from || !to)
		return cli_fail("out of memory");
	int err = copy_database(from, to, a);
	if (err)
		return cli_fail("%s cannot be copied: %s", from,
				err == EAGAIN ? "somebody writes to it all the time" : strerror(err));
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
