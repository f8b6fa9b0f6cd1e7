/* What was sent: values, errors, and what is shown again. */
#include "taker.h"

static int to_front(cruet_ctx *c, struct cruet_form *form)
{
	(void)form;
	return cruet_redirect(c, 0, "/done");
}

CRUET_FORM(entry, "Sign", {"name", "Your name", "required|string|max:5", .help = "as you like it"},
	   {"age", "Age", "nullable|integer|between:0,150"},
	   {"text", "Words", "required|max:4", CRUET_FIELD_TEXTAREA},
	   {"password", "Password", "required|min:3", CRUET_FIELD_PASSWORD},
	   {"news", "News", "boolean"});

static void type(const char *name, const char *age, const char *text, const char *password)
{
	visit("/");
	cruet_client_add_field(t, "name", name);
	cruet_client_add_field(t, "age", age);
	cruet_client_add_field(t, "text", text);
	cruet_client_add_field(t, "password", password);
}

START_TEST(what_fits_comes_out_typed)
{
	shown = &entry;
	type("Ada", "36", "a\r\nbc", "secret");
	cruet_client_add_field(t, "news", "1");
	cruet_client_add_field(t, "smuggled", "1");
	assert_status(cruet_client_submit(t, "/"), 200);
	assert_body(t, "{\"name\":\"Ada\",\"age\":36,\"text\":\"a\\nbc\",\"password\":\"secret\","
		       "\"news\":true}\n");
}
END_TEST

static int accessors(cruet_ctx *c, struct cruet_form *form)
{
	return cruet_textf(c, "%s %lld %.1f %d %d %s", cruet_form_str(form, "name"),
			   (long long)cruet_form_int(form, "age", -1),
			   cruet_form_real(form, "age", 0.5), cruet_form_bool(form, "news"),
			   cruet_form_bool(form, "nothing"),
			   cruet_form_str(form, "nothing") ? "some" : "none");
}

START_TEST(values_are_read_by_name)
{
	shown = &entry;
	act = accessors;
	type("Ada", "", "x", "abc");
	assert_status(cruet_client_submit(t, "/"), 200);
	assert_body(t, "Ada -1 0.5 0 0 none");
	type("Ada", "7", "x", "abc");
	cruet_client_add_field(t, "news", "1");
	assert_status(cruet_client_submit(t, "/"), 200);
	assert_body(t, "Ada 7 7.0 1 0 none");
}
END_TEST

START_TEST(a_good_form_is_answered_with_303)
{
	shown = &entry;
	act = to_front;
	type("Ada", "", "x", "abc");
	assert_status(cruet_client_submit(t, "/"), 303);
	ck_assert_str_eq(cruet_client_header(t, "Location"), "/done");
}
END_TEST

START_TEST(errors_stand_at_their_fields)
{
	shown = &entry;
	type("Adalbert", "old", "x", "a");
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_shows("<div class=\"summary\" role=\"alert\" tabindex=\"-1\" id=\"entry-summary\">\n<ul>\n"
		     "<li><a href=\"#entry-name\">The Your name field must not be greater than 5 characters.</a></li>\n"
		     "<li><a href=\"#entry-age\">The Age field must be an integer.</a></li>\n"
		     "<li><a href=\"#entry-password\">");
	assert_shows("maxlength=\"5\" required aria-describedby=\"entry-name-help entry-name-error\" "
		     "aria-invalid=\"true\">\n<p class=\"help\" id=\"entry-name-help\">as you like it</p>\n"
		     "<p class=\"error\" id=\"entry-name-error\">The Your name field must not be greater than 5 "
		     "characters.</p>\n");
	ck_assert_uint_eq(times("aria-invalid"), 3);
	visit("/");
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_shows("<a href=\"#entry-text\">The Words field is required.</a>");
	ck_assert_uint_eq(times("aria-invalid"), 3); /* name, text, password */
}
END_TEST

START_TEST(what_was_typed_stays_but_no_password)
{
	shown = &entry;
	type("Adalbert", "007", "\nx<\ny", "a-secret");
	cruet_client_add_field(t, "news", "1");
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_shows("value=\"Adalbert\"");
	assert_shows("value=\"007\"");
	assert_shows(">\n\nx&lt;\ny</textarea>");
	assert_shows("value=\"1\" checked>");
	assert_hides("a-secret");
	visit("/"); /* the next visit begins anew */
	assert_hides("Adalbert");
	assert_hides("checked");
}
END_TEST

START_TEST(what_was_typed_stays_also_if_the_token_is_old)
{
	shown = &entry;
	cruet_client_add_field(t, "name", "Ada");
	cruet_client_add_field(t, "password", "a-secret");
	assert_status(cruet_client_submit(t, "/"), 403);
	assert_shows("value=\"Ada\"");
	assert_hides("a-secret");
	assert_hides("aria-invalid"); /* nothing was looked at */
}
END_TEST

