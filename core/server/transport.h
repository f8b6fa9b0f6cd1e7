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

#endif
