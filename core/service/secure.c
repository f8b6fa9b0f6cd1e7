/* cruet/secure.h: thin over the service "secure/1". */
#include "cruet/secure.h"

#include "cruet/svc/secure.h"
#include "plugin/service.h"

const char *cruet_csp_nonce(cruet_ctx *c)
{
	cruet_service s;

	if (service_of(c, CRUET_SECURE, CRUET_UPTO(cruet_secure, nonce), "secure", &s))
		return NULL;
	const cruet_secure *vt = s.vt;
	return vt->nonce(s.self, c);
}
