#include "http.h"

#include <sched.h>
#include <string.h>

bool http_init(struct http *h, struct store *s)
{
	static const struct family_spec spec = {
		.kind = FAMILY_HTTP,
		.name = "cruet_http_request_duration_seconds",
		.help = "Time from the head of a request to the end of its reply.",
		.labels = "endpoint,method,status"};
	const char *why;

	h->store = s;
	h->family = store_family(s, &spec, &why);
	return h->family;
}

static void count(struct http *h, int by)
{
	int cpu = sched_getcpu();

	atomic_fetch_add_explicit(
		&h->running[(cpu < 0 ? 0 : (unsigned)cpu) % SHARDS_MAX].n, by,
		memory_order_relaxed);
}

int64_t http_running(const struct http *h)
{
	int64_t n = 0;

	for (size_t i = 0; i < SHARDS_MAX; i++)
		n += atomic_load_explicit(&h->running[i].n, memory_order_relaxed);
	return n > 0 ? n : 0; /* the shards are not of one moment */
}

void http_started(cruet_ctx *c, const void *what, void *arg)
{
	(void)c, (void)what;
	count(arg, 1);
}

/* A client may invent methods, and must not fill the store with them. */
static const char *known_method(const char *method)
{
	static const char *const known[] = {"GET",   "POST",   "HEAD",	  "PUT",
					    "PATCH", "DELETE", "OPTIONS", NULL};

	for (const char *const *m = known; method && *m; m++)
		if (!strcmp(*m, method))
			return *m;
	return "(other)";
}

static const char *class_of(int status)
{
	static const char *const classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};

	return classes[status < 200 ? 0 : status > 499 ? 4 : status / 100 - 1];
}

void http_ended(cruet_ctx *c, const void *what, void *arg)
{
	const cruet_ended *e = what;
	struct http *h = arg;
	const char *endpoint = e->refused ? "(refused)" : cruet_endpoint(c);
	const char *values[] = {endpoint ? endpoint : "(unmatched)",
				known_method(e->method), class_of(e->status)};

	cell *cells = store_cells(h->store, store_series(h->store, h->family, values));
	size_t sum = cell_of_sum(h->family);
	cells_observe(h->family, cells, (double)e->took_us / 1e6);
	if (e->sent)
		cell_add(&cells[sum + HTTP_SENT], (double)e->sent);
	if (e->received)
		cell_add(&cells[sum + HTTP_RECEIVED], (double)e->received);
	if (!e->refused)
		count(h, -1);
}
