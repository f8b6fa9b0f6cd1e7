#include "posts.h"

#include <string.h>

static const struct post posts[] = {
	{"hello", "Hello", "24 November 2026", "The first post, and where it comes from.",
	 "This text stands in posts.c. Its page is templates/post.html, which the function post in "
	 "pages.c fills in; the frame around it is templates/base.html, the style static/style.css."},
	{"next", "What to do next", "23 November 2026",
	 "Change a line, save, and see the page change.",
	 "Start with cruet run --debug and leave the browser open: what is saved is built and "
	 "shown. When something is wrong, the page says where and why. cruet test runs the tests; "
	 "cruet check looks for mistakes before anybody else does."},
};

const struct post *post_at(size_t i)
{
	return i < sizeof posts / sizeof *posts ? &posts[i] : NULL;
}

const struct post *post_named(const char *slug)
{
	const struct post *p = NULL;

	for (size_t i = 0; (p = post_at(i)) && strcmp(p->slug, slug) != 0; i++)
		;
	return p;
}
