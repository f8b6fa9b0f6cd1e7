#include "debug/state.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/config_priv.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/write.h"
#include "cruet/error.h"
#include "cruet/json.h"
#include "http/json_read.h"

enum { FILE_MAX = 1 << 20 };

static const struct json_limits limits = {8, 10000};

/* --- files that are replaced as a whole ----------------------------------------------------- */

static int write_file(const char *path, const struct buf *b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int err = fd < 0 ? errno : write_whole(fd, b->p, b->len);

	if (fd >= 0)
		close(fd);
	errno = err;
	return err ? CRUET_EIO : CRUET_OK;
}

static int put_in_place(const char *folder, const char *name, const struct buf *b,
			struct arena *a)
{
	const char *path = arena_printf(a, "%s/%s", folder, name);
	const char *draft = path ? arena_printf(a, "%s.%d", path, (int)getpid()) : NULL;

	if (!draft)
		return CRUET_ENOMEM;
	int err = write_file(draft, b);
	if (!err && rename(draft, path))
		err = CRUET_EIO;
	return err;
}

/* tree is deleted. */
static int write_tree(const char *folder, const char *name, cJSON *tree)
{
	struct arena a;
	struct buf b;

	arena_init(&a, 4096);
	buf_init(&b, &a, 0);
	int err = tree ? json_write(&b, tree, 1) : CRUET_ENOMEM;
	if (!err)
		err = put_in_place(folder, name, &b, &a);
	arena_fini(&a);
	cJSON_Delete(tree);
	return err;
}

/* *tree is for cJSON_Delete(). */
static int read_tree(const char *folder, const char *name, cJSON **tree)
{
	struct json_problem problem;
	char *path, *text = NULL, *why = NULL;
	size_t len;

	*tree = NULL;
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return CRUET_ENOMEM;
	int err = config_slurp(path, FILE_MAX, &text, &len, &why);
	if (!err && !(*tree = json_read(text, len, 0, &limits, &problem)))
		err = CRUET_EPARSE;
	free(why);
	free(text);
	free(path);
	return err;
}

/* --- the state ------------------------------------------------------------------------------ */

static void put_text(cruet_json *o, const char *k, const char *v)
{
	if (v)
		cruet_put_str(o, k, v);
}

int state_write(const char *folder, const struct state *s)
{
	cJSON *o = cJSON_CreateObject();

	put_text(o, "token", s->token);
	cruet_put_int(o, "number", (int64_t)s->number);
	put_text(o, "app", s->app);
	put_text(o, "built_by", s->built_by);
	put_text(o, "failed", s->failed);
	put_text(o, "said", s->said);
	cruet_json *list = cruet_put_array(o, "places");
	for (size_t i = 0; i < s->nplaces; i++) {
		cruet_json *p = cruet_push_object(list);
		put_text(p, "file", s->places[i].file);
		put_text(p, "path", s->places[i].path);
		cruet_put_int(p, "line", s->places[i].line);
		cruet_put_int(p, "column", s->places[i].column);
		put_text(p, "says", s->places[i].says);
	}
	cruet_put_int(o, "seen_us", s->seen_us);
	cruet_put_int(o, "quiet_us", s->quiet_us);
	cruet_put_int(o, "built_us", s->built_us);
	return write_tree(folder, STATE_FILE, o);
}

struct reading {
	struct arena *a;
	bool failed;
};

static const char *text_in(struct reading *r, const cruet_json *o, const char *k)
{
	const char *v = cruet_json_str(cruet_json_get(o, k), NULL);
	const char *copy = arena_strdup(r->a, v);

	r->failed |= v && !copy;
	return copy;
}

static int64_t number_in(const cruet_json *o, const char *k)
{
	return cruet_json_int(cruet_json_get(o, k), 0);
}

static int take(struct state *s, const cruet_json *o, struct arena *a)
{
	struct reading r = {.a = a};
	const cruet_json *p = cruet_json_first(cruet_json_get(o, "places"));

	*s = (struct state){.token = text_in(&r, o, "token"),
			    .number = (uint64_t)number_in(o, "number"),
			    .app = text_in(&r, o, "app"),
			    .built_by = text_in(&r, o, "built_by"),
			    .failed = text_in(&r, o, "failed"),
			    .said = text_in(&r, o, "said"),
			    .seen_us = number_in(o, "seen_us"),
			    .quiet_us = number_in(o, "quiet_us"),
			    .built_us = number_in(o, "built_us")};
	for (; p && s->nplaces < STATE_PLACES; p = cruet_json_next(p))
		s->places[s->nplaces++] =
			(struct state_place){.file = text_in(&r, p, "file"),
					     .path = text_in(&r, p, "path"),
					     .line = (unsigned)number_in(p, "line"),
					     .column = (unsigned)number_in(p, "column"),
					     .says = text_in(&r, p, "says")};
	return r.failed ? CRUET_ENOMEM : s->token ? CRUET_OK : CRUET_EPARSE;
}

