/* The last step of a reply: what HTTP asks for is completed, and it leaves. */
#include <string.h>

#include "app/dispatch.h"
#include "app/ws.h"
#include "base/text.h"

static const char *http_date(cruet_ctx *c)
{
	int64_t second = c->now_ms / 1000;
	if (second != c->date_second) {
		date_http(c->date, second);
		c->date_second = second;
	}
	return c->date;
}

/* RFC 9110 6.4.1: no body, whatever was prepared. */
static bool bodiless(int status)
{
	return status < 200 || status == 204 || status == 304;
}

/* What describes a body that is not sent. */
static void drop_body_fields(struct fields *f, int status)
{
	static const char *const of_body[] = {"Content-Type", "Content-Encoding",
					      "Content-Language", "Content-Range",
					      "Content-Disposition"};
	for (size_t i = 0; i < sizeof of_body / sizeof *of_body; i++)
		fields_del(f, of_body[i]);
	if (status == 304)
		fields_del(f, "Last-Modified");
}

/* What HTTP asks for and nobody has said. */
static void complete(cruet_ctx *c, cruet_reply *r)
{
	struct fields *f = &c->reply;

	if (bodiless(r->status)) {
		drop_body_fields(f, r->status);
		r->length = -1;
	} else {
		r->length = cruet_reply_length(c);
	}
	r->nosniff = 1;
	r->date = http_date(c);
	for (size_t i = 0; i < f->n; i++) {
		if (text_ieq(f->items[i].name, "X-Content-Type-Options"))
			r->nosniff = 0;
		else if (text_ieq(f->items[i].name, "Date"))
			r->date = NULL;
	}
	r->fields = f->items;
	r->nfields = f->n;
}

/* The least that is a reply. */
static void send_least(cruet_ctx *c)
{
	c->status = 500;
	c->x->ops->send(c->x, &(cruet_reply){.size = sizeof(cruet_reply), .status = 500, .close = 1});
}

/* What became of a reply. */
static int sent(cruet_ctx *c, int err)
{
	if (err == CRUET_EAGAIN) {
		c->stage = STAGE_SENT;
		err = wait_for_room(c);
	}
	if (err == CRUET_LATER)
		return err;
	c->cut = err;
	stream_close(c, err);
	c->begun = false;
	return CRUET_OK;
}

static int end_stream(cruet_ctx *c, int err)
{
	if (err == CRUET_LATER)
		return err;
	int end = c->x->ops->end(c->x, err);
	return sent(c, err ? err : end);
}

static int send_stream(cruet_ctx *c, cruet_reply *r)
{
	c->pulled = arena_alloc(&c->arena, STREAM_PULL);
	if (!c->pulled) { /* in time: the head has not gone yet */
		send_least(c);
		return sent(c, CRUET_ENOMEM);
	}
	c->begun = true;
	c->stage = STAGE_STREAM;
	c->pull_left = r->length;
	c->wants_more = false;
	int err = c->x->ops->begin(c->x, r);
	c->wants_room = err == CRUET_EAGAIN;
	if (!err || c->wants_room)
		err = stream_run(c);
	return end_stream(c, err);
}

int send_continue(cruet_ctx *c)
{
	return c->stage == STAGE_STREAM ? end_stream(c, stream_run(c)) : sent(c, CRUET_EAGAIN);
}

int send_reply(cruet_ctx *c)
{
	const cruet_exchange_ops *ops = c->x->ops;

	if (c->out.kind == OUT_UPGRADE && ws_upgrade(c))
		return CRUET_OK;
	int status = c->status ? c->status : 200;
	cruet_reply r = {.size = sizeof r, .status = status, .close = c->close};
	int err;

	complete(c, &r);
	cruet_piece piece = {c->out.p, (size_t)c->out.len};
	bool body = !bodiless(status) && !(c->head && text_eq(c->head->method, "HEAD"));
	if (body && c->out.kind != OUT_STREAM)
		c->sent = c->out.len;
	if (!body || c->out.kind == OUT_NONE) {
		err = ops->send(c->x, &r);
	} else if (c->out.kind == OUT_BYTES) {
		r.pieces = &piece;
		r.npieces = piece.len ? 1 : 0;
		err = ops->send(c->x, &r);
	} else if (c->out.kind == OUT_FILE) {
		err = ops->file(c->x, &r, c->out.fd, c->out.from, c->out.len);
	} else {
		return send_stream(c, &r);
	}
	return sent(c, err);
}
