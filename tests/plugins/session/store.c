/* Sessions on the server: the cookie holds a signed id, a store holds the data. */
#include "fixture.h"

#include <cruet/svc/session_store.h>

/* A stand-in for whatever offers "session_store/1": a few slots, and a failure on
 * demand. */
struct slot {
	char id[CRUET_SESSION_ID_LEN + 1];
	char text[8192];
	size_t len;
	uint64_t ttl_ms;
};

static struct fake {
	struct slot slots[8];
	int loads, saves, updates, drops, fail;
} fake;

static struct slot *find(const char *id)
{
	for (size_t i = 0; i < 8; i++)
		if (!strcmp(fake.slots[i].id, id))
			return &fake.slots[i];
	return NULL;
}

static size_t kept(void)
{
	size_t n = 0;
	for (size_t i = 0; i < 8; i++)
		n += fake.slots[i].id[0] != '\0';
	return n;
}

static int load(void *self, cruet_ctx *c, const char *id, const void **p, size_t *len)
{
	const struct slot *s = find(id);

	ck_assert_ptr_eq(self, &fake);
	fake.loads++;
	if (fake.fail)
		return fake.fail;
	if (!s)
		return CRUET_ENOENT;
	void *copy = cruet_alloc(c, s->len);
	memcpy(copy, s->text, s->len);
	*p = copy;
	*len = s->len;
	return CRUET_OK;
}

static int keep(void *self, cruet_ctx *c, const char *id, const void *p, size_t len,
		uint64_t ttl_ms)
{
	struct slot *s = find(id);

	(void)self, (void)c;
	fake.saves++;
	if (fake.fail)
		return fake.fail;
	ck_assert_uint_eq(strlen(id), CRUET_SESSION_ID_LEN);
	ck_assert_uint_le(len, sizeof fake.slots[0].text);
	if (!s)
		s = find("");
	if (!s)
		return CRUET_ELIMIT;
	memcpy(s->id, id, sizeof s->id);
	memcpy(s->text, p, len);
	s->len = len;
	s->ttl_ms = ttl_ms;
	return CRUET_OK;
}

static int drop(void *self, cruet_ctx *c, const char *id)
{
	struct slot *s = find(id);

	(void)self, (void)c;
	fake.drops++;
	if (fake.fail)
		return fake.fail;
	if (s)
		memset(s, 0, sizeof *s);
	return CRUET_OK;
}

static int update(void *self, cruet_ctx *c, const char *id, const void *p, size_t len,
		  uint64_t ttl_ms)
{
	fake.updates++;
	if (!fake.fail && !find(id))
		return CRUET_ENOENT;
	return keep(self, c, id, p, len, ttl_ms);
}

static const cruet_session_store table = {.size = sizeof table,
					  .load = load,
					  .save = keep,
					  .drop = drop,
					  .update = update};

/* One that was built before there was an update. */
static const cruet_session_store older_table = {
	.size = CRUET_UPTO(cruet_session_store, sweep),
	.load = load,
	.save = keep,
	.drop = drop};

static int fake_init(cruet_app *app)
{
	memset(&fake, 0, sizeof fake);
	return cruet_provide(app, CRUET_SESSION_STORE, &table, &fake);
}

static int older_init(cruet_app *app)
{
	memset(&fake, 0, sizeof fake);
	return cruet_provide(app, CRUET_SESSION_STORE, &older_table, &fake);
}

static const char *const gives[] = {CRUET_SESSION_STORE, NULL};
CRUET_PLUGIN(fake_store, .provides = gives, .init = fake_init);
CRUET_PLUGIN(older_store, .provides = gives, .init = older_init);

static cruet_client *site(cruet_app **app, const char *options)
{
	*app = keyed_app(SECRET);
	cruet_use_static(*app, &cruet_plugin_fake_store, NULL);
	cruet_use_static(*app, &cruet_plugin_session, options);
	usual_routes(*app);
	return client_of(*app);
}

