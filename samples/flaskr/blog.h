/* Posts: all of them to read, one's own to write. */
#ifndef FLASKR_BLOG_H
#define FLASKR_BLOG_H

#include <cruet.h>

void blog_routes(cruet_app *blog);

#endif
