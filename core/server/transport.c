#include "server/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/scope.h"
#include "server/handed.h"
#include "plugin/registry.h"

int transport_find(cruet_app *root, cruet_service *out)
{
	const char *name = root->host->settings.transport;

	if (!strcmp(name, "civetweb")) {
		*out = (cruet_service){.vt = &civetweb_transport, .provider = "civetweb"};
		return CRUET_OK;
	}
	int err = registry_named(root, name) ? CRUET_OK : cruet_use(root, name, NULL);
	return err ? err
		   : cruet_bind(root, CRUET_TRANSPORT, name, CRUET_UPTO(cruet_transport, stop),
				out);
}

cruet_listen_opts transport_options(const struct server_settings *s)
{
	return (cruet_listen_opts){
		.size = sizeof(cruet_listen_opts),
		.threads = (uint32_t)s->threads,
		.listen = s->listen,
		.head_timeout_ms = s->head_timeout,
		.body_timeout_ms = s->body_timeout,
		.body_rate = s->body_rate,
		.idle_timeout_ms = s->idle_timeout,
		.write_timeout_ms = s->write_timeout,
		.body_max = s->body_max,
		.headers_max = (uint32_t)s->headers_max,
		.head_max = (uint32_t)s->head_max,
		.tls = s->tls,
		.handler_timeout_ms = s->handler_timeout,
	};
}

char *transport_obstacle(const cruet_service *t, const struct server_settings *s)
{
	const cruet_transport *vt = t->vt;
	cruet_listen_opts opts = transport_options(s);
	struct sockets sockets = {.n = 0};
	char *why = NULL;
	int *fds = NULL;
	size_t n = 0;

	if (vt == &civetweb_transport) {
		civetweb_obstacle(&opts, &why);
		return why;
	}
	if (!CRUET_HAS(vt, cruet_transport, hand_over) || !vt->open)
		return NULL; /* only its start could say */
	if (!vt->open(t->self, &opts, &fds, &n, &why) && !sockets_add(&sockets, fds, n, false))
		sockets_unlink(&sockets);
	sockets_close(&sockets);
	free(fds);
	return why;
}

bool transport_address(const cruet_transport *vt, void *server, size_t i,
		       char out[TRANSPORT_ADDRESS])
{
	const char *at = vt->address(server, i);

	if (!at)
		return false;
	snprintf(out, TRANSPORT_ADDRESS, "%s%s",
		 strstr(at, "://") || !strncmp(at, "unix:", 5) ? "" : "http://", at);
	return true;
}
