/* Building the reply. Nothing is sent before the after-hooks have run, so a
 * later call replaces an earlier one. A responder returns CRUET_DONE or a
 * failure, and is meant to be the last line: return cruet_text(c, "hi");
 * The compiler warns if its value is dropped. [request] */
#ifndef CRUET_RESPONSE_H
#define CRUET_RESPONSE_H

#include "cruet/types.h"

/* A body that is produced while it is sent. pull fills at most cap bytes; 0 ends
 * it, CRUET_EAGAIN asks to be called again after cruet_wake(), another negative
 * code cuts the connection. close always runs, once, and is told why: CRUET_OK,
 * CRUET_EIO (the client has left), CRUET_ETIMEOUT (it takes nothing), CRUET_ESTATE
 * (the server stops, or another reply took this one's place), or what pull
 * returned. Neither runs at once with the other. */
typedef struct cruet_source {
	uint32_t size;
	uint32_t wait_ms; /* after CRUET_EAGAIN pull is called again after so long, also
			   * if nobody wakes it; 0: never */
	const char *mime; /* NULL: as the header Content-Type says */
	int64_t length;   /* of the whole; -1 when unknown: then chunked */
	ptrdiff_t (*pull)(cruet_ctx *c, void *self, void *buf, size_t cap);
	void (*close)(cruet_ctx *c, void *self, int why); /* may be NULL */
} cruet_source;

/* Wakes a stream, or a handler that answers later, from any thread. Waking after the
 * request has ended is harmless until the waker is freed. */
typedef struct cruet_waker cruet_waker;

enum cruet_cookie_flags {
	CRUET_COOKIE_SECURE = 1u << 0,   /* https only; also set by itself on https */
	CRUET_COOKIE_INSECURE = 1u << 1, /* not even then */
	CRUET_COOKIE_SCRIPTS = 1u << 2,  /* scripts may read it */
	CRUET_COOKIE_PARTITIONED = 1u << 3
};

typedef struct cruet_cookie_opts {
	uint32_t size;   /* sizeof(cruet_cookie_opts) */
	uint32_t flags;
	int64_t max_age; /* seconds; 0 for a session cookie, negative deletes */
	int64_t expires; /* unix time; 0: none, or what max_age says */
	const char *path;      /* "/" when NULL, left out when "" */
	const char *domain;    /* none when NULL */
	const char *same_site; /* "Lax" when NULL, left out when "" */
} cruet_cookie_opts;

CRUET_BEGIN

CRUET_API int cruet_status(cruet_ctx *c, int status);
CRUET_API int cruet_set_header(cruet_ctx *c, const char *name, const char *v);
CRUET_API int cruet_add_header(cruet_ctx *c, const char *name, const char *v);
/* Says, once, that the reply depends on this header of the request: Vary. */
CRUET_API int cruet_vary(cruet_ctx *c, const char *name);
CRUET_API int cruet_set_cookie(cruet_ctx *c, const char *name, const char *v,
			       const cruet_cookie_opts *opts);

CRUET_API int cruet_empty(cruet_ctx *c, int status)
	CRUET_MUST_CHECK; /* 204, 304 */
/* s NULL, in text and html: what cruet_write() has collected. */
CRUET_API int cruet_text(cruet_ctx *c, const char *s)
	CRUET_MUST_CHECK;
CRUET_API int cruet_textf(cruet_ctx *c, const char *fmt, ...)
	CRUET_PRINTF(2, 3) CRUET_MUST_CHECK;
CRUET_API int cruet_html(cruet_ctx *c, const char *s)
	CRUET_MUST_CHECK;
CRUET_API int cruet_bytes(cruet_ctx *c, const char *mime, const void *p,
			  size_t len) CRUET_MUST_CHECK;
CRUET_API int cruet_jsonify(cruet_ctx *c, const cruet_json *j)
	CRUET_MUST_CHECK;
/* bytes copies; send borrows until free_fn(p) is called, after sending. */
CRUET_API int cruet_send(cruet_ctx *c, const char *mime, void *p, size_t len,
			 cruet_free_fn *free_fn) CRUET_MUST_CHECK;
