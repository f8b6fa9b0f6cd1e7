#include "fixture.h"

START_TEST(an_empty_book_says_so)
{
	ck_assert_int_eq(cruet_client_get(ada, "/"), 200);
	assert_shows(ada, "Nobody has signed yet");
	assert_shows(ada, "<title>Guestbook</title>");
	assert_hides(ada, "aria-invalid");
	assert_hides(ada, "role=\"alert\"");
	assert_hides(ada, "class=\"pages\"");
}
END_TEST

START_TEST(signing_thanks_once_and_greets_from_then_on)
{
	ck_assert_int_eq(sign_as(ada, "Ada", "What a nice book."), 303);
	ck_assert_str_eq(cruet_client_header(ada, "Location"), "/");
	ck_assert_int_eq(cruet_client_follow(ada), 200);
	assert_shows(ada, "Thank you, Ada. Your words are in the book.");
	assert_shows(ada, "<p class=\"words\">What a nice book.</p>");
	assert_shows(ada, "Welcome back, Ada.");
	assert_shows(ada, "value=\"Ada\"");

	ck_assert_int_eq(cruet_client_get(ada, "/"), 200);
	assert_hides(ada, "Thank you");
	assert_shows(ada, "Welcome back, Ada.");
	assert_times(ada, "<article", 1);

	ck_assert_int_eq(cruet_client_get(bob, "/"), 200);
	assert_shows(bob, "What a nice book.");
	assert_hides(bob, "Welcome back");
}
END_TEST

START_TEST(errors_stand_at_their_fields_and_what_was_typed_stays)
{
	ck_assert_int_eq(sign_as(ada, "", "Half a\n\"letter\""), 422);
	assert_shows(ada, "role=\"alert\"");
	assert_shows(
		ada,
		"maxlength=\"80\" required aria-describedby=\"sign_form-name-error\" aria-invalid=\"true\"");
	assert_shows(
		ada,
		"<p class=\"error\" id=\"sign_form-name-error\">Please tell us your name.</p>");
	assert_times(ada, "aria-invalid", 1);
	assert_shows(ada, ">\nHalf a\n&#34;letter&#34;</textarea>");
	assert_hides(ada, "<article");

	ck_assert_int_eq(sign_as(ada, "Ada", " \n\t"), 422);
	assert_shows(ada, "id=\"sign_form-message-error\">Please write a few words.</p>");
	assert_shows(ada, "value=\"Ada\"");
	assert_times(ada, "aria-invalid", 1);

	ck_assert(cruet_client_add_hidden(ada, NULL));
	ck_assert_int_eq(cruet_client_submit(ada, "/"), 422);
	assert_times(ada, "aria-invalid", 2);
}
END_TEST

START_TEST(length_is_counted_in_characters)
{
	char name[81 * 2 + 1] = "";

	for (int i = 0; i < 80; i++)
		strcat(name, "\u00e4");
	ck_assert_int_eq(sign_as(ada, name, "eighty"), 303);
	strcat(name, "\u00e4");
	ck_assert_int_eq(sign_as(ada, name, "one too many"), 422);
	assert_shows(ada, "id=\"sign_form-name-error\"");
	assert_shows(ada, name);
	assert_hides(ada, "one too many</p>");
}
END_TEST

START_TEST(nothing_a_visitor_writes_becomes_html)
{
	static const char evil[] = "\"'><script>alert(1)</script>&amp;";
	static const char tame[] =
		"&#34;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;";

	ck_assert_int_eq(sign_as(ada, evil, evil), 303);
	ck_assert_int_eq(cruet_client_follow(ada), 200);
	assert_hides(ada, "<script");
	/* thanks, greeting, form, entry: name and words */
	assert_times(ada, tame, 5);

	ck_assert_int_eq(cruet_client_get(ada, "/entries/1"), 200);
	assert_hides(ada, "<script");
	ck_assert_int_eq(sign_as(ada, evil, ""), 422);
	assert_hides(ada, "<script");
	ck_assert_int_eq(sign_as(bob, "", "</textarea><script>alert(1)</script>"), 422);
	assert_hides(bob, "<script");
	assert_times(bob, "</textarea>", 1);
	ck_assert_int_eq(cruet_client_get(ada, "/%3Cscript%3E?before=%3Cscript%3E"), 404);
	assert_hides(ada, "<script");
	ck_assert_int_eq(cruet_client_get(ada, "/?before=%3Cscript%3E&after=%22%3E"),
			 200);
	assert_hides(ada, "<script");
}
END_TEST

