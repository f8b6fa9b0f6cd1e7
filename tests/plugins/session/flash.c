/* Flashed messages: said once, on the page that comes next. */
#include "fixture.h"

static int as_pairs(cruet_ctx *c, const char *categories)
{
	const cruet_json *all = cruet_flashes(c, categories);

	if (!all)
		return cruet_err(c);
	cruet_write(c, "");
	for (const cruet_json *f = cruet_json_first(all); f; f = cruet_json_next(f))
		cruet_writef(c, "%s:%s;",
			     cruet_json_str(cruet_json_get(f, "category"), "?"),
			     cruet_json_str(cruet_json_get(f, "message"), "?"));
	return cruet_text(c, NULL);
}

static int one(cruet_ctx *c)
{
	cruet_flash(c, NULL, "one");
	return cruet_text(c, "x");
}

static int both(cruet_ctx *c)
{
	cruet_flash(c, NULL, "o%s", "ne");
	cruet_flash(c, "error", "two");
	cruet_flash(c, "info", "drei \xc3\xbc");
	return cruet_text(c, "x");
}

static int get(cruet_ctx *c)
{
	return as_pairs(c, NULL);
}

static int only(cruet_ctx *c)
{
	return as_pairs(c, "error");
}

static int some(cruet_ctx *c)
{
	return as_pairs(c, "info , message");
}

static int same(cruet_ctx *c)
{
	cruet_flash(c, NULL, "now");
	return as_pairs(c, NULL);
}

static int late(cruet_ctx *c)
{
	cruet_flashes(c, NULL);
	cruet_flash(c, NULL, "late");
	return as_pairs(c, NULL);
}

static int twice(cruet_ctx *c)
{
	cruet_flashes(c, "none");
	return as_pairs(c, NULL);
}

static int moved(cruet_ctx *c)
{
	cruet_flash(c, NULL, "moved");
	return cruet_redirect(c, 0, "/get");
}

static int object(cruet_ctx *c)
{
	cruet_json *o = cruet_object(c);
	cruet_push_int(cruet_put_array(o, "k"), 1);
	cruet_flash_json(c, "data", o);
	return cruet_text(c, "x");
}

static int json(cruet_ctx *c)
{
	return cruet_jsonify(c, cruet_flashes(c, NULL));
}

static int broken(cruet_ctx *c)
{
	cruet_flash(c, "b\xff", "a\xff");
	return cruet_text(c, "x");
}

static void remember(cruet_ctx *c, const void *what, void *arg)
{
	const cruet_flashed *f = what;
	(void)c;
	snprintf(arg, 64, "%u %s %s", f->size == sizeof *f, f->category,
		 cruet_json_str(f->message, "?"));
}

static char told[64];

static cruet_client *site(cruet_app **app)
{
	*app = app_with(SECRET, NULL);
	usual_routes(*app);
	cruet_get(*app, "/one", one);
	cruet_get(*app, "/both", both);
	cruet_get(*app, "/get", get);
	cruet_get(*app, "/only", only);
	cruet_get(*app, "/some", some);
	cruet_get(*app, "/same", same);
	cruet_get(*app, "/late", late);
	cruet_get(*app, "/twice", twice);
	cruet_get(*app, "/moved", moved);
	cruet_get(*app, "/object", object);
	cruet_get(*app, "/json", json);
	cruet_get(*app, "/broken", broken);
	cruet_listen(*app, "message_flashed", remember, told);
	return client_of(*app);
}

START_TEST(are_shown_once_in_order)
{
	cruet_app *app;
	cruet_client *t = site(&app);
	assert_get(t, "/both", 200);
	assert_says(t, "/all",
		    "{\"_flashes\":[[\"message\",\"one\"],[\"error\",\"two\"],"
		    "[\"info\",\"drei \xc3\xbc\"]]}\n");
	assert_says(t, "/get", "message:one;error:two;info:drei \xc3\xbc;");
	ck_assert_ptr_nonnull(
		strstr(set_cookie(t), "Max-Age=0")); /* nothing else in it */
	assert_says(t, "/get", "");
	ck_assert_ptr_null(set_cookie(t));
	done(app, t);
}
END_TEST

