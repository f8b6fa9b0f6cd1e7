/* Addresses to listen on, as people write them, and the sockets that do: "127.0.0.1:80",
 * ":80" and "80" (the loopback), "*:80" (all interfaces), "[::1]:80", "localhost:80",
 * "unix:/run/site.sock", "http://...". */
#ifndef EVENT_LISTEN_H
#define EVENT_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { LISTEN_MAX = 16, ADDRESS_TEXT = 128 };

struct address {
	struct sockaddr_storage at;
	socklen_t len;
};

/* CRUET_OK; or an error and *why, a sentence (malloc'ed) that names the address. */
int address_parse(const char *text, struct address *out, char **why);
/* "127.0.0.1:8000", "[::1]:8000", "unix:/run/site.sock" */
void address_text(const struct address *a, char out[ADDRESS_TEXT]);
bool address_is_unix(const struct address *a);
/* A socket that listens there, not blocking; -1 with *why. shared: others listen on the
 * same port, each with a queue of its own. A port 0 becomes the real one in *a. */
int address_listen(struct address *a, bool shared, char **why);
/* The peer of a connection in digits; "unix" where it has none. */
void address_peer(const struct sockaddr_storage *from, char *out, size_t cap);

#endif
