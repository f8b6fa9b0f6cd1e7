/* How many connections each client has open, so that none can have all of them. A client
 * is an address of IPv4, or the first 64 bits of one of IPv6, which is what one household
 * has. Memory grows with the clients that are there, and with nothing else. */
#ifndef EVENT_CLIENTS_H
#define EVENT_CLIENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct clients;

/* Each may have most; connections is how many there may be in all. NULL: no memory. */
struct clients *clients_new(unsigned most, unsigned connections);
void clients_free(struct clients *c); /* NULL is fine */

/* The client at an address; 0: it is none that counts, such as a Unix socket. */
uint64_t client_of(const struct sockaddr_storage *at);

/* One more for this client. False: it has as many as it may, or there is no memory.
 * [any thread] */
bool clients_enter(struct clients *c, uint64_t client);
/* One less, of those that entered. [any thread] */
void clients_leave(struct clients *c, uint64_t client);

#endif
