/* What each kind of field looks like, and what rules become in HTML. */
#include "fixture.h"

static const cruet_form_def *shown; /* what the handler opens */

static const char *html; /* of the part that was asked for last, without its token */
static const char *part;

static int handler(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, shown);

	cruet_form_ok(form);
	html = cruet_form_html(form, part);
	return html ? cruet_html(c, html) : cruet_err(c);
}

static void setup(void)
{
	app = forms_app();
	cruet_add(app, "GET,POST", "/", handler, "form", CRUET_HERE);
	t = client_of(app);
}

static void teardown(void)
{
	done(app, t);
}

static void looks(const char *name, const char *want)
{
	part = name;
	assert_status(cruet_client_get(t, "/"), 200);
	ck_assert_str_eq(body_of(t), want);
}

/* The form with one field of these rules: its input. */
#define LOOKS(field, want)                                                       \
	do {                                                                     \
		CRUET_FORM(one, "Send", field);                                  \
		shown = &one;                                                    \
		looks("f", "<div class=\"field\">\n<label for=\"one-f\">F</label>\n" want "</div>\n"); \
	} while (0)
#define FIELD(...) {"f", "F", __VA_ARGS__}
#define INPUT "<input id=\"one-f\" name=\"f\" "

START_TEST(texts_have_their_bounds)
{
	LOOKS(FIELD(NULL), INPUT "type=\"text\" value=\"\">\n");
	LOOKS(FIELD("required|string|min:2|max:80"),
	      INPUT "type=\"text\" value=\"\" minlength=\"2\" maxlength=\"80\" required>\n");
	LOOKS(FIELD("between:2,5"), INPUT "type=\"text\" value=\"\" minlength=\"2\" maxlength=\"5\">\n");
	LOOKS(FIELD("size:5"), INPUT "type=\"text\" value=\"\" minlength=\"5\" maxlength=\"5\">\n");
	LOOKS(FIELD("required_if:g,1|nullable|sometimes"), INPUT "type=\"text\" value=\"\">\n");
	LOOKS(FIELD("min:2.5"), INPUT "type=\"text\" value=\"\">\n");
}
END_TEST

START_TEST(patterns_that_mean_the_same_are_told)
{
	LOOKS(FIELD("regex:/^[a-z]{2,4}\\d$/"), INPUT "type=\"text\" value=\"\">\n");
	LOOKS(FIELD("regex:/^[a-z]{2,4}$/"), INPUT "type=\"text\" value=\"\" pattern=\"[a-z]{2,4}\">\n");
	LOOKS(FIELD("regex:/^[a-z]{2,4}$/i"), INPUT "type=\"text\" value=\"\">\n");
	LOOKS(FIELD("regex:/[a-z]/"), INPUT "type=\"text\" value=\"\">\n");
	LOOKS(FIELD("regex:/^[a-z-]$/"), INPUT "type=\"text\" value=\"\">\n");
	LOOKS(FIELD("digits:5"), INPUT "type=\"text\" value=\"\" inputmode=\"numeric\" pattern=\"[0-9]{5}\">\n");
	LOOKS(FIELD("digits_between:1,3"),
	      INPUT "type=\"text\" value=\"\" inputmode=\"numeric\" pattern=\"[0-9]{1,3}\">\n");
}
END_TEST

