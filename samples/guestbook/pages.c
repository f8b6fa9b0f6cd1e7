#include "pages.h"

#include <cruet/forms.h>
#include <cruet/session.h>
#include <cruet/template.h>
#include "entries.h"
#include "visitor.h"

enum { PER_PAGE = 20 };

CRUET_FORM(sign_form, "Sign",
	{"name", "Your name", ENTRY_NAME, .autocomplete = "name"},
	{"message", "Your words", ENTRY_MESSAGE, CRUET_FIELD_TEXTAREA, .rows = 4});

/* --- entries ------------------------------------------------------------- */

/* One of six colours, always the same for a name. */
static int hue(const char *name)
{
	unsigned sum = 0;

	while (*name)
		sum = sum * 31 + (unsigned char)*name++;
	return (int)(sum % 6);
}

static void put_entry(cruet_ctx *c, cruet_json *o, const struct entry *e)
{
	entry_put(c, o, e);
	cruet_put_str(o, "day", entry_day(c, e));
	cruet_put_int(o, "hue", hue(e->name));
	cruet_put_bool(o, "own", visitor_owns(c, e->id));
}

/* Turning to the newest page gives a full one, however few entries are new. */
static int turn(cruet_ctx *c, struct page *p)
{
	int64_t after = cruet_query_int(c, "after", 0);
	int err = entries_page(c, after, cruet_query_int(c, "before", 0), PER_PAGE, p);

	if (!err && after && !p->newer)
		return entries_page(c, 0, 0, PER_PAGE, p);
	return err;
}

/* --- handlers ------------------------------------------------------------ */

static int show_book(cruet_ctx *c, struct cruet_form *form)
{
	struct page page;
	int err = turn(c, &page);

	if (err)
		return err;
	cruet_json *vars = cruet_object(c);
	cruet_json *entries = cruet_put_array(vars, "entries");
	for (size_t i = 0; i < page.n; i++)
		put_entry(c, cruet_push_object(entries), &page.entries[i]);
	cruet_put_int(vars, "newer", page.newer);
	cruet_put_int(vars, "older", page.older);
	cruet_form_set(form, "name", visitor_name(c));
	cruet_form_action(form, cruet_url(c, "book", (char *)0));
	return cruet_form_render(c, form, "book.html", vars);
}

/* The book, and the form to sign it. After a good entry the browser is sent to the book
 * again, so that reloading the page does not sign twice. */
static int book(cruet_ctx *c)
{
	struct entry e;
	struct cruet_form *form = cruet_form_open(c, &sign_form);

	if (!cruet_form_ok(form))
		return show_book(c, form);
	int err = entries_add(c, cruet_form_valid(form), &e);
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
	cruet_json *vars = cruet_object(c);
	put_entry(c, cruet_put_object(vars, "entry"), &e);
	return cruet_render(c, "entry.html", vars);
}

static int take_back(cruet_ctx *c)
{
	int64_t id = cruet_arg_int(c, "id");
	int err = cruet_csrf_check(c);

	if (err)
		return err;
	if (!visitor_owns(c, id))
		return cruet_fail(c, 403, "Only who wrote an entry can take it back.");
	err = entries_remove(c, id);
	if (err)
		return err;
	cruet_flash(c, NULL, "Taken back.");
	return cruet_redirect(c, 0, cruet_url(c, "book", (char *)0));
}

void pages_routes(cruet_app *app)
{
	cruet_form_check(app, &sign_form);
	cruet_add(app, "GET,POST", "/", book, "book", CRUET_HERE);
	cruet_get(app, "/entries/<int:id>", entry);
	cruet_post(app, "/entries/<int:id>/take-back", take_back);
}
