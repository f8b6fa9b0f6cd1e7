/* cruet test: builds the tests of a site with its sources, and runs them. What runs them, and
 * what each is given, is in testing/. */
#include <cjson/cJSON.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/scope.h"
#include "base/buf.h"
#include "cli/compile.h"
#include "cli/coverage.h"
#include "cli/json_out.h"
#include "cli/scratch.h"
#include "cli/site.h"
#include "cli/spawn.h"
#include "cli/test_watch.h"

enum { WORDS_MAX = 128, CHECK_BYTES = 4096, JSON_MAX = 64 << 20 };

struct tests {
	struct site site;
	struct cmdline *c;
	const char *folder; /* of the tests */
	const char *scratch, *program;
};

static bool given(const struct tests *t, const char *flag)
{
	return args_value(&t->c->args, flag);
}

/* --- what the program is told ------------------------------------------------------------- */

static bool say(const char *name, const char *value, bool over)
{
	return value && !setenv(name, value, over);
}

/* -D plugins.sqlite.pool=1 as CRUET_PLUGINS__SQLITE__POOL. */
static bool say_setting(const char *pair, struct arena *a)
{
	const char *eq = strchr(pair, '=');
	struct buf b;

	buf_init(&b, a, 0);
	buf_str(&b, "CRUET_");
	for (const char *p = pair; p < eq; p++)
		if (*p == '.')
			buf_str(&b, "__");
		else
			buf_char(&b, (char)toupper((unsigned char)*p));
	return eq && !buf_err(&b) && say(b.p, eq + 1, true);
}

/* The instances whose data is a file: each test has files of its own. */
static const char *databases(const struct tests *t)
{
	struct config_plugin p;
	struct buf b;

	buf_init(&b, &t->c->arena, 0);
	for (size_t i = 0; config_plugin_at(t->site.app->host->config, i, &p); i++)
		if (!strcmp(p.plugin, "sqlite"))
			buf_printf(&b, "%s%s", b.len ? " " : "", p.instance);
	return buf_err(&b) ? NULL : b.p;
}

static int say_all(const struct tests *t)
{
	struct arena *a = &t->c->arena;
	bool ok = say("CRUET_TEST_SITE", t->site.target.folder, true) &&
		  say("CRUET_TEST_DATABASES", databases(t), true);

	if (ok && t->site.target.config)
		ok = say("CRUET_TEST_CONFIG", realpath(t->site.target.config, NULL), true);
	for (size_t i = 0; ok && i < t->c->args.ngiven; i++)
		if (!strcmp(t->c->args.given[i].flag->name, "set"))
			ok = say_setting(t->c->args.given[i].value, a);
	return ok ? EXIT_DONE : cli_fail("out of memory");
}

/* --- building ----------------------------------------------------------------------------- */

/* What the compiler and the linker need for Check; NULL: it is not there. */
static const char *check_words(const char *what, struct arena *a)
{
	char *command = arena_printf(a, "pkg-config %s check 2>/dev/null", what);
	FILE *f = command ? popen(command, "re") : NULL;
	char text[CHECK_BYTES];

	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	text[n] = '\0';
	return f && !pclose(f) ? arena_strdup(a, text) : NULL;
}

static const char *const *both(const char *const *x, const char *const *y, struct arena *a)
{
	size_t n = 0, m = 0, i;

	while (x[n])
		n++;
	while (y[m])
		m++;
	const char **all = arena_array(a, n + m + 1, sizeof *all);
	for (i = 0; all && i < n + m; i++)
		all[i] = i < n ? x[i] : y[i - n];
	return all;
}

static int build(struct tests *t)
{
	struct arena *a = &t->c->arena;
	const char *why = NULL, *cflags = check_words("--cflags", a), *libs = check_words("--libs", a);
	const char *const *site = site_sources(&t->site, a), *const *tests;
	const char *coverage = given(t, "coverage") ? "--coverage" : "";

	if (!site)
		return EXIT_FAILED;
	if (!cflags || !libs)
		return cli_fail("tests need Check: install the packages check and pkg-config");
	tests = target_sources(t->folder, a, &why);
	if (!tests)
		return cli_fail("%s holds no tests: expected .c files with CRUET_TEST(name, t)",
				t->folder);
	struct compile b = {.name = "a test or the application",
			  .sources = both(site, tests, a),
			  .out = t->program,
			  .program = true,
			  .include = t->site.target.folder,
			  .flags = arena_printf(a, "%s %s", cflags, coverage),
			  .libs = arena_printf(a, "%s -lcruet-test %s", coverage, libs)};
	if (!b.sources || !b.flags || !b.libs)
		return cli_fail("out of memory");
	return compile_build(&b, a, &why) ? cli_fail("%s", why) : EXIT_DONE;
}