int state_read(const char *folder, struct state *s, struct arena *a)
{
	cJSON *o;
	int err = read_tree(folder, STATE_FILE, &o);

	if (!err)
		err = take(s, o, a);
	cJSON_Delete(o);
	return err;
}

int state_ask(const char *folder)
{
	return write_tree(folder, STATE_ASKED, cJSON_CreateTrue());
}

/* --- taking it up ------------------------------------------------------------------------------ */

static int name_taking(const char *folder, char **path)
{
	return asprintf(path, "%s/" STATE_TAKING "%d", folder, (int)getpid()) < 0 ? CRUET_ENOMEM
										   : CRUET_OK;
}

int state_taking(const char *folder, uint64_t number, enum state_taken what)
{
	cJSON *o = cJSON_CreateObject();
	char name[64];

	cruet_put_int(o, "number", (int64_t)number);
	cruet_put_int(o, "what", what);
	snprintf(name, sizeof name, STATE_TAKING "%d", (int)getpid());
	return write_tree(folder, name, o);
}

/* A link: who builds replaces the file, and leaves what it was alone. */
static void keep_good(const char *folder, const char *app)
{
	char *good, *draft = NULL;

	if (asprintf(&good, "%s/" STATE_GOOD, folder) < 0)
		return;
	if (asprintf(&draft, "%s.%d", good, (int)getpid()) > 0 && !link(app, draft)) {
		rename(draft, good);
		unlink(draft); /* it is still there if both were the same already */
	}
	free(draft);
	free(good);
}

void state_took(const char *folder, const char *app)
{
	char *path;

	if (app)
		keep_good(folder, app);
	if (name_taking(folder, &path))
		return;
	unlink(path);
	free(path);
}

static bool has_gone(const char *pid)
{
	int64_t n;

	return text_int(pid, &n) && n > 0 && n <= INT32_MAX && kill((pid_t)n, 0) && errno == ESRCH;
}

enum state_taken state_to_take(const char *folder, uint64_t number)
{
	const size_t prefix = sizeof STATE_TAKING - 1;
	int64_t next = STATE_NEWEST;
	DIR *d = opendir(folder);

	for (struct dirent *e; d && (e = readdir(d));) {
		cJSON *o;
		if (!text_starts(e->d_name, STATE_TAKING) || !has_gone(e->d_name + prefix) ||
		    read_tree(folder, e->d_name, &o))
			continue;
		int64_t tried = number_in(o, "what");
		if ((uint64_t)number_in(o, "number") == number && tried >= next)
			next = tried + 1;
		cJSON_Delete(o);
	}
	if (d)
		closedir(d);
	return next < STATE_NOTHING ? (enum state_taken)next : STATE_NOTHING;
}

/* --- folders that are read from ---------------------------------------------------------------- */

int state_write_folders(const char *folder, const char *const *folders)
{
	cJSON *list = cJSON_CreateArray();
	char name[64];

	snprintf(name, sizeof name, STATE_FOLDERS "%d", (int)getpid());
	for (; *folders; folders++)
		cruet_push_str(list, *folders);
	return write_tree(folder, name, list);
}

struct list {
	const char **items;
	size_t n;
};

static int add_once(struct list *l, const char *text, struct arena *a)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->items[i], text))
			return CRUET_OK;
	const char **items = arena_more(a, l->items, l->n, sizeof *items);
	char *copy = arena_strdup(a, text);
	if (!items || !copy)
		return CRUET_ENOMEM;
	l->items = items;
	items[l->n++] = copy;
	return CRUET_OK;
}

static int add_file(struct list *l, const char *folder, const char *name, struct arena *a)
{
	cJSON *tree;
	int err = read_tree(folder, name, &tree);
	const cruet_json *v = cruet_json_first(tree);

	for (; v && !err; v = cruet_json_next(v))
		err = add_once(l, cruet_json_str(v, "/"), a);
	cJSON_Delete(tree);
	return err == CRUET_ENOMEM ? err : CRUET_OK; /* a process that has gone */
}

/* A draft has a dot in its name. */
static bool is_folders(const char *name)
{
	return text_starts(name, STATE_FOLDERS) && !strchr(name, '.');
}

const char *const *state_read_folders(const char *folder, struct arena *a)
{
	struct list l = {.items = NULL};
	DIR *d = opendir(folder);
	int err = CRUET_OK;

	for (struct dirent *e; d && !err && (e = readdir(d));)
		if (is_folders(e->d_name))
			err = add_file(&l, folder, e->d_name, a);
	if (d)
		closedir(d);
	const char **items = err ? NULL : arena_more(a, l.items, l.n, sizeof *items);
	if (items)
		items[l.n] = NULL;
	return items;
}