START_TEST(wait_for_who_asks)
{
	cruet_app *app;
	cruet_client *t = site(&app);
	assert_get(t, "/one", 200);
	assert_get(t, "/none", 200);
	ck_assert(!varies(t));
	assert_get(t, "/one", 200);
	assert_says(t, "/get", "message:one;message:one;");
	done(app, t);
}
END_TEST

START_TEST(survive_a_redirect)
{
	cruet_app *app;
	cruet_client *t = site(&app);
	assert_get(t, "/moved", 302);
	ck_assert_int_eq(cruet_client_follow(t), 200);
	ck_assert_str_eq(cruet_client_body(t), "message:moved;");
	done(app, t);
}
END_TEST

START_TEST(are_picked_by_category_and_gone_all_the_same)
{
	cruet_app *app;
	cruet_client *t = site(&app);
	assert_get(t, "/both", 200);
	assert_says(t, "/only", "error:two;");
	assert_says(t, "/get", "");
	assert_get(t, "/both", 200);
	assert_says(t, "/some", "message:one;info:drei \xc3\xbc;");
	assert_says(t, "/get", "");
	done(app, t);
}
END_TEST

START_TEST(of_this_request_are_shown_in_it)
{
	cruet_app *app;
	cruet_client *t = site(&app);
	assert_says(t, "/same", "message:now;");
	assert_says(t, "/get", "");
	done(app, t);
}
END_TEST

START_TEST(after_the_look_wait_for_the_next_request)
{
	cruet_app *app;
	cruet_client *t = site(&app);
	assert_says(t, "/late", "");
	assert_says(t, "/get", "message:late;");
	done(app, t);
}
END_TEST

START_TEST(asked_again_are_the_same)
{
	cruet_app *app;
	cruet_client *t = site(&app);
	assert_get(t, "/one", 200);
	assert_says(t, "/twice", "message:one;");
	done(app, t);
}
END_TEST

START_TEST(may_be_any_json)
{
	cruet_app *app;
	cruet_client *t = site(&app);
	assert_get(t, "/object", 200);
	assert_says(t, "/json", "[{\"category\":\"data\",\"message\":{\"k\":[1]}}]\n");
	assert_says(t, "/json", "[]\n");
	done(app, t);
}
END_TEST

START_TEST(are_told_to_listeners)
{
	cruet_app *app;
	cruet_client *t = site(&app);
	assert_get(t, "/one", 200);
	ck_assert_str_eq(told, "1 message one");
	done(app, t);
}
END_TEST

START_TEST(that_are_not_utf8_are_made_so)
{
	cruet_app *app;
	cruet_client *t = site(&app);
	assert_get(t, "/broken", 200);
	assert_says(t, "/get", "b\xef\xbf\xbd:a\xef\xbf\xbd;");
	done(app, t);
}
END_TEST

static int odd(cruet_ctx *c)
{
	cruet_json *a = cruet_array(c);
	cruet_push_int(a, 7);
	cruet_push_str(cruet_push_array(a), "alone");
	cruet_push_array(a);
	cruet_session_set_json(c, "_flashes", a);
	return cruet_text(c, "x");
}

static int not_a_list(cruet_ctx *c)
{
	cruet_session_set_int(c, "_flashes", 3);
	return one(c);
}

START_TEST(of_odd_shape_break_nothing)
{
	cruet_app *app = app_with(SECRET, NULL);
	cruet_get(app, "/odd", odd);
	cruet_get(app, "/no", not_a_list);
	cruet_get(app, "/get", get);
	cruet_client *t = client_of(app);
	assert_get(t, "/odd", 200);
	assert_says(t, "/get", "message:?;alone:?;message:?;");
	assert_get(t, "/no", 200);
	assert_says(t, "/get", "message:one;");
	done(app, t);
}
END_TEST

static int count(cruet_ctx *c)
{
	cruet_flash(c, NULL, "n%lld", (long long)cruet_query_int(c, "n", 0));
	return cruet_redirect(c, 303, "/get");
}

/* A message of n bytes; ?keep=m has m bytes beside it. */
static int sized(cruet_ctx *c)
{
	size_t n = (size_t)cruet_query_int(c, "n", 0);
	size_t keep = (size_t)cruet_query_int(c, "keep", 0);
	char *text = cruet_alloc(c, n + keep + 1);

	if (!text)
		return CRUET_ENOMEM;
	memset(text, 'x', n + keep);
	if (keep)
		cruet_session_set_str(c, "kept", text + n);
	text[n] = '\0';
	cruet_flash(c, cruet_query(c, "as"), "%s", text);
	return cruet_text(c, "x");
}

