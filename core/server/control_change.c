#include "server/control_change.h"

#include <stdlib.h>
#include <string.h>

#include "app/scope.h"
#include "cruet/json.h"
#include "cruet/log.h"
#include "cruet/plugin.h"
#include "server/changes.h"
#include "server/handed.h"

const char *const control_change_takes[] = {"plugin", NULL};

static void put_names(struct control_call *call, const char *title, const char *const *names)
{
	cruet_json *list = cruet_put_array(call->answer, title);

	for (; names && *names; names++)
		cruet_push_str(list, *names);
}

static void put_report(struct control_call *call, const struct change_report *r)
{
	cruet_put_bool(call->answer, "changed", r->changed);
	if (r->changed) {
		cruet_put_int(call->answer, "generation", (int64_t)r->generation);
		cruet_put_int(call->answer, "build_us", r->build_us);
		cruet_put_int(call->answer, "drain_ms", r->drain_ms);
		put_names(call, "replaced", r->replaced);
		put_names(call, "added", r->added);
		put_names(call, "removed", r->removed);
		put_names(call, "left", r->left);
	}
	put_names(call, "fixed", r->fixed);
}

static int run(struct control_call *call, enum change_kind kind, const char *name)
{
	const struct served *s = call->served;
	struct change_report report;
	char *why = NULL;

	int err = changes_make(s, kind, name, &report, &why);
	if (err)
		control_fail(call, "%s", why ? why : cruet_strerror(CRUET_ENOMEM));
	else
		put_report(call, &report);
	change_report_free(&report);
	free(why);
	return err;
}

/* The plugin that is named; NULL after saying that none is. */
static const char *named(struct control_call *call, const char *command)
{
	const char *name = cruet_json_str(cruet_json_get(call->args, "plugin"), NULL);

	if (!name)
		control_fail(call,
			     "%s: expected \"plugin\" with a name, such as {\"command\": \"%s\", "
			     "\"plugin\": \"shop\"}",
			     command, command);
	return name;
}

/* What lies beside the configuration. */
static int reload_certificates(struct control_call *call)
{
	const struct served *s = call->served;
	char *why = NULL;

	if (!s->root->host->settings.tls || !CRUET_HAS(s->vt, cruet_transport, reload) ||
	    !s->vt->reload)
		return CRUET_OK;
	int err = s->vt->reload(s->server, &why);
	if (err)
		err = control_fail(call, "the certificates stay as they were: %s",
				   why ? why : cruet_strerror(CRUET_ENOMEM));
	cruet_log(s->root, err ? CRUET_ERROR : CRUET_INFO, "%s",
		  err ? call->why : "certificates were read anew");
	free(why);
	return err;
}

static int reload_all(struct control_call *call)
{
	int err = run(call, CHANGE_RELOAD, NULL);
	char *why = call->why;

	call->why = NULL;
	int second = reload_certificates(call); /* whatever the first has met */
	if (!err)
		return second;
	free(call->why);
	call->why = why;
	return err;
}

int control_reload(struct control_call *call)
{
	if (!cruet_json_get(call->args, "plugin"))
		return reload_all(call);
	const char *name = named(call, "reload");
	return name ? run(call, CHANGE_RELOAD, name) : CRUET_EINVAL;
}

int control_load(struct control_call *call)
{
	const char *name = named(call, "load");
	return name ? run(call, CHANGE_LOAD, name) : CRUET_EINVAL;
}

int control_unload(struct control_call *call)
{
	const char *name = named(call, "unload");
	return name ? run(call, CHANGE_UNLOAD, name) : CRUET_EINVAL;
}

/* --- workers ------------------------------------------------------------------------------ */

static bool has(const cruet_json *list, const char *name)
{
	for (const cruet_json *v = cruet_json_first(list); v; v = cruet_json_next(v))
		if (!strcmp(cruet_json_str(v, ""), name))
			return true;
	return false;
}

static void join_names(struct control_call *call, const cruet_json *workers, const char *title)
{
	cruet_json *all = cruet_put_array(call->answer, title);

	for (const cruet_json *w = cruet_json_first(workers); w; w = cruet_json_next(w))
		for (const cruet_json *v = cruet_json_first(cruet_json_get(w, title)); v;
		     v = cruet_json_next(v))
			if (!has(all, cruet_json_str(v, "")))
				cruet_push_str(all, cruet_json_str(v, ""));
}

static void join_longest(struct control_call *call, const cruet_json *workers,
			 const char *title)
{
	int64_t most = 0;

	for (const cruet_json *w = cruet_json_first(workers); w; w = cruet_json_next(w)) {
		int64_t n = cruet_json_int(cruet_json_get(w, title), 0);
		most = n > most ? n : most;
	}
	cruet_put_int(call->answer, title, most);
}

void control_change_of_all(struct control_call *call, const cruet_json *workers)
{
	static const char *const lists[] = {"replaced", "added", "removed", "left"};
	bool changed = false;

	for (const cruet_json *w = cruet_json_first(workers); w; w = cruet_json_next(w))
		changed |= cruet_json_bool(cruet_json_get(w, "changed"), false);
	cruet_put_bool(call->answer, "changed", changed);
	if (changed) {
		join_longest(call, workers, "build_us");
		join_longest(call, workers, "drain_ms");
		for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
			join_names(call, workers, lists[i]);
	}
	join_names(call, workers, "fixed");
}
