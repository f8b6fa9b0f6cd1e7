/* What becomes of a crash: who gets the page about it, and what stands in it. */
#include "server/story.h"

#include <signal.h>
#include <string.h>

#include "app/scope.h"
#include "base/arena.h"
#include "server/debugger.h"
#include "suite.h"

static char room[DOSSIER_MAX];
static struct crash_record record;
static struct story story;
static struct arena arena;
static cruet_app *app;

static void fact(enum fact_kind kind, const char *name, const char *value)
{
	dossier_add(&story.facts, kind, name, value, strlen(value));
}

static void begin(void)
{
	arena_init(&arena, 4096);
	app = cruet_new("shop");
	ck_assert_ptr_nonnull(app);
	record = (struct crash_record){.size = sizeof record, .signal = SIGSEGV, .id = "5f3a91c2"};
	story = (struct story){.root = app, .record = &record, .status = 500};
	dossier_init(&story.facts, room, sizeof room);
	fact(FACT_REQUEST, "method", "GET");
	fact(FACT_REQUEST, "target", "/");
	fact(FACT_REQUEST, "host", "localhost:8000");
	fact(FACT_REQUEST, "peer", "127.0.0.1");
}

static void end(void)
{
	cruet_free(app);
	arena_fini(&arena);
}

static bool is_shown(void)
{
	struct story_reply reply;

	story_reply(&arena, &story, &reply);
	return reply.len;
}

START_TEST(the_page_is_for_who_may_see_it)
{
	ck_assert(!is_shown()); /* nobody could look for a proxy */
	fact(FACT_REQUEST, "proxied", "no");
	ck_assert(is_shown());
	fact(FACT_HEADER, "Origin", "http://localhost:8000");
	ck_assert(is_shown());
}
END_TEST

START_TEST(a_page_of_another_site_does_not_get_it)
{
	fact(FACT_REQUEST, "proxied", "no");
	fact(FACT_HEADER, "Origin", "http://evil.example");
	ck_assert(!is_shown());
}
END_TEST

START_TEST(who_asks_through_a_proxy_does_not_get_it)
{
	fact(FACT_REQUEST, "proxied", "yes");
	ck_assert(!is_shown());
}
END_TEST

START_TEST(others_are_asked_for_the_pin)
{
	struct debug_pin pin = {.text = "123-456-789"};
	struct story_reply reply;

	app->host->pin = &pin;
	fact(FACT_REQUEST, "proxied", "yes");
	fact(FACT_HEADER, "Accept", "text/html");
	story_reply(&arena, &story, &reply);
	ck_assert_str_eq(reply.body, debug_guard_ask);
	for (const cruet_field *f = debug_guard_ask_fields; f->name; f++)
		ck_assert_ptr_nonnull(strstr(reply.head, arena_printf(&arena, "\r\n%s: %s\r\n", f->name,
								      f->value)));
}
END_TEST

START_TEST(a_brief_page_is_text_without_variables)
{
	struct crash_line lines[CRASH_FRAMES] = {{.function = "show", .values = (char *)"u\t4711"}};
	struct story_reply reply;

	fact(FACT_REQUEST, "proxied", "no");
	fact(FACT_HEADER, "Accept", "text/html");
	record.nframes = 1;
	record.frames[0].module = -1;
	story.lines = lines;
	story_reply(&arena, &story, &reply);
	ck_assert_ptr_nonnull(strstr(reply.head, "\r\nContent-Type: text/html;"));
	ck_assert_ptr_nonnull(strstr(reply.body, "4711"));
	story.brief = true;
	story_reply(&arena, &story, &reply);
	ck_assert_ptr_nonnull(strstr(reply.head, "\r\nContent-Type: text/plain;"));
	ck_assert_ptr_nonnull(strstr(reply.body, "show"));
	ck_assert_ptr_null(strstr(reply.body, "4711"));
}
END_TEST

static void curl(const char *target, const char *command)
{
	dossier_init(&story.facts, room, sizeof room);
	fact(FACT_REQUEST, "method", "GET");
	fact(FACT_REQUEST, "target", target);
	fact(FACT_REQUEST, "host", "localhost:8000");
	fact(FACT_HEADER, "X-Odd", "it's");
	fact(FACT_HEADER, "X-None", "");
	ck_assert_str_eq(story_curl(&arena, &story), command);
}

START_TEST(the_command_asks_the_same)
{
#define HEADERS " -H 'X-Odd: it'\\''s' -H 'X-None;' "
	curl("/a?b=1", "curl -i" HEADERS "'http://localhost:8000/a?b=1'");
	curl("/?filter[name]=x", "curl -i -g" HEADERS "'http://localhost:8000/?filter[name]=x'");
	curl("/{a,b}", "curl -i -g" HEADERS "'http://localhost:8000/{a,b}'");
	curl("http://a.example/b", "curl -i" HEADERS "'http://a.example/b'");
	curl("/?to=http://a.example/", "curl -i" HEADERS
	     "'http://localhost:8000/?to=http://a.example/'");
	curl("*", "curl -i --request-target '*'" HEADERS "'http://localhost:8000/'");
}
END_TEST

SUITE_WITH("story", begin, end, the_page_is_for_who_may_see_it,
	   a_page_of_another_site_does_not_get_it, who_asks_through_a_proxy_does_not_get_it,
	   others_are_asked_for_the_pin,
	   a_brief_page_is_text_without_variables, the_command_asks_the_same)
