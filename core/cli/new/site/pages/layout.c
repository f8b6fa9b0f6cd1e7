#include "layout.h"

static const char *site_title(cruet_ctx *c)
{
	const char *title = cruet_setting(cruet_scope(c), "title");

	return cruet_escape(c, title ? title : "my_site");
}

static const char *url(cruet_ctx *c, const char *endpoint)
{
	return cruet_escape(c, cruet_url(c, endpoint, (char *)0));
}

static const char *file(cruet_ctx *c, const char *name)
{
	return cruet_escape(c, cruet_url(c, "static", "filename", name, (char *)0));
}

static void head(cruet_ctx *c, const char *title)
{
	cruet_writef(c,
		     "<!doctype html>\n"
		     "<html lang=\"en\">\n"
		     "<head>\n"
		     "<meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		     "<meta name=\"color-scheme\" content=\"light dark\">\n"
		     "<title>%s%s%s</title>\n"
		     "<link rel=\"icon\" href=\"%s\" type=\"image/svg+xml\">\n"
		     "<link rel=\"stylesheet\" href=\"%s\">\n"
		     "</head>\n",
		     title ? cruet_escape(c, title) : "", title ? " – " : "", site_title(c),
		     file(c, "icon.svg"), file(c, "style.css"));
}

void page_begin(cruet_ctx *c, const char *title)
{
	head(c, title);
	cruet_writef(c,
		     "<body>\n"
		     "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
		     "<header>\n"
		     "<h1><a href=\"%s\">%s</a></h1>\n"
		     "<nav aria-label=\"Main\"><a href=\"%s\">Posts</a> <a href=\"%s\">About</a></nav>\n"
		     "</header>\n"
		     "<main id=\"main\">\n",
		     url(c, "front"), site_title(c), url(c, "front"), url(c, "about"));
}

int page_end(cruet_ctx *c)
{
	cruet_write(c, "</main>\n"
		       "<footer><p>Made with cruet.</p></footer>\n"
		       "</body>\n"
		       "</html>\n");
	return cruet_html(c, NULL);
}
