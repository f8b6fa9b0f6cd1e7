/* Which transport serves an application. */
#ifndef SERVER_TRANSPORT_H
#define SERVER_TRANSPORT_H

#include "cruet/plugin.h"
#include "cruet/svc/transport.h"

struct server_settings;

extern const cruet_transport civetweb_transport; /* built in */
const char *civetweb_version(void);
/* What it says of its settings: CRUET_OK, or an error and *why, as start does. */
int civetweb_obstacle(const cruet_listen_opts *opts, char **why);

/* The transport that server.transport names. Its plugin is attached for it where it
 * is not attached yet, so the application must not have started. CRUET_OK, or an error
 * recorded as the problem. */
int transport_find(cruet_app *root, cruet_service *out);

/* What the settings say of it. Nothing is handed over yet. */
cruet_listen_opts transport_options(const struct server_settings *s);
/* Why it could not serve these settings now: an address that it does not know, or that is
 * taken, found by listening there for a moment. A sentence (malloc'ed); NULL: it could, or
 * memory ran out. */
char *transport_obstacle(const cruet_service *t, const struct server_settings *s);

enum { TRANSPORT_ADDRESS = 256 };
/* The i-th address in use, as people write it: "http://127.0.0.1:8000",
 * "unix:/run/site.sock". False: there is none. */
bool transport_address(const cruet_transport *vt, void *server, size_t i,
		       char out[TRANSPORT_ADDRESS]);

#endif
