/* One request with its reply. Made once, used again: memory of a request is an
 * arena that is reset after teardown. Tied to no thread. */
#ifndef APP_CTX_H
#define APP_CTX_H

#include "app/standing.h"
#include "app/router.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/fields.h"
#include "http/front_door.h"
#include "http/multipart.h"
#include "cruet/upload.h"
#include "cruet/json.h"
#include "cruet/response.h"
#include "cruet/store.h"
#include "cruet/svc/transport.h"

struct g_item {
	struct g_item *next;
	const cruet_key *key;
	void *value;
};

/* What cruet_fail_place() was told. */
struct fail_place {
	struct fail_place *next;
	const char *file, *says; /* says may be NULL */
	unsigned line;
};

/* What went wrong; err CRUET_OK: nothing. */
struct failure {
	int err;    /* a status, or a negative code */
	int status; /* the HTTP status it means */
	const char *text;
	bool public_text; /* the text was written for the client */
	bool stays;       /* no reply covers it: see error.h */
	const cruet_errtype *kind;
	struct fields fields; /* headers for its default page alone */
	void **frames; /* of the stack when it was recorded, in debug; or NULL */
	int nframes;
	struct fail_place *places; /* in debug */
};

struct once { /* cruet_after_this() */
	struct once *next;
	cruet_app *scope;
	cruet_fn *fn;
};

/* Where a request was sent to and from, as it says itself or as a trusted proxy
 * does. Empty texts in a ctx without a request. */
struct destination {
	const char *scheme, *peer;
	const char *host;  /* lower case, without the usual port */
	const char *written; /* as it was sent */
	const char *root;   /* path that the site lies below, "" */
	const char *domain; /* what subdomains and hosts of rules are compared with */
	bool proxied; /* a proxy that is trusted had something to say */
};

/* The body of a reply, as it was prepared. */
enum out_kind { OUT_NONE = 0, OUT_BYTES, OUT_FILE, OUT_STREAM, OUT_UPGRADE };
struct out {
	enum out_kind kind;
	const void *p; /* BYTES: lives as long as the request */
	uint64_t len;  /* BYTES and FILE */
	int fd;        /* FILE: closed when the request ends */
	uint64_t from;
	cruet_source source; /* STREAM */
	void *self;
};

/* READ: whole, in memory. TAKEN: bit by bit, by whoever asked first. */
enum body_state { BODY_UNREAD = 0, BODY_READ, BODY_TAKEN, BODY_FAILED };

/* Where cruet_continue() goes on with a request that was set aside. */
enum stage { STAGE_ROUTED = 1, STAGE_LATER, STAGE_STREAM, STAGE_SENT };

struct cruet_ctx {
	/* kept from request to request */
	struct arena arena;                    /* the memory of one request */
	_Atomic(struct generation *) standing; /* see standing.h */
	struct host *host;
	uint32_t number;     /* of this ctx, for request ids */
	uint32_t worker;     /* the pool slot it goes back to, */
	cruet_exchange *home; /* or the exchange that keeps it; NULL: none */
	uint64_t served;
	struct cruet_field reply_room[8]; /* for the first headers of a reply */
	struct host_seen host_seen;
	int64_t date_second; /* what date says */
	char date[DATE_LEN + 1];
	struct cruet_ctx *next_made, *next_spare;
	_Atomic int32_t thread; /* in debug: that runs code of the application for it; 0: none, */
	_Atomic int64_t since_ms; /* and since when, by a clock that only goes forward */

	/* of a request that waits, set before it does */
	enum stage stage;
	int64_t wait_until;  /* monotonic milliseconds */
	struct cruet_waker *later_waker; /* cruet_resume(); NULL: waits for time alone */
	char *pulled;        /* room for what a stream gives */
	int64_t pull_left;   /* bytes that it still has to give; -1: not known */
	bool wants_room;     /* it waits for the client, not for its source */
	bool wants_more;     /* it waits for its source */

	/* from here on zero when a request begins; gen must stand first */
	struct generation *gen;
	cruet_app *scope; /* who registered the function now running */
	uint64_t id;      /* of the request, for the log */
	const char *name; /* what is said there instead, or NULL */
	int64_t now_ms;
	int64_t began_us; /* by a clock that only goes forward; 0 where nobody asks */

	/* the request; x and head are NULL in a ctx without one */
	cruet_exchange *x;
	const cruet_head *head;
	struct door door;
	struct destination target;
	const struct endpoint *endpoint; /* NULL: no rule matched */
	struct match match;
	struct fields query, form, cookies;
	bool query_parsed, form_parsed, cookies_parsed;
	enum body_state body_state;
	uint64_t body_max;
	uint64_t body_got; /* bytes that came so far */
	char *body;
	size_t body_len;
	size_t body_at;    /* where body_take() goes on in it */
	int body_err;      /* the status or code it failed with, */
	const char *body_why;
	int body_code;     /* and the code for who reads it in pieces */
	struct multipart *parts;
	struct cruet_upload *uploads, **last_upload;
	cruet_json *body_json;

