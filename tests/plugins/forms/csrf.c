/* Who may send a form: the visitor to whom it was shown, while the session lasts. */
#include "fixture.h"

CRUET_FORM(note_form, "Save", {"note", "Note", "required"});
CRUET_FORM(other_form, "Go", {"note", "Other", "required"});

static cruet_client *eve;

static int note(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &note_form);
	struct cruet_form *other = cruet_form_open(c, &other_form);

	if (cruet_form_ok(form))
		return cruet_textf(c, "note %s", cruet_form_str(form, "note"));
	if (cruet_form_ok(other))
		return cruet_textf(c, "other %s", cruet_form_str(other, "note"));
	cruet_write(c, cruet_form_html(form, NULL));
	cruet_write(c, cruet_form_html(other, NULL));
	return cruet_html(c, NULL);
}

static int token(cruet_ctx *c)
{
	return cruet_text(c, cruet_csrf_token(c));
}

static int said(cruet_ctx *c)
{
	cruet_set_header(c, "Cache-Control", "no-store");
	return token(c);
}

static int by_hand(cruet_ctx *c)
{
	return cruet_html(c, cruet_printf(c, "<form method=post>%s</form>", cruet_csrf_field(c)));
}

static int guarded(cruet_ctx *c)
{
	return cruet_text(c, "changed");
}

static void setup(void)
{
	app = forms_app();
	cruet_add(app, "GET,POST", "/", note, "note", CRUET_HERE);
	cruet_get(app, "/token", token);
	cruet_get(app, "/said", said);
	cruet_app *bp = cruet_blueprint(app, "guarded", "/guarded");
	cruet_before(bp, cruet_csrf_check);
	cruet_get(bp, "/", by_hand);
	cruet_add(bp, "POST,PUT,DELETE", "/", guarded, "change", CRUET_HERE);
	t = client_of(app);
	eve = client_of(app);
}

static void teardown(void)
{
	cruet_client_free(eve);
	done(app, t);
}

/* The token of a visitor, until the next call for the same one. */
static const char *token_of(cruet_client *who)
{
	static char mine[128], hers[128];
	char *text = who == t ? mine : hers;

	ck_assert_int_eq(cruet_client_get(who, "/token"), 200);
	snprintf(text, sizeof mine, "%s", body_of(who));
	return text;
}

static int send_with(const char *value)
{
	if (value)
		cruet_client_add_field(t, "_csrf", value);
	cruet_client_add_field(t, "note", "salt");
	return cruet_client_submit(t, "/");
}

START_TEST(a_form_that_was_shown_is_taken)
{
	assert_status(send_field("/", "note", "salt"), 200);
	assert_body(t, "note salt");
	assert_status(send_with(token_of(t)), 200);
}
END_TEST

START_TEST(without_a_token_nothing_is_done_and_nothing_is_lost)
{
	assert_status(send_with(NULL), 403);
	assert_shows("role=\"alert\"");
	assert_shows("Please send it again.");
	assert_shows("value=\"salt\"");
	ck_assert(cruet_client_add_hidden(t, NULL)); /* and now it can be */
	cruet_client_add_field(t, "note", "salt");
	assert_status(cruet_client_submit(t, "/"), 200);
}
END_TEST

START_TEST(tokens_that_are_none)
{
	char changed[64];
	const char *right = token_of(t);
	const size_t n = strlen(right);
	const char *const wrong[] = {"",
				     "x",
				     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
				     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
				     NULL};

	for (size_t i = 0; wrong[i]; i++)
		assert_status(send_with(wrong[i]), 403);
	ck_assert_uint_eq(n, 43);
	/* each character counts, also the last, whose spare bits have one spelling */
	for (size_t i = 0; i < n; i++) {
		snprintf(changed, sizeof changed, "%s", right);
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_status(send_with(changed), 403);
	}
	snprintf(changed, sizeof changed, "%s=", right);
	assert_status(send_with(changed), 403);
	snprintf(changed, sizeof changed, "%.*s", (int)n - 1, right);
	assert_status(send_with(changed), 403);
	assert_status(send_with(right), 200);
}
END_TEST

