#include "cli/site.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/ctx.h"
#include "app/scope.h"
#include "base/text.h"
#include "cli/code.h"
#include "cli/compile.h"
#include "cli/scratch.h"
#include "cruet/app.h"
#include "plugin/lock.h"
#include "plugin/registry.h"

static bool failed(const char *why)
{
	cli_fail("%s", why ? why : "out of memory");
	return false;
}

/* --- configuration ---------------------------------------------------------------------- */

static int set_one(struct site *s, struct cmdline *c, const char *pair)
{
	const char *eq = strchr(pair, '=');
	char *why = NULL;

	if (!eq || eq == pair)
		return cli_misused(c->command->name,
				   "option -D %s: expected KEY=VALUE, such as server.threads=8",
				   pair);
	const char *key = arena_strndup(&c->arena, pair, (size_t)(eq - pair));
	int err = key ? config_set(s->app->host->config, CONFIG_COMMAND, key, eq + 1,
				   "command line", &why)
		      : CRUET_ENOMEM;
	if (err)
		failed(why);
	free(why);
	return err ? EXIT_FAILED : EXIT_DONE;
}

static int set_file(struct site *s, struct cmdline *c, const char *key, const char *file)
{
	const char *path = file ? code_steady(file, &c->arena) : NULL;
	const char *pair = path ? arena_printf(&c->arena, "%s=%s", key, path) : NULL;

	return pair ? set_one(s, c, pair) : cli_fail("out of memory");
}

/* All addresses speak TLS with this certificate, whatever the configuration says of
 * TLS. */
static int set_certificate(struct site *s, struct cmdline *c)
{
	const char *cert = args_value(&c->args, "cert"), *key = args_value(&c->args, "key");
	bool adhoc = cert && !strcmp(cert, "adhoc");

	if (!cert && !key)
		return EXIT_DONE;
	if (!cert)
		return cli_misused(c->command->name, "option --key needs --cert FILE");
	if (adhoc && key)
		return cli_misused(c->command->name, "option --key: an adhoc certificate brings its "
						     "own key: leave it out");
	int code = set_one(s, c, "server.transport=event");
	if (!code)
		code = set_one(s, c, "server.tls="); /* nothing is left of it */
	if (!code)
		code = adhoc ? set_one(s, c, "server.tls.certificate=adhoc")
			     : set_file(s, c, "server.tls.certificate", cert);
	return code || !key ? code : set_file(s, c, "server.tls.key", key);
}

static int set_options(struct site *s, struct cmdline *c)
{
	int err = set_certificate(s, c);

	if (err)
		return err;
	for (size_t i = 0; i < c->args.ngiven; i++) {
		const struct given *g = &c->args.given[i];
		const char *pair = g->value;
		if (!strcmp(g->flag->name, "listen"))
			pair = arena_printf(&c->arena, "server.listen=%s", g->value);
		else if (!strcmp(g->flag->name, "workers"))
			pair = arena_printf(&c->arena, "server.workers=%s", g->value);
		else if (strcmp(g->flag->name, "set") != 0)
			continue;
		int code = pair ? set_one(s, c, pair) : cli_fail("out of memory");
		if (code)
			return code;
	}
	return EXIT_DONE;
}

int site_open(struct site *s, struct cmdline *c, const char *target)
{
	const char *why = NULL;
	char *problem = NULL;

	*s = (struct site){.app = NULL};
	if (target_find(target, args_value(&c->args, "config"), &c->arena, &s->target, &why))
		return cli_fail("%s", why);
	s->app = cruet_new(s->target.name);
	if (!s->app)
		return cli_fail("out of memory");
	if (config_set(s->app->host->config, CONFIG_CODE, "server.workers", "1", "cruet run",
		       &problem)) {
		free(problem);
		return cli_fail("out of memory");
	}
	return set_options(s, c);
}

int site_configure(struct site *s, struct cmdline *c, const char *target)
{
	int code = site_open(s, c, target);

	if (code)
		return code;
	if (settings_read(s->app->host, s->target.config, args_value(&c->args, "profile")))
		return cli_fail("%s", cruet_problem(s->app));
	return EXIT_DONE;
}

