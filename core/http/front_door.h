/* What every request head must pass before any code of a user runs, whatever
 * transport read it (RFC 9110, 9112, 3986). */
#ifndef HTTP_FRONT_DOOR_H
#define HTTP_FRONT_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cruet/svc/transport.h"

struct arena;

/* What is known of a request after the check. Strings live in the arena. */
struct door {
	const char *path;      /* decoded once, for people and logs; the router splits
				* raw_path itself, so that %2F stays in its segment */
	const char *raw_path;  /* as sent, without the query */
	bool plain;            /* there is nothing to decode in it */
	const char *query;     /* as sent, without '?'; "" when there is none */
	const char *host;      /* lower case, default port taken off; "" in HTTP/1.0 without one */
	const char *authority; /* the same as it was sent */
	int64_t length;        /* of the body; -1: chunked */
	bool upgrade;          /* there is a field Upgrade */
	int expect_continue;
};

/* A Host that was well-formed and stood as it is used: the next one is mostly the same.
 * Whoever has one for many requests lets it begin as {""}. */
enum { HOST_SEEN_MAX = 64 };
struct host_seen {
	char text[HOST_SEEN_MAX];
};

/* "Example.com:80" as "example.com": a host with its port in lower case, without the
 * scheme's own port; it may be s itself. 0; 400: it is malformed; 503: memory ran out. */
int front_door_host(struct arena *a, const char *s, const char *scheme, const char **out);

/* Returns 0, or the status to refuse with (400, 413, 414, 417, 431, 501) and
 * *why, a sentence. A refused request closes its connection. body_max 0: no
 * limit. Checks: method a token; target in origin form, or absolute form whose
 * authority then counts as the Host, or "*" with OPTIONS; no control byte,
 * space or byte above 0x7F in it; percent-encoding of the path well-formed, no
 * %00, UTF-8 once decoded; exactly one well-formed Host in 1.1, at most one in
 * 1.0; field names tokens, values without control bytes but TAB; one
 * Content-Length of digits only (no list), never beside Transfer-Encoding;
 * Transfer-Encoding exactly "chunked" (others 501, any on 1.0 400); Expect
 * nothing but 100-continue (417). Not looked at again where head->checked says so: that
 * method and names are tokens, and for control bytes in values. seen may be NULL. */
int front_door(struct arena *a, const cruet_head *head, uint64_t body_max,
	       struct host_seen *seen, struct door *out, const char **why);

#endif