/* --- running ------------------------------------------------------------------------------ */

static char **command(const struct tests *t)
{
	char **words = arena_array(&t->c->arena, WORDS_MAX + 1, sizeof *words);
	size_t n = 0;

	if (!words)
		return NULL;
	words[n++] = (char *)t->program;
	for (size_t i = 0; i < t->c->args.ngiven; i++) {
		const struct given *g = &t->c->args.given[i];
		if (n + 2 > WORDS_MAX)
			break;
		if (!strcmp(g->flag->name, "jobs"))
			words[n++] = (char *)"--jobs";
		if (!strcmp(g->flag->name, "jobs") || !strcmp(g->flag->name, "only"))
			words[n++] = (char *)g->value;
		else if (!strcmp(g->flag->name, "update"))
			words[n++] = (char *)"--update";
		else if (!strcmp(g->flag->name, "json"))
			words[n++] = (char *)"--json";
	}
	return words;
}

/* What the program has printed; NULL: nothing that is JSON. */
static cJSON *read_json(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = size > 0 && size < JSON_MAX ? malloc((size_t)size) : NULL;
	cJSON *v = NULL;

	if (text && pread(fd, text, (size_t)size, 0) == size)
		v = cJSON_ParseWithLength(text, (size_t)size);
	free(text);
	return v;
}

static int report(const struct tests *t, cJSON *json, int code)
{
	struct arena *a = &t->c->arena;
	const char *pages = arena_printf(a, "%s/coverage", t->site.target.folder);

	if (given(t, "coverage")) {
		if (!pages)
			return cli_fail("out of memory");
		int bad = coverage_report(t->scratch, t->site.target.folder, pages, json, a);
		code = code ? code : bad;
	}
	if (json && json_print(json, a))
		return cli_fail("out of memory");
	return code;
}

static int run(const struct tests *t)
{
	char **words = command(t);
	int fd = given(t, "json") ? memfd_create("tests", MFD_CLOEXEC) : -1;
	int code = EXIT_FAILED;

	if (!words || (given(t, "json") && fd < 0))
		return cli_fail("out of memory");
	fflush(stdout);
	int err = spawn_wait(words, fd, -1, &code);
	if (err)
		return cli_fail("%s does not start: %s", t->program, strerror(err));
	cJSON *json = fd >= 0 ? read_json(fd) : NULL;
	if (code == EXIT_DONE || json || fd < 0)
		code = report(t, json, code);
	cJSON_Delete(json);
	if (fd >= 0)
		close(fd);
	return code;
}

/* --- the command -------------------------------------------------------------------------- */

/* With the profile "test", where there is one and no other was asked for. */
static int configure(struct tests *t)
{
	const char *target = t->c->args.rest[0], *profile = args_value(&t->c->args, "profile");

	if (profile)
		setenv("CRUET_PROFILE", profile, 1);
	setenv("CRUET_SECRET_KEY", "not a secret at all, but long enough for tests", 0);
	int code = site_configure(&t->site, t->c, target);
	if (code || profile || getenv("CRUET_PROFILE") ||
	    !config_has_profile(t->site.app->host->config, "test"))
		return code;
	site_close(&t->site);
	setenv("CRUET_PROFILE", "test", 1);
	return site_configure(&t->site, t->c, target);
}

static int prepare(struct tests *t)
{
	struct arena *a = &t->c->arena;
	const char *why = NULL;
	struct stat st;

	t->folder = target_path(t->site.target.shown, "tests", a);
	if (!t->folder)
		return cli_fail("out of memory");
	if (stat(t->folder, &st) || !S_ISDIR(st.st_mode))
		return cli_fail("there is no folder %s: tests are .c files there, with "
				"CRUET_TEST(name, t)",
				t->folder);
	t->scratch = scratch_make(a, &why);
	t->program = t->scratch ? arena_printf(a, "%s/tests", t->scratch) : NULL;
	return t->program ? say_all(t) : cli_fail("%s", why ? why : "out of memory");
}

static int run_once(struct cmdline *c)
{
	struct tests t = {.c = c};
	int code = configure(&t);

	if (!code)
		code = prepare(&t);
	if (!code)
		code = build(&t);
	if (!code)
		code = run(&t);
	scratch_remove(t.scratch);
	site_close(&t.site);
	return code;
}

int test_command(struct cmdline *c)
{
	int code = args_value(&c->args, "coverage") ? coverage_check() : EXIT_DONE;

	if (code)
		return code;
	return args_value(&c->args, "watch") ? test_watch(c, run_once) : run_once(c);
}
