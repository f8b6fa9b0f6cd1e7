/* cruet/assets.h: thin over the service "assets/1". */
#include "cruet/assets.h"

#include "app/ctx.h"
#include "cruet/log.h"
#include "cruet/memory.h"
#include "cruet/request.h"
#include "cruet/route.h"
#include "cruet/svc/assets.h"
#include "plugin/service.h"

/* CRUET_OK with out filled in, also where there is no such file. who calls, in messages. */
static int find(cruet_ctx *c, const char *who, const char *name, cruet_service *s,
		cruet_asset *out)
{
	if (!name)
		return ctx_fail(c, CRUET_EINVAL,
				cruet_printf(c, "%s: the name is NULL", who), false);
	int err = service_of(c, CRUET_ASSETS, CRUET_UPTO(cruet_asset_finder, find), "assets", s);

	if (err)
		return err;
	err = ((const cruet_asset_finder *)s->vt)->find(s->self, c, name, out);
	if (err != CRUET_ENOENT)
		return err ? ctx_fail(c, err, NULL, false) : CRUET_OK;
	cruet_note(c, CRUET_WARN, "plugin '%s': there is no file '%s' in its folder '%s'",
		   s->provider, name, out->folder);
	out->name = name;
	out->integrity = "";
	return CRUET_OK;
}

const char *cruet_asset_url(cruet_ctx *c, const char *name)
{
	cruet_asset asset = {.size = sizeof asset};
	cruet_service s;

	if (find(c, "cruet_asset_url", name, &s, &asset))
		return NULL;
	const char *endpoint = cruet_printf(c, "%s.file", s.provider);
	return endpoint ? cruet_url(c, endpoint, "filename", asset.name, (char *)0) : NULL;
}

const char *cruet_asset_integrity(cruet_ctx *c, const char *name)
{
	cruet_asset asset = {.size = sizeof asset};
	cruet_service s;

	return find(c, "cruet_asset_integrity", name, &s, &asset) ? NULL : asset.integrity;
}
