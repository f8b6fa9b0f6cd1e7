/* What cruet generate adds: routes, hooks, plugins, resources. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/generate.h"
#include "cli/new.h"
#include "cli/skeleton.h"

static void begin(struct generating *g, struct cmdline *c)
{
	*g = (struct generating){.c = c, .a = &c->arena};
}

static bool is_name(const char *s)
{
	size_t n = 0;

	while (is_lower(s[n]) || s[n] == '_' || (n && is_digit(s[n])))
		n++;
	return n && n <= 64 && !s[n] && *s != '_' && !new_is_word(s);
}

static int bad_name(const struct cmdline *c, const char *name)
{
	return cli_misused(c->command->name,
			   "'%s' is no name for it: expected a lower-case letter, then lower-case "
			   "letters, digits and '_', and no word of C",
			   name);
}

/* --- a route -------------------------------------------------------------------------------- */

static const char *const methods[][2] = {{"GET", "cruet_get"},
					 {"POST", "cruet_post"},
					 {"PUT", "cruet_put"},
					 {"PATCH", "cruet_patch"},
					 {"DELETE", "cruet_del"}};

static const char *call_of(const char *method)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (text_ieq(methods[i][0], method))
			return methods[i][1];
	return NULL;
}

/* The last word of a path that is no variable: "show" of "/posts/<id>/show"; "front" without
 * one. */
static const char *name_of(const char *path, struct arena *a)
{
	const char *word = NULL;
	size_t n = 0;

	for (const char *p = path; *p;) {
		size_t len = strcspn(p, "/<");
		if (len) {
			word = p;
			n = len;
		}
		p += len;
		p += *p == '<' ? strcspn(p, ">") : 0;
		p += *p != '\0';
	}
	char *name = word ? arena_strndup(a, word, n) : arena_strdup(a, "front");
	for (char *p = name; p && *p; p++)
		*p = is_alnum(*p) ? to_lower(*p) : '_';
	return name;
}

/* The name of the first variable; NULL: there is none. */
static const char *variable_of(const char *path, struct arena *a)
{
	const char *open = strchr(path, '<'), *close = open ? strchr(open, '>') : NULL;

	if (!close)
		return NULL;
	const char *colon = memrchr(open, ':', (size_t)(close - open));
	const char *from = (colon ? colon : open) + 1;
	return arena_strndup(a, from, (size_t)(close - from));
}

int generate_route(struct cmdline *c)
{
	const char *path = c->args.rest[1], *call = call_of(c->args.rest[0]);
	const char *name = c->args.rest[2] ? c->args.rest[2] : name_of(path, &c->arena);
	const char *variable = variable_of(path, &c->arena), *body, *line;
	struct generating g;

	if (!call)
		return cli_misused(c->command->name,
				   "'%s' is no method: expected GET, POST, PUT, PATCH or DELETE",
				   c->args.rest[0]);
	if (*path != '/' || path[strcspn(path, "\"\\ ")])
		return cli_misused(c->command->name, "'%s' is no path: expected one such as /notes/<int:id>",
				   path);
	if (!name || !is_name(name))
		return bad_name(c, name ? name : "");
	begin(&g, c);
	if (generate_has_word(&g, name))
		return EXIT_FAILED;
	body = variable ? arena_printf(g.a, "cruet_textf(c, \"%s %%s\\n\", cruet_arg(c, \"%s\"))",
				       name, variable)
			: arena_printf(g.a, "cruet_text(c, \"%s\\n\")", name);
	body = body ? arena_printf(g.a, "static int %s(cruet_ctx *c)\n{\n\treturn %s;\n}\n", name, body)
		    : NULL;
	line = arena_printf(g.a, "%s(@, \"%s\", %s);", call, path, name);
	if (!body || !line)
		return cli_fail("out of memory");
	int code = generate_in_app(&g, NULL, body, line);
	return code ? code : generate_finish(&g, "cruet routes");
}

/* --- a hook --------------------------------------------------------------------------------- */

static const char *const hooks[][2] = {
	{"before", "/* Before each request. CRUET_OK goes on to its handler; a reply, or a failure, "
		   "ends it. */\n"},
	{"after", "/* After each handler: the reply can still be changed. */\n"},
	{"finish", "/* Last of all, when nothing else changes the reply. */\n"},
	{"teardown", "/* When the reply has left, whatever became of it. */\n"}};

int generate_hook(struct cmdline *c)
{
	const char *kind = c->args.rest[0], *name = c->args.rest[1], *comment = NULL;
	bool teardown = !strcmp(kind, "teardown");
	struct generating g;

	for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++)
		if (!strcmp(hooks[i][0], kind))
			comment = hooks[i][1];
	if (!comment)
		return cli_misused(c->command->name,
				   "'%s' is no hook: expected before, after, finish or teardown", kind);
	if (!is_name(name))
		return bad_name(c, name);
	begin(&g, c);
	if (generate_has_word(&g, name))
		return EXIT_FAILED;
	const char *body = arena_printf(
		g.a,
		teardown ? "%sstatic void %s(cruet_ctx *c, int err)\n{\n\t(void)c, (void)err;\n}\n"
			 : "%sstatic int %s(cruet_ctx *c)\n{\n\t(void)c;\n\treturn CRUET_OK;\n}\n",
		comment, name);
	const char *line = arena_printf(g.a, "cruet_%s(@, %s);", kind, name);
	if (!body || !line)
		return cli_fail("out of memory");
	int code = generate_in_app(&g, NULL, body, line);
	return code ? code : generate_finish(&g, NULL);
}

