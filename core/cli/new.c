/* cruet new: folders to begin with. */
#include <string.h>

#include "app/scope.h"
#include "base/buf.h"
#include "cli/cli.h"
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

static bool is_word(const char *name)
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
	if (is_word(name))
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
 * validate/1 a language of rules: a skeleton that works would be most of the plugin. */
static const struct kind kinds[] = {
	{NULL, {{"plugin/common", "plugin/plain"}, "my_plugin"}},
	{"cache/1", {{"plugin/common", "plugin/service", "plugin/cache"}, "my_plugin"}},
	{"session/1",
	 {{"plugin/common", "plugin/service", "plugin/session"}, "my_plugin"}},
	{"session_store/1",
	 {{"plugin/common", "plugin/service", "plugin/session_store"}, "my_plugin"}}};

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
	if (!strcmp(service, "db/1") || !strcmp(service, "validate/1"))
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

static void tell(const struct skeleton *k, const char *name, struct arena *a)
{
	const char *path;

	for (size_t i = 0; (path = skeleton_path(k, name, i, a)); i++)
		puts(path);
	printf("\nNext: make -C %s check\n", name);
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
	if (skeleton_make(&k->skeleton, name, &c->arena, &why))
		return cli_fail("%s", why ? why : "out of memory");
	tell(&k->skeleton, name, &c->arena);
	return EXIT_DONE;
}
