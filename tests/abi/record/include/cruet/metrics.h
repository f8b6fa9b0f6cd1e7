/* Figures of an application or a plugin: how many, how much, how long. Thin over the
 * service "metrics/1", which the plugin `metrics` provides; without a provider nothing is
 * kept, and the calls give CRUET_OK. Not part of cruet.h.
 *
 *	static const cruet_metric orders = {
 *		.size = sizeof orders, .kind = CRUET_COUNTER, .name = "shop_orders_total",
 *		.help = "Orders that were taken", .labels = "kind"};
 *	...
 *	cruet_count(c, &orders, 1, "books", (char *)0);
 *
 * Each combination of values is a series that is kept for ever: labels are for what has
 * few values, never for names of users.
 *
 * The plugin has figures of its own: cruet_build_info, cruet_http_requests_in_flight,
 * cruet_http_request_duration_seconds, cruet_http_sent_bytes_total,
 * cruet_http_received_bytes_total, cruet_metrics_crowded_total, and
 * cruet_server_ and process_ ones. */
#ifndef CRUET_METRICS_H
#define CRUET_METRICS_H

#include "cruet/types.h"

/* Told before figures are shown: who listens sets gauges that are cheap to read and not
 * worth keeping up to date, such as the length of a queue. what is NULL. */
#define CRUET_METRICS_COLLECT "metrics.collect"

enum cruet_metric_kind {
	CRUET_COUNTER = 1,  /* only grows; its name ends with _total */
	CRUET_GAUGE = 2,    /* goes up and down */
	CRUET_HISTOGRAM = 3 /* how often a value was at most so much */
};

/* What a metric is; a constant. Two that have one name must be alike. */
typedef struct cruet_metric {
	uint32_t size; /* sizeof(cruet_metric) */
	uint32_t kind; /* enum cruet_metric_kind */
	const char *name;   /* [a-zA-Z_][a-zA-Z0-9_]*, "shop_orders_total" */
	const char *help;   /* one sentence */
	const char *labels; /* names such as "kind,city", at most 8; NULL: none */
	const double *buckets; /* upper bounds, growing; NULL: those of the provider */
	size_t nbuckets;       /* at most 32 */
} cruet_metric;

CRUET_BEGIN

/* All of them: then follow as many texts as the metric has labels, and (char *)0. A text
 * is UTF-8; what is longer than 128 bytes is cut. CRUET_OK, or CRUET_EINVAL, logged once,
 * for what makes no sense; the request goes on. [any thread], with a ctx of its own. */

/* Adds to a counter or a gauge; by is negative for gauges alone. */
CRUET_API int cruet_count(cruet_ctx *c, const cruet_metric *m, double by, ...)
	CRUET_SENTINEL;
/* Sets a gauge. */
CRUET_API int cruet_gauge(cruet_ctx *c, const cruet_metric *m, double v, ...)
	CRUET_SENTINEL;
/* Counts a value in a histogram; times are in seconds, sizes in bytes. */
CRUET_API int cruet_observe(cruet_ctx *c, const cruet_metric *m, double v, ...)
	CRUET_SENTINEL;

CRUET_END
#endif
