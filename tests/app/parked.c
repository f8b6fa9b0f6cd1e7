/* What the core sets aside by itself: requests for which there is no place, streams that
 * wait for their source, replies to clients that are slow. */
#include "parking.h"

#include <sys/mman.h>
#include <unistd.h>

static cruet_app *app;
static struct parking *p;
static char trace[512];
static cruet_waker *waker;
static const char *given; /* what a source gives next; "": its end; NULL: nothing yet */

static void mark(const char *word)
{
	size_t n = strlen(trace);
	snprintf(trace + n, sizeof trace - n, "%s%s", n ? " " : "", word);
}

static void ended(cruet_ctx *c, int err)
{
	char word[32];

	(void)c;
	snprintf(word, sizeof word, "teardown:%d", err);
	mark(word);
}

static void started(cruet_ctx *c, const void *what, void *arg)
{
	(void)c, (void)what, (void)arg;
	mark("started");
}

static int on_match(cruet_ctx *c)
{
	(void)c;
	mark("match");
	return CRUET_OK;
}

/* --- handlers ----------------------------------------------------------------------------- */

static int plain(cruet_ctx *c)
{
	mark("handler");
	return cruet_text(c, "plain text");
}

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	const char *now = given;

	(void)c, (void)self, (void)cap;
	mark("pull");
	if (!now)
		return CRUET_EAGAIN;
	given = NULL;
	memcpy(buf, now, strlen(now));
	return (ptrdiff_t)strlen(now);
}

static void closed(cruet_ctx *c, void *self, int why)
{
	char word[32];

	(void)c, (void)self;
	snprintf(word, sizeof word, "close:%d", why);
	mark(word);
}

static int waits(cruet_ctx *c)
{
	static const cruet_source source = {
		.size = sizeof source, .length = -1, .pull = pull, .close = closed};
	waker = cruet_waker_new(c);
	return waker ? cruet_stream(c, &source, NULL) : CRUET_ENOMEM;
}

static int ticks(cruet_ctx *c)
{
	static const cruet_source source = {.size = sizeof source, .wait_ms = 3600000,
					    .length = -1, .pull = pull, .close = closed};
	return cruet_stream(c, &source, NULL);
}

static int six(cruet_ctx *c)
{
	static const cruet_source source = {
		.size = sizeof source, .length = 6, .pull = pull, .close = closed};
	waker = cruet_waker_new(c);
	return waker ? cruet_stream(c, &source, NULL) : CRUET_ENOMEM;
}

static int next_event(cruet_ctx *c, void *self, cruet_sse *e)
{
	(void)c, (void)self;
	if (!given)
		return CRUET_EAGAIN;
	e->data = given;
	given = *given ? NULL : given;
	return *e->data ? CRUET_OK : CRUET_ENOENT;
}

static int events(cruet_ctx *c)
{
	static const cruet_sse_source source = {.size = sizeof source, .next = next_event};
	waker = cruet_waker_new(c);
	return waker ? cruet_sse_stream(c, &source, NULL) : CRUET_ENOMEM;
}

static char file_name[64];

static int file(cruet_ctx *c)
{
	return cruet_send_file(c, file_name, NULL);
}

static void freed(void *block)
{
	memset(block, '#', 5);
	mark("freed");
}

static int lends(cruet_ctx *c)
{
	static char block[] = "block";
	return cruet_send(c, "text/plain", block, 5, freed);
}

/* --- the whole ------------------------------------------------------------------------------ */

static void setup(void)
{
	trace[0] = log_lines[0] = '\0';
	given = NULL;
	waker = NULL;
	app = cruet_new("test");
	cruet_log_to(app, keep_lines, NULL);
	cruet_listen(app, "request_started", started, NULL);
	cruet_on_match(app, on_match);
	cruet_teardown(app, ended);
	cruet_get(app, "/plain", plain);
	cruet_get(app, "/waits", waits);
	cruet_get(app, "/ticks", ticks);
	cruet_get(app, "/six", six);
	cruet_get(app, "/events", events);
	cruet_get(app, "/file", file);
	cruet_get(app, "/lends", lends);
	cruet_add(cruet_blueprint(app, "admin", "/admin"), "GET", "/plain", plain, "plain",
		  CRUET_HERE);
	cruet_ctx *c = cruet_open(app); /* starts it */
	ck_assert_msg(c != NULL, "%s", cruet_problem(app));
	cruet_close(c);
	trace[0] = '\0';
}

