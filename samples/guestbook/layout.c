#include "layout.h"

#include <cruet/session.h>
#include "html.h"
#include "visitor.h"

static const char *site_title(cruet_ctx *c)
{
	const char *title = cruet_setting(cruet_scope(c), "title");
	return title ? title : "Guestbook";
}

static void head(cruet_ctx *c, const char *title)
{
	html(c,
	     "<!doctype html>\n"
	     "<html lang=\"en\">\n"
	     "<head>\n"
	     "<meta charset=\"utf-8\">\n"
	     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	     "<meta name=\"color-scheme\" content=\"light dark\">\n");
	if (title)
		html(c, "<title>%s – %s</title>\n", title, site_title(c));
	else
		html(c, "<title>%s</title>\n", site_title(c));
	html(c,
	     "<link rel=\"icon\" href=\"%s\" type=\"image/svg+xml\">\n"
	     "<link rel=\"stylesheet\" href=\"%s\">\n"
	     "</head>\n",
	     cruet_url(c, "static", "filename", "icon.svg", (char *)0),
	     cruet_url(c, "static", "filename", "style.css", (char *)0));
}

static void welcome(cruet_ctx *c)
{
	const char *name = visitor_name(c);

	if (*name)
		html(c, "<p class=\"tagline\">Welcome back, %s.</p>\n", name);
	else
		html(c, "<p class=\"tagline\">Leave a few words. They stay.</p>\n");
}

void page_begin(cruet_ctx *c, const char *title)
{
	head(c, title);
	html(c,
	     "<body>\n"
	     "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
	     "<header class=\"site\">\n"
	     "<h1 class=\"title\"><a href=\"%s\">%s</a></h1>\n",
	     cruet_url(c, "book", (char *)0), site_title(c));
	welcome(c);
	html(c, "</header>\n"
		"<main id=\"main\">\n");
}

void page_end(cruet_ctx *c)
{
	html(c,
	     "</main>\n"
	     "<footer class=\"foot\">\n"
	     "<p>The same book for programs: <a href=\"%s\">JSON</a></p>\n"
	     "</footer>\n"
	     "</body>\n"
	     "</html>\n",
	     cruet_url(c, "api.list", (char *)0));
}

void page_notes(cruet_ctx *c)
{
	const cruet_json *note = cruet_json_first(cruet_flashes(c, NULL));

	for (; note; note = cruet_json_next(note))
		html(c, "<p class=\"note\" role=\"status\">%s</p>\n",
		     cruet_json_str(cruet_json_get(note, "message"), ""));
}
