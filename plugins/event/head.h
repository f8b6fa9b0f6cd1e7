/* The head of a request as it stands on the wire (RFC 9112 2 to 6), read in place and
 * without memory of its own. Here it is found where its parts begin and end, and that in
 * one way only, and that words are words and values hold no control byte (cruet_head.checked);
 * what they may say is the front door's to judge. */
#ifndef EVENT_HEAD_H
#define EVENT_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cruet/svc/transport.h>

enum { HEAD_FIELDS_MAX = 1000 };

struct head {
	char *method, *target;
	unsigned minor;
	cruet_field *fields;  /* the caller's array */
	size_t nfields;
	int64_t length;       /* of the body; -1: chunked; -2: not to be known, so that what
			       * follows is no request */
	bool close, keep;     /* what Connection says */
	bool expects;         /* 100-continue */
	bool upgrade;         /* to a WebSocket */
};

struct head_limits {
	size_t bytes;         /* of a head */
	size_t fields;
};

/* How many bytes of p the head has with its empty line. 0: it goes on behind them.
 * Negative: it is none; -status, with *why. *seen keeps what was looked at already, and
 * begins as 0. A line break before a request is passed over (2.2): it is part of the
 * head. */
ptrdiff_t head_find(const char *p, size_t n, const struct head_limits *max, size_t *seen,
		    const char **why);
/* Reads a head of n bytes, found by head_find(); its texts then end in NUL. 0, or a
 * status and *why. */
int head_read(char *p, size_t n, const struct head_limits *max, struct head *out,
	      const char **why);
/* Puts back what head_read() wrote over, so that it can be read again; a tab behind a
 * value may become a blank. */
void head_restore(struct head *h);

#endif
