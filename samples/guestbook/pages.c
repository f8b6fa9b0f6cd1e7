#include "pages.h"

#include <cruet/session.h>
#include <cruet/validate.h>
#include "entries.h"
#include "html.h"
#include "layout.h"
#include "visitor.h"

enum { PER_PAGE = 20 };

/* --- the form ------------------------------------------------------------ */

/* Ties a field to its error, also for those who hear the page. */
static void field_state(cruet_ctx *c, const cruet_valid *v, const char *name)
{
	if (cruet_valid_error(v, name))
		html(c, " aria-invalid=\"true\" aria-describedby=\"%s-error\"", name);
}

static void field_error(cruet_ctx *c, const cruet_valid *v, const char *name)
{
	const char *error = cruet_valid_error(v, name);

	if (error)
		html(c, "<p class=\"error\" id=\"%s-error\">%s</p>\n", name, error);
}

static void name_field(cruet_ctx *c, const cruet_valid *v)
{
	html(c,
	     "<div class=\"field\">\n"
	     "<label for=\"name\">Your name</label>\n"
	     "<input id=\"name\" name=\"name\" value=\"%s\" autocomplete=\"name\""
	     " maxlength=\"80\"",
	     v ? cruet_valid_old(v, "name") : visitor_name(c));
	field_state(c, v, "name");
	html(c, ">\n");
	field_error(c, v, "name");
	html(c, "</div>\n");
}

/* The line break after <textarea> is dropped by browsers; without it the first one
 * of the text would be. */
static void message_field(cruet_ctx *c, const cruet_valid *v)
{
	html(c, "<div class=\"field\">\n"
		"<label for=\"message\">Your words</label>\n"
		"<textarea id=\"message\" name=\"message\" rows=\"4\"");
	field_state(c, v, "message");
	html(c, ">\n%s</textarea>\n", cruet_valid_old(v, "message"));
	field_error(c, v, "message");
	html(c, "</div>\n");
}

/* v NULL: the form is shown for the first time. */
static void form(cruet_ctx *c, const cruet_valid *v)
{
	html(c,
	     "<section class=\"card sign\" aria-labelledby=\"sign-title\">\n"
	     "<h2 id=\"sign-title\">Sign the book</h2>\n"
	     "<form method=\"post\" action=\"%s\">\n",
	     cruet_url(c, "sign", (char *)0));
	if (v)
		html(c, "<p class=\"trouble\" role=\"alert\">"
			"Not yet in the book: see what is marked below.</p>\n");
	name_field(c, v);
	message_field(c, v);
	html(c, "<button>Sign</button>\n"
		"</form>\n"
		"</section>\n");
}

/* --- entries ------------------------------------------------------------- */

/* The first character of a name: a byte and those that continue it. */
static const char *initial(cruet_ctx *c, const char *name)
{
	int n = 1;

	while (((unsigned char)name[n] & 0xc0) == 0x80)
		n++;
	return cruet_printf(c, "%.*s", n, name);
}

static int hue(const char *name)
{
	unsigned sum = 0;

	while (*name)
		sum = sum * 31 + (unsigned char)*name++;
	return (int)(sum % 6);
}

static void take_back_button(cruet_ctx *c, const struct entry *e)
{
	html(c,
	     "<form class=\"take-back\" method=\"post\" action=\"%s\">"
	     "<button>Take back</button></form>\n",
	     cruet_url(c, "take_back", "id", cruet_number(c, e->id), (char *)0));
}

static void article(cruet_ctx *c, const struct entry *e)
{
	html(c,
	     "<article class=\"entry\">\n"
	     "<header>\n"
	     "<span class=\"letter hue%d\" aria-hidden=\"true\">%s</span>\n"
	     "<h2 class=\"who\">%s</h2>\n"
	     "<p class=\"when\"><a href=\"%s\"><time datetime=\"%s\">%s</time></a></p>\n",
	     hue(e->name), initial(c, e->name), e->name,
	     cruet_url(c, "entry", "id", cruet_number(c, e->id), (char *)0), entry_time(c, e),
	     entry_day(c, e));
	if (visitor_owns(c, e->id))
		take_back_button(c, e);
	html(c,
	     "</header>\n"
	     "<p class=\"words\">%s</p>\n"
	     "</article>\n",
	     e->message);
}

