/* Which cookies are believed, and by which keys. */
#include "fixture.h"

START_TEST(garbage_is_an_empty_session)
{
	static const char *const bad[] = {"",
					  "zzz",
					  ".",
					  "..",
					  "1d..1.",
					  "1d.e30.1795435200",
					  "1d.e30.1795435200.AAAA",
					  "%31d",
					  "\"1d\""};
	cruet_app *app;
	cruet_client *t = usual_site(&app, NULL);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		cruet_client_set_cookie(t, "session", bad[i]);
		assert_says(t, "/a", "-1");
		ck_assert_ptr_null(set_cookie(t));
		ck_assert(varies(t));
	}
	static char huge[9000];
	memset(huge, 'x', sizeof huge - 1);
	cruet_client_set_cookie(t, "session", huge);
	assert_says(t, "/a", "-1");
	done(app, t);
}
END_TEST

START_TEST(a_changed_cookie_is_an_empty_session)
{
	cruet_app *app;
	cruet_client *t = usual_site(&app, NULL);
	assert_get(t, "/set", 200);
	char *value = strdup(cruet_client_cookie(t, "session"));
	value[5] ^= 1;
	cruet_client_set_cookie(t, "session", value);
	assert_says(t, "/a", "-1");
	value[5] ^= 1;
	cruet_client_set_cookie(t, "session", value);
	assert_says(t, "/a", "1");
	free(value);
	done(app, t);
}
END_TEST

START_TEST(keys_rotate_without_losing_anyone)
{
	cruet_app *app = app_with("the key of last year", NULL);
	usual_routes(app);
	cruet_client *t = client_of(app);
	assert_get(t, "/set", 200);
	char *value = strdup(cruet_client_cookie(t, "session"));
	done(app, t);

	t = usual_site(&app, NULL);
	cruet_client_set_cookie(t, "session", value);
	assert_says(t, "/a", "-1");
	done(app, t);

	t = usual_site(&app, "fallback_keys=an older one, the key of last year");
	cruet_client_set_cookie(t, "session", value);
	assert_says(t, "/a", "1");
	assert_get(t, "/set", 200); /* signed by the new key from now on */
	ck_assert_str_ne(cruet_client_cookie(t, "session"), value);
	free(value);
	value = strdup(cruet_client_cookie(t, "session"));
	done(app, t);

	t = usual_site(&app, NULL);
	cruet_client_set_cookie(t, "session", value);
	assert_says(t, "/a", "1");
	free(value);
	done(app, t);
}
END_TEST

START_TEST(without_a_key_reading_works_and_writing_fails)
{
	cruet_app *app = app_with(NULL, NULL);
	usual_routes(app);
	cruet_client *t = client_of(app);
	ck_assert_str_eq(logged,
			 "session: there is no secret_key: sessions are empty and cannot "
			 "be written\n");
	cruet_client_set_cookie(t, "session", "1d.e30.1795435200.AAAA");
	assert_says(t, "/a", "-1");
	ck_assert(!varies(t));
	assert_says(t, "/none", "x");
	assert_get(t, "/set", 500);
	ck_assert_ptr_null(strstr(cruet_client_body(t), "secret"));
	assert_logged(
		"the session cannot be written: there is no secret_key: put one into "
		"cruet.json, or CRUET_SECRET_KEY=... into .env");
	ck_assert_ptr_null(set_cookie(t));
	done(app, t);
}
END_TEST

START_TEST(a_short_key_is_warned_of)
{
	cruet_app *app = app_with("f", NULL);
	usual_routes(app);
	cruet_client *t = client_of(app);
	ck_assert_str_eq(
		logged, "session: the secret_key has 1 bytes: expected 16 or more random "
			"ones\n");
	assert_get(t, "/set", 200);
	assert_says(t, "/a", "1");
	done(app, t);
}
END_TEST

START_TEST(a_value_from_a_cookie_of_another_name_is_not_believed)
{
	cruet_app *app;
	cruet_client *t = usual_site(&app, NULL);
	assert_get(t, "/set", 200);
	char *value = strdup(cruet_client_cookie(t, "session"));
	done(app, t);

	t = usual_site(&app, "name=admin");
	cruet_client_set_cookie(t, "admin", value);
	assert_says(t, "/a", "-1");
	free(value);
	done(app, t);
}
END_TEST

SUITE("session_believed", garbage_is_an_empty_session,
      a_changed_cookie_is_an_empty_session, keys_rotate_without_losing_anyone,
      without_a_key_reading_works_and_writing_fails, a_short_key_is_warned_of,
      a_value_from_a_cookie_of_another_name_is_not_believed)
