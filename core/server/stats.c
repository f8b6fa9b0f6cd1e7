#include "server/stats.h"

#include <string.h>

#include "app/scope.h"
#include "cruet/json.h"
#include "server/control_commands.h"

/* --- numbers ------------------------------------------------------------------------ */

void cruet_counters_add(cruet_counters *sum, const cruet_counters *part)
{
	size_t size = sum->size < part->size ? sum->size : part->size;
	uint64_t *to = (uint64_t *)(void *)sum;
	const uint64_t *from = (const uint64_t *)(const void *)part;

	for (size_t i = 1; i < size / sizeof *to; i++) /* the first holds the sizes */
		to[i] += __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

/* --- who serves --------------------------------------------------------------------- */

void stats_serve(struct host *h, const struct served *s)
{
	pthread_mutex_lock(&h->serving_lock);
	h->serving = s;
	pthread_mutex_unlock(&h->serving_lock);
}

static int ask(const struct served *s, cruet_counters *out)
{
	if (!s)
		return CRUET_ESTATE;
	if (!CRUET_HAS(s->vt, cruet_transport, stats))
		return CRUET_ENOENT;
	memset((char *)out + sizeof(uint64_t), 0, out->size - sizeof(uint64_t));
	s->vt->stats(s->server, out);
	return CRUET_OK;
}

int cruet_stats(const cruet_app *app, cruet_counters *out)
{
	if (!app || !out || out->size < sizeof(uint64_t))
		return CRUET_EINVAL;
	struct host *h = app->host;
	pthread_mutex_lock(&h->serving_lock);
	int err = ask(h->serving, out);
	pthread_mutex_unlock(&h->serving_lock);
	return err;
}

/* --- names -------------------------------------------------------------------------- */

#define COUNTER(m)                              \
	{                                       \
#m, offsetof(cruet_counters, m) \
	}
#define OF_STATUS(m, digit)                                                      \
	{                                                                        \
#m "_" #digit "xx",                                              \
			offsetof(cruet_counters, m) + (digit) * sizeof(uint64_t) \
	}

static const struct counter {
	const char *name;
	size_t offset;
} counters[] = {
	COUNTER(connections_open), COUNTER(connections_waiting),
	COUNTER(websockets_open),  COUNTER(requests_running),
	COUNTER(requests_waiting), COUNTER(threads),
	COUNTER(connections),	   COUNTER(requests),
	COUNTER(requests_reused),  COUNTER(bytes_in),
	COUNTER(bytes_out),	   OF_STATUS(replies, 1),
	OF_STATUS(replies, 2),	   OF_STATUS(replies, 3),
	OF_STATUS(replies, 4),	   OF_STATUS(replies, 5),
	COUNTER(timeouts_head),	   COUNTER(timeouts_body),
	COUNTER(timeouts_idle),	   COUNTER(timeouts_write),
	COUNTER(timeouts_handler), OF_STATUS(refused, 4),
	OF_STATUS(refused, 5),	   COUNTER(refused_crowded),
	COUNTER(refused_client),   COUNTER(tls_faults),
	COUNTER(proxy_faults),
};

enum { COUNTERS = sizeof counters / sizeof *counters };

void stats_put(cruet_json *o, const cruet_counters *c)
{
	for (size_t i = 0; i < COUNTERS; i++)
		cruet_put_int(o, counters[i].name,
			      *(const int64_t *)(const void *)((const char *)c +
							       counters[i].offset));
}

void stats_add(cruet_counters *c, const cruet_json *o)
{
	for (size_t i = 0; i < COUNTERS; i++)
		*(uint64_t *)(void *)((char *)c + counters[i].offset) +=
			(uint64_t)cruet_json_int(cruet_json_get(o, counters[i].name), 0);
}
