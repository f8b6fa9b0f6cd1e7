/* Service "metrics/1": keeps figures. Users call cruet/metrics.h, which is thin over it.
 * Calls are thread-safe, take no lock for a series that is there already, and never
 * fail a request. */
#ifndef CRUET_SVC_METRICS_H
#define CRUET_SVC_METRICS_H

#include "cruet/types.h"

#define CRUET_METRICS "metrics/1"

struct cruet_metric;

enum cruet_metric_how {
	CRUET_METRIC_ADD = 0,    /* counters and gauges */
	CRUET_METRIC_SET = 1,    /* gauges */
	CRUET_METRIC_OBSERVE = 2 /* histograms */
};

typedef struct cruet_metrics {
	uint32_t size;
	uint32_t reserved;
	/* Changes the series of a metric that has these n values for its labels; both are
	 * copied when they are new. how: enum cruet_metric_how. CRUET_OK; CRUET_ENOMEM;
	 * CRUET_EINVAL: the description is wrong, or not that of an earlier call, or v or
	 * how does not fit it. Failures are logged, each of a kind once. */
	int (*change)(void *self, const struct cruet_metric *m, const char *const *values,
		      uint32_t n, int how, double v);
} cruet_metrics;

#endif
