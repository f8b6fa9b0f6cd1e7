/* What can be chosen, what a kind of field takes, and one form in each row of a list. */
#include "taker.h"

#include <cruet/svc/forms.h>
#include <malloc.h>

/* --- choices -------------------------------------------------------------------------- */

CRUET_FORM(order, "Order",
	   {"size", NULL, "required", CRUET_FIELD_RADIO, .choices = CRUET_CHOICES({"s", "Small"}, {"a,\"b|c"})},
	   {"extras", NULL, "max:2", CRUET_FIELD_CHECKBOX,
	    .choices = CRUET_CHOICES({"a"}, {"b"}, {"c"}, {"d"})},
	   {"kinds", NULL, NULL, CRUET_FIELD_SELECT, CRUET_FIELD_MANY, .choices = CRUET_CHOICES({"x"}, {"y"})},
	   {"color", NULL, "in:red,green"});

START_TEST(only_what_is_offered_is_taken)
{
	shown = &order;
	visit("/");
	cruet_client_add_field(t, "size", "a,\"b|c");
	cruet_client_add_field(t, "extras", "a");
	cruet_client_add_field(t, "extras", "d");
	cruet_client_add_field(t, "kinds", "y");
	cruet_client_add_field(t, "color", "green");
	assert_status(cruet_client_submit(t, "/"), 200);
	assert_body(t, "{\"size\":\"a,\\\"b|c\",\"extras\":[\"a\",\"d\"],\"kinds\":[\"y\"],\"color\":\"green\"}\n");

	visit("/");
	cruet_client_add_field(t, "size", "xl");
	cruet_client_add_field(t, "extras", "a");
	cruet_client_add_field(t, "extras", "e");
	cruet_client_add_field(t, "kinds", "z");
	cruet_client_add_field(t, "color", "blue");
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_shows("<a href=\"#order-size\">The selected size is invalid.</a>");
	assert_shows("<a href=\"#order-extras\">The selected extras is invalid.</a>");
	assert_shows("<a href=\"#order-kinds\">The selected kinds is invalid.</a>");
	assert_shows("<a href=\"#order-color\">The selected color is invalid.</a>");
	assert_shows("value=\"a\" checked aria-invalid=\"true\">");
	assert_shows("role=\"radiogroup\" aria-required=\"true\" aria-describedby=\"order-size-error\" "
		     "aria-invalid=\"true\"");

	visit("/");
	cruet_client_add_field(t, "size", "s");
	cruet_client_add_field(t, "extras", "a");
	cruet_client_add_field(t, "extras", "b");
	cruet_client_add_field(t, "extras", "c");
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_shows("The extras field must not have more than 2 items.");
	ck_assert_uint_eq(times("checked"), 4);
}
END_TEST

static void show_first(struct cruet_form *form)
{
	cruet_form_html(form, NULL);
}

START_TEST(an_error_is_told_once)
{
	shown = &order;
	prepare = show_first; /* it knows its choices before it is looked at */
	visit("/");
	cruet_client_add_field(t, "size", "xl");
	cruet_client_add_field(t, "color", "blue");
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_shows("<p class=\"error\" id=\"order-color-error\">The selected color is invalid.</p>");
	assert_shows("<p class=\"error\" id=\"order-size-error\">The selected size is invalid.</p>");
}
END_TEST

static const cruet_choice authors[] = {{"1", "Ada"}, {"2", "Bob"}, {NULL, NULL}};

static void offer(struct cruet_form *form)
{
	cruet_form_choices(form, "author", authors);
}

START_TEST(choices_may_come_with_the_request)
{
	CRUET_FORM(book, "Save", {"author", NULL, "required", CRUET_FIELD_SELECT});

	shown = &book;
	prepare = offer;
	assert_status(send_field("/", "author", "2"), 200);
	assert_status(send_field("/", "author", "3"), 422);
	assert_shows("<option value=\"2\">Bob</option>");
}
END_TEST

/* A list may turn out to be empty: then nothing is taken. */
static void offer_nothing(struct cruet_form *form)
{
	static const cruet_choice none[] = {{NULL, NULL}};

	cruet_form_choices(form, "pick", none);
	cruet_form_choices(form, "ring", none);
	cruet_form_choices(form, "picks", none);
}

START_TEST(of_an_empty_list_nothing_is_taken)
{
	static const char *const names[] = {"pick", "ring", "picks"};
	CRUET_FORM(open, "Save", {"pick", NULL, NULL, CRUET_FIELD_SELECT},
		   {"ring", NULL, NULL, CRUET_FIELD_RADIO},
		   {"picks", NULL, NULL, CRUET_FIELD_SELECT, CRUET_FIELD_MANY});

	shown = &open;
	prepare = offer_nothing;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_status(send_field("/", names[i], "anything"), 422);
	assert_status(send_field("/", "pick", ""), 200);
	cruet_client_get(t, "/");
	prepare = NULL; /* nobody has said what can be chosen */
	ck_assert_int_eq(cruet_client_get(t, "/"), 500);
	ck_assert_msg(log_says("form open: field 'pick' has nothing to choose from: give it choices or the rule "
			       "in, or call cruet_form_choices() before cruet_form_ok()"),
		      "%s", logged);
}
END_TEST

