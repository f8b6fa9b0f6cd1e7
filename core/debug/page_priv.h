/* What the forms of a page share. */
#ifndef DEBUG_PAGE_PRIV_H
#define DEBUG_PAGE_PRIV_H

#include "debug/page.h"

enum {
	PAGE_AROUND = 5,       /* lines above and below */
	PAGE_VALUE_MAX = 8192  /* bytes of a value that are shown */
};

/* Lines of a source around one of them. */
struct excerpt {
	unsigned first; /* the number of the first one */
	size_t n;
	const char *lines[2 * PAGE_AROUND + 1]; /* without their ends */
};

/* False: there is no such file that can be read, or no such line. */
bool excerpt_read(struct excerpt *e, struct arena *a, const char *file, unsigned line);

/* The bytes of a value that are shown, cut between two characters; *more: how many are
 * not. */
size_t page_shown(const char *value, size_t *more);

void page_write_html(struct buf *b, const struct page *p);
void page_write_text(struct buf *b, const struct page *p);
void page_write_json(struct buf *b, const struct page *p);

/* page.css and page.js */
extern const char page_style[], page_script[];

#endif
