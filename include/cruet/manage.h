/* Changing the plugins of an application while it serves. Not part of cruet.h.
 *
 * A new instance is taken up the ladder beside the old one; all that the application then
 * consists of is put together and checked; and one pointer is published. Requests that run
 * end on what they began on, those that begin from then on see the new one. When nobody
 * stands on the old one any more, it stops and goes. Plugins that are bound to a service of
 * one that is replaced are replaced with it. Whatever fails before the pointer is published
 * leaves all as it was.
 *
 * All of these may take as long as the old requests do, though no longer than
 * server.drain; what then still runs stays until it ends, and the log says so. They give
 * CRUET_OK, or an error and *why, a sentence for free() (NULL: out of memory); why itself
 * may be NULL. Changes that are asked for at once are made one after the other. [any
 * thread], as long as it runs no request and no code of a plugin, and has no ctx open: those
 * would wait for themselves, and get CRUET_ESTATE; so does an application that does not
 * serve. */
#ifndef CRUET_MANAGE_H
#define CRUET_MANAGE_H

#include "cruet/types.h"

CRUET_BEGIN

/* Replaces the instance of that name by one from its file and the configuration as they
 * are now. The application itself, where it is a file, is called "app". CRUET_ENOENT: there
 * is none.
 *
 * name NULL: all whose file or configuration differ from what they run with, those that
 * the configuration does not name any more leave, and those that it names in addition
 * come. */
CRUET_API int cruet_plugin_reload(cruet_app *app, const char *name, char **why);

/* Attaches a plugin to the application, as the configuration says if it names it, else with
 * the defaults of its options. CRUET_EEXIST: there is an instance of that name. */
CRUET_API int cruet_plugin_load(cruet_app *app, const char *name, char **why);

/* Takes an instance out. CRUET_EBUSY while others are bound to it. */
CRUET_API int cruet_plugin_unload(cruet_app *app, const char *name, char **why);

CRUET_END
#endif
