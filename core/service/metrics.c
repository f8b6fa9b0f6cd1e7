/* cruet/metrics.h: thin over the service "metrics/1", which need not be there. */
#include "cruet/metrics.h"

#include <stdarg.h>

#include "app/ctx.h"
#include "cruet/svc/metrics.h"
#include "plugin/service.h"

enum { VALUES_MAX = 9 }; /* one more than a metric may have: then there are too many */

static int change(cruet_ctx *c, const cruet_metric *m, int how, double v, va_list ap)
{
	const char *values[VALUES_MAX];
	uint32_t n = 0;
	cruet_service s;

	if (!service_find(c, CRUET_METRICS, CRUET_UPTO(cruet_metrics, change), &s))
		return CRUET_OK;
	while (n < VALUES_MAX && (values[n] = va_arg(ap, const char *)))
		n++;
	const cruet_metrics *vt = s.vt;
	return vt->change(s.self, m, values, n, how, v);
}

int cruet_count(cruet_ctx *c, const cruet_metric *m, double by, ...)
{
	va_list ap;
	va_start(ap, by);
	int err = change(c, m, CRUET_METRIC_ADD, by, ap);
	va_end(ap);
	return err;
}

int cruet_gauge(cruet_ctx *c, const cruet_metric *m, double v, ...)
{
	va_list ap;
	va_start(ap, v);
	int err = change(c, m, CRUET_METRIC_SET, v, ap);
	va_end(ap);
	return err;
}

int cruet_observe(cruet_ctx *c, const cruet_metric *m, double v, ...)
{
	va_list ap;
	va_start(ap, v);
	int err = change(c, m, CRUET_METRIC_OBSERVE, v, ap);
	va_end(ap);
	return err;
}
