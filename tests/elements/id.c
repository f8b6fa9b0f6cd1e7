/* cruet_new_id(): UUIDs, or what a plugin makes. */
#include "elements.h"

#include <cruet/svc/id.h>

extern const cruet_plugin cruet_plugin_short_ids;
extern const cruet_plugin cruet_plugin_request_id;

enum { NOON = 1795435200 };

static int as_told(void *self, cruet_ctx *c, const char **id)
{
	(void)self;
	*id = cruet_query(c, "id");
	return (int)cruet_query_int(c, "code", CRUET_OK);
}
static int makes_none(void *self, cruet_ctx *c, const char **id)
{
	(void)self, (void)id;
	return cruet_query(c, "say") ? cruet_fail(c, 503, "the numbers have run out")
				     : CRUET_OK;
}
static int fixed(void *self, cruet_ctx *c, const char **id)
{
	(void)c;
	*id = self;
	return CRUET_OK;
}

static const cruet_id_maker echo_table = {.size = sizeof echo_table, .make = as_told};
static const cruet_id_maker none_table = {.size = sizeof none_table, .make = makes_none};
static const cruet_id_maker fixed_table = {.size = sizeof fixed_table, .make = fixed};
static char a_1[] = "A-1", b_1[] = "B-1";

GIVER(echoes, CRUET_ID, &echo_table, NULL);
GIVER(broken, CRUET_ID, &none_table, NULL);
GIVER(giver_a, CRUET_ID, &fixed_table, a_1);
GIVER(giver_b, CRUET_ID, &fixed_table, b_1);

static int show(cruet_ctx *c)
{
	const char *id = cruet_new_id(c);
	return id ? cruet_text(c, id) : cruet_err(c);
}

static int named(cruet_ctx *c)
{
	return cruet_text(c, cruet_request_id(c));
}

static cruet_client *start(const cruet_plugin *p, const char *options, cruet_app **app)
{
	*app = new_app();
	cruet_clock_set(*app, (int64_t)NOON * 1000 + 7);
	if (p)
		cruet_use_static(*app, p, options);
	cruet_get(*app, "/", show);
	return client_of(*app);
}

START_TEST(a_uuid_of_version_7_unless_somebody_makes_others)
{
	cruet_app *app;
	cruet_client *t = start(NULL, NULL, &app);
	char first[64];

	assert_get(t, "/", 200);
	snprintf(first, sizeof first, "%s", cruet_client_body(t));
	ck_assert_uint_eq(strlen(first), 36);
	ck_assert_uint_eq(strspn(first, "0123456789abcdef-"), 36);
	ck_assert_msg(!strncmp(first, "01a20846-fe07-7", 15), "%s", first);
	ck_assert(strchr("89ab", first[19]) != NULL);
	assert_get(t, "/", 200);
	ck_assert_str_ne(cruet_client_body(t), first);
	done(app, t);
}
END_TEST

START_TEST(a_plugin_makes_others)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_short_ids, "series=order", &app);

	assert_get(t, "/", 200);
	assert_body(t, "order-1");
	assert_get(t, "/", 200);
	assert_body(t, "order-2");
	done(app, t);
}
END_TEST

START_TEST(requests_are_named_by_it)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_short_ids, "series=R");
	cruet_use_static(app, &cruet_plugin_request_id, NULL);
	cruet_get(app, "/", named);
	cruet_client *t = client_of(app);
	assert_get(t, "/", 200);
	assert_body(t, "R-1");
	assert_header(t, "X-Request-Id", "R-1");
	done(app, t);
}
END_TEST

START_TEST(it_may_have_what_harms_nobody)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_echoes, NULL, &app);
	char path[256] = "/?id=";

	assert_get(t, "/?id=aZ0-_.:%2b/%3d@", 200);
	assert_body(t, "aZ0-_.:+/=@");
	memset(path + 5, 'x', 128);
	assert_get(t, path, 200);
	path[133] = 'x';
	assert_get(t, path, 500);
	ck_assert_str_eq(logged,
			 "test: [100000003] GET show: 500: 'echoes' made an id that "
			 "is none: expected 1 to 128 letters, digits and "
			 "-_.:+/=@\n");
	static const char *const bad[] = {"/?id=", "/?id=a%20b", "/?id=%3cb%3e",
					  "/?id=a%0d%0ab", "/?id=%c3%a4"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_get(t, bad[i], 500);
	done(app, t);
}
END_TEST

START_TEST(who_makes_none_fails_the_request)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_broken, NULL, &app);

	assert_get(t, "/", 500);
	ck_assert_ptr_nonnull(strstr(logged, "500: 'broken' made no id\n"));
	assert_get(t, "/?say=1", 503);
	assert_contains(t, "the numbers have run out");
	done(app, t);
	t = start(&cruet_plugin_echoes, NULL, &app);
	assert_get(t, "/?id=a&code=-9", 504);
	assert_get(t, "/?id=a&code=7", 500);
	ck_assert_ptr_nonnull(strstr(logged, "504: 'echoes' made no id\n"));
	ck_assert_ptr_nonnull(strstr(logged, "500: 'echoes' made no id\n"));
	done(app, t);
}
END_TEST

START_TEST(two_of_them_must_be_told_apart)
{
	assert_conflict(&cruet_plugin_giver_a, &cruet_plugin_giver_b, CRUET_ID, show,
			"B-1");
}
END_TEST

SUITE("elements_id", a_uuid_of_version_7_unless_somebody_makes_others,
      a_plugin_makes_others, requests_are_named_by_it, it_may_have_what_harms_nobody,
      who_makes_none_fails_the_request, two_of_them_must_be_told_apart)
