/* Handlers that answer later. */
#include "parking.h"

static cruet_app *app;
static struct parking *p;
static char trace[512];
static cruet_waker *waker; /* the last handler's; the test's to free */
static int rounds;         /* that next asks for once more */
static bool early;         /* the handler wakes itself */

static void mark(const char *word)
{
	size_t n = strlen(trace);
	snprintf(trace + n, sizeof trace - n, "%s%s", n ? " " : "", word);
}

static void finished(cruet_ctx *c, const void *what, void *arg)
{
	char word[32];

	(void)what, (void)arg;
	snprintf(word, sizeof word, "finished:%d", cruet_reply_status(c));
	mark(word);
}

static void ended(cruet_ctx *c, int err)
{
	char word[32];

	(void)c;
	snprintf(word, sizeof word, "teardown:%d", err);
	mark(word);
}

static int before(cruet_ctx *c)
{
	(void)c;
	mark("before");
	return CRUET_OK;
}

static int after(cruet_ctx *c)
{
	(void)c;
	mark("after");
	return CRUET_OK;
}

static void freed(void *arg)
{
	(void)arg;
	mark("freed");
}

/* --- handlers ----------------------------------------------------------------------------- */

static int next(cruet_ctx *c)
{
	mark("next");
	if (rounds-- > 0)
		return cruet_resume(c, waker, next);
	return cruet_textf(c, "in the end, %s", cruet_query(c, "name"));
}

static int waits_for(cruet_ctx *c, cruet_fn *fn)
{
	mark("handler");
	int err = cruet_defer(c, freed, NULL);
	if (err)
		return err;
	waker = cruet_waker_new(c);
	if (early)
		cruet_wake(waker);
	return cruet_resume(c, waker, fn);
}

static int later(cruet_ctx *c)
{
	return waits_for(c, next);
}

static int fails(cruet_ctx *c)
{
	return cruet_fail(c, 409, "taken meanwhile");
}

static int later_409(cruet_ctx *c)
{
	return waits_for(c, fails);
}

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	(void)c, (void)self, (void)buf, (void)cap;
	return 0;
}

static void closed(cruet_ctx *c, void *self, int why)
{
	(void)c, (void)self;
	mark(why == CRUET_EIO ? "closed:EIO" : "closed");
}

/* Has prepared a reply already, which next may replace. */
static int with_stream(cruet_ctx *c)
{
	static const cruet_source source = {
		.size = sizeof source, .length = -1, .pull = pull, .close = closed};
	int r = cruet_stream(c, &source, NULL);
	return r == CRUET_DONE ? later(c) : r;
}

static int within(cruet_ctx *c)
{
	return cruet_resume_within(c, NULL, (uint32_t)cruet_query_int(c, "ms", 0), next);
}

/* --- the whole ------------------------------------------------------------------------------ */

