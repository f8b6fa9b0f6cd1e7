#include "server/control_commands.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/ctx.h"
#include "base/nearest.h"
#include "cruet/app.h"
#include "http/json_read.h"
#include "server/clock.h"
#include "server/control_change.h"
#include "server/control_plugins.h"
#include "server/errands.h"
#include "server/stats.h"
#include "server/transport.h"

enum { COMMANDS_MAX = 32, MORE_MS = 10000 };

int control_fail(struct control_call *call, const char *fmt, ...)
{
	va_list ap;

	free(call->why);
	va_start(ap, fmt);
	if (vasprintf(&call->why, fmt, ap) < 0)
		call->why = NULL;
	va_end(ap);
	return CRUET_EINVAL;
}

/* --- status ------------------------------------------------------------------------- */

static void put_process(const struct served *s, cruet_json *answer)
{
	cruet_put_str(answer, "cruet", CRUET_VERSION);
	cruet_put_str(answer, "application", s->root->name);
	cruet_put_int(answer, "pid", getpid());
	cruet_put_int(answer, "uptime_ms", clock_ms() - s->since_ms);
	cruet_put_str(answer, "transport", s->transport);
}

static void put_addresses(const struct served *s, cruet_json *answer)
{
	cruet_json *list = cruet_put_array(answer, "addresses");
	char at[TRANSPORT_ADDRESS];

	for (size_t i = 0; transport_address(s->vt, s->server, i, at); i++)
		cruet_push_str(list, at);
}

static int status(struct control_call *call)
{
	const struct served *s = call->served;
	cruet_counters counters = {.size = sizeof counters};
	cruet_ctx *c = cruet_open(s->root);

	if (!c)
		return CRUET_ENOMEM;
	put_process(s, call->answer);
	cruet_put_int(call->answer, "generation", (int64_t)c->gen->number);
	cruet_close(c);
	put_addresses(s, call->answer);
	if (!cruet_stats(s->root, &counters))
		stats_put(cruet_put_object(call->answer, "counters"), &counters);
	return CRUET_OK;
}

static void status_of_all(struct control_call *call, const cruet_json *workers)
{
	cruet_counters sum = {.size = sizeof sum};
	const cruet_json *w, *addresses = NULL, *counters = NULL, *one;

	for (w = cruet_json_first(workers); w; w = cruet_json_next(w)) {
		if (!addresses)
			addresses = cruet_json_get(w, "addresses");
		one = cruet_json_get(w, "counters");
		stats_add(&sum, one);
		counters = counters ? counters : one;
	}
	put_process(call->served, call->answer);
	if (addresses)
		cruet_put_json(call->answer, "addresses", addresses);
	if (counters)
		stats_put(cruet_put_object(call->answer, "counters"), &sum);
}

/* --- the table ---------------------------------------------------------------------- */

static const struct control_command commands[] = {
	{"status", NULL, status, status_of_all, 5000},
	{"plugins", NULL, control_plugins, control_plugins_of_all, 5000},
	{"clear", control_clear_takes, control_clear, NULL, 30000},
	{"reload", control_change_takes, control_reload, control_change_of_all, 0, true},
	{"load", control_change_takes, control_load, control_change_of_all, 0, true},
	{"unload", control_change_takes, control_unload, control_change_of_all, 0, true},
};

static const struct control_command *find(struct control_call *call, const char *name)
{
	const char *names[COMMANDS_MAX + 1] = {NULL};

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
		names[i] = commands[i].name;
	}
	const char *near = nearest(name, names);
	control_fail(call,
		     near ? "unknown command '%s': did you mean '%s'?"
			  : "unknown command '%s'",
		     name, near);
	return NULL;
}

/* --- reading a command -------------------------------------------------------------- */

static cJSON *read_line(struct control_call *call, const char *line, size_t len)
{
	static const struct json_limits limits = {16, 1000};
	struct json_problem why;
	cJSON *tree = json_read(line, len, 0, &limits, &why);

	if (cJSON_IsObject(tree) || (!tree && !why.line))
		return tree;
	if (tree)
		control_fail(call,
			     "expected an object, such as {\"command\": \"status\"}");
	else
		control_fail(call, "the command is not understood: column %u: %s",
			     why.column, why.what);
	cJSON_Delete(tree);
	return NULL;
}

static bool takes(const struct control_command *cmd, const char *name)
{
	for (const char *const *t = cmd->takes; t && *t; t++)
		if (!strcmp(*t, name))
			return true;
	return !strcmp(name, "command");
}

static int check_members(struct control_call *call, const struct control_command *cmd)
{
	const cruet_json *v;

	for (v = cruet_json_first(call->args); v; v = cruet_json_next(v)) {
		const char *name = cruet_json_name(v);
		if (takes(cmd, name))
			continue;
		const char *near = nearest(name, cmd->takes);
		return control_fail(call,
				    near ? "%s takes no \"%s\": did you mean \"%s\"?"
					 : "%s takes no \"%s\"",
				    cmd->name, name, near);
	}
	return CRUET_OK;
}

static const struct control_command *understand(struct control_call *call)
{
	const char *name = cruet_json_str(cruet_json_get(call->args, "command"), NULL);
	const struct control_command *cmd = name ? find(call, name) : NULL;

	if (!name)
		control_fail(call,
			     "expected \"command\" with a name, such as {\"command\": "
			     "\"status\"}");
	return cmd && !check_members(call, cmd) ? cmd : NULL;
}

