/* What the files client*.c share. */
#ifndef SERVER_CLIENT_PRIV_H
#define SERVER_CLIENT_PRIV_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fields.h"
#include "cruet/json.h"
#include "cruet/svc/transport.h"
#include "cruet/testing.h"
#include "server/cookie_jar.h"

struct cruet_client {
	cruet_app *app;
	struct cookie_jar jar;
	const char *scheme; /* a constant */
	bool usable;

	/* for the next request */
	struct arena next;
	struct fields headers, query, form;
	struct fields without; /* headers that are not added */
	struct buf parts; /* multipart bodies of files */
	bool multipart;
	cruet_client_ws *opening; /* what the request asks for, or NULL */
	bool no_memory; /* for it, or for the reply to the last one: both count for nothing */

	/* the last request, for redirects, and its reply */
	struct arena last;
	const char *method, *host, *path, *mime;
	const char *body;
	size_t body_len;
	int status;
	bool broken;
	struct fields reply;
	struct buf out;
	cruet_json *json;
};

/* From now on its requests come by this scheme, "http" or "https". */
void client_set_scheme(cruet_client *t, const char *scheme);

/* client_exchange.c: asks t->app for what head says, with the body of t, and keeps the
 * reply in t. Returns when the request has ended. */
void client_serve(cruet_client *t, const cruet_head *head);

/* client_ws.c: the op upgrade of a request that asks for a WebSocket. */
void client_ws_accepted(cruet_client_ws *s, const cruet_upgrade *how, cruet_link *link);

#endif