START_TEST(rules_say_the_kind)
{
	LOOKS(FIELD("email"), INPUT "type=\"email\" value=\"\">\n");
	LOOKS(FIELD("url"), INPUT "type=\"url\" value=\"\">\n");
	LOOKS(FIELD("integer|between:1,9"), INPUT "type=\"number\" value=\"\" min=\"1\" max=\"9\">\n");
	LOOKS(FIELD("numeric|gte:-1.5"), INPUT "type=\"number\" value=\"\" min=\"-1.5\" step=\"any\">\n");
	LOOKS(FIELD("max:9|decimal:0,2"), INPUT "type=\"number\" value=\"\" max=\"9\" step=\"0.01\">\n");
	LOOKS(FIELD("integer|multiple_of:5"), INPUT "type=\"number\" value=\"\" step=\"5\">\n");
	LOOKS(FIELD("integer|multiple_of:5|min:1"), INPUT "type=\"number\" value=\"\" min=\"1\">\n");
	LOOKS(FIELD("integer|multiple_of:5", .value = "3"), INPUT "type=\"number\" value=\"3\" step=\"any\">\n");
	LOOKS(FIELD("integer|multiple_of:5", .value = "-10"), INPUT "type=\"number\" value=\"-10\" step=\"5\">\n");
	LOOKS(FIELD("decimal:0,2", .value = "1.234"), INPUT "type=\"number\" value=\"1.234\" step=\"any\">\n");
	LOOKS(FIELD("decimal:0,2", .value = "1.2"), INPUT "type=\"number\" value=\"1.2\" step=\"0.01\">\n");
	LOOKS(FIELD("integer", .value = "1.5"), INPUT "type=\"number\" value=\"1.5\" step=\"any\">\n");
	LOOKS(FIELD("numeric|gte:g"), INPUT "type=\"number\" value=\"\" step=\"any\">\n");
	LOOKS(FIELD("date|after_or_equal:2026-01-02|before_or_equal:today"),
	      INPUT "type=\"date\" value=\"\" min=\"2026-01-02\">\n");
	LOOKS(FIELD("date_format:Y-m-d"), INPUT "type=\"date\" value=\"\">\n");
	LOOKS(FIELD("date_format:H:i"), INPUT "type=\"time\" value=\"\">\n");
	LOOKS(FIELD("date_format:Y-m-d\\TH:i"), INPUT "type=\"datetime-local\" value=\"\">\n");
	LOOKS(FIELD("in:a,b"), "<select id=\"one-f\" name=\"f\">\n<option value=\"\">\xe2\x80\x93</option>\n"
			       "<option value=\"a\">a</option>\n<option value=\"b\">b</option>\n</select>\n");
}
END_TEST

static const cruet_choice sizes[] = {{"s", "Small"}, {"m", "Medium"}, {"x", NULL}, {NULL, NULL}};
static const cruet_choice only[] = {{"s", NULL}, {NULL, NULL}};
static const cruet_choice or_none[] = {{"", "None"}, {"s", NULL}, {NULL, NULL}};

START_TEST(the_kind_can_be_said)
{
	LOOKS(FIELD("max:9", CRUET_FIELD_TEXTAREA),
	      "<textarea id=\"one-f\" name=\"f\" rows=\"6\" maxlength=\"9\">\n</textarea>\n");
	LOOKS(FIELD(NULL, CRUET_FIELD_TEXTAREA, .rows = 3, .value = "\na"),
	      "<textarea id=\"one-f\" name=\"f\" rows=\"3\">\n\na</textarea>\n");
	LOOKS(FIELD("required|min:8", CRUET_FIELD_PASSWORD, .autocomplete = "new-password", .value = "x"),
	      INPUT "type=\"password\" autocomplete=\"new-password\" minlength=\"8\" required>\n");
	LOOKS(FIELD(NULL, CRUET_FIELD_TEL, .autocomplete = "tel"),
	      INPUT "type=\"tel\" value=\"\" autocomplete=\"tel\">\n");
	LOOKS(FIELD(NULL, CRUET_FIELD_SEARCH), INPUT "type=\"search\" value=\"\">\n");
	LOOKS(FIELD(NULL, CRUET_FIELD_COLOR), INPUT "type=\"color\">\n");
	LOOKS(FIELD("required", CRUET_FIELD_COLOR), INPUT "type=\"color\">\n");
	LOOKS(FIELD(NULL, CRUET_FIELD_COLOR, .value = "#ff0000"), INPUT "type=\"color\" value=\"#ff0000\">\n");
	LOOKS(FIELD("required", CRUET_FIELD_FILE, .accept = ".png, image/jpeg"),
	      INPUT "type=\"file\" accept=\".png, image/jpeg\" required>\n");
	LOOKS(FIELD(NULL, CRUET_FIELD_FILE, CRUET_FIELD_MANY), INPUT "type=\"file\" multiple>\n");
	LOOKS(FIELD("required", CRUET_FIELD_SELECT, .value = "m", .choices = sizes),
	      "<select id=\"one-f\" name=\"f\" required>\n<option value=\"\">\xe2\x80\x93</option>\n"
	      "<option value=\"s\">Small</option>\n<option value=\"m\" selected>Medium</option>\n"
	      "<option value=\"x\">x</option>\n</select>\n");
	LOOKS(FIELD(NULL, CRUET_FIELD_SELECT, CRUET_FIELD_MANY, .choices = only),
	      "<select id=\"one-f\" name=\"f\" multiple>\n<option value=\"s\">s</option>\n</select>\n");
	LOOKS(FIELD(NULL, CRUET_FIELD_SELECT, .choices = or_none),
	      "<select id=\"one-f\" name=\"f\">\n<option value=\"\">None</option>\n"
	      "<option value=\"s\">s</option>\n</select>\n");
	LOOKS(FIELD(NULL, .help = "a & b"), INPUT "type=\"text\" value=\"\" aria-describedby=\"one-f-help\">\n"
						  "<p class=\"help\" id=\"one-f-help\">a &amp; b</p>\n");
}
END_TEST