static int taken(cruet_ctx *c, struct cruet_form *form)
{
	(void)c;
	cruet_form_fail(form, "name", "The name %s is <taken>.", cruet_form_str(form, "name"));
	cruet_form_fail(form, NULL, "Nothing was saved.");
	return cruet_form_ok(form) ? 500 : CRUET_OK;
}

START_TEST(handlers_add_errors_of_their_own)
{
	shown = &entry;
	act = taken;
	type("Ada", "", "x", "abc");
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_shows("id=\"entry-summary\">\n<p>Nothing was saved.</p>\n<ul>\n<li><a href=\"#entry-name\">The name "
		     "Ada is &lt;taken&gt;.</a></li>\n</ul>");
	assert_shows("id=\"entry-name-error\">The name Ada is &lt;taken&gt;.</p>");
	assert_shows("value=\"Ada\"");
}
END_TEST

/* --- what stands in it at first ------------------------------------------------------- */

static void fill(struct cruet_form *form)
{
	cruet_form_set(form, "name", "Bob");
	cruet_form_set(form, "password", "never");
	cruet_form_action(form, "/elsewhere?a=1&b=2");
}

START_TEST(values_to_be_edited_are_shown_first)
{
	shown = &entry;
	prepare = fill;
	visit("/");
	assert_shows("action=\"/elsewhere?a=1&amp;b=2\"");
	assert_shows("value=\"Bob\"");
	assert_hides("never");
	cruet_client_add_field(t, "name", "");
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_hides("value=\"Bob\""); /* who has deleted it sees that */
}
END_TEST

static int fill_many(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, shown);
	cruet_json *row = cruet_object(c);

	cruet_put_str(row, "name", "Cy");
	cruet_put_int(row, "age", 9);
	cruet_put_bool(row, "news", true);
	cruet_put_int(row, "id", 3);
	ck_assert_int_eq(cruet_form_fill(form, row), CRUET_OK);
	return cruet_html(c, cruet_form_html(form, NULL));
}

START_TEST(a_row_of_a_database_fills_a_form)
{
	cruet_app *other = forms_app();
	cruet_client *client;

	cruet_get(other, "/", fill_many);
	client = client_of(other);
	shown = &entry;
	ck_assert_int_eq(cruet_client_get(client, "/"), 200);
	assert_contains(client, "value=\"Cy\"");
	assert_contains(client, "value=\"9\"");
	assert_contains(client, "value=\"1\" checked");
	done(other, client);
}
END_TEST

/* --- files ---------------------------------------------------------------------------- */

CRUET_FORM(photo_form, "Upload",
	   {"my_photo", "Photo", "required", CRUET_FIELD_FILE, .accept = ".png, image/jpeg, text/*",
	    .max_size = 2048},
	   {"more", "More", "max:2", CRUET_FIELD_FILE, CRUET_FIELD_MANY, .max_size = 5});

static int uploaded(cruet_ctx *c, struct cruet_form *form)
{
	char bytes[8] = "";
	cruet_upload *u = cruet_form_file(form, "my_photo", 0);

	ck_assert_int_eq(cruet_upload_read(u, 0, bytes, 3), 3);
	return cruet_textf(c, "%s %s", cruet_form_str(form, "my_photo"), bytes);
}

static int upload(const char *filename, const char *mime, size_t n)
{
	static const char bytes[4096] = "abc";

	visit("/");
	cruet_client_add_file(t, "my_photo", filename, mime, bytes, n);
	return cruet_client_submit(t, "/");
}

START_TEST(files_have_a_size_and_a_type)
{
	shown = &photo_form;
	act = uploaded;
	assert_status(upload("a.PNG", NULL, 2048), 200);
	assert_body(t, "a.PNG abc");
	assert_status(upload("a", "image/jpeg; q=1", 3), 200);
	assert_status(upload("a", "TEXT/plain", 3), 200);
	assert_status(upload("a.png", "image/png", 2049), 422);
	assert_shows("The Photo field must be a file of at most 2 kB.");
	assert_hides("a.png");
	assert_status(upload("a.gif", "image/gif", 3), 422);
	assert_shows("The Photo field must be a file of one of these types: .png, image/jpeg, text/*.");
	assert_status(upload("png", NULL, 3), 422);
	assert_status(upload("a", "image/jpegx", 3), 422);
	assert_status(upload("", "application/octet-stream", 0), 422); /* none was chosen */
	assert_shows("The Photo field is required.");
	assert_status(send_field("/", "my_photo", "a.png"), 422); /* a text is no file */
	assert_shows("The Photo field is required.");
}
END_TEST