START_TEST(the_cookie_holds_an_id_and_the_store_the_data)
{
	cruet_app *app;
	cruet_client *t = site(&app, "store=server\nlifetime=1h");
	assert_get(t, "/set", 200);
	ck_assert_str_eq(attributes(t), "; HttpOnly; Path=/; SameSite=Lax");
	ck_assert_int_eq(strncmp(set_cookie(t), "session=1i.", 11), 0);
	ck_assert_uint_eq(kept(), 1);
	ck_assert_uint_eq(fake.slots[0].ttl_ms, 3600000);
	ck_assert_mem_eq(fake.slots[0].text, "{\"a\":1,\"b\":\"two\"}",
			 fake.slots[0].len);
	assert_says(t, "/a", "1");
	ck_assert_int_eq(fake.saves, 1);
	done(app, t);
}
END_TEST

START_TEST(who_does_not_ask_costs_the_store_nothing)
{
	cruet_app *app;
	cruet_client *t = site(&app, "store=server");
	assert_get(t, "/set", 200);
	fake.loads = fake.saves = 0;
	assert_get(t, "/none", 200);
	ck_assert_int_eq(fake.loads + fake.saves + fake.drops, 0);
	done(app, t);
}
END_TEST

START_TEST(a_change_keeps_the_id)
{
	cruet_app *app;
	cruet_client *t = site(&app, "store=server");
	assert_get(t, "/set", 200);
	char id[sizeof fake.slots[0].id];
	memcpy(id, fake.slots[0].id, sizeof id);
	assert_get(t, "/pop", 200);
	ck_assert_uint_eq(kept(), 1);
	ck_assert_str_eq(fake.slots[0].id, id);
	assert_says(t, "/all", "{\"b\":\"two\"}\n");
	done(app, t);
}
END_TEST

START_TEST(renew_gives_a_new_id_and_ends_the_old)
{
	cruet_app *app;
	cruet_client *t = site(&app, "store=server");
	assert_get(t, "/set", 200);
	char *old = strdup(cruet_client_cookie(t, "session"));
	assert_get(t, "/renew", 200);
	ck_assert_uint_eq(kept(), 1);
	assert_says(t, "/a", "1");
	char *new = strdup(cruet_client_cookie(t, "session"));
	ck_assert_str_ne(old, new);
	cruet_client_set_cookie(t, "session", old);
	assert_says(t, "/a", "-1");
	free(old);
	free(new);
	done(app, t);
}
END_TEST

START_TEST(renew_of_nothing_sets_nothing)
{
	cruet_app *app;
	cruet_client *t = site(&app, "store=server");
	assert_get(t, "/renew", 200);
	ck_assert_ptr_null(set_cookie(t));
	ck_assert_uint_eq(kept(), 0);
	done(app, t);
}
END_TEST

START_TEST(clear_drops_it)
{
	cruet_app *app;
	cruet_client *t = site(&app, "store=server");
	assert_get(t, "/set", 200);
	char *value = strdup(cruet_client_cookie(t, "session"));
	assert_get(t, "/clear", 200);
	ck_assert_ptr_nonnull(strstr(set_cookie(t), "Max-Age=0"));
	ck_assert_uint_eq(kept(), 0);
	cruet_client_set_cookie(t, "session", value);
	assert_says(t, "/a", "-1");
	free(value);
	done(app, t);
}
END_TEST

START_TEST(an_id_whose_session_is_gone_is_never_used_again)
{
	cruet_app *app;
	cruet_client *t = site(&app, "store=server");
	char gone[sizeof fake.slots[0].id];
	assert_get(t, "/set", 200);
	memcpy(gone, fake.slots[0].id, sizeof gone);
	memset(fake.slots, 0, sizeof fake.slots);
	assert_says(t, "/a", "-1");
	assert_get(t, "/set", 200);
	ck_assert_uint_eq(kept(), 1);
	ck_assert_str_ne(fake.slots[0].id, gone);
	done(app, t);
}
END_TEST

START_TEST(what_the_store_cannot_give_back_whole_is_empty)
{
	cruet_app *app;
	cruet_client *t = site(&app, "store=server");
	assert_get(t, "/set", 200);
	fake.slots[0].len -= 3;
	assert_says(t, "/a", "-1");
	fake.slots[0].len = 0;
	assert_says(t, "/a", "-1");
	memcpy(fake.slots[0].text, "[1]", 3);
	fake.slots[0].len = 3;
	assert_says(t, "/a", "-1");
	done(app, t);
}
END_TEST

