/* cruet config: every setting with its value and where that comes from. */
#include <cjson/cJSON.h>
#include <string.h>

#include "app/option.h"
#include "base/buf.h"
#include "base/mask.h"
#include "base/text.h"
#include "cli/report.h"
#include "cli/table.h"
#include "http/json_read.h"
#include "plugin/registry.h"
#include "server/setting.h"

struct listing {
	const struct site *site;
	struct table table;
	struct arena *a;
	bool json;
	const char *problem; /* the first thing that is wrong, or NULL */
};

/* --- values ----------------------------------------------------------------------------- */

static bool only_texts(const cJSON *list)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, list)
		if (!cJSON_IsString(one) || strchr(one->valuestring, ','))
			return false;
	return cJSON_IsArray(list);
}

/* A text as it is, a list of texts as "a,b", anything else as JSON. */
static const char *text_of(const cJSON *v, struct arena *a)
{
	const cJSON *one;
	struct buf b;

	buf_init(&b, a, 0);
	if (cJSON_IsString(v)) {
		buf_str(&b, v->valuestring);
	} else if (only_texts(v)) {
		cJSON_ArrayForEach(one, v)
			buf_printf(&b, "%s%s", b.len ? "," : "", one->valuestring);
	} else if (json_write(&b, v, 0) != CRUET_OK) {
		return NULL;
	}
	return buf_err(&b) ? NULL : b.p;
}

static const char *shown(const cJSON *v, bool secret, struct arena *a)
{
	if (secret)
		return MASK;
	cJSON *copy = setting_masked(v, a);
	const char *text = copy ? text_of(copy, a) : NULL;
	cJSON_Delete(copy);
	return text;
}

/* --- the list ------------------------------------------------------------------------------ */

static void row(struct listing *l, const char *key, const char *value, const char *origin)
{
	table_row(&l->table, key, value && *value ? value : "-", origin);
}

/* The option as it stands in the configuration, or its default. */
static void option_row(struct listing *l, const char *key, const cruet_option *o)
{
	const struct config *cf = l->site->app->host->config;
	const cJSON *v = config_value(cf, key);

	if (v)
		row(l, key, shown(v, o->flags & CRUET_OPT_SECRET, l->a), config_origin(cf, key));
	else
		row(l, key, o->def, "default");
}

static bool is_server_option(const char *key)
{
	for (const cruet_option *o = server_options; o->name; o++)
		if (!strcmp(o->name, key))
			return true;
	return false;
}

/* What no table of options describes. */
static void other_row(void *arg, const char *key, const cJSON *value, const char *origin)
{
	struct listing *l = arg;

	if (!is_server_option(key) && !text_starts(key, "plugins."))
		row(l, key, shown(value, setting_is_secret(key), l->a), origin);
}

static bool has_option(const cruet_plugin *p, const char *name)
{
	const cruet_option *o;

	for (size_t i = 0; p && (o = option_at(p->options, p->option_size, i)); i++)
		if (!strcmp(o->name, name))
			return true;
	return false;
}

static void plugin_rows(struct listing *l, const struct config_plugin *cp)
{
	const struct config *cf = l->site->app->host->config;
	struct report f;
	const cruet_option *o;
	const cJSON *v;

	report_read(l->site, cp->plugin, l->a, &f);
	const cruet_plugin *p = f.why ? NULL : f.facts.plugin;
	cJSON_ArrayForEach(v, cp->options)
	{
		const char *key = arena_printf(l->a, "plugins.%s.%s", cp->instance, v->string);
		if (key && !has_option(p, v->string))
			row(l, key, shown(v, false, l->a), config_origin(cf, key));
	}
	for (size_t i = 0; p && (o = option_at(p->options, p->option_size, i)); i++) {
		const char *key = arena_printf(l->a, "plugins.%s.%s", cp->instance, o->name);
		if (key)
			option_row(l, key, o);
	}
	if (!l->problem)
		l->problem = f.why ? f.why : report_options(&f, cp, l->a);
}

static int list(struct listing *l)
{
	const struct config *cf = l->site->app->host->config;
	struct config_plugin cp;

	table_init(&l->table, l->a, 3);
	table_row(&l->table, "SETTING", "VALUE", "FROM");
	for (const cruet_option *o = server_options; o->name; o++)
		option_row(l, o->name, o);
	for (size_t i = 0; config_plugin_at(cf, i, &cp); i++)
		plugin_rows(l, &cp);
	config_each(cf, other_row, l);
	if (table_show(&l->table, l->json))
		return cli_fail("out of memory");
	fflush(stdout);
	return l->problem ? cli_fail("%s", l->problem) : EXIT_DONE;
}

int settings_command(struct cmdline *c)
{
	struct site s;
	int code = site_configure(&s, c, c->args.rest[0]);

	if (!code)
		code = list(&(struct listing){
			.site = &s, .a = &c->arena, .json = args_value(&c->args, "json")});
	site_close(&s);
	return code;
}
