#include "fixture.h"

struct feed {
	int at;
	bool waits;
	int closed;
};

static int closed_with = 99;

static int next(cruet_ctx *c, void *self, cruet_sse *e)
{
	struct feed *f = self;

	(void)c;
	if (f->waits) {
		f->waits = false;
		return CRUET_EAGAIN;
	}
	switch (f->at++) {
	case 0:
		e->data = "one";
		f->waits = true;
		return CRUET_OK;
	case 1:
		e->event = "price";
		e->id = "7";
		e->retry_ms = 3000;
		e->data = "two\nlines\r\nand\rmore\n";
		return CRUET_OK;
	case 2:
		return CRUET_OK;
	default:
		return CRUET_ENOENT;
	}
}

static void closed(cruet_ctx *c, void *self, int why)
{
	(void)c, (void)self;
	closed_with = why;
}

static int feed(cruet_ctx *c)
{
	static const cruet_sse_source source = {.size = sizeof source, .wait_ms = 1, .next = next,
						.close = closed};
	struct feed *f = cruet_alloc(c, sizeof *f);
	if (!f)
		return CRUET_ENOMEM;
	if (cruet_sse_last_id(c))
		f->at = 2;
	return cruet_sse_stream(c, &source, f);
}

static int forged_next(cruet_ctx *c, void *self, cruet_sse *e)
{
	(void)c, (void)self;
	e->event = "a\ndata: b";
	return CRUET_OK;
}

static int forged(cruet_ctx *c)
{
	static const cruet_sse_source source = {.size = sizeof source, .next = forged_next};
	return cruet_sse_stream(c, &source, NULL);
}

static int odd(cruet_ctx *c)
{
	return cruet_sse_stream(c, NULL, NULL);
}

static cruet_client *start(cruet_app **app)
{
	*app = cruet_new("test");
	cruet_log_to(*app, quiet, NULL);
	cruet_get(*app, "/feed", feed);
	cruet_get(*app, "/forged", forged);
	cruet_get(*app, "/odd", odd);
	closed_with = 99;
	return client_of(*app);
}

START_TEST(events_are_written_as_a_page_reads_them)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/feed", 200);
	assert_header(t, "Content-Type", "text/event-stream; charset=utf-8");
	assert_header(t, "Cache-Control", "no-cache");
	assert_header(t, "X-Accel-Buffering", "no");
	assert_no_header(t, "Content-Length");
	assert_body(t, "data: one\n\n"
		       "event: price\nid: 7\nretry: 3000\n"
		       "data: two\ndata: lines\ndata: and\ndata: more\ndata: \n\n"
		       "data: \n\n");
	ck_assert(!cruet_client_broken(t));
	ck_assert_int_eq(closed_with, CRUET_OK);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(a_page_that_comes_back_says_what_it_has_seen)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	cruet_client_set_header(t, "Last-Event-ID", "7");
	assert_get(t, "/feed", 200);
	assert_body(t, "data: \n\n");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

START_TEST(a_name_with_a_line_break_cuts_the_stream)
{
	cruet_app *app;
	cruet_client *t = start(&app);
	assert_get(t, "/forged", 200);
	assert_body(t, "");
	ck_assert(cruet_client_broken(t));
	assert_get(t, "/odd", 500);
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

SUITE("sse", events_are_written_as_a_page_reads_them,
      a_page_that_comes_back_says_what_it_has_seen, a_name_with_a_line_break_cuts_the_stream)
