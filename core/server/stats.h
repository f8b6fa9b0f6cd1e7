/* Counters of the transport that serves: who has them, and their names. */
#ifndef SERVER_STATS_H
#define SERVER_STATS_H

#include "cruet/stats.h"

struct host;
struct served;

/* From now on cruet_stats() asks s; NULL: nobody. Returns when no call uses what there
 * was before. */
void stats_serve(struct host *h, const struct served *s);

/* Puts the counters into o by name: "requests", "replies_2xx". */
void stats_put(cruet_json *o, const cruet_counters *c);
/* The other way round: adds to c those that stand in o. */
void stats_add(cruet_counters *c, const cruet_json *o);

#endif