static void teardown(void)
{
	cruet_waker_free(waker);
	if (p)
		parking_free(p);
	p = NULL;
	cruet_free(app);
}

static struct parking *prepare(const char *path)
{
	if (p)
		parking_free(p);
	return p = parking_new(path);
}

static void serve(const char *path)
{
	parking_serve(app, prepare(path));
}

static void *go_on(void *parked)
{
	parking_go_on(parked);
	return NULL;
}

/* --- places ------------------------------------------------------------------------------------ */

START_TEST(the_transport_is_told_the_rule_before_anything_runs)
{
	serve("/plain");
	ck_assert_str_eq(p->name, "plain");
	uint32_t hash = p->hash;
	serve("/admin/plain");
	ck_assert_str_eq(p->name, "admin.plain");
	ck_assert_uint_ne(p->hash, hash);
	ck_assert_uint_ne(p->hash, 0);
	serve("/plain?again=1");
	ck_assert_uint_eq(p->hash, hash);
	ck_assert_int_eq(p->routes, 1);
	serve("/nowhere");
	ck_assert_int_eq(p->routes, 1);
	ck_assert_str_eq(p->name, "");
	ck_assert_uint_eq(p->hash, 0);
	ck_assert_int_eq(p->status, 404);
	serve("/%zz"); /* refused at the door */
	ck_assert_int_eq(p->routes, 0);
	ck_assert_int_eq(p->status, 400);
}
END_TEST

START_TEST(a_request_without_a_place_runs_when_there_is_one)
{
	prepare("/plain")->no_place = 1;
	parking_serve(app, p);
	ck_assert_int_eq(p->routes, 1);
	ck_assert_int_eq(p->status, 0);
	ck_assert_str_eq(trace, "");
	parking_go_on(p);
	assert_replied(p, 200, "plain text");
	ck_assert_int_eq(p->routes, 1);
	ck_assert_str_eq(trace, "started match handler teardown:0");
}
END_TEST

static void runs_elsewhere(struct parking *it)
{
	pthread_t id;

	it->in_route = NULL;
	ck_assert_int_eq(pthread_create(&id, NULL, go_on, it), 0);
	ck_assert_int_eq(pthread_join(id, NULL), 0);
	it->base.ctx = NULL; /* what touches the request now crashes */
}

START_TEST(another_thread_may_end_it_before_route_returns)
{
	prepare("/plain")->no_place = 1;
	p->in_route = runs_elsewhere;
	parking_serve(app, p);
	assert_replied(p, 200, "plain text");
	ck_assert_str_eq(trace, "started match handler teardown:0");
}
END_TEST

/* --- streams ------------------------------------------------------------------------------------- */

START_TEST(a_stream_without_data_is_set_aside_until_it_is_woken)
{
	serve("/waits");
	ck_assert_int_eq(p->parks, 1);
	ck_assert_int_eq(p->ms, -1);
	ck_assert_uint_eq(p->what, 0);
	given = "one,";
	cruet_wake(waker);
	ck_assert_int_eq(parking_wakes(p), 1);
	parking_go_on(p);
	ck_assert_str_eq(p->body, "one,");
	ck_assert_int_eq(p->parks, 2);
	parking_go_on(p); /* nobody has woken it: it is not asked */
	ck_assert_int_eq(p->parks, 3);
	given = "";
	cruet_wake(waker);
	parking_go_on(p);
	ck_assert_int_eq(p->ends, 1);
	ck_assert_int_eq(p->end_err, CRUET_OK);
	ck_assert_str_eq(trace, "started match pull pull pull pull close:0 teardown:0");
}
END_TEST

START_TEST(a_stream_may_wait_for_time_alone)
{
	serve("/ticks");
	ck_assert_int_eq(p->parks, 1);
	ck_assert_int_gt(p->ms, 3500000);
	ck_assert_int_le(p->ms, 3600000);
	p->gone = true;
	parking_go_on(p);
}
END_TEST