CRUET_FORM(boxes, "Send", {"agree", "I agree", "accepted"}, {"on", "On", "boolean", .value = "1"},
	   {"size", "Size", "required", CRUET_FIELD_RADIO, .value = "m",
	    .choices = CRUET_CHOICES({"s", "Small"}, {"m", "Medium"}), .help = "of the shirt"},
	   {"extras", "Extras", NULL, CRUET_FIELD_CHECKBOX,
	    .choices = CRUET_CHOICES({"a", "Anchovies"}, {"b", "Basil"})},
	   {"listed", NULL, "in:x", CRUET_FIELD_CHECKBOX}, {"first_name"}, {"secret", .type = CRUET_FIELD_HIDDEN, .value = "1<2"});

START_TEST(buttons_and_boxes)
{
	shown = &boxes;
	looks("agree", "<div class=\"field check\">\n"
		       "<input id=\"boxes-agree\" name=\"agree\" type=\"checkbox\" value=\"1\" required>\n"
		       "<label for=\"boxes-agree\">I agree</label>\n</div>\n");
	looks("on", "<div class=\"field check\">\n"
		    "<input id=\"boxes-on\" name=\"on\" type=\"checkbox\" value=\"1\" checked>\n"
		    "<label for=\"boxes-on\">On</label>\n</div>\n");
	looks("size",
	      "<fieldset class=\"field\" role=\"radiogroup\" aria-required=\"true\""
	      " aria-describedby=\"boxes-size-help\">\n<legend>Size</legend>\n"
	      "<div class=\"choice\"><input id=\"boxes-size\" name=\"size\" type=\"radio\" value=\"s\" required>"
	      " <label for=\"boxes-size\">Small</label></div>\n"
	      "<div class=\"choice\"><input id=\"boxes-size-2\" name=\"size\" type=\"radio\" value=\"m\" checked"
	      " required> <label for=\"boxes-size-2\">Medium</label></div>\n"
	      "<p class=\"help\" id=\"boxes-size-help\">of the shirt</p>\n</fieldset>\n");
	looks("extras",
	      "<fieldset class=\"field\">\n<legend>Extras</legend>\n"
	      "<div class=\"choice\"><input id=\"boxes-extras\" name=\"extras\" type=\"checkbox\" value=\"a\">"
	      " <label for=\"boxes-extras\">Anchovies</label></div>\n"
	      "<div class=\"choice\"><input id=\"boxes-extras-2\" name=\"extras\" type=\"checkbox\" value=\"b\">"
	      " <label for=\"boxes-extras-2\">Basil</label></div>\n</fieldset>\n");
	looks("listed", "<fieldset class=\"field\">\n<legend>Listed</legend>\n"
			"<div class=\"choice\"><input id=\"boxes-listed\" name=\"listed\" type=\"checkbox\" value=\"x\">"
			" <label for=\"boxes-listed\">x</label></div>\n</fieldset>\n");
	looks("first_name", "<div class=\"field\">\n<label for=\"boxes-first_name\">First name</label>\n"
			    "<input id=\"boxes-first_name\" name=\"first_name\" type=\"text\" value=\"\">\n</div>\n");
	looks("secret", "");
}
END_TEST

