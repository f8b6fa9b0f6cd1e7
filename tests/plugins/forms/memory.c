/* Memory that runs out, at every allocation once: the request fails, or all is as always. */
#include "fixture.h"

#include "fail_alloc.h"

CRUET_FORM(entry, "Sign", {"name", NULL, "required|max:2", .help = "help"}, {"note"},
	   {"text", "Words", "max:900", CRUET_FIELD_TEXTAREA, .value = "first"},
	   {"size", NULL, "required", CRUET_FIELD_RADIO, .choices = CRUET_CHOICES({"s"}, {"m\""})},
	   {"extras", NULL, NULL, CRUET_FIELD_CHECKBOX, .choices = CRUET_CHOICES({"a"}, {"b"})},
	   {"price", NULL, "decimal:2"}, {"zip", NULL, "digits:5"},
	   {"file", NULL, "required", CRUET_FIELD_FILE, .accept = ".png", .max_size = 1});

static size_t nth; /* the allocation of the handler that fails; 0: none */
static bool more;

static int handler(cruet_ctx *c)
{
	cruet_form(c, "name"); /* the body is not the form's matter */
	fail_alloc_at(nth);
	struct cruet_form *form = cruet_form_open(c, &entry);
	bool ok = cruet_form_ok(form);
	cruet_form_fail(form, "note", "no %s", "note");
	cruet_form_set(form, "name", "Ada");
	const char *html = cruet_form_html(form, NULL);
	more = fail_alloc_off();
	ck_assert(!ok);
	return html ? cruet_html(c, html) : cruet_err(c);
}

static int send_all(void)
{
	cruet_client_add_field(t, "name", "Adalbert & Bob");
	cruet_client_add_field(t, "note", "a note that matters");
	cruet_client_add_field(t, "text", "one\r\ntwo\r\n<three>");
	cruet_client_add_field(t, "size", "m\"");
	cruet_client_add_field(t, "extras", "a");
	cruet_client_add_field(t, "extras", "b");
	cruet_client_add_field(t, "price", "1.50");
	cruet_client_add_file(t, "file", "a.gif", NULL, "xx", 2);
	return cruet_client_submit(t, "/");
}

/* Tokens differ. */
static const char *without_token(void)
{
	const char *at = strstr(body_of(t), "name=\"_form\"");

	return at ? at : "";
}

START_TEST(a_form_is_whole_or_the_request_fails)
{
	char want[16384];
	size_t failed = 0;

	app = forms_app();
	cruet_add(app, "GET,POST", "/", handler, "form", CRUET_HERE);
	t = client_of(app);
	visit("/");
	assert_status(send_all(), 422);
	snprintf(want, sizeof want, "%s", without_token());
	ck_assert_ptr_nonnull(strstr(want, "a note that matters"));
	more = true;
	for (size_t n = 1; more; n++) {
		nth = 0;
		visit("/");
		logged[0] = '\0';
		nth = n;
		int status = send_all();
		ck_assert_msg(status == 422 || status == 500, "allocation %zu gave %d", n, status);
		failed += status == 500;
		if (status == 422 && strcmp(without_token(), want) != 0)
			fprintf(stderr, "allocation %zu\n gave: %s\n want: %s\n", n, without_token(), want);
		ck_assert(status == 500 || !strcmp(without_token(), want));
		ck_assert_msg(more || status == 422, "the last time: %s", logged);
	}
	ck_assert_uint_gt(failed, 10);
	done(app, t);
}
END_TEST

SUITE("forms memory", a_form_is_whole_or_the_request_fails)