START_TEST(a_store_that_fails_loses_no_session)
{
	cruet_app *app;
	cruet_client *t = site(&app, "store=server");
	assert_get(t, "/set", 200);
	char *value = strdup(cruet_client_cookie(t, "session"));
	fake.fail = CRUET_ETIMEOUT;
	assert_get(t, "/a", 503);
	assert_logged("the session store 'fake_store' could not load it: timed out");
	assert_get(t, "/pop", 503);
	ck_assert_str_eq(cruet_client_cookie(t, "session"), value);
	assert_get(t, "/none", 200);
	fake.fail = 0;
	assert_says(t, "/a", "1");
	free(value);
	done(app, t);
}
END_TEST

START_TEST(a_store_that_cannot_save_fails_the_request)
{
	cruet_app *app;
	cruet_client *t = site(&app, "store=server");
	fake.fail = CRUET_EIO;
	assert_get(t, "/set", 503);
	ck_assert_ptr_null(set_cookie(t));
	assert_logged("the session store 'fake_store' could not save it: input or output "
		      "failed");
	done(app, t);
}
END_TEST

START_TEST(permanent_is_refreshed_in_the_store_too)
{
	cruet_app *app;
	cruet_client *t = site(&app, "store=server");
	assert_get(t, "/perm", 200);
	ck_assert_ptr_nonnull(
		strstr(attributes(t), "Expires=Thu, 24 Dec 2026 12:00:00 GMT"));
	fake.saves = 0;
	cruet_clock_set(app, (NOON + 60) * 1000);
	assert_get(t, "/none", 200);
	ck_assert_ptr_nonnull(
		strstr(attributes(t), "Expires=Thu, 24 Dec 2026 12:01:00 GMT"));
	ck_assert_int_eq(fake.saves, 1);
	fake.fail = CRUET_EIO;
	assert_get(t, "/none", 200); /* it did not ask for its session */
	assert_logged("not refreshed: the session store 'fake_store' could not load it");
	done(app, t);
}
END_TEST

static int fill(cruet_ctx *c)
{
	size_t n = (size_t)cruet_query_int(c, "n", 0);
	char *text = cruet_alloc(c, n + 1);

	if (!text)
		return CRUET_ENOMEM;
	memset(text, 'x', n);
	cruet_session_set_str(c, "a", text);
	return cruet_text(c, "filled");
}

START_TEST(a_store_holds_more_than_a_cookie_and_has_a_bound)
{
	cruet_app *app = keyed_app(SECRET);
	cruet_use_static(app, &cruet_plugin_fake_store, NULL);
	cruet_use_static(app, &cruet_plugin_session, "store=server\nmax_size=8k");
	usual_routes(app);
	cruet_get(app, "/fill", fill);
	cruet_client *t = client_of(app);
	assert_get(t, "/fill?n=8184", 200);
	assert_says(t, "/has", "yes");
	assert_get(t, "/fill?n=8185", 500);
	assert_logged("the session has 8193 bytes, and option max_size allows 8192: keep "
		      "less in it");
	done(app, t);
}
END_TEST

static int flash_100(cruet_ctx *c)
{
	cruet_flash(c, cruet_query(c, "as"), "%0100d", 0);
	return cruet_text(c, "flashed");
}

static int flashed(cruet_ctx *c)
{
	const cruet_json *all = cruet_flashes(c, NULL);

	return cruet_textf(
		c, "%zu from %s", cruet_json_len(all),
		cruet_json_str(cruet_json_get(cruet_json_first(all), "category"), "-"));
}

START_TEST(flashed_messages_stay_within_the_bound)
{
	char path[32];
	cruet_app *app = keyed_app(SECRET);
	cruet_use_static(app, &cruet_plugin_fake_store, NULL);
	cruet_use_static(app, &cruet_plugin_session, "store=server\nmax_size=1k");
	cruet_get(app, "/flash", flash_100);
	cruet_get(app, "/flashed", flashed);
	cruet_client *t = client_of(app);
	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof path, "/flash?as=c%d", i);
		assert_get(t, path, 200);
	}
	assert_says(t, "/flashed", "9 from c31");
	ck_assert_str_eq(logged, "");
	done(app, t);
}
END_TEST

