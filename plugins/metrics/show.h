/* Figures as text: the format of Prometheus (0.0.4), or OpenMetrics 1.0. */
#ifndef PLUGIN_METRICS_SHOW_H
#define PLUGIN_METRICS_SHOW_H

#include <cruet/stats.h>

#include "http.h"

enum { SHOW_MAX = 64 << 20 }; /* bytes of a whole text */

/* The whole, to be freed; NULL: out of memory, or larger than SHOW_MAX. process:
 * with what the system says of this process. server: with what it counts; NULL: none
 * runs. */
char *show_all(const struct store *s, const struct http *h, const cruet_counters *server,
	       bool process, bool open_metrics, size_t *len);

#endif
