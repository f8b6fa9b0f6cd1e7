#include "show.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process.h"

/* Grows; after a failure nothing more is added. */
struct text {
	char *p;
	size_t len, cap;
	bool failed, open_metrics;
};

/* --- bytes ------------------------------------------------------------------------ */

static void put(struct text *t, const char *s, size_t n)
{
	if (!t->failed && t->len + n > t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 16384;
		while (cap < t->len + n)
			cap *= 2;
		char *more = cap <= SHOW_MAX ? realloc(t->p, cap) : NULL;
		t->failed = !more;
		t->p = more ? more : t->p;
		t->cap = more ? cap : t->cap;
	}
	if (t->failed)
		return;
	memcpy(t->p + t->len, s, n);
	t->len += n;
}

static void str(struct text *t, const char *s)
{
	put(t, s, strlen(s));
}

/* As a label's value, or as a help text, which may hold quotes. */
static void escaped(struct text *t, const char *s, bool quotes)
{
	for (; *s; s++) {
		if (*s == '\n')
			str(t, "\\n");
		else if (*s == '\\' || (*s == '"' && quotes))
			put(t, (char[]){'\\', *s}, 2);
		else
			put(t, s, 1);
	}
}

/* The shortest text that reads as this number again. */
static void number(struct text *t, double v)
{
	char out[40];

	if (isnan(v) || isinf(v)) {
		str(t, isnan(v) ? "NaN" : v > 0 ? "+Inf" : "-Inf");
		return;
	}
	bool whole = v == trunc(v) && fabs(v) < 1e15;
	snprintf(out, sizeof out, "%.0f", v);
	for (int digits = 1; digits <= 17 && !whole; digits++) {
		snprintf(out, sizeof out, "%.*g", digits, v);
		whole = strtod(out, NULL) == v;
	}
	str(t, out);
}

/* --- lines ------------------------------------------------------------------------ */

/* What stands above the lines of a family. OpenMetrics names a counter without the end of
 * its lines' name. */
static void head(struct text *t, const char *name, const char *type, const char *help)
{
	size_t len = strlen(name);

	if (t->open_metrics && !strcmp(type, "counter"))
		len -= strlen("_total");
	str(t, "# HELP ");
	put(t, name, len);
	str(t, " ");
	escaped(t, help, t->open_metrics);
	str(t, "\n# TYPE ");
	put(t, name, len);
	str(t, " ");
	str(t, type);
	str(t, "\n");
}

/* {a="b",c="d",le="0.5"}; le NULL: without it. */
static void labels(struct text *t, const struct series *at, const char *le)
{
	const struct family *f = at->family;

	if (!f->nlabels && !le)
		return;
	str(t, "{");
	for (size_t i = 0; i < f->nlabels; i++) {
		put(t, f->label[i], f->label_len[i]);
		str(t, "=\"");
		escaped(t, at->value[i], true);
		str(t, i + 1 < f->nlabels || le ? "\"," : "\"");
	}
	if (le) {
		str(t, "le=\"");
		str(t, le);
		str(t, "\"");
	}
	str(t, "}");
}

static void line(struct text *t, const char *name, const char *end,
		 const struct series *at, const char *le, double v)
{
	str(t, name);
	str(t, end);
	labels(t, at, le);
	str(t, " ");
	number(t, v);
	str(t, "\n");
}

/* A bound as both formats write it: 1.0, 0.25. */
static void write_bound(char out[40], double v)
{
	struct text t = {.p = out, .cap = 32};

	number(&t, v);
	out[t.len] = '\0';
	if (!strpbrk(out, ".e"))
		strcpy(out + t.len, ".0");
}

static void histogram(struct text *t, const struct store *s, const struct series *at)
{
	const struct family *f = at->family;
	uint64_t n = 0;
	char le[40];

	for (size_t i = 0; i < f->nbuckets; i++) {
		n += series_count(s, at, i);
		write_bound(le, f->buckets[i]);
		line(t, f->name, "_bucket", at, le, (double)n);
	}
	n += series_count(s, at, f->nbuckets);
	line(t, f->name, "_bucket", at, "+Inf", (double)n);
	line(t, f->name, "_sum", at, NULL, series_sum(s, at, cell_of_sum(f)));
	line(t, f->name, "_count", at, NULL, (double)n);
}

/* --- families --------------------------------------------------------------------- */

static bool was_used(const struct store *s, const struct family *f,
		     const struct series *at)
{
	for (size_t i = 0; i < f->ncells; i++)
		if (series_count(s, at, i))
			return true;
	return false;
}

/* Walks the series of a family: NULL first; that for all others only if it was used. */
static const struct series *next(const struct store *s, const struct family *f,
				 const struct series *at)
{
	const struct series *after = at ? at->next : atomic_load(&f->first);

	if (after || at == f->other)
		return after;
	return was_used(s, f, f->other) ? f->other : NULL;
}

static void sums(struct text *t, const struct store *s, const struct family *f,
		 const char *name, const char *help, size_t which)
{
	head(t, name, "counter", help);
	for (const struct series *at = NULL; (at = next(s, f, at));)
		line(t, name, "", at, NULL, series_sum(s, at, which));
}

