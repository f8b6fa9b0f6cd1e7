/* Plugins that were taken out while the application serves, and that stay until no request
 * stands on what they were part of. host->changing is held in all calls. */
#ifndef PLUGIN_LEAVING_H
#define PLUGIN_LEAVING_H

#include "plugin/registry.h"

/* From now on it is no plugin of the application, and waits to go. last: the number of
 * the last generation that it is part of. */
void leaving_add(struct registry *r, struct instance *in, uint64_t last);

/* Stops and frees those that nothing stands on any more. True if none is left whose last
 * generation is last; one that is stuck does not count. */
bool leaving_settle(struct registry *r, uint64_t last);
/* The same for all. True if none is left. */
bool leaving_settle_all(struct registry *r);

/* The time of these is over, and requests still stand on them: says so, and ends their
 * threads. From now on a thread looks after them, until they are gone. */
void leaving_give_up(struct registry *r, uint64_t last);
/* Ends that thread. */
void leaving_end(struct registry *r);

#endif