/* --- workers ------------------------------------------------------------------------ */

/* What one of them said, without the line's own marks; and who it was. */
static void put_worker(cruet_json *list, const struct errand_answer *from)
{
	static const struct json_limits limits = {64, 100000};
	struct json_problem why;
	cJSON *said =
		from->text ? json_read(from->text, strlen(from->text), 0, &limits, &why)
			   : NULL;
	cruet_json *w = cruet_push_object(list);

	cruet_put_int(w, "worker", from->worker + 1);
	cruet_put_int(w, "pid", from->pid);
	if (!cJSON_IsObject(said)) {
		cruet_put_bool(w, "ok", false);
		cruet_put_str(w, "error", from->why ? from->why : "its answer was lost");
	}
	for (const cJSON *v = said ? said->child : NULL; v; v = v->next)
		if (strcmp(v->string, "pid") != 0)
			cruet_put_json(w, v->string, v);
	cJSON_Delete(said);
}

static const char *error_of(const cruet_json *worker)
{
	bool ok = cruet_json_bool(cruet_json_get(worker, "ok"), false);
	return ok ? NULL : cruet_json_str(cruet_json_get(worker, "error"), "it failed");
}

/* The sentence that all of them say; NULL: they differ, or one is well. */
static const char *common_error(const cruet_json *workers)
{
	const char *all = error_of(cruet_json_first(workers));

	for (const cruet_json *w = cruet_json_first(workers); all && w; w = cruet_json_next(w)) {
		const char *why = error_of(w);
		if (!why || strcmp(why, all) != 0)
			return NULL;
	}
	return all;
}

/* The first that failed speaks for itself, or for all. */
static int all_well(struct control_call *call, const cruet_json *workers)
{
	const cruet_json *w;
	const char *why = common_error(workers);

	if (why)
		return control_fail(call, "%s", why);
	for (w = cruet_json_first(workers); w; w = cruet_json_next(w))
		if ((why = error_of(w)))
			return control_fail(
				call, "worker %lld (process %lld): %s",
				(long long)cruet_json_int(cruet_json_get(w, "worker"), 0),
				(long long)cruet_json_int(cruet_json_get(w, "pid"), 0),
				why);
	return CRUET_OK;
}

/* Requests that end, and what then stops. */
static int64_t time_of_change(const struct served *s)
{
	const struct server_settings *set = &s->root->host->settings;
	return (int64_t)(set->drain + set->plugin_stop) + MORE_MS;
}

static int pass_on(struct control_call *call, const struct control_command *cmd,
		   const char *line, size_t len)
{
	struct errand_answer *answers;
	size_t n;
	int err = errands_run(call->served->errands, line, len,
			      cmd->ms ? cmd->ms : time_of_change(call->served), cmd->starting,
			      &answers, &n);

	if (err)
		return control_fail(call, "%s",
				    err == CRUET_ESTATE	    ? "the server ends"
				    : err == CRUET_ETIMEOUT ? "the parent of the workers "
							      "has no time"
							    : cruet_strerror(err));
	cJSON *workers = cJSON_CreateArray();
	for (size_t i = 0; i < n; i++)
		put_worker(workers, &answers[i]);
	errands_free(answers, n);
	err = n ? all_well(call, workers) : control_fail(call, "no worker serves now");
	if (cmd->join)
		cmd->join(call, workers);
	cruet_put_json(call->answer, "workers", workers);
	cJSON_Delete(workers);
	return err;
}

/* --- answers ------------------------------------------------------------------------ */

static int run(struct control_call *call, const char *line, size_t len)
{
	const struct control_command *cmd = understand(call);

	if (!cmd)
		return CRUET_EINVAL;
	return call->served->errands ? pass_on(call, cmd, line, len) : cmd->run(call);
}

void control_refuse(struct buf *out, const char *why)
{
	buf_str(out, "{\"ok\":false,\"error\":");
	json_write_text(out, why);
	buf_str(out, "}\n");
}

/* "ok" stands in front, where a person looks first. */
static int write_answer(cJSON *answer, const char *why, struct buf *out)
{
	if (!answer || !answer->child)
		return CRUET_ENOMEM;
	if (why) {
		answer->child->type = cJSON_False;
		cruet_put_str(answer, "error", why);
	}
	int err = json_write(out, answer, 0);
	buf_char(out, '\n');
	return err;
}

void control_answer(const struct served *s, const char *line, size_t len, struct buf *out)
{
	struct control_call call = {.served = s, .answer = cJSON_CreateObject()};
	cJSON *args = read_line(&call, line, len);
	size_t before = out->len;

	call.args = args;
	cruet_put_bool(call.answer, "ok", true);
	int err = args ? run(&call, line, len) : CRUET_EINVAL;
	const char *why = call.why ? call.why : cruet_strerror(CRUET_ENOMEM);
	if (write_answer(call.answer, err ? why : NULL, out)) {
		out->len = before;
		control_refuse(out, cruet_strerror(CRUET_ENOMEM));
	}
	free(call.why);
	cJSON_Delete(args);
	cJSON_Delete(call.answer);
}
