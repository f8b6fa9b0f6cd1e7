#include "cruet/sse.h"

#include <string.h>
#include <time.h>

#include "app/dispatch.h"
#include "cruet/memory.h"
#include "cruet/request.h"
#include "cruet/response.h"

enum { PING_MS = 15000 };

struct events {
	cruet_sse_source source;
	void *self;
	struct buf text; /* of the present event */
	size_t sent;
	int64_t told_ms; /* when something was written last */
};

static int64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* One line for each line of s; a line break of any kind ends one. */
static void put_lines(struct buf *b, const char *name, const char *s)
{
	do {
		size_t n = strcspn(s, "\r\n");
		buf_printf(b, "%s: ", name);
		buf_put(b, s, n);
		buf_char(b, '\n');
		s += n;
		if (!*s)
			break;
		s += s[0] == '\r' && s[1] == '\n' ? 2 : 1;
	} while (true);
}

static bool one_line(const char *s)
{
	return !s || !s[strcspn(s, "\r\n")];
}

static int write_event(struct events *e, const cruet_sse *in)
{
	buf_clear(&e->text);
	if (!one_line(in->event) || !one_line(in->id))
		return CRUET_EINVAL;
	if (in->event)
		put_lines(&e->text, "event", in->event);
	if (in->id)
		put_lines(&e->text, "id", in->id);
	if (in->retry_ms > 0)
		buf_printf(&e->text, "retry: %lld\n", (long long)in->retry_ms);
	put_lines(&e->text, "data", in->data ? in->data : "");
	buf_char(&e->text, '\n');
	return buf_err(&e->text);
}

static int next_text(cruet_ctx *c, struct events *e)
{
	cruet_sse event = {.size = sizeof event};
	int err = e->source.next(c, e->self, &event);

	e->sent = 0;
	buf_clear(&e->text);
	if (err == CRUET_EAGAIN && cruet_ending(c))
		return CRUET_ENOENT;
	if (err == CRUET_EAGAIN && now_ms() - e->told_ms >= PING_MS) {
		buf_str(&e->text, ":\n\n");
		return buf_err(&e->text);
	}
	return err ? err : write_event(e, &event);
}

static ptrdiff_t pull(cruet_ctx *c, void *self, void *out, size_t cap)
{
	struct events *e = self;

	if (e->sent == e->text.len) {
		int err = next_text(c, e);
		if (err)
			return err == CRUET_ENOENT ? 0 : err;
	}
	size_t n = e->text.len - e->sent < cap ? e->text.len - e->sent : cap;
	memcpy(out, e->text.p + e->sent, n);
	e->sent += n;
	e->told_ms = now_ms();
	return (ptrdiff_t)n;
}

static void closed(cruet_ctx *c, void *self, int why)
{
	struct events *e = self;

	if (e->source.close)
		e->source.close(c, e->self, why);
	buf_fini(&e->text);
}

int cruet_sse_stream(cruet_ctx *c, const cruet_sse_source *s, void *self)
{
	struct events *e = cruet_alloc(c, sizeof *e);

	if (!e)
		return CRUET_ENOMEM;
	if (!s || s->size < CRUET_UPTO(cruet_sse_source, next) || !s->next)
		return ctx_fail(c, CRUET_EINVAL, "cruet_sse_stream: a source needs size and next",
				false);
	memcpy(&e->source, s, s->size < sizeof e->source ? s->size : sizeof e->source);
	e->self = self;
	e->told_ms = now_ms();
	buf_init(&e->text, NULL, 0);
	int err = cruet_set_header(c, "Cache-Control", "no-cache");
	if (!err) /* nginx would hold events back */
		err = cruet_set_header(c, "X-Accel-Buffering", "no");
	if (err) {
		closed(c, e, err);
		return err;
	}
	uint32_t wait = e->source.wait_ms;
	return cruet_stream(c,
			    &(cruet_source){.size = sizeof(cruet_source),
					    .wait_ms = wait && wait < PING_MS ? wait : PING_MS,
					    .mime = "text/event-stream; charset=utf-8",
					    .length = -1,
					    .pull = pull,
					    .close = closed},
			    e);
}

const char *cruet_sse_last_id(const cruet_ctx *c)
{
	const char *id = cruet_header(c, "Last-Event-ID");
	return id && *id ? id : NULL;
}