START_TEST(a_client_that_leaves_ends_a_stream_at_once)
{
	serve("/waits");
	p->gone = true;
	parking_go_on(p);
	ck_assert_int_eq(p->end_err, CRUET_EIO);
	ck_assert_str_eq(trace, "started match pull close:-10 teardown:0");
	cruet_wake(waker); /* harmless */
	ck_assert_int_eq(parking_wakes(p), 0);
}
END_TEST

START_TEST(a_server_that_stops_ends_a_stream)
{
	serve("/waits");
	cruet_stop(app);
	parking_go_on(p);
	ck_assert_int_eq(p->end_err, CRUET_ESTATE);
	ck_assert_str_eq(trace, "started match pull close:-6 teardown:0");
}
END_TEST

START_TEST(events_wait_in_the_same_way)
{
	serve("/events");
	ck_assert_int_eq(p->parks, 1);
	ck_assert_int_gt(p->ms, 0); /* a comment keeps the connection open */
	given = "news";
	cruet_wake(waker);
	parking_go_on(p);
	ck_assert_str_eq(p->body, "data: news\n\n");
	ck_assert_int_eq(p->parks, 2);
	given = "";
	cruet_wake(waker);
	parking_go_on(p);
	ck_assert_int_eq(p->ends, 1);
}
END_TEST

/* --- slow clients --------------------------------------------------------------------------------- */

START_TEST(nothing_is_pulled_while_the_client_is_full)
{
	prepare("/six");
	given = "one";
	p->full = 3; /* the head; the empty write after it, twice */
	parking_serve(app, p);
	ck_assert_int_eq(p->parks, 1);
	ck_assert_uint_eq(p->what, CRUET_PARK_WRITE);
	ck_assert_int_eq(p->ms, -1);
	parking_go_on(p);
	ck_assert_int_eq(p->parks, 2);
	ck_assert_str_eq(trace, "started match");
	parking_go_on(p);
	ck_assert_str_eq(p->body, "one");
	ck_assert_int_eq(p->parks, 3);
	ck_assert_uint_eq(p->what, 0);
	given = "two";
	p->full = 2; /* it, and the first time it is asked */
	cruet_wake(waker);
	parking_go_on(p);
	ck_assert_str_eq(p->body, "onetwo");
	ck_assert_int_eq(p->parks, 4);
	ck_assert_uint_eq(p->what, CRUET_PARK_WRITE);
	p->full = 0;
	parking_go_on(p);
	ck_assert_int_eq(p->end_err, CRUET_OK);
	ck_assert_str_eq(trace, "started match pull pull pull close:0 teardown:0");
}
END_TEST

START_TEST(a_stream_to_a_slow_client_outlives_the_stop)
{
	prepare("/waits");
	given = "one,";
	p->full = 2;
	parking_serve(app, p);
	cruet_stop(app);
	p->full = 1;
	parking_go_on(p);
	ck_assert_int_eq(p->ends, 0);
	given = "";
	parking_go_on(p);
	ck_assert_int_eq(p->end_err, CRUET_OK);
}
END_TEST

START_TEST(a_client_that_never_takes_more_is_given_up)
{
	prepare("/waits");
	given = "one,";
	p->full = 2;
	parking_serve(app, p);
	p->write_err = CRUET_ETIMEOUT;
	parking_go_on(p);
	ck_assert_int_eq(p->end_err, CRUET_ETIMEOUT);
	ck_assert_str_eq(trace, "started match close:-9 teardown:0");
}
END_TEST

START_TEST(a_wake_while_the_client_is_full_is_kept)
{
	prepare("/waits");
	given = "one,";
	p->full = 4; /* the head, and asked; the data, and asked */
	parking_serve(app, p);
	p->full = 0;
	parking_go_on(p);
	ck_assert_int_eq(p->parks, 2);
	given = "two,";
	cruet_wake(waker);
	parking_go_on(p);
	ck_assert_str_eq(p->body, "one,two,");
}
END_TEST