/* How many wait, the category of the first and of the last, and what else there is. */
static int summary(cruet_ctx *c)
{
	const cruet_json *all = cruet_flashes(c, NULL), *last = cruet_json_first(all);

	for (const cruet_json *f = last; f; f = cruet_json_next(f))
		last = f;
	return cruet_textf(
		c, "%zu %s %s %zu", cruet_json_len(all),
		cruet_json_str(cruet_json_get(cruet_json_first(all), "category"), "-"),
		cruet_json_str(cruet_json_get(last, "category"), "-"),
		strlen(cruet_session_str(c, "kept", "")));
}

static cruet_client *counting_site(cruet_app **app)
{
	*app = app_with(SECRET, NULL);
	usual_routes(*app);
	cruet_post(*app, "/count", count);
	cruet_get(*app, "/get", get);
	cruet_get(*app, "/sized", sized);
	cruet_get(*app, "/summary", summary);
	return client_of(*app);
}

START_TEST(that_nobody_fetches_make_room_for_later_ones)
{
	char path[32], want[512] = "";
	cruet_app *app;
	cruet_client *t = counting_site(&app);

	for (int i = 1; i <= 1000; i++) {
		snprintf(path, sizeof path, "/count?n=%d", i);
		ck_assert_int_eq(cruet_client_send(t, "POST", path, NULL, NULL, 0), 303);
		if (i > 968)
			snprintf(want + strlen(want), sizeof want - strlen(want),
				 "message:n%d;", i);
	}
	assert_says(t, "/get", want);
	assert_says(t, "/get", "");
	ck_assert_str_eq(logged, "");
	done(app, t);
}
END_TEST

START_TEST(make_room_before_a_cookie_is_too_large)
{
	char path[64];
	cruet_app *app;
	cruet_client *t = counting_site(&app);

	for (int i = 1; i <= 100; i++) {
		snprintf(path, sizeof path, "/sized?n=%d&as=c%d", 400 + i % 7, i);
		assert_get(t, path, 200);
	}
	assert_says(t, "/summary", "7 c94 c100 0");
	ck_assert_str_eq(logged, "");
	done(app, t);
}
END_TEST

/* To the byte: one message fills the cookie with what is kept beside it. */
START_TEST(stay_while_there_is_room)
{
	cruet_app *app;
	cruet_client *t = counting_site(&app);

	assert_get(t, "/sized?n=1000&keep=1987&as=a", 200);
	ck_assert_uint_eq(strcspn(set_cookie(t), ";"), 4093);
	assert_says(t, "/summary", "1 a a 1987");
	assert_get(t, "/sized?n=1000&keep=1988&as=a", 200);
	assert_logged("flashed messages are lost: the session has no room for them");
	assert_says(t, "/summary", "0 - - 1988");
	done(app, t);
}
END_TEST

START_TEST(alone_never_fail_a_request)
{
	cruet_app *app;
	cruet_client *t = counting_site(&app);

	assert_get(t, "/sized?n=100000", 200);
	ck_assert_ptr_nonnull(strstr(set_cookie(t), "session=; "));
	assert_logged("flashed messages are lost: the session has no room for them");
	assert_says(t, "/summary", "0 - - 0");
	assert_get(t, "/sized?n=1&as=a", 200);
	assert_get(t, "/sized?n=1&as=b&keep=4000", 500); /* not theirs to mend */
	assert_logged("the session makes a cookie of ");
	assert_says(t, "/summary", "1 a a 0");
	done(app, t);
}
END_TEST

SUITE("session_flash", are_shown_once_in_order, wait_for_who_asks, survive_a_redirect,
      are_picked_by_category_and_gone_all_the_same, of_this_request_are_shown_in_it,
      after_the_look_wait_for_the_next_request, asked_again_are_the_same, may_be_any_json,
      are_told_to_listeners, that_are_not_utf8_are_made_so, of_odd_shape_break_nothing,
      that_nobody_fetches_make_room_for_later_ones,
      make_room_before_a_cookie_is_too_large, stay_while_there_is_room,
      alone_never_fail_a_request)
