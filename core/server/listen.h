/* Addresses to listen on, as people write them: "127.0.0.1:8000", ":8000" and "8000"
 * (the loopback), "*:80" (all interfaces), "localhost:8000", "http://...". */
#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H

#include <netinet/in.h>
#include <stddef.h>

enum { LISTEN_TEXT = 24 }; /* "255.255.255.255:65535" */

/* CRUET_OK; or an error and *why, a sentence (malloc'ed) that names the address and,
 * for what civetweb does not serve, who does. */
int listen_parse(const char *address, struct sockaddr_in *out, char **why);
/* "127.0.0.1:8000" */
void listen_text(const struct sockaddr_in *at, char out[LISTEN_TEXT]);
/* Why nothing can listen there, found by trying, as a sentence (malloc'ed); NULL: it
 * can, or memory ran out. */
char *listen_obstacle(const struct sockaddr_in *at);

#endif
