/* Groups of WebSockets: who is in, who hears what, in which order. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>

/* "join NAME", "leave NAME", "tell NAME TEXT": answered with the number. */
static int command(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	char word[8] = "", name[64] = "";
	int at = 0;

	(void)len;
	sscanf(p, "%7s %63s %n", word, name, &at);
	int64_t n = !strcmp(word, "join")    ? cruet_ws_join(w, name)
		    : !strcmp(word, "leave") ? cruet_ws_leave(w, name)
					     : cruet_ws_publish(c, name, kind, (const char *)p + at,
								strlen((const char *)p + at));
	const char *text = cruet_printf(c, "%s %lld", word, (long long)n);
	return text ? cruet_ws_send(w, CRUET_WS_TEXT, text, strlen(text)) : CRUET_ENOMEM;
}

static int answers(cruet_ctx *c)
{
	int64_t n = cruet_ws_publish(c, "all", CRUET_WS_TEXT, "from a page", 11);
	return cruet_textf(c, "%lld", (long long)n);
}

static int wrong(cruet_ctx *c)
{
	return (int)cruet_ws_publish(c, "all", CRUET_WS_TEXT, "\xFF", 1);
}

static cruet_app *app;
static cruet_client *t;

static void setup(void)
{
	app = cruet_new("test");
	cruet_log_to(app, keep_lines, NULL);
	cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule),
					      .path = "/ws",
					      .name = "ws",
					      .message = command,
					      .max_queue = 40,
					      .here = CRUET_HERE});
	cruet_get(app, "/tell", answers);
	cruet_get(app, "/wrong", wrong);
	t = client_of(app);
	log_lines[0] = '\0';
}

static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

static cruet_client_ws *open_it(void)
{
	cruet_client_ws *s = cruet_client_ws_open(t, "/ws");
	ck_assert_ptr_nonnull(s);
	return s;
}

static void ask(cruet_client_ws *s, const char *text, const char *answer)
{
	ck_assert_int_eq(cruet_client_ws_text(s, text), CRUET_OK);
	const char *got = cruet_client_ws_read(s, NULL, NULL);
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, answer);
}

#define assert_read(s, text) ck_assert_str_eq(cruet_client_ws_read(s, NULL, NULL), text)
#define assert_silent(s)     ck_assert_ptr_null(cruet_client_ws_read(s, NULL, NULL))

START_TEST(members_hear_and_others_do_not)
{
	cruet_client_ws *a = open_it(), *b = open_it(), *other = open_it();

	ask(a, "tell all nobody", "tell 0");
	ask(a, "join all", "join 0");
	ask(b, "join all", "join 0");
	ask(b, "join all", "join 0"); /* twice is once */
	ask(other, "join rest", "join 0");
	ask(other, "tell all hello all", "tell 2");
	assert_read(a, "hello all");
	assert_read(b, "hello all");
	assert_silent(a);
	assert_silent(b);
	ask(b, "leave all", "leave 0");
	ask(b, "leave all", "leave -4");
	ask(b, "leave never", "leave -4");
	ask(other, "tell all one less", "tell 1");
	assert_read(a, "one less");
	assert_silent(b);
	cruet_client_ws_free(a);
	cruet_client_ws_free(b);
	cruet_client_ws_free(other);
}
END_TEST

START_TEST(who_ends_leaves_all_groups)
{
	cruet_client_ws *a = open_it(), *b = open_it();

	ask(a, "join one", "join 0");
	ask(a, "join two", "join 0");
	ask(b, "join two", "join 0");
	cruet_client_ws_close(a, 1000);
	ask(b, "tell one x", "tell 0");
	ask(b, "leave two", "leave 0");
	ask(b, "tell two x", "tell 0");
	cruet_client_ws_free(a);
	cruet_client_ws_free(b);
}
END_TEST

START_TEST(a_page_tells_a_group)
{
	cruet_client_ws *a = open_it();

	ask(a, "join all", "join 0");
	assert_get(t, "/tell", 200);
	assert_body(t, "1");
	assert_read(a, "from a page");
	assert_get(t, "/wrong", 500);
	assert_lines("ERROR test: [id] GET wrong: 500: cruet_ws_publish: expected a group, and a "
		     "message that is UTF-8 if it is text\n");
	assert_silent(a);
	cruet_client_ws_free(a);
}
END_TEST

START_TEST(who_does_not_read_is_closed_and_harms_nobody)
{
	cruet_client_ws *slow = open_it(), *quick = open_it();

	ask(slow, "join all", "join 0");
	ask(quick, "join all", "join 0");
	for (int i = 0; i < 10; i++) {
		assert_get(t, "/tell", 200);
		assert_body(t, i < 3 ? "2" : "1"); /* 33 of 40 bytes, then no more */
		assert_read(quick, "from a page");
	}
	ck_assert_int_eq(cruet_client_ws_code(quick), 0);
	ck_assert_int_eq(cruet_client_ws_code(slow), 1013);
	ck_assert_str_eq(cruet_client_ws_reason(slow), "too slow");
	for (int i = 0; i < 3; i++)
		assert_read(slow, "from a page");
	assert_silent(slow);
	cruet_client_ws_free(slow);
	cruet_client_ws_free(quick);
}
END_TEST

/* --- threads -------------------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 300 };

static int join_room(cruet_ws *w, cruet_ctx *c)
{
	(void)c;
	return cruet_ws_join(w, "room");
}

static int repeat(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	(void)w;
	return cruet_ws_publish(c, "room", kind, p, len) < 0 ? CRUET_EINVAL : CRUET_OK;
}

static cruet_app *room;
static atomic_int failed;

static void *come_and_go(void *arg)
{
	cruet_client *k = cruet_client_new(room);
	char text[32];

	for (int i = 0; i < ROUNDS; i++) {
		cruet_client_ws *s = cruet_client_ws_open(k, "/room");
		bool heard = false;
		const char *got;
		snprintf(text, sizeof text, "%s %d", (char *)arg, i);
		if (!s || cruet_client_ws_text(s, text)) {
			atomic_fetch_add(&failed, 1);
			break;
		}
		while ((got = cruet_client_ws_read(s, NULL, NULL)))
			heard |= !strcmp(got, text);
		if (!heard)
			atomic_fetch_add(&failed, 1);
		cruet_client_ws_free(s);
	}
	cruet_client_free(k);
	return NULL;
}

START_TEST(threads_come_and_go_while_others_talk)
{
	static char names[THREADS][8] = {"Ada", "Bob", "Cleo", "Dan"};
	pthread_t threads[THREADS];

	room = cruet_new("room");
	cruet_websocket(room, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule),
					       .path = "/room",
					       .name = "room",
					       .open = join_room,
					       .message = repeat,
					       .here = CRUET_HERE});
	cruet_client_free(client_of(room));
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, names[i]), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(atomic_load(&failed), 0);
	cruet_free(room);
}
END_TEST

SUITE_WITH("ws_groups", setup, teardown, members_hear_and_others_do_not,
	   who_ends_leaves_all_groups, a_page_tells_a_group,
	   who_does_not_read_is_closed_and_harms_nobody, threads_come_and_go_while_others_talk)
