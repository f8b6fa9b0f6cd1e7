/* cruet plugins: which there are, and what one says of itself. That is read out of the
 * files, and no code of a plugin runs; how they fare, a server says that runs. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "app/option.h"
#include "base/buf.h"
#include "base/text.h"
#include "cli/ask.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cruet/json.h"
#include "http/json_read.h"
#include "plugin/registry.h"

static int print(const struct table *t, const char *indent)
{
	return table_print(t, indent, stdout) ? cli_fail("out of memory") : EXIT_DONE;
}

/* --- list ----------------------------------------------------------------------------- */

/* One line; false if the plugin cannot be used. */
static bool list_one(const struct site *s, struct table *t, const char *name,
		     const char *plugin, const char *state)
{
	struct report f;

	report_read(s, plugin, t->a, &f);
	if (f.why) {
		table_row(t, name, "-", f.path ? "refused" : "missing", f.why);
		return false;
	}
	const cruet_plugin *p = f.facts.plugin;
	if (strcmp(name, plugin) != 0)
		state = arena_printf(t->a, "%s (%s)", state, plugin);
	table_row(t, name, p->version ? p->version : "-", state, p->summary);
	return true;
}

static bool is_configured(const struct config *cf, const char *plugin)
{
	struct config_plugin cp;

	for (size_t i = 0; config_plugin_at(cf, i, &cp); i++)
		if (!strcmp(cp.plugin, plugin))
			return true;
	return false;
}

/* What the server says of an instance, if one serves and has it. */
static const char *state_of(const cruet_json *served, const char *name)
{
	const cruet_json *p = cruet_json_first(cruet_json_get(served, "plugins"));

	while (p && strcmp(cruet_json_str(cruet_json_get(p, "name"), ""), name) != 0)
		p = cruet_json_next(p);
	return cruet_json_str(cruet_json_get(p, "state"), "attached");
}

static int list(const struct site *s, const cruet_json *served, struct arena *a)
{
	const struct config *cf = s->app->host->config;
	const char *const *names = registry_names(s->app->host, a);
	struct config_plugin cp;
	struct table t;
	bool ok = true;

	table_init(&t, a, 4);
	table_row(&t, "NAME", "VERSION", "STATE", "WHAT");
	for (size_t i = 0; config_plugin_at(cf, i, &cp); i++)
		ok &= list_one(s, &t, cp.instance, cp.plugin, state_of(served, cp.instance));
	for (size_t i = 0; names && names[i]; i++)
		if (!is_configured(cf, names[i]))
			list_one(s, &t, names[i], names[i], "available");
	if (t.rows == 1) {
		puts("no plugins");
		return EXIT_DONE;
	}
	int code = print(&t, "");
	return code ? code : ok ? EXIT_DONE : EXIT_FAILED;
}

int plugins_list(struct cmdline *c)
{
	cJSON *served = NULL;
	struct site s;
	int code = site_configure(&s, c, c->args.rest[0]);

	if (!code)
		code = ask_if_served(&s, "{\"command\": \"plugins\"}", &c->arena, &served);
	if (!code)
		code = list(&s, served, &c->arena);
	cJSON_Delete(served);
	site_close(&s);
	return code;
}

/* --- a quarantine is lifted ---------------------------------------------------------------- */

static const char *clear_line(const char *name, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	buf_str(&b, "{\"command\": \"clear\", \"plugin\": ");
	json_write_text(&b, name);
	buf_str(&b, "}");
	return buf_err(&b) ? NULL : b.p;
}

int plugins_clear(struct cmdline *c)
{
	const char *line = clear_line(c->args.rest[0], &c->arena);
	cJSON *answer = NULL;
	struct site s;
	int code = site_configure(&s, c, NULL);

	if (!code)
		code = line ? ask_server(&s, line, &c->arena, &answer) : cli_fail("out of memory");
	if (!code && !cruet_json_bool(cruet_json_get(answer, "ok"), false))
		code = cli_fail("%s", cruet_json_str(cruet_json_get(answer, "error"),
						     "the server did not say why"));
	cJSON_Delete(answer);
	site_close(&s);
	return code;
}

/* --- one plugin -------------------------------------------------------------------------- */

/* "db/1, log/1 (optional)"; "-" for none. */
static const char *join(const char *const *list, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	for (; list && *list; list++) {
		size_t n = strlen(*list);
		bool optional = n && (*list)[n - 1] == '?';
		buf_printf(&b, "%s%.*s%s", b.len ? ", " : "", (int)(n - optional), *list,
			   optional ? " (optional)" : "");
	}
	return buf_err(&b) ? NULL : b.len ? b.p : "-";
}

/* A long list over several lines. */
static void list_rows(struct table *t, const char *name, const char *const *list)
{
	struct buf b;

	buf_init(&b, t->a, 0);
	for (; *list; list++) {
		if (b.len && b.len + strlen(*list) > 70) {
			table_row(t, name, b.p);
			buf_clear(&b);
			name = "";
		}
		buf_printf(&b, "%s%s", b.len ? " " : "", *list);
	}
	table_row(t, name, b.len ? b.p : "-");
}

