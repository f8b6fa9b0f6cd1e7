#include "plugin/instance_options.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "app/option.h"
#include "cruet/testing.h"
#include "plugin/registry.h"

static int bad_option(struct instance *in, const char *why)
{
	return scope_problem(in->scope, why ? CRUET_EINVAL : CRUET_ENOMEM, "%s",
			     why ? why : cruet_strerror(CRUET_ENOMEM));
}

/* One line, "key=value"; white space before the key and an empty line are nothing. */
static int option_line(struct instance *in, const char *line, size_t len, bool *set)
{
	const cruet_plugin *p = in->owner.plugin;
	const char *why = NULL, *text = arena_strndup(&in->arena, line, len);

	if (!text)
		return bad_option(in, NULL);
	text += strspn(text, " \t\r");
	if (!*text)
		return CRUET_OK;
	size_t n = strcspn(text, "=");
	if (!text[n])
		return bad_option(in, arena_printf(&in->arena,
						   "option line \"%s\": expected name=value", text));
	const char *key = arena_strndup(&in->arena, text, n);
	if (!key || option_set(p->options, p->option_size, in->owner.config, set, key,
			       text + n + 1, &in->arena, &why))
		return bad_option(in, why);
	return CRUET_OK;
}

static int from_text(struct instance *in, const char *text, bool *set)
{
	int err = CRUET_OK;

	while (!err && text && *text) {
		size_t n = strcspn(text, "\n");
		err = option_line(in, text, n, set);
		text += n + (text[n] == '\n');
	}
	return err;
}

static int from_config(struct instance *in, const struct config_plugin *cp, bool *set)
{
	const cruet_plugin *p = in->owner.plugin;
	const char *why = NULL;
	const cJSON *v;

	cJSON_ArrayForEach(v, cp->options)
	{
		if (!config_is_option(v->string))
			continue;
		if (option_set_json(p->options, p->option_size, in->owner.config, set, v->string, v,
				    &in->arena, &why))
			return bad_option(in, why);
	}
	return CRUET_OK;
}

int instance_options(struct instance *in, const struct attach *how)
{
	const cruet_plugin *p = in->owner.plugin;
	bool set[OPTIONS_MAX] = {false};
	const char *why = NULL;

	if (option_defaults(p->options, p->option_size, in->owner.config, &in->arena, &why))
		return bad_option(in, why);
	int err = from_text(in, how->text, set);
	if (!err && how->config)
		err = from_config(in, how->config, set);
	if (!err && option_check_required(p->options, p->option_size, set, &why, &in->arena))
		err = bad_option(in, why);
	return err;
}

static const char *text_of(const struct instance *in, const char *option)
{
	const cruet_plugin *p = in->owner.plugin;
	const cruet_option *o;

	for (size_t i = 0; (o = option_at(p->options, p->option_size, i)); i++)
		if (o->type == CRUET_OPT_STR && !strcmp(o->name, option)) {
			const char *text;
			memcpy(&text, (const char *)in->owner.config + o->offset, sizeof text);
			return text ? text : "";
		}
	return "";
}

const char *cruet_plugin_option(const cruet_app *app, const char *plugin, size_t i,
				const char *option)
{
	const struct registry *r = app->host->registry;

	for (const struct instance *in = r ? r->all.first : NULL; in; in = in->next)
		if (!strcmp(in->owner.plugin->name, plugin) && !i--)
			return text_of(in, option);
	return NULL;
}