static void links(cruet_ctx *c, const struct page *p)
{
	if (!p->newer && !p->older)
		return;
	html(c, "<nav class=\"pages\" aria-label=\"Pages of the book\">\n");
	if (p->newer)
		html(c, "<a class=\"newer\" rel=\"prev\" href=\"%s\">← Newer</a>\n",
		     cruet_url(c, "book", "after", cruet_number(c, p->newer), (char *)0));
	if (p->older)
		html(c, "<a class=\"older\" rel=\"next\" href=\"%s\">Older →</a>\n",
		     cruet_url(c, "book", "before", cruet_number(c, p->older), (char *)0));
	html(c, "</nav>\n");
}

static void entries(cruet_ctx *c, const struct page *p)
{
	html(c, "<section class=\"card book\" aria-label=\"Entries\">\n");
	if (!p->n)
		html(c, "<p class=\"empty\">%s</p>\n",
		     cruet_query(c, "before") ? "The book begins after this page."
					      : "Nobody has signed yet. Be the first.");
	for (size_t i = 0; i < p->n; i++)
		article(c, &p->entries[i]);
	links(c, p);
	html(c, "</section>\n");
}

/* --- handlers ------------------------------------------------------------ */

/* Turning to the newest page gives a full one, however few entries are new. */
static int turn(cruet_ctx *c, struct page *p)
{
	int64_t after = cruet_query_int(c, "after", 0);
	int err = entries_page(c, after, cruet_query_int(c, "before", 0), PER_PAGE, p);

	if (!err && after && !p->newer)
		return entries_page(c, 0, 0, PER_PAGE, p);
	return err;
}

static int show_book(cruet_ctx *c, const cruet_valid *v)
{
	struct page page;
	int err = turn(c, &page);

	if (err)
		return err;
	page_begin(c, NULL);
	page_notes(c);
	html(c, "<div class=\"columns\">\n");
	form(c, v);
	entries(c, &page);
	html(c, "</div>\n");
	page_end(c);
	return cruet_html(c, NULL);
}

static int book(cruet_ctx *c)
{
	return show_book(c, NULL);
}

/* After a good entry the browser is sent to the book again, so that reloading the
 * page does not sign twice. */
static int sign(cruet_ctx *c)
{
	struct entry e;
	cruet_valid *v = cruet_check(c, CRUET_FROM_FORM, entry_rules);

	if (!v)
		return cruet_err(c);
	if (cruet_invalid(v)) {
		cruet_status(c, 422);
		return show_book(c, v);
	}
	int err = entries_add(c, v, &e);
	if (err)
		return err;
	visitor_signed(c, &e);
	cruet_flash(c, NULL, "Thank you, %s. Your words are in the book.", e.name);
	return cruet_redirect(c, 0, cruet_url(c, "book", (char *)0));
}

static int entry(cruet_ctx *c)
{
	struct entry e;
	int err = entries_find(c, cruet_arg_int(c, "id"), &e);

	if (err)
		return err;
	page_begin(c, cruet_printf(c, "%s wrote", e.name));
	html(c, "<section class=\"card book single\">\n");
	article(c, &e);
	html(c,
	     "<nav class=\"pages\"><a href=\"%s\">← The whole book</a></nav>\n"
	     "</section>\n",
	     cruet_url(c, "book", (char *)0));
	page_end(c);
	return cruet_html(c, NULL);
}

static int take_back(cruet_ctx *c)
{
	int64_t id = cruet_arg_int(c, "id");

	if (!visitor_owns(c, id))
		return cruet_fail(c, 403, "Only who wrote an entry can take it back.");
	int err = entries_remove(c, id);
	if (err)
		return err;
	cruet_flash(c, NULL, "Taken back.");
	return cruet_redirect(c, 0, cruet_url(c, "book", (char *)0));
}

void pages_routes(cruet_app *app)
{
	cruet_get(app, "/", book);
	cruet_post(app, "/", sign);
	cruet_get(app, "/entries/<int:id>", entry);
	cruet_post(app, "/entries/<int:id>/take-back", take_back);
}
