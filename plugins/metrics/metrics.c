/* Figures for Prometheus and its like. This file is what the plugin says of itself, the
 * service, and the page; store.c keeps the figures, http.c counts requests, show.c makes
 * the text. */
#include <cruet.h>
#include <cruet/metrics.h>
#include <cruet/stats.h>
#include <cruet/svc/metrics.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "show.h"

enum { SAID_MAX = 64 };

struct config {
	const char *path, *token;
	const char *const *buckets;
	int64_t series;
	bool process;
};

struct state {
	cruet_app *app;
	struct store store;
	struct http http;
	pthread_mutex_t lock;	 /* guards what follows */
	char said[SAID_MAX][64]; /* metrics whose mistakes were logged */
	size_t nsaid;
};

/* --- the service ------------------------------------------------------------------ */

/* True if nothing was said of this one yet. */
static bool is_new(struct state *s, const char *name)
{
	pthread_mutex_lock(&s->lock);
	bool new = s->nsaid < SAID_MAX;
	for (size_t i = 0; i < s->nsaid && new; i++)
		new = strncmp(s->said[i], name, sizeof s->said[i] - 1) != 0;
	if (new)
		strncat(s->said[s->nsaid++], name, sizeof s->said[0] - 1);
	pthread_mutex_unlock(&s->lock);
	return new;
}

static int refuse(struct state *s, const cruet_metric *m, const char *why)
{
	const char *name = m && m->name ? m->name : "(no name)";

	if (is_new(s, name))
		cruet_log(s->app, CRUET_ERROR, "metric '%s': %s", name,
			  why ? why : "out of memory");
	return why ? CRUET_EINVAL : CRUET_ENOMEM;
}

/* What cannot be done with a metric of this kind; NULL: it can. */
static const char *misuse(const struct family *f, uint32_t n, int how, double v)
{
	if (n != f->nlabels)
		return "it has more or fewer labels than there are values: end them with "
		       "(char *)0";
	if ((how == CRUET_METRIC_OBSERVE) != (f->kind == FAMILY_HISTOGRAM) ||
	    (how == CRUET_METRIC_SET && f->kind != FAMILY_GAUGE))
		return "cruet_count() is for counters and gauges, cruet_gauge() for "
		       "gauges, "
		       "cruet_observe() for histograms";
	if (isnan(v) || (isinf(v) && how != CRUET_METRIC_SET))
		return "the value is not a number";
	return f->kind == FAMILY_COUNTER && v < 0
		       ? "a counter grows, and was to become less"
		       : NULL;
}

/* What is shown without being a metric of anybody. */
static bool is_taken(const char *name)
{
	static const char *const taken[] = {"cruet_build_info",
					    "cruet_http_requests_in_flight",
					    "cruet_http_sent_bytes_total",
					    "cruet_http_received_bytes_total",
					    "cruet_metrics_crowded_total",
					    NULL};

	for (const char *const *t = taken; *t; t++)
		if (!strcmp(*t, name))
			return true;
	return !strncmp(name, "process_", strlen("process_")) ||
	       !strncmp(name, "cruet_server_", strlen("cruet_server_"));
}

static int change(void *self, const cruet_metric *m, const char *const *values,
		  uint32_t n, int how, double v)
{
	struct state *s = self;
	const char *why = "set .size = sizeof(cruet_metric)";

	if (!m || m->size < CRUET_UPTO(cruet_metric, nbuckets))
		return refuse(s, NULL, why);
	if (m->name && is_taken(m->name))
		return refuse(s, m, "names like this are the plugin's own");
	struct family_spec spec = {.kind = (enum family_kind)m->kind,
				   .name = m->name,
				   .help = m->help,
				   .labels = m->labels,
				   .buckets = m->buckets,
				   .nbuckets = m->buckets ? m->nbuckets : 0};
	if (m->kind > CRUET_HISTOGRAM)
		spec.kind = 0;
	struct family *f = store_family(&s->store, &spec, &why);
	if (!f)
		return refuse(s, m, why);
	why = misuse(f, n, how, v);
	if (why)
		return refuse(s, m, why);
	cell *cells = store_cells(&s->store, store_series(&s->store, f, values));
	if (how == CRUET_METRIC_OBSERVE)
		cells_observe(f, cells, v);
	else if (how == CRUET_METRIC_SET)
		cell_set(cells, v);
	else
		cell_add(cells, v);
	return CRUET_OK;
}

/* --- the page --------------------------------------------------------------------- */

static int denied(cruet_ctx *c)
{
	int err = cruet_fail_header(c, "WWW-Authenticate", "Bearer");

	return err ? err : cruet_fail(c, 401, "These figures are for who has the token.");
}

