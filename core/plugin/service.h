/* Services: what plugins offer each other. */
#ifndef PLUGIN_SERVICE_H
#define PLUGIN_SERVICE_H

#include "cruet/plugin.h"

struct instance;

/* The provider of id that the function now running sees, outwards from its
 * scope: what "bind" in the config says, else the only one. need is the size of
 * the vtable part that is used. On failure the request fails with 500, logged:
 * `no plugin provides "db/1": add one to cruet.json, such as "sqlite"`; the code
 * is returned. hint names such a plugin. For plain functions such as
 * cruet_db_query(). */
int service_of(cruet_ctx *c, const char *id, size_t need, const char *hint,
	       cruet_service *out);

/* The same where it need not be there: false, and no failure, if nobody provides it, or
 * several do, or it is too old or closed. */
bool service_find(cruet_ctx *c, const char *id, size_t need, cruet_service *out);

/* During setup: the problem of the first need that nobody meets, recorded. */
int service_check_needs(struct instance *in);
/* The same for what the program itself has asked for with cruet_need(). */
int service_check_program(cruet_app *root);
/* During setup: not 0 if some attached plugin provides it in the whole
 * application. need may end with '?'. */
int service_provided(cruet_app *root, const char *need);

#endif
