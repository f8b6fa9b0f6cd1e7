#include "plugin/registry.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "plugin/order.h"
#include "plugin/service.h"

enum { PLUGINS_MAX = 128, NAMES_MAX = 512 };

static void free_registry(void *p)
{
	struct registry *r = p;
	if (r->folder)
		rmdir(r->folder);
	free(r->folder);
	free(r);
}

struct registry *registry_of(cruet_app *root)
{
	struct host *h = root->host;
	struct registry *r = h->registry;

	if (!r) {
		r = calloc(1, sizeof *r);
		if (!r)
			return NULL;
		r->root = root;
		r->last = &r->first;
		h->registry = r;
		h->registry_free = free_registry;
	}
	return r;
}

struct instance *registry_named(cruet_app *root, const char *name)
{
	struct registry *r = root->host->registry;
	for (struct instance *in = r ? r->first : NULL; in; in = in->next)
		if (!strcmp(in->owner.name, name))
			return in;
	return NULL;
}

/* --- the plugin path ------------------------------------------------------------------- */

/* Folders in order, ends with NULL. */
static const char *const *folders(struct host *h, struct arena *a)
{
	const char **list = arena_array(a, 64, sizeof *list);
	const char *const *configured = h->settings.plugin_path;
	size_t n = 0;

	if (!list)
		return NULL;
	for (; *configured && n < 30; configured++)
		list[n++] = **configured == '/'
				    ? *configured
				    : arena_printf(a, "%s/%s", config_folder(h->config), *configured);
	const char *env = secure_getenv("CRUET_PLUGIN_PATH");
	while (env && *env && n < 60) {
		size_t len = strcspn(env, ":");
		if (*env == '/')
			list[n++] = arena_strndup(a, env, len);
		env += len + (env[len] == ':');
	}
	list[n] = CRUET_PLUGIN_DIR;
	return list;
}

static bool plugin_name(const char *s)
{
	if (!is_lower(*s))
		return false;
	for (; *s; s++)
		if (!is_lower(*s) && !is_digit(*s) && *s != '_')
			return false;
	return true;
}