static int set_headers(cruet_ctx *c, const struct config *cfg)
{
	int err = cruet_set_header(c, "Cache-Control", "no-store");

	if (!err)
		err = cruet_vary(c, "Accept");
	return !err && *cfg->token ? cruet_vary(c, "Authorization") : err;
}

static int show(cruet_ctx *c)
{
	static const char *const types[] = {"text/plain", "application/openmetrics-text",
					    NULL};
	const struct config *cfg = cruet_config(cruet_scope(c));
	struct state *s = cruet_state(cruet_scope(c));
	const char *best = cruet_accept(c, "Accept", types);
	bool open_metrics = best == types[1];
	cruet_counters server = {.size = sizeof server};
	size_t len;

	int err = set_headers(c, cfg);
	if (err)
		return err;
	if (*cfg->token && !cruet_bearer(c, cfg->token))
		return denied(c);
	cruet_tell(c, CRUET_METRICS_COLLECT, NULL);
	cruet_err_clear(c); /* what a listener met is not the page's */
	bool serves = cruet_stats(cruet_scope(c), &server) == CRUET_OK;
	char *text = show_all(&s->store, &s->http, serves ? &server : NULL, cfg->process,
			      open_metrics, &len);
	if (!text)
		return CRUET_ENOMEM;
	return cruet_send(
		c,
		open_metrics
			? "application/openmetrics-text; version=1.0.0; charset=utf-8"
			: "text/plain; version=0.0.4; charset=utf-8",
		text, len, free);
}

/* --- ladder ----------------------------------------------------------------------- */

static int read_buckets(cruet_app *app, const struct config *cfg, struct store *s)
{
	s->nbuckets = 0;
	for (const char *const *b = cfg->buckets; b && *b; b++) {
		char *end;
		double v = strtod(*b, &end);
		if (s->nbuckets == BUCKETS_MAX || end == *b || *end || !isfinite(v) ||
		    v <= 0 || (s->nbuckets && v <= s->buckets[s->nbuckets - 1]))
			return cruet_reject(
				app,
				"option buckets: \"%s\": expected at most %d growing "
				"numbers of seconds, such as 0.1,0.5,2",
				*b, BUCKETS_MAX);
		s->buckets[s->nbuckets++] = v;
	}
	return CRUET_OK;
}

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	if (*cfg->path != '/')
		return cruet_reject(
			app, "option path = \"%s\": expected a path such as /metrics",
			cfg->path);
	return read_buckets(app, cfg, &s->store);
}

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);

	store_fini(&s->store);
	pthread_mutex_destroy(&s->lock);
}

static const cruet_metrics service = {.size = sizeof service, .change = change};

static int registers(cruet_app *app, struct state *s, const struct config *cfg)
{
	int err = cruet_listen(app, "request_started", http_started, &s->http);

	if (!err)
		err = cruet_listen(app, "request_ended", http_ended, &s->http);
	if (!err)
		err = cruet_get(app, cfg->path, show);
	return err ? err : cruet_provide(app, CRUET_METRICS, &service, s);
}

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	s->app = app;
	if (!store_init(&s->store, (size_t)cfg->series))
		return CRUET_ENOMEM;
	pthread_mutex_init(&s->lock, NULL);
	int err = http_init(&s->http, &s->store) ? registers(app, s, cfg) : CRUET_ENOMEM;
	if (err)
		fini(app);
	return err;
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, path, STR, .def = "/metrics",
		     .help = "a path such as /metrics"),
	CRUET_OPTION(struct config, token, STR, .def = "", .flags = CRUET_OPT_SECRET,
		     .help = "a token that is asked for; empty: everybody may look"),
	CRUET_OPTION(struct config, buckets, LIST,
		     .def = "0.001,0.0025,0.005,0.01,0.025,0.05,0.1,0.25,0.5,1,2.5,5,10",
		     .help = "growing numbers of seconds"),
	CRUET_OPTION(
		struct config, series, INT, .def = "2000", .flags = CRUET_OPT_BOUNDS,
		.min = 16, .max = 100000,
		.help = "the most series of requests, and of all else, 16 to 100000"),
	CRUET_OPTION(struct config, process, BOOL, .def = "true",
		     .help = "false to leave out what the system says of the process"),
	{.name = NULL}};

static const char *const provides[] = {CRUET_METRICS, NULL};

CRUET_PLUGIN(metrics, .version = "0.1.0", .summary = "figures for Prometheus",
	     .flags = CRUET_UNLOADABLE, .provides = provides, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .configure = configure, .init = init, .fini = fini);