static void family(struct text *t, const struct store *s, const struct family *f)
{
	static const char *const types[] = {"", "counter", "gauge", "histogram",
					    "histogram"};

	head(t, f->name, types[f->kind], f->help);
	for (const struct series *at = NULL; (at = next(s, f, at));) {
		if (f->kind >= FAMILY_HISTOGRAM)
			histogram(t, s, at);
		else
			line(t, f->name, "", at, NULL, series_sum(s, at, 0));
	}
	if (f->kind != FAMILY_HTTP)
		return;
	sums(t, s, f, "cruet_http_sent_bytes_total", "Bytes of the bodies of replies.",
	     cell_of_sum(f) + HTTP_SENT);
	sums(t, s, f, "cruet_http_received_bytes_total",
	     "Bytes of the bodies of requests.", cell_of_sum(f) + HTTP_RECEIVED);
}

/* A figure that is no series. Below 0: not known. */
static void single(struct text *t, const char *name, const char *type, const char *help,
		   double v)
{
	if (v < 0)
		return;
	head(t, name, type, help);
	str(t, name);
	str(t, " ");
	number(t, v);
	str(t, "\n");
}

static void of_process(struct text *t)
{
	struct process p;

	if (!process_read(&p))
		return;
	single(t, "process_cpu_seconds_total", "counter",
	       "Time of processors that was used.", p.cpu_seconds);
	single(t, "process_resident_memory_bytes", "gauge", "Memory that is in use.",
	       p.resident_bytes);
	single(t, "process_virtual_memory_bytes", "gauge", "Memory that is addressed.",
	       p.virtual_bytes);
	single(t, "process_start_time_seconds", "gauge",
	       "When it was started, since 1970.", p.start_seconds);
	single(t, "process_open_fds", "gauge", "Descriptors that are open.", p.open_fds);
	single(t, "process_max_fds", "gauge", "Descriptors that may be open.", p.max_fds);
	single(t, "process_threads", "gauge", "Threads that there are.", p.threads);
}

/* --- the server ------------------------------------------------------------------- */

/* Lines of one family stand together; the first has its name. label: {of="head"}, or
 * "". */
struct figure {
	const char *name, *type, *help, *label;
	size_t offset;
};

#define OF(m) offsetof(cruet_counters, m)
#define MORE  NULL, NULL, NULL

static const struct figure figures[] = {
	{"cruet_server_connections_open", "gauge", "Connections that are open.", "",
	 OF(connections_open)},
	{"cruet_server_connections_total", "counter", "Connections that were accepted.",
	 "", OF(connections)},
	{"cruet_server_websockets_open", "gauge", "WebSockets that are open.", "",
	 OF(websockets_open)},
	{"cruet_server_requests_waiting", "gauge", "Requests that wait without a thread.",
	 "", OF(requests_waiting)},
	{"cruet_server_threads", "gauge", "Threads of the transport.", "", OF(threads)},
	{"cruet_server_received_bytes_total", "counter",
	 "Bytes of HTTP that came, heads and all.", "", OF(bytes_in)},
	{"cruet_server_sent_bytes_total", "counter", "Bytes of HTTP that were sent.", "",
	 OF(bytes_out)},
	{"cruet_server_timeouts_total", "counter", "Clients that were too slow.",
	 "{of=\"head\"}", OF(timeouts_head)},
	{MORE, "{of=\"body\"}", OF(timeouts_body)},
	{MORE, "{of=\"idle\"}", OF(timeouts_idle)},
	{MORE, "{of=\"write\"}", OF(timeouts_write)},
	{"cruet_server_refused_total", "counter",
	 "Requests and connections that did not reach the application.", "{why=\"4xx\"}",
	 OF(refused[4])},
	{MORE, "{why=\"5xx\"}", OF(refused[5])},
	{MORE, "{why=\"crowded\"}", OF(refused_crowded)},
	{MORE, "{why=\"client\"}", OF(refused_client)},
	{MORE, "{why=\"tls\"}", OF(tls_faults)},
	{MORE, "{why=\"proxy\"}", OF(proxy_faults)},
};

static void of_server(struct text *t, const cruet_counters *c)
{
	const char *name = "";

	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		const struct figure *f = &figures[i];
		if (f->name) {
			name = f->name;
			head(t, name, f->type, f->help);
		}
		str(t, name);
		str(t, f->label);
		str(t, " ");
		number(t, (double)*(const uint64_t *)(const void *)((const char *)c +
								    f->offset));
		str(t, "\n");
	}
}

/* --- all -------------------------------------------------------------------------- */

static void build_info(struct text *t)
{
	char value[64];

	snprintf(value, sizeof value, "cruet_build_info{version=\"%d.%d.%d\"} 1\n",
		 CRUET_VERSION_MAJOR, CRUET_VERSION_MINOR, CRUET_VERSION_PATCH);
	head(t, "cruet_build_info", "gauge", "The version that this was built for.");
	str(t, value);
}

char *show_all(const struct store *s, const struct http *h, const cruet_counters *server,
	       bool process, bool open_metrics, size_t *len)
{
	struct text t = {.open_metrics = open_metrics};
	size_t n = atomic_load_explicit(&s->nfamilies, memory_order_acquire);

	build_info(&t);
	if (process)
		of_process(&t);
	if (server)
		of_server(&t, server);
	single(&t, "cruet_http_requests_in_flight", "gauge",
	       "Requests that are being answered.", (double)http_running(h));
	single(&t, "cruet_metrics_crowded_total", "counter",
	       "Changes that found no place in a series of their own.",
	       (double)atomic_load(&s->crowded));
	for (size_t i = 0; i < n; i++)
		family(&t, s, s->families[i]);
	if (open_metrics)
		str(&t, "# EOF\n");
	if (t.failed) {
		free(t.p);
		return NULL;
	}
	*len = t.len;
	return t.p;
}
