/* cruet new: folders to begin with. */
#include <string.h>

#include "app/scope.h"
#include "base/buf.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/new.h"
#include "cli/skeleton.h"
#include "plugin/descriptor.h"
#include "plugin/registry.h"

/* --- names -------------------------------------------------------------------- */

/* No identifiers, and no targets of Meson. */
static const char *const words[] = {
	/* C */
	"alignas", "alignof", "asm", "auto", "bool", "break", "case", "char", "const",
	"constexpr", "continue", "default", "do", "double", "else", "enum", "extern",
	"false", "float", "for", "goto", "if", "inline", "int", "long", "nullptr",
	"register", "restrict", "return", "short", "signed", "sizeof", "static",
	"static_assert", "struct", "switch", "thread_local", "true", "typedef", "typeof",
	"typeof_unqual", "union", "unsigned", "void", "volatile", "while",
	/* Meson */
	"all", "benchmark", "clean", "coverage", "dist", "distcheck", "install", "phony",
	"reconfigure", "test", "uninstall"};

bool new_is_word(const char *name)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i], name))
			return true;
	return false;
}

/* Why no plugin should have that name; NULL: it may. */
static const char *unfit(const char *name)
{
	if (!plugin_name_valid(name))
		return "expected a lower-case letter, then lower-case letters, digits "
		       "and '_', 64 in all at most";
	if (!strcmp(name, "app"))
		return "that is the name of every application";
	if (new_is_word(name))
		return "C or Meson keeps that word for itself";
	return NULL;
}

/* The file of a plugin of that name on the plugin path; NULL: there is none. */
static const char *taken(const char *name, struct arena *a)
{
	cruet_app *app = cruet_new("new");
	const char *why, *file = app ? registry_find(app->host, name, a, &why) : NULL;

	cruet_free(app);
	return file;
}

/* --- services ----------------------------------------------------------------- */

struct kind {
	const char *service; /* NULL: none */
	struct skeleton skeleton;
};

/* What is made may provide one of these. Behind db/1 is a database, and behind
 * template/1 and validate/1 a language: a skeleton that works would be most of the plugin. */
static const struct kind kinds[] = {
	{NULL, {{"plugin/common", "plugin/plain"}, "my_plugin", NULL, {NULL, NULL}}},
	{"cache/1", {{"plugin/common", "plugin/service", "plugin/cache"}, "my_plugin", NULL, {NULL, NULL}}},
	{"session/1",
	 {{"plugin/common", "plugin/service", "plugin/session"}, "my_plugin", NULL, {NULL, NULL}}},
	{"session_store/1",
	 {{"plugin/common", "plugin/service", "plugin/session_store"}, "my_plugin", NULL, {NULL, NULL}}}};

static const struct kind *kind_of(const char *service)
{
	if (!service)
		return &kinds[0];
	for (size_t i = 1; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].service, service))
			return &kinds[i];
	return NULL;
}

static int no_kind(struct cmdline *c, const char *service)
{
	struct buf b;

	buf_init(&b, &c->arena, 0);
	for (size_t i = 1; i < sizeof kinds / sizeof *kinds; i++)
		buf_printf(&b, "%s%s", i > 1 ? ", " : "", kinds[i].service);
	if (buf_err(&b))
		return cli_fail("out of memory");
	if (!strcmp(service, "db/1") || !strcmp(service, "template/1") ||
	    !strcmp(service, "validate/1"))
		return cli_misused(
			c->command->name,
			"there is no skeleton for a provider of \"%s\", which is too "
			"much for one: begin without --service, and try what you have by "
			"its contract (docs/plugins/contracts.md); there are skeletons "
			"for %s",
			service, b.p);
	return cli_misused(c->command->name, "option --service %s: expected one of %s",
			   service, b.p);
}

/* --- making one --------------------------------------------------------------- */

static int make(const struct skeleton *k, const char *name, const char *next, struct arena *a)
{
	const char *why, *path;

	if (skeleton_make(k, name, a, &why))
		return cli_fail("%s", why ? why : "out of memory");
	for (size_t i = 0; (path = skeleton_path(k, name, i, a)); i++)
		puts(path);
	printf("\nNext: %s\n", next);
	return EXIT_DONE;
}

int new_plugin(struct cmdline *c)
{
	const char *name = c->args.rest[0], *service = args_value(&c->args, "service");
	const char *why = unfit(name);
	const struct kind *k = kind_of(service);

	if (why)
		return cli_misused(c->command->name, "a plugin cannot be named '%s': %s",
				   name, why);
	if (!k)
		return no_kind(c, service);
	const char *file = taken(name, &c->arena);
	if (file)
		return cli_fail("there is a plugin '%s' already: %s: choose another name",
				name, file);
	const char *next = arena_printf(&c->arena, "make -C %s check", name);
	return next ? make(&k->skeleton, name, next, &c->arena) : cli_fail("out of memory");
}

/* --- a site --------------------------------------------------------------------- */

static const struct skeleton sites[] = {
	{{"site/common", "site/pages"}, "my_site", "my_secret_key", {NULL, NULL}},
	{{"site/common", "site/api", "resource"}, "my_site", "my_secret_key", {"my_things", "notes"}},
	{{"site/common", "site/minimal"}, "my_site", "my_secret_key", {NULL, NULL}}};

/* It becomes a folder, a target of Meson, a unit of systemd and a user. */
static bool site_name(const char *s)
{
	size_t n = 0;

	while (is_lower(s[n]) || (n && (is_digit(s[n]) || s[n] == '_' || s[n] == '-')))
		n++;
	return n && n <= 31 && !s[n];
}

int new_site(struct cmdline *c)
{
	const char *name = c->args.rest[0];
	bool api = args_value(&c->args, "api"), minimal = args_value(&c->args, "minimal");

	if (api && minimal)
		return cli_misused(c->command->name, "--api and --minimal: one of them at most");
	if (!site_name(name))
		return cli_misused(c->command->name,
				   "a site cannot be named '%s': expected a lower-case letter, then "
				   "lower-case letters, digits, '_' and '-', 31 in all at most",
				   name);
	if (new_is_word(name))
		return cli_misused(c->command->name,
				   "a site cannot be named '%s': C or Meson keeps that word for "
				   "itself",
				   name);
	const char *next = arena_printf(&c->arena, "cd %s && cruet run --debug", name);
	return next ? make(&sites[api ? 1 : minimal ? 2 : 0], name, next, &c->arena)
		    : cli_fail("out of memory");
}
