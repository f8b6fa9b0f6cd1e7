/* cruet plugins: which there are, and what one says of itself. That is read out of the
 * files, and no code of a plugin runs; how they fare, a server says that runs. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/ask.h"
#include "cli/describe.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cruet/json.h"
#include "http/json_read.h"
#include "plugin/lock.h"
#include "plugin/registry.h"

/* --- list ----------------------------------------------------------------------------- */

/* One line; false if the plugin cannot be used. state NULL: nobody is to use it. */
static bool list_one(const struct site *s, struct table *t, const char *name,
		     const char *plugin, const char *state)
{
	struct report f;

	report_read(s, plugin, t->a, &f);
	if (!f.why && state && lock_check(s->app->host, f.path, &f.facts, t->a, &f.why) && !f.why)
		f.why = "out of memory";
	if (f.why) {
		table_row(t, name, "-", f.path ? "refused" : "missing", f.why);
		return false;
	}
	const cruet_plugin *p = f.facts.plugin;
	if (strcmp(name, plugin) != 0)
		state = arena_printf(t->a, "%s (%s)", state, plugin);
	table_row(t, name, p->version ? p->version : "-", state ? state : "available", p->summary);
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

/* What the server says of an instance; NULL: it has none of that name. */
static const char *state_of(const cruet_json *served, const char *name)
{
	const cruet_json *p = cruet_json_first(cruet_json_get(served, "plugins"));

	while (p && strcmp(cruet_json_str(cruet_json_get(p, "name"), ""), name) != 0)
		p = cruet_json_next(p);
	return cruet_json_str(cruet_json_get(p, "state"), NULL);
}

/* Of one that the configuration names. */
static const char *state_configured(const cruet_json *served, const char *name)
{
	const char *state = state_of(served, name);
	return state ? state : cruet_json_get(served, "plugins") ? "unloaded" : "attached";
}

static int list(const struct site *s, const cruet_json *served, struct arena *a, bool json)
{
	const struct config *cf = s->app->host->config;
	const char *const *names = registry_names(s->app->host, a);
	struct config_plugin cp;
	struct table t;
	bool ok = true;

	table_init(&t, a, 4);
	table_row(&t, "NAME", "VERSION", "STATE", "WHAT");
	for (size_t i = 0; config_plugin_at(cf, i, &cp); i++)
		ok &= list_one(s, &t, cp.instance, cp.plugin,
			       state_configured(served, cp.instance));
	for (size_t i = 0; names && names[i]; i++)
		if (!is_configured(cf, names[i]))
			list_one(s, &t, names[i], names[i], state_of(served, names[i]));
	if (t.rows == 1 && !json) {
		puts("no plugins");
		return EXIT_DONE;
	}
	if (table_show(&t, json))
		return cli_fail("out of memory");
	return ok ? EXIT_DONE : EXIT_FAILED;
}

int plugins_list(struct cmdline *c)
{
	cJSON *served = NULL;
	struct site s;
	int code = site_configure(&s, c, c->args.rest[0]);

	if (!code)
		code = ask_if_served(&s, "{\"command\": \"plugins\"}", &c->arena, &served);
	if (!code)
		code = list(&s, served, &c->arena, args_value(&c->args, "json"));
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
	if (!code)
		code = ask_outcome(answer);
	cJSON_Delete(answer);
	site_close(&s);
	return code;
}
