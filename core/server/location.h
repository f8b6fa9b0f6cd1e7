/* Where a Location points, seen from the request that was answered with it. */
#ifndef SERVER_LOCATION_H
#define SERVER_LOCATION_H

struct arena;

/* The path (with query, without fragment, dot segments resolved) that to names on
 * the host of the request, whose own path was from; NULL when it is on another host
 * or out of memory. host as in the header Host. RFC 3986 5.2. */
const char *location_path(struct arena *a, const char *host, const char *from, const char *to);

#endif
