/* cruet status: what the process that serves an application says of itself. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "cli/ask.h"
#include "cli/json_out.h"
#include "cli/site.h"
#include "cli/table.h"
#include "cruet/error.h"
#include "cruet/json.h"

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

/* "3 open, 120 in all": of each pair a label and the name of its counter; those that are
 * 0 and whose label begins with '-' are left out. */
struct part {
	const char *label, *name;
};

static void counter_row(struct table *t, const char *title, const cruet_json *counters,
			const struct part *parts, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	for (; parts->name; parts++) {
		int64_t n = cruet_json_int(cruet_json_get(counters, parts->name), 0);
		bool rare = *parts->label == '-';
		if (n || !rare)
			buf_printf(&b, "%s%" PRId64 " %s", b.len ? ", " : "", n,
				   parts->label + rare);
	}
	if (b.len)
		table_row(t, title, b.p);
}

static void counter_rows(struct table *t, const cruet_json *counters, struct arena *a)
{
	static const struct {
		const char *title;
		struct part parts[8];
	} rows[] = {
		{"connections",
		 {{"open", "connections_open"},
		  {"-waiting", "connections_waiting"},
		  {"-WebSockets", "websockets_open"},
		  {"in all", "connections"}}},
		{"requests",
		 {{"running", "requests_running"},
		  {"-waiting", "requests_waiting"},
		  {"in all", "requests"},
		  {"on a connection used before", "requests_reused"}}},
		{"replies",
		 {{"-WebSockets", "replies_1xx"},
		  {"2xx", "replies_2xx"},
		  {"3xx", "replies_3xx"},
		  {"4xx", "replies_4xx"},
		  {"5xx", "replies_5xx"}}},
		{"bytes", {{"in", "bytes_in"}, {"out", "bytes_out"}}},
		{"timeouts",
		 {{"head", "timeouts_head"},
		  {"body", "timeouts_body"},
		  {"idle", "timeouts_idle"},
		  {"write", "timeouts_write"},
		  {"-handler", "timeouts_handler"}}},
		{"refused",
		 {{"-with 4xx", "refused_4xx"},
		  {"-with 5xx", "refused_5xx"},
		  {"-as too many were open", "refused_crowded"},
		  {"-as their client had too many", "refused_client"}}},
		{"faults",
		 {{"-of TLS", "tls_faults"}, {"-of the PROXY protocol", "proxy_faults"}}},
		{"threads", {{"in all", "threads"}}},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		counter_row(t, rows[i].title, counters, rows[i].parts, a);
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
	if (cruet_json_get(answer, "counters"))
		counter_rows(t, cruet_json_get(answer, "counters"), a);
}

static void worker_rows(struct table *t, const cruet_json *workers, struct arena *a)
{
	const cruet_json *w;

	table_row(t, "WORKER", "PROCESS", "RUNNING FOR", "GENERATION", "CONNECTIONS",
		  "REQUESTS");
	for (w = cruet_json_first(workers); w; w = cruet_json_next(w)) {
		const cruet_json *counters = cruet_json_get(w, "counters");
		table_row(t, number(w, "worker", a), number(w, "pid", a),
			  time_of(w, "uptime_ms", a), number(w, "generation", a),
			  number(counters, "connections_open", a),
			  number(counters, "requests", a));
	}
}

static int print(const cruet_json *answer, struct arena *a)
{
	const cruet_json *workers = cruet_json_get(answer, "workers");
	struct table t;

	table_init(&t, a, 2);
	server_rows(&t, answer, a);
	int err = table_print(&t, "", stdout);
	if (!err && workers) {
		table_init(&t, a, 6);
		worker_rows(&t, workers, a);
		putchar('\n');
		err = table_print(&t, "", stdout);
	}
	return err;
}

static int show(const cruet_json *answer, struct cmdline *c)
{
	int err = CRUET_OK;

	if (args_value(&c->args, "json"))
		err = json_print(answer, &c->arena);
	else if (cruet_json_get(answer, "pid"))
		err = print(answer, &c->arena);
	if (err)
		return cli_fail("out of memory");
	fflush(stdout);
	return EXIT_DONE;
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
	if (!code)
		code = ask_outcome(answer);
	cJSON_Delete(answer);
	site_close(&s);
	return code;
}