	/* the reply */
	int status; /* 0: not set */
	struct fields reply;
	struct out out;
	struct cruet_waker *waker; /* the last one that was made for this request */
	struct buf draft; /* cruet_write() */
	bool drafting;
	bool close;
	bool begun; /* its head is on the way and a stream goes on: nothing of it can be changed */
	bool session_open; /* before that: the reply is known to depend on it */
	bool form_shown;   /* a form was given to a template */
	int8_t compress; /* what cruet_compress() said: 1, -1; 0: nothing */
	bool refused; /* by the front door: nothing of the application runs */
	int met;      /* what nobody foresaw, for teardown */
	cruet_fn *later; /* what cruet_resume() named, until it runs */
	int broken; /* why the body could not be sent to its end, of our own doing */
	bool told_to_end; /* a stream that waits, see cruet_ending() */
	int cut;    /* why the reply did not leave whole */
	uint64_t sent; /* bytes of its body that the transport was given */
	struct once *onces, **last_once;

	struct failure failure;  /* of the function now running, and not dealt with */
	struct failure answered; /* the one that the reply is about */

	struct g_item *g;
};

struct ctx_pool *ctx_pool_new(struct host *h);
void ctx_pool_free(struct ctx_pool *p); /* no ctx may be out */
/* How many stand on a generation. */
size_t ctx_count_on(struct ctx_pool *p, const struct generation *g);
/* A clean ctx that stands on the current generation; NULL: out of memory or the
 * app does not run. worker spreads the threads over the pool's slots. */
cruet_ctx *ctx_open(struct host *h, uint32_t worker);
/* The same for a request that was read then (0: now); the exchange keeps it for the next
 * one. */
cruet_ctx *ctx_open_for(struct host *h, cruet_exchange *x, int64_t now_ms);
/* From now on c stands on what other stands on, which does so meanwhile. */
void ctx_stand_with(cruet_ctx *c, const cruet_ctx *other);
/* Resets the arena and gives it back. */
void ctx_close(cruet_ctx *c);

/* How many requests, but for that of a ctx, have begun and not ended. For a signal handler:
 * takes no lock and only reads. */
unsigned ctx_in_flight(const struct ctx_pool *p, const cruet_ctx *but);

/* The same of those for which code of the application runs. Only in debug. [any thread] */
unsigned ctx_running(const struct ctx_pool *p, const cruet_ctx *but);
/* The thread that runs code of the application for one request since before that moment; 0:
 * there is none. Only in debug. [any thread] */
int32_t ctx_stuck(const struct ctx_pool *p, int64_t before_ms);

/* What a call records that could not do what it promises: it does not take the
 * place of a failure that is there, but out of memory and misuse (EINVAL, ESTATE)
 * take that of any other. err as a handler returns it; text may be NULL, and may be
 * shown to the client if public. Returns err. */
CRUET_COLD int ctx_fail(cruet_ctx *c, int err, const char *text, bool public_text);
/* The same for a request that cannot be read to its end: it stays too. The text of a
 * 4xx is for the client. */
CRUET_COLD int ctx_fail_unread(cruet_ctx *c, int err, const char *text);
/* What json_write() said. */
CRUET_COLD int ctx_fail_json(cruet_ctx *c, int err);
/* The failure becomes the one that is answered. */
CRUET_COLD void ctx_take_failure(cruet_ctx *c);
/* Puts the headers of the failure that is answered into the reply, but for those that it has
 * by itself. */
CRUET_COLD void ctx_failure_headers(cruet_ctx *c);
/* Nobody foresaw it: a negative code, or a kind without a status of its own. */
bool failure_unexpected(const struct failure *f);
/* What was said of it, or the words of its code or status; "" for none. */
const char *failure_text(const struct failure *f);

/* Takes the place of the body that was prepared before; a stream that will not run
 * is closed with CRUET_ESTATE. CRUET_DONE; CRUET_ESTATE once the reply has begun. */
int ctx_reply(cruet_ctx *c, const struct out *out);
/* The same for bytes that live as long as the request. */
int ctx_reply_bytes(cruet_ctx *c, const void *p, size_t len);
/* CRUET_OK, or CRUET_ESTATE, recorded, if the reply has begun: call names who wanted to change it. */
int ctx_reply_open(cruet_ctx *c, const char *call);
/* Forgets the reply that was prepared; headers that describe no body stay. */
CRUET_COLD void ctx_reply_reset(cruet_ctx *c);

/* The next bytes of the body, wherever they are; 0 at its end; a negative code, with
 * the failure recorded. Never more than body_max in all. */
ptrdiff_t body_take(cruet_ctx *c, void *buf, size_t cap);
/* Records that the body cannot be used: unlike other failures, no reply covers it
 * unless the handler clears it. Returns status. */
CRUET_COLD int body_refuse(cruet_ctx *c, int status, const char *text);
/* Reads a multipart form: fields into c->form, files into c->uploads. */
void upload_read_form(cruet_ctx *c);

/* Reads the whole body once, bounded. CRUET_OK or what went wrong, recorded. */
int ctx_read_body(cruet_ctx *c);

/* Runs all teardown-hooks that c has passed by. err: what nobody foresaw, or OK.
 * What they meet is logged, and stops none of them. */
void ctx_teardown(cruet_ctx *c, int err);

/* Runs a function with the scope that registered it. */
int ctx_run(cruet_ctx *c, cruet_app *scope, cruet_fn *fn);

#endif
