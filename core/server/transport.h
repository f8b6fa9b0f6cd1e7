/* Which transport serves an application. */
#ifndef SERVER_TRANSPORT_H
#define SERVER_TRANSPORT_H

#include "cruet/plugin.h"
#include "cruet/svc/transport.h"

extern const cruet_transport civetweb_transport; /* built in */

/* The transport that server.transport names. Its plugin is attached for it where it
 * is not attached yet, so the application must not have started. CRUET_OK, or an error
 * recorded as the problem. */
int transport_find(cruet_app *root, cruet_service *out);

enum { TRANSPORT_ADDRESS = 256 };
/* The i-th address in use, as people write it: "http://127.0.0.1:8000",
 * "unix:/run/site.sock". False: there is none. */
bool transport_address(const cruet_transport *vt, void *server, size_t i,
		       char out[TRANSPORT_ADDRESS]);

#endif
