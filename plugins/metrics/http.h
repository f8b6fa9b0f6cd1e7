/* The figures of requests: how many run, and for each rule, method and class of status
 * how long they took and what they brought and sent. */
#ifndef PLUGIN_METRICS_HTTP_H
#define PLUGIN_METRICS_HTTP_H

#include <cruet.h>

#include "store.h"

/* Cells of FAMILY_HTTP behind those of a histogram. */
enum { HTTP_SENT = 1, HTTP_RECEIVED = 2 }; /* places behind cell_of_sum() */

struct in_flight {
	_Atomic int64_t n;
	char rest[56]; /* of a cache line: threads of two processors do not meet */
};

struct http {
	struct store *store;
	struct family *family;
	struct in_flight running[SHARDS_MAX];
};

/* False: out of memory. */
bool http_init(struct http *h, struct store *s);
/* Listeners; arg is the struct http. */
void http_started(cruet_ctx *c, const void *what, void *arg);
void http_ended(cruet_ctx *c, const void *what, void *arg);
/* Requests that run now. */
int64_t http_running(const struct http *h);

#endif
