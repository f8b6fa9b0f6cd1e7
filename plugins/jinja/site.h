/* What templates see of a request: request, session, g, config, url_for(),
 * get_flashed_messages(). */
#ifndef JINJA_SITE_H
#define JINJA_SITE_H

#include "engine.h"

/* config lives as long as the engine. False: out of memory. */
bool site_globals(struct engine *e, cruet_app *app, cruet_template_object *config);

#endif