START_TEST(nothing_on_a_page_comes_from_elsewhere)
{
	static const char *const pages[] = {"/", "/nowhere", "/api/entries",
					    "/static/style.css", NULL};

	for (const char *const *p = pages; *p; p++) {
		cruet_client_get(ada, *p);
		const char *csp = cruet_client_header(ada, "Content-Security-Policy");
		ck_assert_ptr_nonnull(csp);
		ck_assert_ptr_nonnull(strstr(csp, "default-src 'none'"));
		ck_assert_ptr_null(strstr(csp, "unsafe"));
		assert_hides(ada, "http://");
		assert_hides(ada, "https://");
		assert_hides(ada, "style=");
	}
	ck_assert_int_eq(cruet_client_get(ada, "/static/style.css"), 200);
	ck_assert_int_eq(cruet_client_get(ada, "/static/icon.svg"), 200);
	ck_assert_int_eq(cruet_client_get(ada, "/static/../cruet.json"), 404);
}
END_TEST

START_TEST(pages_of_other_sites_cannot_sign)
{
	ck_assert_int_eq(cruet_client_get(ada, "/"), 200);
	ck_assert(cruet_client_add_hidden(ada, NULL)); /* though they cannot read it */
	cruet_client_add_field(ada, "name", "Ada");
	cruet_client_add_field(ada, "message", "I never wrote this");
	cruet_client_set_header(ada, "Sec-Fetch-Site", "cross-site");
	ck_assert_int_eq(cruet_client_submit(ada, "/"), 403);
	assert_shows(ada, "Back to the book");
	cruet_client_get(ada, "/");
	assert_hides(ada, "I never wrote this");
}
END_TEST

START_TEST(what_is_sent_without_a_token_does_nothing)
{
	sign_as(ada, "Ada", "by Ada");
	ck_assert_int_eq(cruet_client_submit(ada, "/entries/1/take-back"), 403);
	assert_shows(ada, "load the page again");
	cruet_client_add_field(ada, "name", "Eve");
	cruet_client_add_field(ada, "message", "by Eve");
	ck_assert_int_eq(cruet_client_submit(ada, "/"), 403);
	assert_shows(ada, ">\nby Eve</textarea>"); /* and can be sent now */
	assert_times(ada, "<article", 1);
	assert_shows(ada, "by Ada");
}
END_TEST

/* --- own entries --------------------------------------------------------- */

START_TEST(who_wrote_an_entry_can_take_it_back)
{
	sign_as(ada, "Ada", "by Ada");
	sign_as(bob, "Bob", "by Bob");
	cruet_client_get(ada, "/");
	assert_times(ada, "Take back", 1);
	assert_shows(ada, "action=\"/entries/1/take-back\"");

	ck_assert_int_eq(take_back(bob, "/entries/1/take-back"), 403);
	assert_shows(bob, "Only who wrote an entry can take it back.");
	ck_assert_int_eq(take_back(ada, "/entries/1/take-back"), 303);
	ck_assert_int_eq(cruet_client_follow(ada), 200);
	assert_shows(ada, "Taken back.");
	assert_hides(ada, "by Ada");
	assert_shows(ada, "by Bob");
	ck_assert_int_eq(take_back(ada, "/entries/1/take-back"), 404);
}
END_TEST

START_TEST(a_key_is_never_given_twice)
{
	sign_as(ada, "Ada", "one");
	take_back(ada, "/entries/1/take-back");
	sign_as(bob, "Bob", "two");
	ck_assert_int_eq(cruet_client_get(bob, "/entries/1"), 404);
	ck_assert_int_eq(cruet_client_get(bob, "/entries/2"), 200);
	assert_shows(bob, "<title>Bob wrote – Guestbook</title>");
}
END_TEST

START_TEST(the_session_remembers_the_last_fifty)
{
	for (int i = 0; i < 51; i++) {
		ck_assert_int_eq(sign_as(ada, "Ada", "again"), 303);
		ck_assert_int_eq(cruet_client_follow(ada), 200);
	}
	ck_assert_int_eq(take_back(ada, "/entries/1/take-back"), 403);
	ck_assert_int_eq(take_back(ada, "/entries/2/take-back"), 303);
}
END_TEST

/* Of the form that a visitor sees; freed by the caller. */
static char *token_of(cruet_client *t)
{
	static const char before[] = "name=\"_csrf\" value=\"";

	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	const char *at = strstr(cruet_client_body(t), before);
	ck_assert_ptr_nonnull(at);
	at += strlen(before);
	return strndup(at, strcspn(at, "\""));
}

static int sign_with(cruet_client *t, const char *token, const char *name)
{
	cruet_client_add_field(t, "_csrf", token);
	cruet_client_add_field(t, "name", name);
	cruet_client_add_field(t, "message", "again");
	return cruet_client_submit(t, "/");
}

