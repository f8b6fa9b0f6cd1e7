/* cruet reload, load, unload: the plugins of a server are changed while it serves. */
#include <cjson/cJSON.h>
#include <inttypes.h>

#include "base/buf.h"
#include "cli/ask.h"
#include "cli/json_out.h"
#include "cli/report.h"
#include "cruet/json.h"
#include "http/json_read.h"

/* plugin NULL: all. NULL: out of memory. */
static const char *line_of(const char *command, const char *plugin, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	buf_printf(&b, "{\"command\": \"%s\"", command);
	if (plugin) {
		buf_str(&b, ", \"plugin\": ");
		json_write_text(&b, plugin);
	}
	buf_str(&b, "}");
	return buf_err(&b) ? NULL : b.p;
}

/* "replaced shift, follow"; nothing if there are none. */
static void say_names(const cruet_json *answer, const char *list)
{
	const cruet_json *v = cruet_json_first(cruet_json_get(answer, list));

	for (const char *before = list; v; v = cruet_json_next(v), before = ",")
		printf("%s %s", before, cruet_json_str(v, "?"));
	if (cruet_json_first(cruet_json_get(answer, list)))
		putchar('\n');
}

static void say_each(const cruet_json *answer, const char *list, const char *what)
{
	const cruet_json *v = cruet_json_first(cruet_json_get(answer, list));

	for (; v; v = cruet_json_next(v))
		fprintf(stderr, "cruet: %s %s\n", cruet_json_str(v, "?"), what);
}

static void show(const cruet_json *answer)
{
	if (!cruet_json_bool(cruet_json_get(answer, "changed"), false)) {
		puts("nothing has changed");
	} else {
		say_names(answer, "replaced");
		say_names(answer, "added");
		say_names(answer, "removed");
		printf("built in %.1f ms, the old requests took %" PRId64 " ms to end\n",
		       (double)cruet_json_int(cruet_json_get(answer, "build_us"), 0) / 1000,
		       cruet_json_int(cruet_json_get(answer, "drain_ms"), 0));
	}
	fflush(stdout);
	say_each(answer, "left", "is still in memory: requests run in it, or it does not end");
	say_each(answer, "fixed", "differs, and takes a new start of the server");
}

static int change(struct cmdline *c, const char *command, const char *plugin)
{
	const char *line = line_of(command, plugin, &c->arena);
	cJSON *answer = NULL;
	struct site s;
	int code = site_configure(&s, c, NULL);

	if (!code)
		code = line ? ask_server(&s, line, &c->arena, &answer) : cli_fail("out of memory");
	if (!code && args_value(&c->args, "json"))
		code = json_print(answer, &c->arena) ? cli_fail("out of memory") : EXIT_DONE;
	else if (!code && cruet_json_bool(cruet_json_get(answer, "ok"), false))
		show(answer);
	if (!code)
		code = ask_outcome(answer);
	cJSON_Delete(answer);
	site_close(&s);
	return code;
}

int reload_command(struct cmdline *c)
{
	return change(c, "reload", c->args.rest[0]);
}

int load_command(struct cmdline *c)
{
	return change(c, "load", c->args.rest[0]);
}

int unload_command(struct cmdline *c)
{
	return change(c, "unload", c->args.rest[0]);
}
