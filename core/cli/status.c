/* cruet status: what the process that serves an application says of itself. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "cli/ask.h"
#include "cli/site.h"
#include "cli/table.h"
#include "cruet/error.h"
#include "cruet/json.h"
#include "http/json_read.h"

static const char *number(const cruet_json *o, const char *name, struct arena *a)
{
	const cruet_json *v = cruet_json_get(o, name);
	return v ? arena_printf(a, "%" PRId64, cruet_json_int(v, 0)) : "-";
}

static const char *text(const cruet_json *o, const char *name)
{
	return cruet_json_str(cruet_json_get(o, name), "-");
}

/* "3 d 4 h", "5 min 2 s": the two largest units. */
static const char *time_of(const cruet_json *o, const char *name, struct arena *a)
{
	int64_t s = cruet_json_int(cruet_json_get(o, name), -1);

	if (s < 0)
		return "-";
	s /= 1000;
	if (s >= 86400)
		return arena_printf(a, "%" PRId64 " d %" PRId64 " h", s / 86400,
				    s / 3600 % 24);
	if (s >= 3600)
		return arena_printf(a, "%" PRId64 " h %" PRId64 " min", s / 3600,
				    s / 60 % 60);
	if (s >= 60)
		return arena_printf(a, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
	return arena_printf(a, "%" PRId64 " s", s);
}

static const char *list(const cruet_json *array, struct arena *a)
{
	const cruet_json *v;
	struct buf b;

	buf_init(&b, a, 0);
	for (v = cruet_json_first(array); v; v = cruet_json_next(v))
		buf_printf(&b, "%s%s", b.len ? ", " : "", cruet_json_str(v, "-"));
	return b.len ? b.p : "-";
}

static void server_rows(struct table *t, const cruet_json *answer, struct arena *a)
{
	table_row(t, "application", text(answer, "application"));
	table_row(t, "cruet", text(answer, "cruet"));
	table_row(t, "process", number(answer, "pid", a));
	table_row(t, "running for", time_of(answer, "uptime_ms", a));
	if (cruet_json_get(answer, "generation"))
		table_row(t, "generation", number(answer, "generation", a));
	table_row(t, "transport", text(answer, "transport"));
	table_row(t, "addresses", list(cruet_json_get(answer, "addresses"), a));
}

static void worker_rows(struct table *t, const cruet_json *workers, struct arena *a)
{
	const cruet_json *w;

	table_row(t, "WORKER", "PROCESS", "RUNNING FOR", "GENERATION");
	for (w = cruet_json_first(workers); w; w = cruet_json_next(w))
		table_row(t, number(w, "worker", a), number(w, "pid", a),
			  time_of(w, "uptime_ms", a), number(w, "generation", a));
}

static int print(const cruet_json *answer, struct arena *a)
{
	const cruet_json *workers = cruet_json_get(answer, "workers");
	struct table t;

	table_init(&t, a, 2);
	server_rows(&t, answer, a);
	int err = table_print(&t, "", stdout);
	if (!err && workers) {
		table_init(&t, a, 4);
		worker_rows(&t, workers, a);
		putchar('\n');
		err = table_print(&t, "", stdout);
	}
	return err;
}

static int print_json(const cruet_json *answer, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	int err = json_write(&b, answer, 2);
	if (!err)
		puts(b.p);
	return err;
}

static int show(const cruet_json *answer, struct cmdline *c)
{
	bool raw = args_value(&c->args, "json");
	bool ok = cruet_json_bool(cruet_json_get(answer, "ok"), false);
	int err = CRUET_OK;

	if (raw)
		err = print_json(answer, &c->arena);
	else if (cruet_json_get(answer, "pid"))
		err = print(answer, &c->arena);
	if (err)
		return cli_fail("out of memory");
	fflush(stdout);
	return ok ? EXIT_DONE
		  : cli_fail("%s", cruet_json_str(cruet_json_get(answer, "error"),
						  "the server did not say why"));
}

int status_command(struct cmdline *c)
{
	cJSON *answer = NULL;
	struct site s;
	int code = site_configure(&s, c, c->args.rest[0]);

	if (!code)
		code = ask_server(&s, "{\"command\": \"status\"}", &c->arena, &answer);
	if (!code)
		code = show(answer, c);
	cJSON_Delete(answer);
	site_close(&s);
	return code;
}