START_TEST(who_only_signs_and_never_looks_is_thanked_at_the_end)
{
	char name[321] = ""; /* 80 characters of 4 bytes */
	for (int i = 0; i < 80; i++)
		strcat(name, "\xf0\x9f\x98\x80");
	char *token_ada = token_of(ada), *token_bob = token_of(bob);
	for (int i = 0; i < 500; i++) {
		ck_assert_int_eq(sign_with(ada, token_ada, "Ada"), 303);
		ck_assert_int_eq(sign_with(bob, token_bob, name), 303);
	}
	free(token_ada);
	free(token_bob);
	ck_assert_int_eq(cruet_client_follow(ada), 200);
	assert_times(ada, "Thank you, Ada.", 32);
	ck_assert_int_eq(cruet_client_follow(bob), 200);
	assert_shows(bob, "Thank you, \xf0\x9f\x98\x80");
}
END_TEST

/* --- turning pages ------------------------------------------------------- */

static void fill(int n)
{
	for (int i = 1; i <= n; i++) {
		char words[32];
		snprintf(words, sizeof words, "entry no. %d.", i);
		ck_assert_int_eq(sign_as(bob, "Bob", words), 303);
	}
}

START_TEST(the_book_is_turned_from_new_to_old_and_back)
{
	fill(45);
	ck_assert_int_eq(cruet_client_get(ada, "/"), 200);
	assert_times(ada, "<article", 20);
	assert_shows(ada, "entry no. 45.");
	assert_shows(ada, "entry no. 26.");
	assert_shows(ada, "href=\"/?before=26\"");
	assert_hides(ada, "rel=\"prev\"");

	ck_assert_int_eq(cruet_client_get(ada, "/?before=26"), 200);
	assert_times(ada, "<article", 20);
	assert_shows(ada, "href=\"/?before=6\"");
	assert_shows(ada, "href=\"/?after=25\"");

	ck_assert_int_eq(cruet_client_get(ada, "/?before=6"), 200);
	assert_times(ada, "<article", 5);
	assert_shows(ada, "entry no. 1.");
	assert_hides(ada, "rel=\"next\"");

	ck_assert_int_eq(cruet_client_get(ada, "/?after=5"), 200);
	assert_times(ada, "<article", 20);
	assert_shows(ada, "entry no. 25.");
	assert_shows(ada, "entry no. 6.");
}
END_TEST

START_TEST(the_newest_page_is_a_full_one)
{
	fill(22);
	ck_assert_int_eq(cruet_client_get(ada, "/?after=20"), 200);
	assert_times(ada, "<article", 20);
	assert_shows(ada, "entry no. 22.");
	assert_shows(ada, "entry no. 3.");
}
END_TEST

START_TEST(odd_keys_give_a_page)
{
	static const char *const odd[] = {"/?before=-1",
					  "/?before=x",
					  "/?after=-9",
					  "/?before=99999999999999999999",
					  "/?after=9223372036854775807",
					  NULL};

	fill(1);
	for (const char *const *p = odd; *p; p++)
		ck_assert_int_eq(cruet_client_get(ada, *p), 200);
	ck_assert_int_eq(cruet_client_get(ada, "/?before=1"), 200);
	assert_shows(ada, "The book begins after this page.");
	ck_assert_int_eq(cruet_client_get(ada, "/entries/99"), 404);
	assert_shows(ada, "There is no such page");
}
END_TEST

/* --- settings ------------------------------------------------------------ */

START_TEST(the_title_is_a_setting)
{
	close_book();
	setenv("CRUET_SETTINGS__TITLE", "Salt & Pepper", 1);
	open_book();
	cruet_client_get(ada, "/");
	unsetenv("CRUET_SETTINGS__TITLE");
	assert_shows(ada, "<title>Salt &amp; Pepper</title>");
}
END_TEST

SUITE_WITH("guestbook pages", open_book, close_book, an_empty_book_says_so,
	   signing_thanks_once_and_greets_from_then_on,
	   errors_stand_at_their_fields_and_what_was_typed_stays,
	   length_is_counted_in_characters, nothing_a_visitor_writes_becomes_html,
	   nothing_on_a_page_comes_from_elsewhere, pages_of_other_sites_cannot_sign,
	   what_is_sent_without_a_token_does_nothing,
	   who_wrote_an_entry_can_take_it_back, a_key_is_never_given_twice,
	   the_session_remembers_the_last_fifty,
	   who_only_signs_and_never_looks_is_thanked_at_the_end,
	   the_book_is_turned_from_new_to_old_and_back, the_newest_page_is_a_full_one,
	   odd_keys_give_a_page, the_title_is_a_setting)
