#include "server/transport.h"

#include <stdio.h>
#include <string.h>

#include "app/scope.h"
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