START_TEST(each_reply_covers_its_token_anew)
{
	char first[64];

	snprintf(first, sizeof first, "%s", token_of(t));
	const char *second = token_of(t);
	ck_assert_str_ne(first, second);
	assert_status(send_with(first), 200);
	assert_status(send_with(second), 200);
}
END_TEST

START_TEST(the_token_of_another_session_is_none)
{
	const char *hers = token_of(eve);

	assert_status(send_with(hers), 403);
	token_of(t);
	assert_status(send_with(hers), 403);
}
END_TEST

START_TEST(after_logging_out_it_is_worth_nothing)
{
	char before[64];

	snprintf(before, sizeof before, "%s", token_of(t));
	ck_assert_int_eq(cruet_client_post(t, "/log-out", "text/plain", ""), 204);
	assert_status(send_with(before), 403);
	token_of(t);
	assert_status(send_with(before), 403);
}
END_TEST

START_TEST(after_logging_in_it_is_worth_nothing)
{
	char before[64];

	snprintf(before, sizeof before, "%s", token_of(t));
	ck_assert_int_eq(cruet_client_post(t, "/renew", "text/plain", ""), 204);
	assert_status(send_with(before), 403);
	assert_status(send_with(token_of(t)), 200);
}
END_TEST

START_TEST(a_page_may_have_several_forms)
{
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert(cruet_client_add_hidden(t, "other_form"));
	cruet_client_add_field(t, "note", "pepper");
	assert_status(cruet_client_submit(t, "/"), 200);
	assert_body(t, "other pepper");
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert(cruet_client_add_hidden(t, "other_form"));
	assert_status(cruet_client_submit(t, "/"), 422);
	ck_assert_uint_eq(times("role=\"alert\""), 1);
	assert_shows("id=\"other_form-note-error\"");
	assert_hides("id=\"note_form-note-error\"");
}
END_TEST

START_TEST(a_hook_guards_what_was_made_by_hand)
{
	assert_status(cruet_client_post(t, "/guarded/", "text/plain", ""), 403);
	assert_status(cruet_client_json(t, "DELETE", "/guarded/", NULL), 403);
	assert_status(send_field("/guarded/", "note", "x"), 200);
	cruet_client_set_header(t, "X-CSRF-Token", token_of(t));
	assert_status(cruet_client_json(t, "PUT", "/guarded/", "{}"), 200);
	cruet_client_set_header(t, "X-CSRF-Token", token_of(eve));
	assert_status(cruet_client_json(t, "PUT", "/guarded/", "{}"), 403);
}
END_TEST

START_TEST(other_sites_are_refused_before_all_this)
{
	cruet_client_set_header(t, "Origin", "https://evil.example");
	assert_status(send_with(token_of(t)), 200); /* the header went with the GET */
	const char *right = token_of(t);
	cruet_client_set_header(t, "Origin", "https://evil.example");
	assert_status(send_with(right), 403);
	assert_hides("<form");
}
END_TEST

START_TEST(a_form_is_sent_by_what_changes_something)
{
	ck_assert_int_eq(cruet_client_get(t, "/?note=salt"), 200);
	assert_hides("role=\"alert\"");
	ck_assert_ptr_nonnull(cruet_client_header(t, "Set-Cookie"));
}
END_TEST

/* Visitors who have no cookie yet look alike to a cache. */
START_TEST(no_cache_keeps_a_page_with_a_token)
{
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert_str_eq(cruet_client_header(t, "Cache-Control"), "private, no-cache");
	ck_assert_int_eq(cruet_client_get(t, "/said"), 200);
	ck_assert_str_eq(cruet_client_header(t, "Cache-Control"), "no-store");
}
END_TEST

SUITE_WITH("forms csrf", setup, teardown, a_form_that_was_shown_is_taken,
	   without_a_token_nothing_is_done_and_nothing_is_lost, tokens_that_are_none,
	   each_reply_covers_its_token_anew, the_token_of_another_session_is_none,
	   after_logging_out_it_is_worth_nothing, after_logging_in_it_is_worth_nothing,
	   a_page_may_have_several_forms, a_hook_guards_what_was_made_by_hand,
	   other_sites_are_refused_before_all_this, a_form_is_sent_by_what_changes_something,
	   no_cache_keeps_a_page_with_a_token)
