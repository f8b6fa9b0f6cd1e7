#include <cjson/cJSON.h>

#include "cli/info.h"
#include "cli/json_out.h"
#include "cli/routes.h"
#include "plugin/instance.h"

static void add_hooks(cJSON *to, const struct info *i, bool *ok)
{
	cJSON *out = cJSON_CreateObject();

	for (int k = 0; out && k < INFO_HOOKS; k++)
		json_add_number(out, info_hook_names[k], i->hooks[k], ok);
	json_add(to, "hooks", out, ok);
}

static cJSON *command_json(const struct info *i, size_t k, bool *ok)
{
	cJSON *out = cJSON_CreateObject();

	if (!out)
		return NULL;
	json_add_text(out, "name", i->commands.items[k], ok);
	json_add_text(out, "help", i->helps.items[k], ok);
	return out;
}

static void add_commands(cJSON *to, const struct info *i, bool *ok)
{
	cJSON *out = cJSON_CreateArray();

	for (size_t k = 0; out && k < i->commands.n; k++)
		json_push(out, command_json(i, k, ok), ok);
	json_add(to, "commands", out, ok);
}

static void add_registered(cJSON *to, const struct info *i, bool *ok)
{
	const struct routes r = {.router = i->router, .of = &i->in->owner};

	json_add_number(to, "load_us", (double)i->in->load_us, ok);
	json_add_number(to, "init_us", (double)i->in->steps_us, ok);
	json_add_list(to, "services", i->services.items, ok);
	add_hooks(to, i, ok);
	json_add_list(to, "errors", i->errors.items, ok);
	json_add_list(to, "converters", i->converters.items, ok);
	json_add_list(to, "events", i->events.items, ok);
	json_add(to, "routes", routes_json(&r, ok), ok);
	add_commands(to, i, ok);
}

bool info_json(const struct info *i)
{
	cJSON *out = cJSON_CreateObject();
	bool ok = out;

	if (out) {
		json_add_text(out, "file", i->path, &ok);
		json_add_number(out, "size", (double)i->size, &ok);
		json_add_plugin(out, i->plugin, &ok);
		json_add_bool(out, "attached", !i->why, &ok);
		json_add_text(out, "why", i->why, &ok);
		if (!i->why)
			add_registered(out, i, &ok);
	}
	ok = ok && json_print(out, i->a) == CRUET_OK;
	cJSON_Delete(out);
	return ok;
}