static void setup(void)
{
	trace[0] = log_lines[0] = '\0';
	rounds = 0;
	early = false;
	waker = NULL;
	app = cruet_new("test");
	cruet_log_to(app, keep_lines, NULL);
	cruet_before(app, before);
	cruet_after(app, after);
	cruet_teardown(app, ended);
	cruet_listen(app, "request_finished", finished, NULL);
	cruet_get(app, "/later", later);
	cruet_get(app, "/later_409", later_409);
	cruet_get(app, "/with_stream", with_stream);
	cruet_get(app, "/within", within);
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

static void serve(const char *path)
{
	if (p)
		parking_free(p);
	p = parking_new(path);
	parking_serve(app, p);
}

static void *wake(void *w)
{
	cruet_wake(w);
	return NULL;
}

static void *go_on(void *parked)
{
	parking_go_on(parked);
	return NULL;
}

/* On another thread, to its end. */
static void elsewhere(void *(*fn)(void *), void *arg)
{
	pthread_t id;

	ck_assert_int_eq(pthread_create(&id, NULL, fn, arg), 0);
	ck_assert_int_eq(pthread_join(id, NULL), 0);
}

/* --- waking ----------------------------------------------------------------------------------- */

START_TEST(a_handler_that_waits_is_set_aside_and_answers_when_it_is_woken)
{
	serve("/later?name=ann");
	assert_waits(p, 1);
	ck_assert_int_eq(p->ms, -1);
	ck_assert_uint_eq(p->what, 0);
	ck_assert_str_eq(trace, "before handler");
	elsewhere(wake, waker);
	ck_assert_int_eq(parking_wakes(p), 1);
	elsewhere(go_on, p);
	assert_replied(p, 200, "in the end, ann");
	ck_assert_str_eq(trace, "before handler next after finished:200 teardown:0 freed");
}
END_TEST

START_TEST(a_wake_before_the_handler_returned_is_not_lost)
{
	early = true;
	serve("/later?name=ann");
	ck_assert_int_eq(p->parks, 0);
	assert_replied(p, 200, "in the end, ann");
	ck_assert_int_eq(parking_wakes(p), 0);
}
END_TEST

static void wakes_now(struct parking *it)
{
	it->in_park = NULL;
	elsewhere(wake, waker);
}

START_TEST(a_wake_while_it_is_set_aside_is_not_lost)
{
	p = parking_new("/later?name=ann");
	p->in_park = wakes_now;
	parking_serve(app, p);
	assert_waits(p, 1);
	ck_assert_int_eq(parking_wakes(p), 1);
	parking_go_on(p);
	assert_replied(p, 200, "in the end, ann");
}
END_TEST

static void wakes_before_park(struct parking *it)
{
	it->in_gone = NULL;
	elsewhere(wake, waker);
}

START_TEST(a_wake_just_before_it_is_set_aside_is_not_lost)
{
	p = parking_new("/later?name=ann");
	p->in_gone = wakes_before_park;
	parking_serve(app, p);
	ck_assert_int_eq(p->parks, 0);
	assert_replied(p, 200, "in the end, ann");
}
END_TEST

static void goes_on_now(struct parking *it)
{
	it->in_park = NULL;
	cruet_wake(waker);
	elsewhere(go_on, it);
	it->base.ctx = NULL; /* what touches the request now crashes */
}

START_TEST(another_thread_may_end_it_before_park_returns)
{
	p = parking_new("/later?name=ann");
	p->in_park = goes_on_now;
	parking_serve(app, p);
	assert_replied(p, 200, "in the end, ann");
	ck_assert_str_eq(trace, "before handler next after finished:200 teardown:0 freed");
}
END_TEST

START_TEST(waking_twice_is_waking_once)
{
	serve("/later?name=ann");
	cruet_wake(waker);
	cruet_wake(waker);
	parking_go_on(p);
	ck_assert_str_eq(trace, "before handler next after finished:200 teardown:0 freed");
	int told = parking_wakes(p);
	cruet_wake(waker); /* the request is over: nobody is told */
	ck_assert_int_eq(parking_wakes(p), told);
}
END_TEST

START_TEST(next_may_wait_again)
{
	rounds = 2;
	serve("/later?name=ann");
	for (int i = 1; i <= 2; i++) {
		assert_waits(p, i);
		cruet_wake(waker);
		parking_go_on(p);
	}
	assert_waits(p, 3);
	cruet_wake(waker);
	parking_go_on(p);
	assert_replied(p, 200, "in the end, ann");
	ck_assert_str_eq(trace,
			 "before handler next next next after finished:200 teardown:0 freed");
}
END_TEST

START_TEST(going_on_without_a_wake_waits_on)
{
	serve("/later?name=ann");
	parking_go_on(p);
	parking_go_on(p);
	assert_waits(p, 3);
	cruet_wake(waker);
	parking_go_on(p);
	assert_replied(p, 200, "in the end, ann");
}
END_TEST

START_TEST(what_next_fails_with_is_answered)
{
	serve("/later_409");
	cruet_wake(waker);
	parking_go_on(p);
	assert_replied(p, 409, "taken meanwhile");
	ck_assert_str_eq(trace, "before handler after finished:409 teardown:0 freed");
}
END_TEST

START_TEST(a_time_may_be_set_within_which_next_runs)
{
	serve("/within?name=ann&ms=3600000");
	assert_waits(p, 1);
	ck_assert_int_gt(p->ms, 3500000);
	ck_assert_int_le(p->ms, 3600000);
	cruet_stop(app);
	parking_go_on(p);
	ck_assert_int_eq(p->status, 503);
	serve("/within?name=ann&ms=0"); /* what has come already is not waited for */
	assert_replied(p, 200, "in the end, ann");
}
END_TEST

START_TEST(next_runs_when_the_time_is_over)
{
	cruet_client *t = client_of(app);
	assert_get(t, "/within?name=ann&ms=5", 200);
	assert_body(t, "in the end, ann");
	cruet_client_free(t);
}
END_TEST

START_TEST(the_clock_of_the_request_goes_on)
{
	cruet_clock_set(app, 784111777000);
	serve("/later");
	cruet_clock_set(app, 784111777000 + 61000);
	cruet_wake(waker);
	parking_go_on(p);
	ck_assert_str_eq(p->date, "Sun, 06 Nov 1994 08:50:38 GMT");
}
END_TEST

/* --- ends that are none ------------------------------------------------------------------------- */

START_TEST(a_client_that_leaves_ends_it_without_a_reply)
{
	serve("/with_stream");
	assert_waits(p, 1);
	p->gone = true;
	parking_go_on(p);
	ck_assert_int_eq(p->status, 0);
	ck_assert_int_eq(p->ends, 1);
	ck_assert_int_eq(p->end_err, CRUET_EIO);
	ck_assert_str_eq(trace, "before handler closed:EIO finished:499 teardown:-10 freed");
	cruet_wake(waker); /* harmless */
	ck_assert_int_eq(parking_wakes(p), 0);
	assert_lines("");
}
END_TEST

START_TEST(a_server_that_stops_answers_503)
{
	serve("/later?name=ann");
	cruet_stop(app);
	parking_go_on(p);
	assert_replied(p, 503, "The server is stopping.");
	ck_assert_str_eq(trace, "before handler after finished:503 teardown:0 freed");
}
END_TEST

START_TEST(what_was_woken_before_the_stop_is_answered)
{
	serve("/later?name=ann");
	cruet_wake(waker);
	cruet_stop(app);
	parking_go_on(p);
	assert_replied(p, 200, "in the end, ann");
}
END_TEST

START_TEST(a_transport_that_cannot_set_it_aside_makes_it_fail)
{
	p = parking_new("/later?name=ann");
	p->refuses = CRUET_ENOMEM;
	parking_serve(app, p);
	ck_assert_int_eq(p->status, 500);
	assert_lines("ERROR test: [id] GET later: 500: out of memory\n");
	cruet_wake(waker);
	ck_assert_int_eq(parking_wakes(p), 0);
}
END_TEST

/* --- transports that cannot ---------------------------------------------------------------------- */

static void *wake_and_free(void *w)
{
	cruet_wake(w);
	cruet_waker_free(w);
	return NULL;
}

static int wakes_itself_elsewhere(cruet_ctx *c)
{
	cruet_waker *w = cruet_waker_new(c);
	pthread_t id;

	if (!w || pthread_create(&id, NULL, wake_and_free, w))
		return CRUET_ENOMEM;
	pthread_detach(id);
	return cruet_resume(c, w, next);
}

static int stops(cruet_ctx *c)
{
	cruet_stop(cruet_scope(c));
	return later(c);
}

START_TEST(without_park_the_thread_waits)
{
	cruet_app *a = cruet_new("test");
	cruet_log_to(a, quiet, NULL);
	cruet_get(a, "/", wakes_itself_elsewhere);
	cruet_get(a, "/later", later);
	cruet_get(a, "/within", within);
	cruet_get(a, "/stops", stops);
	cruet_client_free(client_of(a));
	static const struct {
		const char *path;
		bool gone;
		int status;
	} cases[] = {{"/?name=ann", false, 200},
		     {"/within?ms=3&name=ann", false, 200},
		     {"/later", true, 0},
		     {"/stops", false, 503}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct parking *x = parking_new(cases[i].path);
		x->base.ops = &blocking_ops;
		x->gone = cases[i].gone;
		parking_serve(a, x);
		ck_assert_int_eq(x->status, cases[i].status);
		ck_assert_int_eq(x->ends, cases[i].gone);
		ck_assert_int_eq(x->parks + x->routes, 0);
		parking_free(x);
		cruet_waker_free(waker);
		waker = NULL;
	}
	cruet_free(a);
}
END_TEST

SUITE_WITH("later", setup, teardown,
	   a_handler_that_waits_is_set_aside_and_answers_when_it_is_woken,
	   a_wake_before_the_handler_returned_is_not_lost,
	   a_wake_just_before_it_is_set_aside_is_not_lost, a_wake_while_it_is_set_aside_is_not_lost,
	   another_thread_may_end_it_before_park_returns, waking_twice_is_waking_once,
	   next_may_wait_again, going_on_without_a_wake_waits_on, what_next_fails_with_is_answered,
	   a_time_may_be_set_within_which_next_runs, next_runs_when_the_time_is_over,
	   the_clock_of_the_request_goes_on, a_client_that_leaves_ends_it_without_a_reply,
	   a_server_that_stops_answers_503, what_was_woken_before_the_stop_is_answered,
	   a_transport_that_cannot_set_it_aside_makes_it_fail, without_park_the_thread_waits)
