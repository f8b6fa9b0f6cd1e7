/* Which plugins crash again and again. The parent of workers counts; what a plugin that is
 * quarantined means for requests is said in plugin/closing.h. */
#ifndef SERVER_QUARANTINE_H
#define SERVER_QUARANTINE_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct suspect;

enum { QUARANTINE_CRASHES = 3, QUARANTINE_MS = 60000 }; /* so many within that time */

struct quarantine {
	struct suspect *all;
};

/* A crash of that plugin. True: it is quarantined from now on. */
bool quarantine_note(struct quarantine *q, const char *plugin, int64_t now_ms);
/* Its past is forgotten. False: there is none. */
bool quarantine_lift(struct quarantine *q, const char *plugin);
/* Those that are, as "boom,bang" in a; NULL: none, or out of memory. */
const char *quarantine_list(const struct quarantine *q, struct arena *a);
void quarantine_fini(struct quarantine *q); /* lifts all */

#endif