START_TEST(teardown_waits_until_the_end_of_a_stream_has_left)
{
	prepare("/waits");
	given = "";
	parking_serve(app, p);
	ck_assert_int_eq(p->parks, 0);
	ck_assert_str_eq(trace, "started match pull close:0 teardown:0");
	trace[0] = '\0';
	prepare("/waits");
	cruet_waker_free(waker);
	parking_serve(app, p);
	given = "";
	p->full = 2;
	cruet_wake(waker);
	parking_go_on(p);
	ck_assert_int_eq(p->ends, 1);
	ck_assert_uint_eq(p->what, CRUET_PARK_WRITE);
	ck_assert_str_eq(trace, "started match pull pull");
	parking_go_on(p);
	ck_assert_str_eq(trace, "started match pull pull close:0 teardown:0");
	ck_assert_int_eq(p->ends, 1);
}
END_TEST

START_TEST(what_a_reply_is_made_of_stays_until_it_has_left)
{
	prepare("/lends")->full = 3;
	parking_serve(app, p);
	ck_assert_int_eq(p->parks, 1);
	ck_assert_uint_eq(p->what, CRUET_PARK_WRITE);
	parking_go_on(p);
	ck_assert_int_eq(p->parks, 2);
	ck_assert_mem_eq(p->sent, "block", 5);
	ck_assert_str_eq(trace, "started match");
	parking_go_on(p);
	ck_assert_str_eq(trace, "started match teardown:0 freed");
}
END_TEST

START_TEST(a_file_stays_open_until_it_has_left)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	ck_assert_int_eq(write(fd, "abc", 3), 3);
	snprintf(file_name, sizeof file_name, "/proc/self/fd/%d", fd);
	prepare("/file")->full = 2;
	parking_serve(app, p);
	close(fd);
	ck_assert_int_eq(p->status, 200);
	ck_assert_int_eq(p->parks, 1);
	ck_assert_str_eq(trace, "started match");
	parking_go_on(p);
	ck_assert_str_eq(trace, "started match teardown:0");
}
END_TEST

START_TEST(a_refusal_to_a_slow_client_runs_nothing_either)
{
	prepare("/%zz")->full = 2;
	parking_serve(app, p);
	assert_replied(p, 400, "two hex digits");
	ck_assert_int_eq(p->parks, 1);
	parking_go_on(p);
	ck_assert_str_eq(trace, "");
}
END_TEST

START_TEST(a_transport_that_cannot_wait_for_the_client_gives_it_up)
{
	prepare("/waits");
	given = "one,";
	p->full = 2;
	p->refuses = CRUET_ENOMEM;
	parking_serve(app, p);
	ck_assert_int_eq(p->end_err, CRUET_ENOMEM);
	ck_assert_str_eq(trace, "started match close:-1 teardown:0");
	trace[0] = '\0';
	prepare("/lends")->full = 2;
	p->base.ops = &blocking_ops; /* CRUET_EAGAIN without park is a failure */
	parking_serve(app, p);
	ck_assert_str_eq(trace, "started match teardown:0 freed");
}
END_TEST

SUITE_WITH("parked", setup, teardown, the_transport_is_told_the_rule_before_anything_runs,
	   a_request_without_a_place_runs_when_there_is_one,
	   another_thread_may_end_it_before_route_returns,
	   a_stream_without_data_is_set_aside_until_it_is_woken, a_stream_may_wait_for_time_alone,
	   a_client_that_leaves_ends_a_stream_at_once, a_server_that_stops_ends_a_stream,
	   events_wait_in_the_same_way, nothing_is_pulled_while_the_client_is_full,
	   a_stream_to_a_slow_client_outlives_the_stop, a_client_that_never_takes_more_is_given_up,
	   a_wake_while_the_client_is_full_is_kept,
	   teardown_waits_until_the_end_of_a_stream_has_left,
	   what_a_reply_is_made_of_stays_until_it_has_left, a_file_stays_open_until_it_has_left,
	   a_refusal_to_a_slow_client_runs_nothing_either,
	   a_transport_that_cannot_wait_for_the_client_gives_it_up)
