/* cruet generate: adds to a site. What would be written is shown first, as a difference, and
 * only then, if somebody says so, written: all of it or nothing. */
#include "cli/generate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config.h"
#include "base/diff.h"
#include "base/text.h"
#include "base/write.h"
#include "cruet/error.h"

/* --- what is to change -------------------------------------------------------------------- */

static struct change *change_of(struct generating *g, const char *path)
{
	for (size_t i = 0; i < g->n; i++)
		if (!strcmp(g->changes[i].path, path))
			return &g->changes[i];
	return NULL;
}

int generate_add(struct generating *g, const char *path, const char *text)
{
	struct stat st;

	if (!path || !text || g->n == CHANGES_MAX)
		return cli_fail("out of memory");
	if (!lstat(path, &st))
		return cli_fail("%s is there already: nothing was written", path);
	g->changes[g->n++] = (struct change){.path = path, .after = text};
	return EXIT_DONE;
}

int generate_read(struct generating *g, const char *path, const char **text)
{
	struct change *c = change_of(g, path);
	char *bytes = NULL, *why = NULL;
	size_t len;

	if (c) {
		*text = c->after;
		return EXIT_DONE;
	}
	int err = config_slurp(path, SOURCE_MAX, &bytes, &len, &why);
	*text = err ? NULL : arena_strndup(g->a, bytes, len);
	int code = err ? cli_fail("%s", why ? why : path)
		   : *text ? EXIT_DONE
			   : cli_fail("out of memory");
	free(bytes);
	free(why);
	return code;
}

int generate_change(struct generating *g, const char *path, const char *before, const char *after)
{
	struct change *c = change_of(g, path);

	if (!after || (!c && g->n == CHANGES_MAX))
		return cli_fail("out of memory");
	if (c)
		c->after = after;
	else
		g->changes[g->n++] = (struct change){.path = path, .before = before, .after = after};
	return EXIT_DONE;
}

/* --- showing and asking ------------------------------------------------------------------- */

static void show(const struct generating *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct change *c = &g->changes[i];
		printf("%s %s\n", c->before ? "changed:" : "new:", c->path);
		diff_write(stdout, c->before ? c->before : "", c->after);
		putchar('\n');
	}
}

/* Nobody is asked who cannot see the question. */
static bool agreed(const struct generating *g)
{
	char answer[16] = "";

	if (args_value(&g->c->args, "yes"))
		return true;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		puts("Nothing was written: give --yes to write this.");
		return false;
	}
	fputs("Write this? [y/N] ", stdout);
	fflush(stdout);
	if (fgets(answer, sizeof answer, stdin) && (*answer == 'y' || *answer == 'Y'))
		return true;
	puts("Nothing was written.");
	return false;
}

/* --- writing ------------------------------------------------------------------------------ */

static int make_folders(const char *path, struct arena *a)
{
	for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
		const char *folder = arena_strndup(a, path, (size_t)(slash - path));
		if (!folder)
			return ENOMEM;
		if (*folder && mkdir(folder, 0755) && errno != EEXIST)
			return errno;
	}
	return 0;
}

/* Into a file that was just made. */
static int fill(int fd, const char *path, const char *text)
{
	int err = write_whole(fd, text, strlen(text));

	if (close(fd) && !err)
		err = errno;
	if (err)
		unlink(path);
	return err;
}

static int write_new(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	return fd < 0 ? errno : fill(fd, path, text);
}

/* A file beside path, with owner and mode of the one that it takes the place of; *beside is
 * for free(). */
static int write_beside(const char *path, const struct stat *was, const char *text, char **beside)
{
	if (asprintf(beside, "%s.XXXXXX", path) < 0) {
		*beside = NULL;
		return ENOMEM;
	}
	int fd = mkostemp(*beside, O_CLOEXEC);
	if (fd < 0)
		return errno;
	bool ours = was->st_uid == geteuid() && was->st_gid == getegid();
	if ((!ours && fchown(fd, was->st_uid, was->st_gid)) || fchmod(fd, was->st_mode & 07777)) {
		int err = errno;
		close(fd);
		unlink(*beside);
		return err;
	}
	return fill(fd, *beside, text);
}

/* A file that is there is replaced as a whole, if it still is what the difference was shown
 * of; who may read it stays, and a link goes on leading to it. */
static int replace(const struct change *c)
{
	char *now = NULL, *why = NULL, *beside = NULL, *real = realpath(c->path, NULL);
	struct stat st;
	size_t len;
	int err = config_slurp(c->path, SOURCE_MAX, &now, &len, &why);
	bool same = !err && len == strlen(c->before) && !memcmp(now, c->before, len);

	free(now);
	free(why);
	err = same ? 0 : ESTALE;
	if (!err && (!real || stat(real, &st)))
		err = errno;
	if (!err)
		err = write_beside(real, &st, c->after, &beside);
	if (!err && rename(beside, real)) {
		err = errno;
		unlink(beside);
	}
	free(beside);
	free(real);
	return err;
}

/* What was new goes again; what was changed is as before. */
static void undo(struct generating *g, size_t n)
{
	while (n--) {
		struct change back = g->changes[n];
		if (!back.before) {
			unlink(back.path);
			continue;
		}
		back.before = g->changes[n].after;
		back.after = g->changes[n].before;
		replace(&back);
	}
}

static int write_all(struct generating *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct change *c = &g->changes[i];
		int err = c->before ? replace(c) : make_folders(c->path, g->a);
		if (!err && !c->before)
			err = write_new(c->path, c->after);
		if (!err)
			continue;
		undo(g, i);
		return cli_fail("%s cannot be written: %s: nothing was changed", c->path,
				err == ESTALE ? "somebody has changed it meanwhile" : strerror(err));
	}
	return EXIT_DONE;
}

int generate_finish(struct generating *g, const char *next)
{
	show(g);
	fflush(stdout);
	if (!agreed(g))
		return EXIT_FAILED;
	int code = write_all(g);
	if (!code && next)
		printf("Written. Next: %s\n", next);
	return code;
}