/* --- code ------------------------------------------------------------------------------- */

static bool find_code(const struct site *s, struct arena *a, struct code *out)
{
	const char *why = NULL;

	return !code_find(&s->target, s->app->host->config, a, out, &why) || failed(why);
}

/* What was compiled is checked once here, because messages about it should name
 * the source. */
static bool check_built(const struct code *code, const char *so, struct arena *a)
{
	struct facts facts;
	const char *why = NULL;

	if (loader_check(so, true, a, &facts, &why) == CRUET_OK)
		return true;
	if (!why)
		return failed(NULL);
	size_t n = strlen(so);
	return failed(arena_printf(a, "%s%s", code->shown, strncmp(why, so, n) ? ": " : why + n));
}

static bool load(struct site *s, const char *so, bool compiled)
{
	if (chdir(s->target.folder) != 0) {
		cli_fail("%s: %s", s->target.folder, strerror(errno));
		return false;
	}
	if (registry_load_config(s->app) || registry_load_app(s->app, so, compiled))
		return failed(cruet_problem(s->app));
	return true;
}

static bool build_and_load(struct site *s, const struct code *code, struct arena *a)
{
	const char *why = NULL;
	char *folder = loader_folder(a, &why);
	const char *so = folder ? arena_printf(a, "%s/app.so", folder) : NULL;
	bool ok = so;

	if (!so)
		failed(why);
	if (ok && compile_app(code->sources, so, a, &why))
		ok = failed(why);
	ok = ok && check_built(code, so, a) && load(s, so, true);
	scratch_remove(folder); /* whatever CFLAGS made the compiler leave there */
	free(folder);
	return ok;
}

/* What is compiled at each start is another file each time: no lock can list it. */
static bool may_build(const struct site *s, const struct code *code, struct arena *a)
{
	const char *path, *why;
	struct lock l;
	int err = lock_of(s->app->host, a, &l, &path, &why);

	if (err == CRUET_ENOENT)
		return true;
	if (err)
		return failed(why);
	return failed(arena_printf(a, "%s is compiled at each start, so %s cannot list it: build a "
				      ".so, name that in \"app\", and run `cruet plugins lock`",
				   code->shown, path));
}

/* An application that cannot be found is no matter of the lock. */
int site_may_build(struct site *s, struct cmdline *c)
{
	struct code code;
	const char *why;

	if (code_find(&s->target, s->app->host->config, &c->arena, &code, &why) || code.so)
		return EXIT_DONE;
	return may_build(s, &code, &c->arena) ? EXIT_DONE : EXIT_FAILED;
}

const char *const *site_sources(struct site *s, struct arena *a)
{
	struct code code;

	if (!find_code(s, a, &code))
		return NULL;
	if (code.so)
		cli_fail("%s was built already: name its sources, a .c file or a folder", code.shown);
	return code.sources;
}

int site_load(struct site *s, struct cmdline *c)
{
	struct code code;

	if (!find_code(s, &c->arena, &code))
		return EXIT_FAILED;
	if (!code.so && !may_build(s, &code, &c->arena))
		return EXIT_FAILED;
	bool ok = code.so ? load(s, code.so, false) : build_and_load(s, &code, &c->arena);
	return ok ? EXIT_DONE : EXIT_FAILED;
}

int site_plan(struct site *s, struct cmdline *c, const char *target)
{
	char *why = NULL;
	int code = site_configure(s, c, target);

	if (!code)
		code = site_load(s, c);
	if (!code)
		s->plan = generation_build(s->app, scope_config(s->app), &why);
	if (!code && !s->plan)
		code = cli_fail("%s", why ? why : "out of memory");
	free(why);
	return code;
}

cruet_ctx *site_ctx(struct site *s)
{
	struct host *h = s->app->host;

	if (!s->stands) {
		pthread_mutex_lock(&h->changing);
		generation_offer(h, s->plan);
		generation_publish(h);
		pthread_mutex_unlock(&h->changing);
		s->stands = true;
	}
	return ctx_open(h, 0);
}

void site_close(struct site *s)
{
	if (!s->stands)
		generation_free(s->plan);
	cruet_free(s->app);
	*s = (struct site){.app = NULL};
}
