#include "pages.h"

#include "layout.h"
#include "posts.h"

static void teaser(cruet_ctx *c, const struct post *p)
{
	cruet_writef(c,
		     "<article class=\"card\">\n"
		     "<h2><a href=\"%s\">%s</a></h2>\n"
		     "<p class=\"date\">%s</p>\n"
		     "<p>%s</p>\n"
		     "</article>\n",
		     cruet_escape(c, cruet_url(c, "post", "slug", p->slug, (char *)0)),
		     cruet_escape(c, p->title), cruet_escape(c, p->date),
		     cruet_escape(c, p->teaser));
}

static int front(cruet_ctx *c)
{
	const struct post *p;

	page_begin(c, NULL);
	for (size_t i = 0; (p = post_at(i)); i++)
		teaser(c, p);
	return page_end(c);
}

static int post(cruet_ctx *c)
{
	const struct post *p = post_named(cruet_arg(c, "slug"));

	if (!p)
		return cruet_fail(c, 404, "There is no such post.");
	page_begin(c, p->title);
	cruet_writef(c,
		     "<article class=\"card text\">\n"
		     "<h2>%s</h2>\n"
		     "<p class=\"date\">%s</p>\n"
		     "<p>%s</p>\n"
		     "</article>\n",
		     cruet_escape(c, p->title), cruet_escape(c, p->date),
		     cruet_escape(c, p->text));
	return page_end(c);
}

static int about(cruet_ctx *c)
{
	page_begin(c, "About");
	cruet_write(c, "<article class=\"card text\">\n"
		       "<h2>About</h2>\n"
		       "<p>This page is the function <code>about</code> in <code>pages.c</code>. "
		       "Change it, save, and look.</p>\n"
		       "</article>\n");
	return page_end(c);
}

static int not_found(cruet_ctx *c)
{
	page_begin(c, "Not here");
	cruet_writef(c,
		     "<article class=\"card text\">\n"
		     "<h2>Not here</h2>\n"
		     "<p>There is nothing at this address, or not any more.</p>\n"
		     "<p><a class=\"button\" href=\"%s\">To the front page</a></p>\n"
		     "</article>\n",
		     cruet_escape(c, cruet_url(c, "front", (char *)0)));
	return page_end(c);
}

void pages_routes(cruet_app *app)
{
	cruet_get(app, "/", front);
	cruet_get(app, "/posts/<slug>", post);
	cruet_get(app, "/about", about);
	cruet_on_error(app, 404, not_found);
}
