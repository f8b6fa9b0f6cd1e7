/* What the server of this process has done: for plugins that report it, such as to a
 * system of metrics, and what `cruet status` shows. Where workers serve, each knows its
 * own. Not part of cruet.h. */
#ifndef CRUET_STATS_H
#define CRUET_STATS_H

#include "cruet/types.h"

/* After its beginning, 64-bit numbers and nothing else. What a transport cannot tell is
 * 0. */
typedef struct cruet_counters {
	uint32_t size; /* sizeof(cruet_counters), set by who asks */
	uint32_t reserved;

	/* as it is now */
	uint64_t connections_open;
	uint64_t connections_waiting; /* for a thread; only where each needs one */
	uint64_t websockets_open;
	uint64_t requests_running; /* by a thread */
	uint64_t requests_waiting; /* without one: for an event, a client or a thread */
	uint64_t threads;

	/* since the server started */
	uint64_t requests;	  /* whose head was read and well-formed */
	uint64_t requests_reused; /* of these, on a connection that had one before */
	uint64_t bytes_in;	  /* of HTTP, within TLS */
	uint64_t bytes_out;
	uint64_t replies[6];  /* by the first digit of their status, those to refused
			       * requests too; [1] are WebSockets that were opened */
	uint64_t connections; /* accepted, and not refused at once */
	uint64_t timeouts_head;
	uint64_t timeouts_body;
	uint64_t timeouts_idle; /* between requests */
	uint64_t timeouts_write;
	uint64_t timeouts_handler; /* that were answered for (server.handler_timeout) */
	uint64_t refused[6];	  /* requests that did not reach the application, by the
				   * first digit of the status: malformed or too large, 4;
				   * the server stops, or the transport cannot, 5 */
	uint64_t refused_crowded; /* connections: more than may be open */
	uint64_t refused_client;  /* connections: more than one client may have */
	uint64_t tls_faults;
	uint64_t proxy_faults; /* connections without a good header of the PROXY protocol */
} cruet_counters;

CRUET_BEGIN

/* Fills out, as far as its size says. CRUET_OK; CRUET_ESTATE: no server runs in this
 * process now, as in a test or a command; CRUET_ENOENT: its transport does not count;
 * CRUET_EINVAL. Takes a lock that no request takes. [any thread] */
CRUET_API int cruet_stats(const cruet_app *app, cruet_counters *out);

CRUET_END
#endif
