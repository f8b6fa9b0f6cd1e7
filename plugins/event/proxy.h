/* The header with which a proxy in front tells whose connection it brings: PROXY
 * protocol, version 2, as in section 2.2 of HAProxy's doc/proxy-protocol.txt. Bytes only,
 * no socket. */
#ifndef EVENT_PROXY_H
#define EVENT_PROXY_H

#include <stddef.h>
#include <sys/socket.h>

enum {
	PROXY_HEAD = 16, /* bytes that tell how many there are */
	PROXY_MAX = 4096 /* in all, as we take them; the protocol allows 65551 */
};

/* How many bytes the header has whose first n are at p. 0: it takes more than n to know.
 * Negative: this is none, which is seen as early as it can be; *why says what is wrong,
 * and lives for ever. */
ptrdiff_t proxy_size(const unsigned char *p, size_t n, const char **why);

/* Reads a whole header of n bytes. CRUET_OK: from is the address of the client, or
 * AF_UNSPEC: the proxy speaks for itself, or does not know. Else CRUET_EPARSE, and *why
 * as above. Fields behind the addresses are passed over; a checksum among them is
 * checked. */
int proxy_read(const unsigned char *p, size_t n, struct sockaddr_storage *from,
	       const char **why);

#endif
