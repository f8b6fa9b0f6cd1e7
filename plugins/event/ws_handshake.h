/* The transport's share of the opening handshake (RFC 6455, 4.2.2). The core has
 * checked the request – method, Upgrade, Connection, version, key, Origin – and has
 * chosen the sub-protocol; here the answer is made. */
#ifndef EVENT_WS_HANDSHAKE_H
#define EVENT_WS_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>

#include <cruet/svc/transport.h>

#include "ws_deflate.h"

enum { WS_ACCEPT_SIZE = 29 }; /* 28 characters and a NUL */

struct ws_handshake {
	struct ws_deflate deflate;
	char accept[WS_ACCEPT_SIZE];
	char extension[WS_EXTENSION_MAX];
	cruet_field fields[2]; /* Sec-WebSocket-Accept, and -Extensions if one was taken */
	size_t nfields;
};

/* CRUET_OK; CRUET_EPARSE: there is no one key, or the extensions are malformed;
 * CRUET_ENOMEM. fields point into *h. */
int ws_handshake_answer(struct ws_handshake *h, const cruet_head *head,
		 const struct ws_deflate_policy *policy);

/* Sec-WebSocket-Accept for a key. False: out of memory. */
bool ws_accept(char out[WS_ACCEPT_SIZE], const char *key);

#endif