static const char *not_found(struct host *h, const char *name, const char *const *dirs,
			     struct arena *a)
{
	struct buf b;
	buf_init(&b, a, 0);
	buf_printf(&b, "plugin '%s': no %s.so in ", name, name);
	for (size_t i = 0; dirs[i]; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", dirs[i]);
	const char *near = text_nearest(name, registry_names(h, a));
	if (near)
		buf_printf(&b, "; did you mean %s?", near);
	return buf_err(&b) ? NULL : b.p;
}

const char *registry_find(struct host *h, const char *name, struct arena *a, const char **why)
{
	if (!plugin_name(name)) {
		*why = arena_printf(a, "plugin '%s': a name has lower-case letters, digits and '_'",
				    name);
		return NULL;
	}
	const char *const *dirs = folders(h, a);
	for (size_t i = 0; dirs && dirs[i]; i++) {
		const char *flat = arena_printf(a, "%s/%s.so", dirs[i], name);
		const char *deep = arena_printf(a, "%s/%s/%s.so", dirs[i], name, name);
		/* A dangling or odd file is found too: the loader says what is wrong. */
		if (flat && faccessat(AT_FDCWD, flat, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return flat;
		if (deep && faccessat(AT_FDCWD, deep, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return deep;
	}
	*why = dirs ? not_found(h, name, dirs, a) : NULL;
	return NULL;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *const *registry_names(struct host *h, struct arena *a)
{
	const char *const *dirs = folders(h, a);
	const char **names = arena_array(a, NAMES_MAX + 1, sizeof *names);
	size_t n = 0;

	for (size_t i = 0; names && dirs && dirs[i]; i++) {
		DIR *d = opendir(dirs[i]);
		for (struct dirent *e; d && (e = readdir(d)) && n < NAMES_MAX;) {
			char *name = arena_strdup(a, e->d_name);
			size_t len = name ? strlen(name) : 0;
			const char *deep = arena_printf(a, "%s/%s/%s.so", dirs[i], e->d_name,
							e->d_name);
			if (len > 3 && !strcmp(name + len - 3, ".so"))
				name[len - 3] = '\0';
			else if (!deep || access(deep, F_OK) != 0)
				continue;
			bool seen = false;
			for (size_t k = 0; k < n; k++)
				seen |= !strcmp(names[k], name);
			if (!seen && plugin_name(name))
				names[n++] = name;
		}
		if (d)
			closedir(d);
	}
	if (names)
		qsort(names, n, sizeof *names, by_text);
	return names;
}

/* --- attaching ------------------------------------------------------------------------------ */

static uint64_t now_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static int open_file(cruet_app *root, const char *path, bool app, struct arena *a,
		     struct loaded *out)
{
	struct registry *r = registry_of(root);
	const char *why = NULL;

	if (r && !r->folder)
		r->folder = loader_folder(a, &why);
	if (!r || !r->folder)
		return host_problem(root->host, CRUET_EIO, "%s", why ? why : "out of memory");
	int err = loader_open(path, app, r->folder, ++r->serial, a, out, &why);
	return err ? host_problem(root->host, err, "%s", why ? why : "out of memory") : CRUET_OK;
}

/* What the config file says of an instance of that name. */
static bool configured(struct host *h, const char *name, struct config_plugin *out)
{
	for (size_t i = 0; config_plugin_at(h->config, i, out); i++)
		if (!strcmp(out->instance, name))
			return true;
	return false;
}

static int attach(cruet_app *app, struct attach *how)
{
	struct instance *in;
	struct config_plugin cp;

	if (configured(app->host, how->name, &cp))
		how->config = &cp;
	return instance_attach(app, how, &in);
}

int cruet_use_static(cruet_app *app, const cruet_plugin *p, const char *options)
{
	if (!app)
		return CRUET_EINVAL;
	if (!p || p->size < offsetof(cruet_plugin, configure))
		return scope_problem(app, CRUET_EINVAL, "cruet_use_static: no plugin");
	if (app->frozen)
		return scope_problem(app, CRUET_ESTATE,
				     "plugin '%s' attached after the application has started",
				     p->name);
	return attach(app, &(struct attach){.name = p->name, .plugin = p, .text = options});
}

int cruet_use(cruet_app *app, const char *plugin, const char *options)
{
	struct arena a;
	struct loaded l;
	const char *why = NULL;

	if (!app)
		return CRUET_EINVAL;
	if (app->frozen)
		return scope_problem(app, CRUET_ESTATE,
				     "plugin '%s' attached after the application has started",
				     plugin);
	arena_init(&a, 4096);
	uint64_t from = now_us();
	const char *path = registry_find(app->host, plugin, &a, &why);
	int err = path ? open_file(app->root, path, false, &a, &l)
		       : host_problem(app->host, CRUET_ENOENT, "%s", why ? why : "out of memory");
	if (!err)
		err = attach(app, &(struct attach){.name = plugin,
						   .plugin = l.plugin,
						   .loaded = &l,
						   .file = path,
						   .text = options,
						   .load_us = now_us() - from});
	arena_fini(&a);
	return err;
}

int registry_load_app(cruet_app *root, const char *file)
{
	struct arena a;
	struct loaded l;
	struct instance *in;

	arena_init(&a, 4096);
	uint64_t from = now_us();
	int err = open_file(root, file, true, &a, &l);
	if (!err)
		err = instance_attach(root,
				      &(struct attach){.name = "app",
						       .plugin = l.plugin,
						       .loaded = &l,
						       .file = file,
						       .load_us = now_us() - from},
				      &in);
	arena_fini(&a);
	return err;
}

/* --- the config's plugins ---------------------------------------------------------------------- */

struct wanted {
	struct config_plugin config;
	struct loaded loaded;
	const char *file;
	uint64_t load_us;
	bool taken;
};

static int outside(void *arg, const char *service)
{
	return service_provided(arg, service);
}

/* Loads all of them; they are sorted by what their descriptors say. */
static int open_all(cruet_app *root, struct wanted *w, size_t *n, struct arena *a)
{
	struct host *h = root->host;
	struct config_plugin cp;
	const char *why = NULL;

	for (size_t i = 0; config_plugin_at(h->config, i, &cp); i++) {
		if (registry_named(root, cp.instance))
			continue;
		if (*n == PLUGINS_MAX)
			return host_problem(h, CRUET_ELIMIT, "more than %d plugins", PLUGINS_MAX);
		uint64_t from = now_us();
		struct wanted *one = &w[*n];
		one->config = cp;
		one->file = registry_find(h, cp.plugin, a, &why);
		if (!one->file)
			return host_problem(h, CRUET_ENOENT, "%s", why ? why : "out of memory");
		int err = open_file(root, one->file, false, a, &one->loaded);
		if (err)
			return err;
		one->load_us = now_us() - from;
		++*n;
	}
	return CRUET_OK;
}

static struct wanted *wanted_named(struct wanted *w, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(w[i].config.instance, name))
			return &w[i];
	return NULL;
}

int registry_load_config(cruet_app *root)
{
	struct host *h = root->host;
	struct arena a;
	struct wanted *w;
	struct order_item *items;
	struct instance *done[PLUGINS_MAX];
	size_t n = 0, ndone = 0;
	const char *why = NULL;

	arena_init(&a, 16384);
	w = arena_array(&a, PLUGINS_MAX, sizeof *w);
	items = arena_array(&a, PLUGINS_MAX, sizeof *items);
	int err = w && items ? open_all(root, w, &n, &a) : CRUET_ENOMEM;
	for (size_t i = 0; !err && i < n; i++) {
		const cruet_plugin *p = w[i].loaded.plugin;
		items[i] = (struct order_item){w[i].config.instance, p->name, p->needs,
					       p->provides, p->after};
	}
	if (!err) {
		err = order_sort(items, n, outside, root, &a, &why);
		if (err)
			host_problem(h, err, "%s", why ? why : "out of memory");
	}
	for (size_t i = 0; !err && i < n; i++) {
		struct wanted *one = wanted_named(w, n, items[i].name);
		if (!one)
			continue; /* sorting changes the order alone */
		one->taken = true;
		err = instance_attach(root,
				      &(struct attach){.name = one->config.instance,
						       .plugin = one->loaded.plugin,
						       .loaded = &one->loaded,
						       .file = one->file,
						       .config = &one->config,
						       .first = true,
						       .load_us = one->load_us},
				      &done[ndone]);
		ndone += !err;
	}
	for (size_t i = 0; w && i < n; i++)
		if (!w[i].taken)
			loader_close(&w[i].loaded);
	while (err && ndone) {
		struct instance *in = done[--ndone];
		host_remove_guest(h, &in->guest);
		instance_free(in);
	}
	arena_fini(&a);
	return err;
}

int registry_load(cruet_app *root, const char *file, const char *profile)
{
	int err = settings_read(root->host, file, profile);
	return err ? err : registry_load_config(root);
}

int cruet_load(cruet_app *app, const char *file)
{
	return app ? registry_load(app->root, file, NULL) : CRUET_EINVAL;
}
