/* The chat through clients in the same process: no socket, no server. */
#include <cruet.h>
#include <cruet/testing.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "suite.h"

extern const cruet_plugin cruet_plugin_app; /* in app.c */

static cruet_app *app;
static cruet_client *t;

static void setup(void)
{
	ck_assert_int_eq(chdir(CHAT), 0);
	app = cruet_new("chat");
	cruet_use_static(app, &cruet_plugin_app, NULL);
	t = cruet_client_new(app);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	cruet_clock_set(app, 1795570000000);
}

static void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

static cruet_client_ws *come(const char *name)
{
	cruet_client_add_query(t, "name", name);
	cruet_client_ws *s = cruet_client_ws_open(t, "/talk");
	ck_assert_msg(s != NULL, "%d", cruet_client_status(t));
	return s;
}

static void hears(cruet_client_ws *s, const char *text)
{
	const char *got = cruet_client_ws_read(s, NULL, NULL);
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, text);
}

#define assert_silent(s) ck_assert_ptr_null(cruet_client_ws_read(s, NULL, NULL))

START_TEST(people_see_each_other_come_speak_and_leave)
{
	cruet_client_ws *ada = come("Ada");

	hears(ada, "{\"type\":\"welcome\",\"name\":\"Ada\",\"here\":[\"Ada\"],\"history\":[]}");
	assert_silent(ada);
	cruet_client_ws *bob = come("  Bob ");
	hears(bob, "{\"type\":\"welcome\",\"name\":\"Bob\",\"here\":[\"Ada\",\"Bob\"],"
		   "\"history\":[]}");
	hears(ada, "{\"type\":\"joined\",\"name\":\"Bob\"}");
	cruet_client_ws_text(bob, "{\"say\":\" <b>hi</b> \"}");
	hears(bob, "{\"type\":\"said\",\"name\":\"Bob\",\"text\":\"<b>hi</b>\","
		   "\"time\":1795570000000}");
	hears(ada, "{\"type\":\"said\",\"name\":\"Bob\",\"text\":\"<b>hi</b>\","
		   "\"time\":1795570000000}");
	cruet_client_ws_free(bob);
	hears(ada, "{\"type\":\"left\",\"name\":\"Bob\"}");
	assert_silent(ada);
	cruet_client_ws_free(ada);
}
END_TEST

START_TEST(who_comes_later_reads_the_last_50)
{
	cruet_client_ws *ada = come("Ada");
	char text[32];

	for (int i = 1; i <= 60; i++) {
		snprintf(text, sizeof text, "{\"say\":\"word %d.\"}", i);
		cruet_client_ws_text(ada, text);
	}
	cruet_client_ws *bob = come("Bob");
	const char *got = cruet_client_ws_read(bob, NULL, NULL);
	const char *first = strstr(got, "\"word 11.\""), *last = strstr(got, "\"word 60.\"");
	ck_assert(first && last && first < last);
	ck_assert_ptr_null(strstr(got, "\"word 10.\""));
	cruet_client_ws_free(ada);
	cruet_client_ws_free(bob);
}
END_TEST

static void turned_away(const char *name, int code, const char *reason)
{
	cruet_client_ws *s = come(name);

	ck_assert_int_eq(cruet_client_ws_code(s), code);
	ck_assert_str_eq(cruet_client_ws_reason(s), reason);
	assert_silent(s);
	cruet_client_ws_free(s);
}

START_TEST(a_name_is_one_person)
{
	cruet_client_ws *ada = come("Ada");

	cruet_client_ws_read(ada, NULL, NULL);
	turned_away("Ada", 4409, "Somebody called Ada is here already.");
	turned_away(" Ada ", 4409, "Somebody called Ada is here already.");
	assert_silent(ada); /* nobody came, nobody left */
	cruet_client_ws_free(ada);
	cruet_client_ws_free(come("Ada"));
}
END_TEST

START_TEST(names_have_limits)
{
	static const char text[] = "A name has 1 to 40 bytes.";

	turned_away("", 4422, text);
	turned_away(" \t ", 4422, text);
	turned_away("two\nlines", 4422, text);
	turned_away("12345678901234567890123456789012345678901", 4422, text);
	cruet_client_ws_free(come("1234567890123456789012345678901234567890"));
	cruet_client_ws *s = cruet_client_ws_open(t, "/talk");
	ck_assert_int_eq(cruet_client_ws_code(s), 4422);
	cruet_client_ws_free(s);
}
END_TEST

static void thrown_out(const char *message, int code)
{
	cruet_client_ws *s = come("Ada");

	cruet_client_ws_read(s, NULL, NULL);
	cruet_client_ws_text(s, message);
	ck_assert_int_eq(cruet_client_ws_code(s), code);
	assert_silent(s);
	cruet_client_ws_free(s);
}

START_TEST(what_is_no_message_ends_it)
{
	char *text = calloc(1, 9000);

	ck_assert_ptr_nonnull(text);
	thrown_out("", 4400);
	thrown_out("hello", 4400);
	thrown_out("{\"say\":1}", 4422);
	thrown_out("{}", 4422);
	thrown_out("{\"say\":\"  \"}", 4422);
	sprintf(text, "{\"say\":\"%02001d\"}", 0);
	thrown_out(text, 4422);
	memset(text, ' ', 8999);
	thrown_out(text, 1009);
	cruet_client_ws *s = come("Ada");
	cruet_client_ws_send(s, CRUET_WS_BINARY, "{\"say\":\"x\"}", 11);
	ck_assert_int_eq(cruet_client_ws_code(s), 4415);
	cruet_client_ws_free(s);
	free(text);
}
END_TEST

START_TEST(the_page_is_served_and_runs_its_own_script_alone)
{
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert_ptr_nonnull(strstr(cruet_client_body(t), "<script src=\"/static/chat.js\""));
	ck_assert_ptr_nonnull(strstr(cruet_client_header(t, "Content-Security-Policy"),
				     "script-src 'self';"));
	ck_assert_int_eq(cruet_client_get(t, "/static/chat.js"), 200);
	ck_assert_int_eq(cruet_client_get(t, "/static/style.css"), 200);
	ck_assert_int_eq(cruet_client_get(t, "/static/icon.svg"), 200);
	ck_assert_int_eq(cruet_client_get(t, "/talk?name=Ada"), 426);
	cruet_client_set_header(t, "Origin", "https://elsewhere.example");
	ck_assert_ptr_null(cruet_client_ws_open(t, "/talk?name=Ada"));
	ck_assert_int_eq(cruet_client_status(t), 403);
}
END_TEST

SUITE_WITH("chat", setup, teardown, people_see_each_other_come_speak_and_leave,
	   who_comes_later_reads_the_last_50, a_name_is_one_person, names_have_limits,
	   what_is_no_message_ends_it, the_page_is_served_and_runs_its_own_script_alone)
