/* Addresses of static files that browsers may keep for ever, since they change with what is
 * in the file. Thin over the service "assets/1"; without a plugin that provides it, calls
 * fail the request with 500 and the log names such a plugin. Not part of cruet.h. */
#ifndef CRUET_ASSETS_H
#define CRUET_ASSETS_H

#include "cruet/types.h"

CRUET_BEGIN

/* "/static/site.3f2a9c1b5d7e.css" for "site.css". Of a file that is not there it is the
 * address without a fingerprint, and the log says so. NULL: the request fails. [request] */
CRUET_API const char *cruet_asset_url(cruet_ctx *c, const char *name);

/* The value for the attribute integrity of <script> and <link>; "" if there is no such file,
 * as above. NULL: the request fails. [request] */
CRUET_API const char *cruet_asset_integrity(cruet_ctx *c, const char *name);

CRUET_END
#endif