START_TEST(several_files_are_looked_at_one_by_one)
{
	shown = &photo_form;
	visit("/");
	cruet_client_add_file(t, "my_photo", "a.png", NULL, "x", 1);
	cruet_client_add_file(t, "more", "a", NULL, "12345", 5);
	cruet_client_add_file(t, "more", "b", NULL, "1", 1);
	assert_status(cruet_client_submit(t, "/"), 200);
	assert_body(t, "{\"my_photo\":\"a.png\",\"more\":[\"a\",\"b\"]}\n");
	visit("/");
	cruet_client_add_file(t, "my_photo", "a.png", NULL, "x", 1);
	cruet_client_add_file(t, "more", "a", NULL, "1", 1);
	cruet_client_add_file(t, "more", "b", NULL, "123456", 6);
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_shows("The More field must be a file of at most 5 bytes.");
}
END_TEST

static int all_files(cruet_ctx *c, struct cruet_form *form)
{
	const cruet_upload *u;

	ck_assert_ptr_null(cruet_form_file(form, "other", 0));
	for (size_t i = 0; (u = cruet_form_file(form, "more", i)); i++)
		cruet_writef(c, "[%s %d]", cruet_upload_filename(u), (int)cruet_upload_size(u));
	return cruet_text(c, NULL);
}

/* A browser sends a part without name and bytes for no file; anything else is one. */
START_TEST(a_file_without_a_name_is_looked_at)
{
	CRUET_FORM(any, "Upload", {"more", "More", NULL, CRUET_FIELD_FILE, CRUET_FIELD_MANY,
				   .accept = ".png", .max_size = 5},
		   {"other", NULL});

	shown = &any;
	act = all_files;
	visit("/");
	cruet_client_add_file(t, "more", "", NULL, "", 0);
	cruet_client_add_file(t, "more", "a.png", NULL, "1", 1);
	cruet_client_add_file(t, "more", "", NULL, "", 0);
	cruet_client_add_file(t, "more", "b.png", NULL, "12", 2);
	assert_status(cruet_client_submit(t, "/"), 200);
	assert_body(t, "[a.png 1][b.png 2]");
	visit("/");
	cruet_client_add_file(t, "more", "", NULL, "1234567890", 10);
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_shows("The More field must be a file of at most 5 bytes.");
	visit("/");
	cruet_client_add_file(t, "more", "", NULL, "1", 1);
	assert_status(cruet_client_submit(t, "/"), 422);
	visit("/");
	cruet_client_add_file(t, "more", "", NULL, "", 0);
	cruet_client_add_file(t, "more", "evil.exe", NULL, "1", 1);
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_shows("The More field must be a file of one of these types: .png.");
}
END_TEST

CRUET_FORM(pick, "Pick", {"size", NULL, NULL, CRUET_FIELD_RADIO, .choices = CRUET_CHOICES({"s"})});

/* What the plugin itself finds wrong, too. */
START_TEST(every_error_may_have_other_words)
{
	cruet_app *other = forms_app();
	cruet_client *mine = t;

	cruet_validate_message(other, "file_size", "Too large, more than :value: :attribute");
	cruet_validate_message(other, "my_photo.file_type", "Another kind of :attribute, please (:value)");
	cruet_validate_message(other, "form_token", "Once more, please.");
	cruet_validate_message(other, "in", "Not this one");
	cruet_add(other, "GET,POST", "/", handler, "form", CRUET_HERE);
	t = client_of(other);
	shown = &photo_form;
	assert_status(upload("a.png", NULL, 4000), 422);
	assert_shows("Too large, more than 2 kB: Photo");
	assert_status(upload("a.exe", NULL, 1), 422);
	assert_shows("Another kind of Photo, please (.png, image/jpeg, text/*)");
	assert_status(cruet_client_submit(t, "/"), 403);
	assert_shows("Once more, please.");
	shown = &pick;
	assert_status(send_field("/", "size", "xl"), 422);
	assert_shows("Not this one");
	done(other, t);
	t = mine;
}
END_TEST

/* --- what cannot be read --------------------------------------------------------------- */

START_TEST(what_cannot_be_read_whole_is_no_form)
{
	shown = &entry;
	type("Ada", "36", "text", "secret");
	limit = 20;
	assert_status(cruet_client_submit(t, "/"), 413);
	assert_hides("<form");
	limit = 0;
	assert_status(cruet_client_json(t, "POST", "/", "{\"name\":\"Ada\"}"), 403);
}
END_TEST

SUITE_WITH("forms sending", setup, teardown, what_fits_comes_out_typed, values_are_read_by_name,
	   a_good_form_is_answered_with_303, errors_stand_at_their_fields,
	   what_was_typed_stays_but_no_password, what_was_typed_stays_also_if_the_token_is_old,
	   handlers_add_errors_of_their_own, values_to_be_edited_are_shown_first,
	   a_row_of_a_database_fills_a_form, files_have_a_size_and_a_type, several_files_are_looked_at_one_by_one,
	   a_file_without_a_name_is_looked_at, every_error_may_have_other_words,
	   what_cannot_be_read_whole_is_no_form)