static const char *bound(const cruet_option *o, int64_t v, struct arena *a)
{
	cruet_option one = *o;
	double real = (double)v;

	one.offset = 0;
	one.flags = 0;
	return option_show(&one, o->type == CRUET_OPT_REAL ? (const void *)&real : &v, a);
}

/* "1..4096", "lax|strict", "required", "secret". */
static const char *limits(const cruet_option *o, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	if (o->choices)
		buf_str(&b, o->choices);
	if (o->flags & CRUET_OPT_BOUNDS)
		buf_printf(&b, "%s..%s", bound(o, o->min, a), bound(o, o->max, a));
	if (o->flags & CRUET_OPT_REQUIRED)
		buf_printf(&b, "%srequired", b.len ? ", " : "");
	if (o->flags & CRUET_OPT_SECRET)
		buf_printf(&b, "%ssecret", b.len ? ", " : "");
	return buf_err(&b) ? NULL : b.len ? b.p : "-";
}

static int print_options(const cruet_plugin *p, struct arena *a)
{
	const cruet_option *o;
	struct table t;

	if (!option_at(p->options, p->option_size, 0)) {
		puts("\nno options");
		return EXIT_DONE;
	}
	putchar('\n');
	table_init(&t, a, 5);
	table_row(&t, "OPTION", "TYPE", "DEFAULT", "BOUNDS", "EXPECTED");
	for (size_t i = 0; (o = option_at(p->options, p->option_size, i)); i++)
		table_row(&t, o->name, option_kind(o), o->def && *o->def ? o->def : "-", limits(o, a),
			  o->help);
	return print(&t, "");
}

static const char *flags(const cruet_plugin *p)
{
	bool unload = p->flags & CRUET_UNLOADABLE, repeat = p->flags & CRUET_REPEATABLE;

	return unload && repeat ? "can be unloaded, may be attached more than once"
	       : unload		? "can be unloaded"
	       : repeat		? "may be attached more than once"
				: "-";
}

static void head_rows(struct table *t, const char *path, const cruet_plugin *p)
{
	table_row(t, "file", path);
	table_row(t, "needs", join(p->needs, t->a));
	table_row(t, "provides", join(p->provides, t->a));
	table_row(t, "after", join(p->after, t->a));
	table_row(t, "flags", flags(p));
}

static int print_title(const cruet_plugin *p, struct arena *a)
{
	struct table t;

	table_init(&t, a, 1);
	table_row(&t, arena_printf(a, "%s%s%s%s%s", p->name, p->version ? " " : "",
				   p->version ? p->version : "", p->summary ? ": " : "",
				   p->summary ? p->summary : ""));
	return print(&t, "");
}

int plugins_info(struct cmdline *c)
{
	const char *name = c->args.rest[0];
	struct config_plugin cp;
	struct report f;
	struct table t;
	struct site s;
	int code = site_configure(&s, c, NULL);

	if (code)
		goto done;
	report_read(&s, plugin_instance(&s, name, &cp) ? cp.plugin : name, &c->arena, &f);
	if (f.why) {
		code = cli_fail("%s", f.why);
		goto done;
	}
	table_init(&t, &c->arena, 2);
	head_rows(&t, f.path, f.facts.plugin);
	code = print_title(f.facts.plugin, &c->arena);
	code = code ? code : print(&t, "  ");
	code = code ? code : print_options(f.facts.plugin, &c->arena);
done:
	site_close(&s);
	return code;
}

/* --- one file ------------------------------------------------------------------------------ */

static void file_rows(struct table *t, const char *path, const struct facts *f)
{
	head_rows(t, path, f->plugin);
	table_row(t, "plugin ABI", arena_printf(t->a, "%u", f->plugin->abi));
	table_row(t, "libraries", join(f->libraries, t->a));
	list_rows(t, "calls", f->imports);
	table_row(t, "sha256", f->sha256);
	if (f->uses_origin)
		table_row(t, "note", "looks for libraries beside its file ($ORIGIN), but runs "
				     "from a private copy, where they are not");
	if (f->unique_symbols)
		table_row(t, "note", "has unique symbols: its code stays in memory when it is "
				     "unloaded");
}

int plugins_check(struct cmdline *c)
{
	const char *path = c->args.rest[0], *why = NULL, *ignored = NULL;
	struct facts f;
	struct table t;

	/* An application's file may have any name. */
	if (loader_check(path, false, &c->arena, &f, &why) != CRUET_OK &&
	    loader_check(path, true, &c->arena, &f, &ignored) != CRUET_OK)
		return cli_fail("%s", why ? why : "out of memory");
	table_init(&t, &c->arena, 2);
	file_rows(&t, path, &f);
	int code = print_title(f.plugin, &c->arena);
	code = code ? code : print(&t, "  ");
	return code ? code : print_options(f.plugin, &c->arena);
}
