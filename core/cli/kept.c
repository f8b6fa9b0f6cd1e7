#include "cli/kept.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/scope.h"
#include "base/text.h"
#include "cruet/json.h"
#include "http/json_read.h"
#include "server/crash_report.h"

enum { REPORT_MAX = 4 << 20, ID_AT = 16 };

static char *read_file(const char *path, struct arena *a, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *p = NULL;

	*len = 0;
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size <= REPORT_MAX)
		p = arena_alloc(a, (size_t)st.st_size + 1);
	for (ssize_t n = 1; p && n > 0 && *len < (size_t)st.st_size; *len += n > 0 ? (size_t)n : 0)
		n = read(fd, p + *len, (size_t)st.st_size - *len);
	if (fd >= 0)
		close(fd);
	return p;
}

static cruet_json *read_report(const char *path, struct arena *a)
{
	static const struct json_limits limits = {64, 100000};
	struct json_problem why;
	size_t len;
	const char *text = read_file(path, a, &len);
	cJSON *j = text ? json_read(text, len, 0, &limits, &why) : NULL;

	if (cJSON_IsObject(j))
		return j;
	cJSON_Delete(j);
	return NULL;
}

/* Names begin with the time. */
static int newest_first(const void *a, const void *b)
{
	return strcmp(((const struct kept *)b)->path, ((const struct kept *)a)->path);
}

static bool add(struct kept **all, size_t *n, const char *folder, const char *name, struct arena *a)
{
	struct kept *list = arena_more(a, *all, *n, sizeof *list);
	const char *path = list ? arena_printf(a, "%s/%s", folder, name) : NULL;

	if (!path)
		return false;
	*all = list;
	list[(*n)++] = (struct kept){.path = path,
				     .id = arena_strndup(a, name + ID_AT, CRASH_ID),
				     .report = read_report(path, a)};
	return true;
}

int kept_all(const struct site *s, struct cmdline *c, struct kept **out, size_t *n)
{
	const char *crashes = s->app->host->settings.crashes;
	const char *folder = target_path(s->target.shown, crashes, &c->arena);
	bool ok = folder;

	*out = NULL;
	*n = 0;
	if (!*crashes)
		return cli_fail("server.crashes is empty: no reports are made");
	DIR *d = ok ? opendir(folder) : NULL;
	if (!d && errno != ENOENT)
		return cli_fail("%s cannot be read: %s", folder ? folder : crashes, strerror(errno));
	for (struct dirent *e; d && ok && (e = readdir(d));)
		if (crash_report_is(e->d_name))
			ok = add(out, n, folder, e->d_name, &c->arena);
	if (d)
		closedir(d);
	if (!ok)
		return cli_fail("out of memory");
	if (*n)
		qsort(*out, *n, sizeof **out, newest_first);
	return EXIT_DONE;
}

void kept_free(struct kept *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cJSON_Delete(all[i].report);
}

const struct kept *kept_find(const struct kept *all, size_t n, const char *id)
{
	const struct kept *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!text_starts(all[i].id, id))
			continue;
		if (found) {
			cli_fail("crash %s: several ids begin so: %s, %s", id, found->id, all[i].id);
			return NULL;
		}
		found = &all[i];
	}
	if (!found)
		cli_fail("crash %s: there is no report of that id: `cruet crashes list` shows them", id);
	else if (!found->report)
		cli_fail("%s is no report that can be read", found->path);
	return found && found->report ? found : NULL;
}

const char *kept_text(const struct kept *k, const char *name)
{
	return cruet_json_str(cruet_json_get(k->report, name), "");
}
