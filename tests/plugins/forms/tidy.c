/* Pages with forms are valid HTML: Debian's tidy has nothing to say of them. */
#include "fixture.h"

#include <sys/wait.h>

CRUET_FORM(all_kinds, "Send", {"text", "Text", "required|min:2|max:9", .help = "help", .autocomplete = "name"},
	   {"area", "Area", "required|max:9", CRUET_FIELD_TEXTAREA},
	   {"password", "Password", "required|min:8", CRUET_FIELD_PASSWORD, .autocomplete = "new-password"},
	   {"email", "Email", "required|email"}, {"url", "Url", "url"}, {"tel", "Tel", NULL, CRUET_FIELD_TEL},
	   {"search", "Search", NULL, CRUET_FIELD_SEARCH}, {"number", "Number", "integer|between:1,5"},
	   {"price", "Price", "decimal:2"}, {"date", "Date", "date|after_or_equal:2026-01-01"},
	   {"time", "Time", "date_format:H:i"}, {"moment", "Moment", "date_format:Y-m-d\\TH:i"},
	   {"color", "Colour", NULL, CRUET_FIELD_COLOR, .value = "#ff0000"}, {"agree", "Agree", "accepted", .help = "help"},
	   {"extras", "Extras", "required", CRUET_FIELD_CHECKBOX, .choices = CRUET_CHOICES({"a", "A"}, {"b", "B"})},
	   {"ring", "Ring", "required", CRUET_FIELD_RADIO, .choices = CRUET_CHOICES({"a", "A"}, {"b", "B"})},
	   {"pick", "Pick", "required|in:a,b"},
	   {"picks", "Picks", NULL, CRUET_FIELD_SELECT, CRUET_FIELD_MANY, .choices = CRUET_CHOICES({"a", "A"})},
	   {"file", "File", "required", CRUET_FIELD_FILE, .accept = ".png,image/jpeg", .max_size = 10},
	   {"hide", "Hide", "required", CRUET_FIELD_HIDDEN});
CRUET_FORM(second, "Go", {"text", "Text", "required"});

static int handler(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &all_kinds), *other = cruet_form_open(c, &second);

	cruet_form_ok(form);
	cruet_form_ok(other);
	cruet_write(c, "<!doctype html>\n<html lang=\"en\">\n<head>\n<title>Forms</title>\n</head>\n<body>\n");
	cruet_write(c, cruet_form_html(form, NULL));
	cruet_write(c, cruet_form_html(other, NULL));
	cruet_write(c, "</body>\n</html>\n");
	return cruet_html(c, NULL);
}

/* What tidy says of the last page, but for an attribute of HTML that it does not know. */
static void assert_valid(const char *what)
{
	char command[FOLDER_MAX + 160], said[8192];
	char file[FOLDER_MAX + 16];

	snprintf(file, sizeof file, "%s/page.html", getenv("TMPDIR"));
	FILE *f = fopen(file, "w");
	ck_assert(f && fputs(body_of(t), f) >= 0 && !fclose(f));
	snprintf(command, sizeof command, "tidy -quiet -errors -utf8 '%s' 2>&1 | grep -v 'proprietary attribute \"minlength\"'",
		 file);
	FILE *p = popen(command, "r");
	ck_assert_ptr_nonnull(p);
	said[fread(said, 1, sizeof said - 1, p)] = '\0';
	pclose(p);
	ck_assert_msg(!said[0], "%s: tidy says:\n%s", what, said);
}

START_TEST(every_kind_is_valid_with_and_without_errors)
{
	app = forms_app();
	cruet_add(app, "GET,POST", "/", handler, "form", CRUET_HERE);
	t = client_of(app);
	visit("/");
	assert_valid("shown first");
	cruet_client_add_field(t, "text", "\"'<>&");
	assert_status(cruet_client_submit(t, "/"), 422);
	ck_assert_uint_ge(times("aria-invalid"), 9);
	assert_valid("shown again");
	assert_status(cruet_client_submit(t, "/"), 403);
	assert_valid("without a token");
	done(app, t);
}
END_TEST

/* It is there, and complains of what is wrong. */
START_TEST(tidy_notices)
{
	int status = system("printf '<!doctype html><title>x</title><p id=a>a<p id=a>a' | "
			    "tidy -quiet -errors >/dev/null 2>&1");

	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 1);
}
END_TEST

SUITE("forms tidy", every_kind_is_valid_with_and_without_errors, tidy_notices)