/* Each visitor's own, and as many as there are. */
static void offer_many(struct cruet_form *form)
{
	static int round;
	cruet_choice *list = cruet_alloc(form->c, 1201 * sizeof *list);

	for (int i = 0; i < 1200; i++)
		list[i].value = cruet_printf(form->c, "%d,%d", i ? 0 : round, i);
	round++;
	cruet_form_choices(form, "author", list);
}

START_TEST(choices_may_be_many_and_are_not_kept)
{
	CRUET_FORM(book, "Save", {"author", NULL, "required", CRUET_FIELD_SELECT});

	shown = &book;
	prepare = offer_many;
	assert_status(send_field("/", "author", "0,1199"), 200);
	size_t before = mallinfo2().uordblks;
	for (int i = 0; i < 30; i++)
		assert_status(cruet_client_get(t, "/"), 200);
	ck_assert_uint_lt(mallinfo2().uordblks, before + (1 << 20));
	assert_status(send_field("/", "author", "0,1200"), 422);
}
END_TEST

/* --- kinds ---------------------------------------------------------------------------- */

CRUET_FORM(kinds, "Send", {"n", "N", NULL, CRUET_FIELD_NUMBER}, {"day", "Day", NULL, CRUET_FIELD_DATE},
	   {"at", "At", "nullable", CRUET_FIELD_TIME}, {"moment", "Moment", NULL, CRUET_FIELD_DATETIME},
	   {"mail", "Mail", "max:50", CRUET_FIELD_EMAIL}, {"site", "Site", NULL, CRUET_FIELD_URL},
	   {"color", "Colour", NULL, CRUET_FIELD_COLOR},
	   {"own", "Own", "regex:/^[a-z]+$|x/", CRUET_FIELD_EMAIL});

/* What a browser promises, the server asks for. */
START_TEST(a_kind_says_what_fits)
{
	static const struct {
		const char *name, *value;
		int status;
	} sent[] = {{"n", "many", 422},	     {"n", "1.5", 200},		 {"day", "soon", 422},
		    {"day", "2026-1-1", 422}, {"day", "2026-01-01", 200}, {"at", "25:00", 422},
		    {"at", "23:59", 200},     {"at", "23:59:07", 200},	 {"at", "", 200},
		    {"moment", "now", 422},   {"moment", "2026-01-01T10:00", 200},
		    {"mail", "ann", 422},     {"mail", "ann@example.com", 200},
		    {"site", "javascript:1", 422}, {"site", "https://example.com/", 200},
		    {"color", "red", 422},    {"color", "#ff0000", 200}, {"own", "abc", 200}};

	shown = &kinds;
	for (size_t i = 0; i < sizeof sent / sizeof *sent; i++)
		assert_status(send_field("/", sent[i].name, sent[i].value), sent[i].status);
}
END_TEST

/* --- one form several times ------------------------------------------------------------- */

CRUET_FORM(like, "Like", {"n", "N", "required"});

static int two_rows(cruet_ctx *c)
{
	struct cruet_form *rows[] = {cruet_form_open_as(c, &like, "row_1"),
				     cruet_form_open_as(c, &like, "row_2")};

	for (int i = 0; i < 2; i++)
		if (cruet_form_ok(rows[i]))
			return cruet_textf(c, "row %d", i + 1);
	cruet_write(c, cruet_form_html(rows[0], NULL));
	cruet_write(c, cruet_form_html(rows[1], NULL));
	return cruet_html(c, NULL);
}

static int wrong_row(cruet_ctx *c)
{
	return cruet_form_open_as(c, &like, "row-1") ? CRUET_OK : cruet_err(c);
}

START_TEST(one_form_may_stand_in_each_row)
{
	cruet_app *other = forms_app();
	cruet_client *mine = t;

	cruet_add(other, "GET,POST", "/", two_rows, "rows", CRUET_HERE);
	cruet_get(other, "/wrong", wrong_row);
	t = client_of(other);
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert_uint_eq(times("id=\"row_1-n\""), 1);
	ck_assert(cruet_client_add_hidden(t, "row_2"));
	cruet_client_add_field(t, "n", "7");
	assert_status(cruet_client_submit(t, "/"), 200);
	assert_body(t, "row 2");
	ck_assert_int_eq(cruet_client_get(t, "/"), 200);
	ck_assert(cruet_client_add_hidden(t, "row_1"));
	assert_status(cruet_client_submit(t, "/"), 422);
	assert_shows("id=\"row_1-summary\"");
	ck_assert_uint_eq(times("aria-invalid"), 1);
	ck_assert_int_eq(cruet_client_get(t, "/wrong"), 500);
	ck_assert_msg(log_says("cruet_form_open_as: 'row-1': expected a letter, then letters, digits and _"), "%s",
		      logged);
	done(other, t);
	t = mine;
}
END_TEST

SUITE_WITH("forms choices", setup, teardown, only_what_is_offered_is_taken, an_error_is_told_once,
	   choices_may_come_with_the_request, of_an_empty_list_nothing_is_taken,
	   choices_may_be_many_and_are_not_kept, a_kind_says_what_fits, one_form_may_stand_in_each_row)
