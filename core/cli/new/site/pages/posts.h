/* What there is to read. */
#ifndef POSTS_H
#define POSTS_H

#include <stddef.h>

struct post {
	const char *slug; /* its address: /posts/slug */
	const char *title, *date, *teaser, *text;
};

/* Newest first; NULL after the last. */
const struct post *post_at(size_t i);
const struct post *post_named(const char *slug); /* NULL: there is none */

#endif