START_TEST(a_cookie_of_the_other_kind_is_empty)
{
	cruet_app *app = app_with(SECRET, NULL);
	usual_routes(app);
	cruet_client *t = client_of(app);
	assert_get(t, "/set", 200);
	char *value = strdup(cruet_client_cookie(t, "session"));
	done(app, t);

	t = site(&app, "store=server");
	cruet_client_set_cookie(t, "session", value);
	assert_says(t, "/a", "-1");
	free(value);
	assert_get(t, "/set", 200);
	value = strdup(cruet_client_cookie(t, "session"));
	done(app, t);

	app = app_with(SECRET, NULL);
	usual_routes(app);
	t = client_of(app);
	cruet_client_set_cookie(t, "session", value);
	assert_says(t, "/a", "-1");
	free(value);
	done(app, t);
}
END_TEST

/* Another request of the same browser ends the session while this one is on its way. */
static int ended_meanwhile(cruet_ctx *c)
{
	cruet_session_set_int(c, "a", 2);
	memset(fake.slots, 0, sizeof fake.slots);
	return cruet_text(c, "x");
}

START_TEST(a_session_that_was_ended_meanwhile_stays_ended)
{
	cruet_app *app = keyed_app(SECRET);
	cruet_use_static(app, &cruet_plugin_fake_store, NULL);
	cruet_use_static(app, &cruet_plugin_session, "store=server");
	usual_routes(app);
	cruet_get(app, "/ended", ended_meanwhile);
	cruet_client *t = client_of(app);
	assert_get(t, "/perm", 200);
	assert_get(t, "/ended", 200);
	ck_assert_ptr_null(set_cookie(t));
	ck_assert_uint_eq(kept(), 0);
	ck_assert_int_eq(fake.updates, 1);
	assert_says(t, "/a", "-1");
	ck_assert_str_eq(logged, "");
	fake.fail = 0;
	assert_get(t, "/set", 200); /* a new one begins */
	ck_assert_uint_eq(kept(), 1);
	fake.fail = CRUET_EBUSY;
	assert_get(t, "/pop", 503);
	done(app, t);
}
END_TEST

START_TEST(a_store_without_update_saves)
{
	cruet_app *app = keyed_app(SECRET);
	cruet_use_static(app, &cruet_plugin_older_store, NULL);
	cruet_use_static(app, &cruet_plugin_session, "store=server");
	usual_routes(app);
	cruet_client *t = client_of(app);
	assert_get(t, "/set", 200);
	assert_get(t, "/pop", 200);
	ck_assert_uint_eq(kept(), 1);
	ck_assert_int_eq(fake.saves, 2);
	ck_assert_int_eq(fake.updates, 0);
	assert_says(t, "/all", "{\"b\":\"two\"}\n");
	done(app, t);
}
END_TEST

START_TEST(a_store_that_nobody_asked_for_is_left_alone)
{
	cruet_app *app;
	cruet_client *t = site(&app, NULL);
	assert_get(t, "/set", 200);
	ck_assert_int_eq(strncmp(set_cookie(t), "session=1d.", 11), 0);
	ck_assert_int_eq(fake.loads + fake.saves, 0);
	done(app, t);
}
END_TEST

SUITE("session_store", the_cookie_holds_an_id_and_the_store_the_data,
      who_does_not_ask_costs_the_store_nothing, a_change_keeps_the_id,
      renew_gives_a_new_id_and_ends_the_old, renew_of_nothing_sets_nothing,
      clear_drops_it, an_id_whose_session_is_gone_is_never_used_again,
      what_the_store_cannot_give_back_whole_is_empty, a_store_that_fails_loses_no_session,
      a_store_that_cannot_save_fails_the_request, permanent_is_refreshed_in_the_store_too,
      a_store_holds_more_than_a_cookie_and_has_a_bound,
      flashed_messages_stay_within_the_bound,
      a_session_that_was_ended_meanwhile_stays_ended, a_store_without_update_saves,
      a_cookie_of_the_other_kind_is_empty,
      a_store_that_nobody_asked_for_is_left_alone)