START_TEST(a_form_has_a_frame)
{
	CRUET_FORM(plain, "Save & go", {"a"});
	CRUET_FORM(upload, NULL, {"a", .type = CRUET_FIELD_FILE});

	shown = &plain;
	looks("submit", "<button>Save &amp; go</button>\n");
	looks("end", "</form>\n");
	looks("summary", "");
	part = "begin";
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert(!strncmp(body_of(t), "<form class=\"form\" method=\"post\" id=\"plain\">\n<input type=\"hidden\" "
				       "name=\"_csrf\" value=\"", 80));
	assert_shows("<input type=\"hidden\" name=\"_form\" value=\"plain\">\n");
	shown = &upload;
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	assert_shows("<form class=\"form\" method=\"post\" id=\"upload\" enctype=\"multipart/form-data\">");
	shown = &boxes;
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	assert_shows("<input type=\"hidden\" name=\"secret\" value=\"1&lt;2\">\n");
	part = NULL;
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert_uint_eq(times("name=\"secret\""), 1);
	ck_assert_uint_eq(times("<button>"), 1);
}
END_TEST

/* --- nothing that is said or sent becomes HTML ---------------------------------------- */

#define EVIL "\"'></textarea></select><script>&amp;"
#define TAME "&#34;&#39;&gt;&lt;/textarea&gt;&lt;/select&gt;&lt;script&gt;&amp;amp;"

CRUET_FORM(evil_form, EVIL, {"text", EVIL, "max:1", .help = EVIL, .value = EVIL, .autocomplete = EVIL},
	   {"area", EVIL, "max:1", CRUET_FIELD_TEXTAREA, .help = EVIL, .value = EVIL},
	   {"pick", EVIL, NULL, CRUET_FIELD_SELECT, .choices = CRUET_CHOICES({EVIL, EVIL}), .value = EVIL},
	   {"ring", EVIL, NULL, CRUET_FIELD_RADIO, .choices = CRUET_CHOICES({EVIL, EVIL}), .value = EVIL},
	   {"file", EVIL, NULL, CRUET_FIELD_FILE, .accept = EVIL},
	   {"hide", EVIL, "max:1", CRUET_FIELD_HIDDEN, .value = EVIL},
	   {"mail", EVIL, "max:1", CRUET_FIELD_EMAIL}, {"same", EVIL, "in:\"'<i>\"", CRUET_FIELD_TEXT});

static void assert_tame(size_t n)
{
	assert_hides("<script");
	assert_hides("'>");
	assert_hides("<i>");
	ck_assert_uint_eq(times("</textarea>"), 1);
	ck_assert_uint_eq(times("</select>"), 1);
	ck_assert_uint_ge(times(TAME), n);
}

START_TEST(nothing_becomes_html)
{
	static const char *const names[] = {"text", "area", "pick", "ring", "hide", "mail", "same"};

	shown = &evil_form;
	part = NULL;
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	/* 7 labels, 2 help texts, button, 5 values, 2 choices, autocomplete, accept */
	assert_tame(19);
	ck_assert(cruet_client_add_hidden(t, NULL));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		cruet_client_add_field(t, names[i], EVIL);
	cruet_client_add_file(t, "file", EVIL, EVIL, "x", 1);
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_tame(21);
	assert_shows("role=\"alert\"");
}
END_TEST

SUITE_WITH("forms widgets", setup, teardown, texts_have_their_bounds,
	   patterns_that_mean_the_same_are_told, rules_say_the_kind, the_kind_can_be_said,
	   buttons_and_boxes, a_form_has_a_frame, nothing_becomes_html)
