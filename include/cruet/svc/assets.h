/* Service "assets/1": files whose addresses change with what is in them. cruet/assets.h has
 * the plain functions, and cruet_static() serves these addresses: by its own rule, so its
 * hooks hold for them. One for the whole application. Calls come from many threads at
 * once. [request] */
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
	const char *folder;    /* where it was looked for, also if it is not there */
} cruet_asset;

typedef struct cruet_asset_finder {
	uint32_t size;
	uint32_t reserved;
	/* name: of a file in the folder, "css/site.css". Fills in out, in the memory of the
	 * request. CRUET_OK; CRUET_ENOENT: there is no such file; or a failure as of a
	 * handler. */
	int (*find)(void *self, cruet_ctx *c, const char *name, cruet_asset *out);
	/* full: what a rule of cruet_static() was asked for. *name: the same without the
	 * fingerprint in it, in the memory of the request. CRUET_OK; CRUET_ENOENT: there is
	 * none in it, or the rule is of another folder; or a failure as of a handler. */
	int (*take)(void *self, cruet_ctx *c, const char *full, const char **name);
	/* Whether full, which take() made name of, has the fingerprint of the file that is
	 * open as fd. CRUET_OK; CRUET_ENOENT: it has another one; or a failure as of a
	 * handler. */
	int (*fits)(void *self, cruet_ctx *c, const char *full, const char *name, int fd);
} cruet_asset_finder;

#endif