/* Collects a body bit by bit; cruet_html(c, NULL) or cruet_text(c, NULL) then
 * sends it. A failure is remembered and returned by that call. */
CRUET_API void cruet_write(cruet_ctx *c, const char *s);
CRUET_API void cruet_writef(cruet_ctx *c, const char *fmt, ...)
	CRUET_PRINTF(2, 3);

/* A reply whose body comes bit by bit. self is handed to the source's functions. Once it has
 * begun, all that would change it, or the session, is CRUET_ESTATE; and from inside of pull the
 * stream breaks off then. */
CRUET_API int cruet_stream(cruet_ctx *c, const cruet_source *s, void *self)
	CRUET_MUST_CHECK;
/* True once this reply should come to its end: the server stops, or plugins were changed
 * since the request began, and what it stands on waits for it. For sources that go on as
 * long as the client likes: one that waits is asked once more when this becomes true, and
 * gives 0 for an end that is no failure. Events (sse.h) end by themselves then, and the
 * page comes again. */
CRUET_API bool cruet_ending(const cruet_ctx *c);
/* For the source or the handler of this request; NULL: out of memory. Freed by whoever
 * wakes, when it will wake no more. */
CRUET_API cruet_waker *cruet_waker_new(cruet_ctx *c);
CRUET_API void cruet_wake(cruet_waker *w);       /* [any thread] */
CRUET_API void cruet_waker_free(cruet_waker *w); /* [any thread]; NULL is fine */

/* A handler that waits for something gives its thread back:
 *
 *	return cruet_resume(c, w, next);
 *
 * next runs after cruet_wake(w), as if it were the handler, perhaps on another thread;
 * waking before the handler has returned is fine. It may wait again in the same way.
 * Nobody else touches c meanwhile: who wakes works on memory of its own, since the
 * request ends without next, its hooks and a reply when the client leaves (teardown is
 * told CRUET_EIO), and with a 503 when the server stops. On transports that cannot do
 * this (civetweb) it is the same, but holds the thread. [handlers alone] */
CRUET_API int cruet_resume(cruet_ctx *c, cruet_waker *w, cruet_fn *next)
	CRUET_MUST_CHECK;
/* The same, and next runs after ms milliseconds in any case; w NULL: only then. */
CRUET_API int cruet_resume_within(cruet_ctx *c, cruet_waker *w, uint32_t ms, cruet_fn *next)
	CRUET_MUST_CHECK;

/* code 0: 302 after GET and HEAD, 303 after other methods. */
CRUET_API int cruet_redirect(cruet_ctx *c, int code, const char *url)
	CRUET_MUST_CHECK;

/* For after-hooks: what is about to be sent. body is NULL for a stream or a file. */
CRUET_API int cruet_reply_status(const cruet_ctx *c);
CRUET_API const char *cruet_reply_header(const cruet_ctx *c, const char *name);
CRUET_API const void *cruet_reply_body(const cruet_ctx *c, size_t *len);
CRUET_API int cruet_del_header(cruet_ctx *c, const char *name);
/* Bytes of the body, of a stream or a file too; -1: not known before. */
CRUET_API int64_t cruet_reply_length(const cruet_ctx *c);
/* Takes the body out of the reply, whatever it is made of: out, whose size is set by the
 * caller, becomes a source that gives it. It belongs to whoever took it, who pulls it to
 * its end or not, and calls its close, if it has one, once; another source can do so.
 * CRUET_ENOENT: there is none. CRUET_ENOMEM: the body stays where it is. */
CRUET_API int cruet_reply_take(cruet_ctx *c, cruet_source *out, void **self)
	CRUET_MUST_CHECK;

/* Says of this reply whether it may be compressed, whatever the plugin that does so would
 * think of it: false where a secret stands beside what the client has sent, true where it
 * only looks like that. */
CRUET_API void cruet_compress(cruet_ctx *c, bool may);
/* What was said: 1, it may; -1, it may not; 0, nothing. */
CRUET_API int cruet_may_compress(const cruet_ctx *c);

CRUET_END
#endif
