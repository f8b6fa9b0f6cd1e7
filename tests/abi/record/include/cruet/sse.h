/* Server-sent events (WHATWG HTML 9.2): a reply that tells a page what happens, for as
 * long as the page listens.
 *
 *	static int next(cruet_ctx *c, void *self, cruet_sse *e)
 *	{
 *		if (!take_price(self, &price))
 *			return CRUET_EAGAIN;
 *		e->event = "price";
 *		e->data = price.text;
 *		return CRUET_OK;
 *	}
 */
#ifndef CRUET_SSE_H
#define CRUET_SSE_H

#include "cruet/types.h"

/* One event. Texts are copied before next is called again. */
typedef struct cruet_sse {
	uint32_t size; /* set by the caller of next */
	uint32_t reserved;
	const char *event; /* NULL: "message" */
	const char *id;    /* NULL: none */
	const char *data;  /* may have several lines; NULL: "" */
	int64_t retry_ms;  /* how long a page waits before it comes again; 0: its own time */
} cruet_sse;

/* next fills in an event (cleared before): CRUET_OK; CRUET_ENOENT ends the stream;
 * CRUET_EAGAIN: there is none yet, ask again after cruet_wake() or wait_ms; another
 * negative code cuts the connection. close as in cruet_source. A long stream keeps what
 * it takes from the request's memory until its end: use memory of your own. */
typedef struct cruet_sse_source {
	uint32_t size;
	uint32_t wait_ms; /* 0: wait for cruet_wake() alone */
	int (*next)(cruet_ctx *c, void *self, cruet_sse *out);
	void (*close)(cruet_ctx *c, void *self, int why); /* may be NULL */
} cruet_sse_source;

CRUET_BEGIN

/* While there is nothing to tell, a comment every 15 s keeps the connection open and
 * finds out whether the page has left. */
CRUET_API int cruet_sse_stream(cruet_ctx *c, const cruet_sse_source *s, void *self)
	CRUET_MUST_CHECK;
/* The id of the last event that the page has seen (Last-Event-ID); NULL if it comes for
 * the first time. */
CRUET_API const char *cruet_sse_last_id(const cruet_ctx *c);

CRUET_END
#endif