/* --- files of a skeleton ----------------------------------------------------------------------- */

static int add_files(struct generating *g, const struct skeleton *k, const char *name,
		     const char *folder)
{
	const char *path, *text;
	int code = EXIT_DONE;

	for (size_t i = 0; !code && skeleton_file_at(k, name, i, g->a, &path, &text); i++)
		code = generate_add(g, path ? arena_printf(g->a, "%s%s", folder, path) : NULL, text);
	return code;
}

/* --- a plugin ----------------------------------------------------------------------------------- */

int generate_plugin(struct cmdline *c)
{
	static const struct skeleton plain = {
		{"plugin/common", "plugin/plain"}, "my_plugin", NULL, {NULL, NULL}};
	const char *name = c->args.rest[0];
	const char *folder = arena_printf(&c->arena, "plugins/%s/", name);
	const char *next = arena_printf(&c->arena, "make -C plugins/%s check", name);
	struct generating g;

	if (!is_name(name) || !strcmp(name, "app"))
		return bad_name(c, name);
	if (!folder || !next)
		return cli_fail("out of memory");
	begin(&g, c);
	int code = add_files(&g, &plain, name, folder);
	if (!code)
		code = generate_plugin_path(&g, "plugins");
	if (!code)
		code = generate_plugin_entry(&g, name, "{}", false);
	return code ? code : generate_finish(&g, next);
}

/* --- a resource ----------------------------------------------------------------------------------- */

/* Steps run in the order of their names: the next one is behind all that are there. */
static unsigned next_step(void)
{
	DIR *d = opendir("schema");
	unsigned most = 0;

	for (struct dirent *e; d && (e = readdir(d));) {
		unsigned long n = strtoul(e->d_name, NULL, 10);
		if (n > most && n < 999)
			most = (unsigned)n;
	}
	if (d)
		closedir(d);
	return most + 1;
}

static const char *numbered(struct generating *g, const char *path)
{
	static const char first[] = "schema/001";

	return text_starts(path, first)
		       ? arena_printf(g->a, "schema/%03u%s", next_step(), path + sizeof first - 1)
		       : path;
}

/* The text without that piece, or as it is. */
static const char *without(struct generating *g, const char *text, const char *piece)
{
	const char *at = strstr(text, piece);

	return at ? arena_printf(g->a, "%.*s%s", (int)(at - text), text, at + strlen(piece)) : text;
}

/* Where meson.build is as `cruet new` wrote it. */
static int add_to_meson(struct generating *g, const char *name)
{
	static const char sources[] = "files(", test[] = "dependencies: cruet_test";
	const char *text, *at, *in_test;
	struct buf b;

	if (access("meson.build", F_OK))
		return EXIT_DONE;
	int code = generate_read(g, "meson.build", &text);
	if (code)
		return code;
	at = strstr(text, sources);
	in_test = at ? strstr(at, test) : NULL;
	if (!in_test) {
		printf("meson.build is another than `cruet new` writes: add %s.c and tests/%s.c to it\n\n",
		       name, name);
		return EXIT_DONE;
	}
	at += sizeof sources - 1;
	buf_init(&b, g->a, 0);
	buf_put(&b, text, (size_t)(at - text));
	buf_printf(&b, "'%s.c', ", name);
	buf_put(&b, at, (size_t)(in_test - at));
	buf_printf(&b, "'tests/%s.c', %s", name, in_test);
	if (buf_err(&b))
		return cli_fail("out of memory");
	/* from now on it has a database, and each test one of its own */
	return generate_change(g, "meson.build", text,
			       without(g, b.p, ", env: ['CRUET_TEST_DATABASES=']"));
}

static int add_resource(struct generating *g, const char *name)
{
	static const struct skeleton resource = {{"resource"}, "my_things", NULL, {NULL, NULL}};
	const char *path, *text;
	const char *line = arena_printf(g->a, "%s_routes(cruet_blueprint(@, \"%s\", \"/api/%s\"));",
					name, name, name);
	const char *include = arena_printf(g->a, "%s.h", name);
	int code = line && include ? EXIT_DONE : cli_fail("out of memory");

	for (size_t i = 0; !code && skeleton_file_at(&resource, name, i, g->a, &path, &text); i++)
		code = generate_add(g, path ? numbered(g, path) : NULL, text);
	if (!code)
		code = generate_in_app(g, include, NULL, line);
	if (!code)
		code = generate_plugin_entry(g, "validate", "{}", true);
	if (!code)
		code = generate_plugin_entry(g, "sqlite",
					     "{ \"path\": \"var/site.db\", \"schema\": \"schema\" }", true);
	return code ? code : add_to_meson(g, name);
}

int generate_resource(struct cmdline *c)
{
	const char *name = c->args.rest[0];
	struct generating g;

	if (!is_name(name))
		return bad_name(c, name);
	begin(&g, c);
	int code = add_resource(&g, name);
	return code ? code : generate_finish(&g, "cruet test");
}
