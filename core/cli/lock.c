/* cruet plugins lock: takes the files that an application uses now for those that it may
 * use. */
#include "plugin/lock.h"

#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/report.h"
#include "cli/table.h"
#include "plugin/registry.h"

struct locking {
	const struct site *site;
	struct arena *a;
	const char *path;
	struct lock before, now;
};

static int add(struct locking *k, const struct facts *f, bool named)
{
	struct lock_entry *e = &k->now.entries[k->now.n];

	if (lock_find(&k->now, f->plugin->name))
		return EXIT_DONE;
	if (k->now.n == LOCK_MAX)
		return cli_fail("more than %d plugins", LOCK_MAX);
	if (!lock_entry_of(f, k->a, e))
		return cli_fail("out of memory");
	e->named = named;
	k->now.n++;
	return EXIT_DONE;
}

static int add_plugin(struct locking *k, const char *plugin, bool named)
{
	struct report r;

	report_read(k->site, plugin, k->a, &r);
	return r.why ? cli_fail("%s", r.why) : add(k, &r.facts, named);
}

/* One that is compiled when it is started is another file each time. Without "app" the
 * application is a program of its own, or the sources of its folder. */
static int add_application(struct locking *k)
{
	const struct host *h = k->site->app->host;
	const char *app = h->settings.app, *why = NULL;
	struct facts f;

	if (!app)
		return EXIT_DONE;
	if (!text_ends(app, ".so"))
		return cli_fail("%s: app = \"%s\" is compiled at each start, so no lock "
				"can list it: "
				"build a .so, and name that",
				config_origin(h->config, "app"), app);
	const char *path = target_path(k->site->target.shown, app, k->a);
	int err = path ? loader_check(path, true, k->a, &f, &why) : CRUET_ENOMEM;
	return err ? cli_fail("%s", why ? why : "out of memory") : add(k, &f, false);
}

static int add_configured(struct locking *k)
{
	const struct host *h = k->site->app->host;
	struct config_plugin cp;
	int code = EXIT_DONE;

	for (size_t i = 0; !code && config_plugin_at(h->config, i, &cp); i++)
		code = add_plugin(k, cp.plugin, false);
	if (!code && strcmp(h->settings.transport, "civetweb") != 0)
		code = add_plugin(k, h->settings.transport, false);
	return code;
}

/* Those that were named before too, as long as they are there. */
static int add_named(struct locking *k, const char *const *names)
{
	const char *why = NULL;
	int code = EXIT_DONE;

	for (; !code && *names; names++)
		code = add_plugin(k, *names, true);
	for (size_t i = 0; !code && i < k->before.n; i++) {
		const struct lock_entry *e = &k->before.entries[i];
		if (e->named && registry_find(k->site->app->host, e->name, k->a, &why))
			code = add_plugin(k, e->name, true);
	}
	return code;
}

/* --- what came of it -------------------------------------------------------------- */

static void row(struct table *t, const struct lock_entry *e, const char *state)
{
	table_row(t, e->name, e->version ? e->version : "-", state, e->sha256);
}

static int print(const struct locking *k)
{
	struct table t;

	table_init(&t, k->a, 4);
	table_row(&t, "NAME", "VERSION", "STATE", "SHA256");
	for (size_t i = 0; i < k->now.n; i++) {
		const struct lock_entry *e = &k->now.entries[i],
					*was = lock_find(&k->before, e->name);
		row(&t, e,
		    !was			     ? "added"
		    : strcmp(was->sha256, e->sha256) ? "changed"
						     : "as before");
	}
	for (size_t i = 0; i < k->before.n; i++)
		if (!lock_find(&k->now, k->before.entries[i].name))
			row(&t, &k->before.entries[i], "removed");
	return describe_print(&t, "");
}

/* --- the command ------------------------------------------------------------------ */

static int begin(struct locking *k)
{
	const char *why;
	int err = lock_of(k->site->app->host, k->a, &k->before, &k->path, &why);

	if (!k->path && err == CRUET_ENOENT)
		return cli_fail("no cruet.json in the working directory: cruet.lock "
				"stands beside one");
	if (err && err != CRUET_ENOENT)
		return cli_fail("%s", why ? why : "out of memory");
	k->now.entries = arena_array(k->a, LOCK_MAX, sizeof *k->now.entries);
	return k->now.entries ? EXIT_DONE : cli_fail("out of memory");
}

int plugins_lock(struct cmdline *c)
{
	const char *why = NULL;
	struct site s;
	struct locking k = {.site = &s, .a = &c->arena};
	int code = site_configure(&s, c, NULL);

	if (!code)
		code = begin(&k);
	if (!code)
		code = add_application(&k);
	if (!code)
		code = add_configured(&k);
	if (!code)
		code = add_named(&k, c->args.rest);
	if (!code && lock_write(k.path, &k.now, k.a, &why))
		code = cli_fail("%s", why ? why : "out of memory");
	if (!code)
		code = print(&k);
	site_close(&s);
	return code;
}
