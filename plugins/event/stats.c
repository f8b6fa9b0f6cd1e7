/* What is counted, put together. Each thread counts what it does and each loop what its
 * owner does for it; what is rare has counters of its own. */
#include "event.h"

static uint64_t tls_faults(const struct server *s)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < TLS_FAULTS_N; i++)
		n += atomic_load(&s->tls_faults[i].n);
	return n;
}

void server_stats(void *server, cruet_counters *out)
{
	struct server *s = server;
	cruet_counters sum = {
		.size = sizeof sum,
		.connections_open = atomic_load(&s->conns),
		.websockets_open = atomic_load(&s->sockets),
		.requests_waiting = atomic_load(&s->parked),
		.timeouts_handler = atomic_load(&s->late.n),
		.refused_crowded = atomic_load(&s->crowds.n),
		.refused_client = atomic_load(&s->greedy.n),
		.tls_faults = tls_faults(s),
		.proxy_faults = atomic_load(&s->headless.n),
	};

	for (unsigned i = 0; i < s->nloops; i++)
		cruet_counters_add(&sum, &s->loops[i].counted);
	threads_stats(s, &sum);
	cruet_counters_add(out, &sum);
}
