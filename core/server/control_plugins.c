#include "server/control_plugins.h"

#include <stdlib.h>

#include "app/scope.h"
#include "base/nearest.h"
#include "cruet/json.h"
#include "plugin/closing.h"
#include "plugin/registry.h"
#include "server/handed.h"

enum { NAMES_MAX = 128 };

/* --- what there is ---------------------------------------------------------------------- */

static void put_plugin(void *list, const struct instance *in)
{
	cruet_json *p = cruet_push_object(list);
	const cruet_plugin *plugin = in->owner.plugin;

	cruet_put_str(p, "name", in->owner.name);
	cruet_put_str(p, "plugin", plugin->name);
	if (plugin->version)
		cruet_put_str(p, "version", plugin->version);
	cruet_put_str(p, "state", closing_state(in));
}

int control_plugins(struct control_call *call)
{
	closing_each(call->served->root, put_plugin, cruet_put_array(call->answer, "plugins"));
	return CRUET_OK;
}

/* All of them have the same, and the first that has answered says which. */
void control_plugins_of_all(struct control_call *call, const cruet_json *workers)
{
	for (const cruet_json *w = cruet_json_first(workers); w; w = cruet_json_next(w)) {
		const cruet_json *list = cruet_json_get(w, "plugins");
		if (!list)
			continue;
		cruet_put_json(call->answer, "plugins", list);
		return;
	}
}

/* --- lifting a quarantine ---------------------------------------------------------------- */

const char *const control_clear_takes[] = {"plugin", NULL};

struct names {
	const char *all[NAMES_MAX + 1];
	size_t n;
};

static void add_name(void *arg, const struct instance *in)
{
	struct names *names = arg;

	if (names->n < NAMES_MAX)
		names->all[names->n++] = in->owner.name;
}

static int no_such_plugin(struct control_call *call, const char *name)
{
	struct names names = {.n = 0};

	closing_each(call->served->root, add_name, &names);
	const char *near = nearest(name, names.all);
	return near ? control_fail(call, "no plugin '%s' is attached: did you mean '%s'?", name, near)
		    : control_fail(call, "no plugin '%s' is attached", name);
}

static int open_plugin(struct control_call *call, const char *name)
{
	char *why;
	int err = closing_open(call->served->root, name, &why);

	if (err == CRUET_ENOENT)
		err = no_such_plugin(call, name);
	else if (err == CRUET_ESTATE && !why)
		err = control_fail(call, "plugin '%s' is not quarantined", name);
	else if (err)
		err = control_fail(call, "%s: it stays quarantined",
				   why ? why : cruet_strerror(err));
	free(why);
	return err;
}

int control_clear(struct control_call *call)
{
	const char *name = cruet_json_str(cruet_json_get(call->args, "plugin"), NULL);

	if (!name)
		return control_fail(call, "clear: expected \"plugin\" with a name, such as "
					  "{\"command\": \"clear\", \"plugin\": \"shop\"}");
	int err = open_plugin(call, name);
	if (!err && call->served->channel >= 0)
		handed_say(call->served->channel, PACKET_OPENED, name);
	return err;
}
