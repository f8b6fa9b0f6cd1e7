#include "ws_session.h"

#include <stdatomic.h>
#include <stdlib.h>

#include <cruet/error.h>
#include <cruet/ws.h>

#include "ws_handshake.h"

enum { HEAD_MAX = 32768 };

struct ws_session {
	struct ws_conn *conn;
	struct cruet_ws *ws;
	void (*wake)(void *arg);
	void *arg;
	/* The owner is at work and will ask for what is to be written: nobody needs to wake
	 * it. Cleared before the queue is emptied, so what was put in before is seen. */
	atomic_bool busy;
};

/* --- the link ---------------------------------------------------------------- */

static int told(struct ws_session *s, enum ws_put r)
{
	switch (r) {
	case WS_PUT_FIRST:
		if (!atomic_load(&s->busy))
			s->wake(s->arg);
		return CRUET_OK;
	case WS_PUT:
		return CRUET_OK;
	case WS_PUT_FULL:
		return CRUET_EBUSY;
	case WS_PUT_NO_MEMORY:
		return CRUET_ENOMEM;
	case WS_PUT_CLOSED:
		break;
	}
	return CRUET_ESTATE;
}

static int link_send(void *self, int kind, const void *p, size_t len)
{
	struct ws_session *s = self;

	return told(s, ws_conn_send(s->conn, kind == CRUET_WS_TEXT ? WS_TEXT : WS_BINARY, p, len));
}

static int link_close(void *self, int code, const char *why)
{
	struct ws_session *s = self;

	return told(s, ws_conn_close(s->conn, (unsigned)code, why));
}

static const cruet_link_ops link_ops = {
	.size = sizeof link_ops,
	.send = link_send,
	.close = link_close,
};

/* --- its beginning and end --------------------------------------------------- */

/* "101 Switching Protocols", to leave before all frames. */
static int put_head(struct ws_session *s, const cruet_upgrade *how, const struct ws_handshake *h)
{
	cruet_reply r = {.size = sizeof r, .status = 101, .nfields = how->nfields + h->nfields};
	cruet_field *fields = calloc(r.nfields, sizeof *fields);
	char *head = malloc(HEAD_MAX);
	int err = CRUET_ENOMEM;

	for (size_t i = 0; fields && i < r.nfields; i++)
		fields[i] = i < how->nfields ? how->fields[i] : h->fields[i - how->nfields];
	r.fields = fields;
	if (fields && head) {
		size_t n = cruet_http1_head(head, HEAD_MAX, &r, 0, "Upgrade");
		err = !n ? CRUET_ELIMIT : ws_conn_begin(s->conn, head, n) ? CRUET_OK : CRUET_ENOMEM;
	}
	free(fields);
	free(head);
	return err;
}

static size_t bounded(uint64_t v)
{
	return v > SIZE_MAX / 2 ? SIZE_MAX / 2 : (size_t)v;
}

static void forget(struct ws_session *s)
{
	ws_conn_free(s->conn);
	free(s);
}

int ws_session_new(struct ws_session **out, const cruet_head *head, const cruet_upgrade *how,
		   const struct ws_session_opts *o, int64_t now, cruet_link *link)
{
	struct ws_handshake h;

	int err = ws_handshake_answer(&h, head, o->deflate);
	if (err)
		return err;
	struct ws_session *s = calloc(1, sizeof *s);
	if (!s)
		return CRUET_ENOMEM;
	*s = (struct ws_session){.ws = how->ws, .wake = o->wake, .arg = o->arg, .busy = true};
	s->conn = ws_conn_new(&(struct ws_conn_opts){.max_message = bounded(how->max_message),
						     .max_queue = bounded(how->max_queue),
						     .idle_ms = how->idle_ms,
						     .close_ms = o->close_ms,
						     .deflate = h.deflate},
			      now);
	err = s->conn ? put_head(s, how, &h) : CRUET_ENOMEM;
	if (err) {
		forget(s);
		return err;
	}
	*link = (cruet_link){&link_ops, s};
	*out = s;
	return CRUET_OK;
}

void ws_session_free(struct ws_session *s, uint32_t worker)
{
	if (!s)
		return;
	ws_conn_lost(s->conn);
	cruet_ws_ended(s->ws, worker, (int)ws_conn_code(s->conn));
	forget(s);
}

/* --- what the loop calls ----------------------------------------------------- */

void ws_session_feed(struct ws_session *s, uint32_t worker, unsigned char *p, size_t n,
		     int64_t now)
{
	struct ws_event e;

	atomic_store(&s->busy, true);
	do {
		size_t used = ws_conn_read(s->conn, p, n, now, &e);
		p += used;
		n -= used;
		if (e.kind == WS_MESSAGE)
			cruet_ws_received(s->ws, worker,
					  e.opcode == WS_TEXT ? CRUET_WS_TEXT : CRUET_WS_BINARY,
					  e.p, e.len);
	} while (e.kind);
}

size_t ws_session_out(struct ws_session *s, struct iovec *v, size_t max, int64_t now)
{
	atomic_store(&s->busy, false);
	return ws_conn_out(s->conn, v, max, now);
}

void ws_session_wrote(struct ws_session *s, size_t n, int64_t now)
{
	ws_conn_wrote(s->conn, n, now);
}

bool ws_session_ended(const struct ws_session *s)
{
	return ws_conn_ended(s->conn);
}

int64_t ws_session_tick(struct ws_session *s, int64_t now)
{
	return ws_conn_tick(s->conn, now);
}

void ws_session_lost(struct ws_session *s)
{
	ws_conn_lost(s->conn);
}

void ws_session_close(struct ws_session *s, unsigned code, const char *why)
{
	link_close(s, (int)code, why);
}
