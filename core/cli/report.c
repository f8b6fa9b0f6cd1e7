#include "cli/report.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "app/option.h"
#include "plugin/registry.h"

void report_read(const struct site *s, const char *plugin, struct arena *a,
		      struct report *out)
{
	*out = (struct report){.path = NULL};
	out->path = registry_find(s->app->host, plugin, a, &out->why);
	if (out->path && loader_check(out->path, false, a, &out->facts, &out->why) == CRUET_OK)
		return;
	if (!out->why)
		out->why = "out of memory";
}

const char *report_options(const struct report *r, const struct config_plugin *cp,
			   struct arena *a)
{
	const cruet_plugin *p = r->facts.plugin;
	void *scratch = arena_zalloc(a, p->config_size);
	bool set[OPTIONS_MAX] = {false};
	const char *why = NULL;
	const cJSON *v;
	int err = scratch ? CRUET_OK : CRUET_ENOMEM;

	cJSON_ArrayForEach(v, cp->options)
		if (!err && config_is_option(v->string))
			err = option_set_json(p->options, p->option_size, scratch, set, v->string,
					      v, a, &why);
	if (!err)
		err = option_check_required(p->options, p->option_size, set, &why, a);
	if (!err)
		return NULL;
	return why ? arena_printf(a, "plugin '%s': %s", cp->instance, why) : "out of memory";
}

bool plugin_instance(const struct site *s, const char *name, struct config_plugin *out)
{
	for (size_t i = 0; config_plugin_at(s->app->host->config, i, out); i++)
		if (!strcmp(out->instance, name))
			return true;
	return false;
}
