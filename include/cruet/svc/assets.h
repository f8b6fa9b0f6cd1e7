/* Service "assets/1": files whose addresses change with what is in them. cruet/assets.h has
 * the plain functions. Calls come from many threads at once. [request] */
#ifndef CRUET_SVC_ASSETS_H
#define CRUET_SVC_ASSETS_H

#include "cruet/types.h"

#define CRUET_ASSETS "assets/1"

typedef struct cruet_asset {
	uint32_t size;
	uint32_t reserved;
	const char *name;      /* with its fingerprint, "site.3f2a9c1b5d7e.css": the argument
				* "filename" of the provider's endpoint "file" */
	const char *integrity; /* "sha256-...", as browsers compare it */
} cruet_asset;

typedef struct cruet_asset_finder {
	uint32_t size;
	uint32_t reserved;
	/* name: of a file in the folder, "css/site.css". Fills in out, in the memory of the
	 * request. CRUET_OK; CRUET_ENOENT: there is no such file; or a failure as of a
	 * handler. */
	int (*find)(void *self, cruet_ctx *c, const char *name, cruet_asset *out);
} cruet_asset_finder;

#endif
