/* What goes on for long while plugins are changed: WebSockets, and requests that do not end
 * in time. */
#include <cruet/ws.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "swapping.h"

static atomic_int stopped;   /* how many have been */
static atomic_int left_with; /* the code that close was told */

static int version;

static int said(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	const char *answer = cruet_printf(c, "%s %d", (const char *)p, version);

	(void)len;
	return answer ? cruet_ws_send(w, kind, answer, strlen(answer)) : CRUET_ENOMEM;
}

static void left(cruet_ws *w, cruet_ctx *c, int code)
{
	(void)w;
	ck_assert_str_eq(cruet_endpoint(c), "chat.room");
	atomic_store(&left_with, code);
}

/* --- a handler that a test lets go ---------------------------------------------------- */

static sem_t entered, go;

static int slow(cruet_ctx *c)
{
	sem_post(&entered);
	sem_wait(&go);
	return cruet_text(c, atomic_load(&stopped) ? "stopped" : "there");
}

static int chat_init(cruet_app *a)
{
	version++;
	cruet_get(a, "/slow", slow);
	return cruet_websocket(a, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule),
						   .path = "/room",
						   .name = "room",
						   .message = said,
						   .close = left,
						   .here = CRUET_HERE});
}

static void chat_stop(cruet_app *a)
{
	(void)a;
	atomic_fetch_add(&stopped, 1);
}

CRUET_PLUGIN(chat, .init = chat_init, .stop = chat_stop);

static void serve_chat(const char *drain)
{
	atomic_store(&stopped, 0);
	atomic_store(&left_with, 0);
	version = 0;
	write_text("cruet.json", text("{\"server\": {\"drain\": \"%s\"}}", drain));
	app = app_here();
	ck_assert_int_eq(cruet_load(app, at("cruet.json")), CRUET_OK);
	cruet_use_static(app, &cruet_plugin_chat, NULL);
	t = cruet_client_new(app);
	assert_fine(app);
}

static void assert_answer(cruet_client_ws *s, const char *want)
{
	int kind;
	size_t len;

	ck_assert_int_eq(cruet_client_ws_text(s, "hi"), CRUET_OK);
	const char *got = cruet_client_ws_read(s, &kind, &len);
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, want);
}

static void wait_for_stops(int n)
{
	time_t end = time(NULL) + 30;

	while (atomic_load(&stopped) < n && time(NULL) < end)
		sched_yield();
	ck_assert_int_eq(atomic_load(&stopped), n);
}

/* --- WebSockets -------------------------------------------------------------------------- */

START_TEST(a_websocket_moves_to_the_new_one)
{
	serve_chat("10s");
	cruet_client_ws *s = cruet_client_ws_open(t, "/room");
	ck_assert_ptr_nonnull(s);
	assert_answer(s, "hi 1");
	reload("chat");
	ck_assert_int_eq(atomic_load(&stopped), 1); /* it kept nobody */
	assert_answer(s, "hi 2");
	cruet_client_ws_close(s, 1000);
	cruet_client_ws_free(s);
	ck_assert_int_eq(atomic_load(&left_with), 1000);
	serve_no_more();
}
END_TEST

/* The function close is of the old one, which stays until it has been told. */
START_TEST(a_websocket_whose_rule_is_gone_is_closed)
{
	serve_chat("20ms");
	cruet_client_ws *s = cruet_client_ws_open(t, "/room");
	cruet_client_ws *other = cruet_client_ws_open(t, "/room");
	assert_answer(s, "hi 1");
	ck_assert_int_eq(cruet_plugin_unload(app, "chat", NULL), CRUET_OK);
	ck_assert_int_eq(atomic_load(&stopped), 0);
	ck_assert_int_eq(cruet_client_ws_code(s), 1012);
	ck_assert_str_eq(cruet_client_ws_reason(s), "this address is gone");
	ck_assert_int_eq(atomic_load(&left_with), 1012);
	ck_assert_int_eq(atomic_load(&stopped), 0); /* there is another one */
	ck_assert_int_eq(cruet_client_ws_code(other), 1012);
	wait_for_stops(1);
	cruet_client_ws_free(s);
	cruet_client_ws_free(other);
	assert_page("/room", "404");
	serve_no_more();
}
END_TEST

/* --- requests that do not end in time ------------------------------------------------------- */

static void *ask_slow(void *arg)
{
	cruet_client *by = cruet_client_new(app);

	cruet_client_get(by, "/slow");
	snprintf(arg, 64, "%s", cruet_client_body(by));
	cruet_client_free(by);
	return NULL;
}

START_TEST(who_takes_longer_keeps_what_it_runs_on)
{
	char got[64] = "";
	pthread_t id;

	sem_init(&entered, 0, 0);
	sem_init(&go, 0, 0);
	serve_chat("20ms");
	pthread_create(&id, NULL, ask_slow, got);
	sem_wait(&entered);
	reload("chat");
	ck_assert_int_eq(atomic_load(&stopped), 0);
	ck_assert_ptr_nonnull(strstr(trace, "plugin 'chat': 1 requests still run on what it was 20 ms "
					    "after it was taken out"));
	sem_post(&go);
	pthread_join(id, NULL);
	ck_assert_str_eq(got, "there");
	wait_for_stops(1); /* although nothing is changed any more */
	serve_no_more();
	ck_assert_int_eq(atomic_load(&stopped), 2);
}
END_TEST

/* The end does not wait for the thread that looks after it. */
START_TEST(an_application_may_end_meanwhile)
{
	char got[64] = "";
	pthread_t id;

	sem_init(&entered, 0, 0);
	sem_init(&go, 0, 0);
	serve_chat("1ms");
	for (int i = 0; i < 3; i++) {
		pthread_create(&id, NULL, ask_slow, got);
		sem_wait(&entered);
		reload("chat");
		sem_post(&go);
		pthread_join(id, NULL);
	}
	serve_no_more();
	ck_assert_int_eq(atomic_load(&stopped), 4);
}
END_TEST

HOST_SUITE("swap_long", a_websocket_moves_to_the_new_one,
	   a_websocket_whose_rule_is_gone_is_closed, who_takes_longer_keeps_what_it_runs_on,
	   an_application_may_end_meanwhile)
