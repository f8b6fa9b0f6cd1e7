/* The frame that every page stands in. */
#ifndef GUESTBOOK_LAYOUT_H
#define GUESTBOOK_LAYOUT_H

#include <cruet.h>

/* Everything before and everything after what a page says itself. title NULL is the
 * front page. */
void page_begin(cruet_ctx *c, const char *title);
void page_end(cruet_ctx *c);

/* The messages that were left for this visitor, such as thanks after signing. */
void page_notes(cruet_ctx *c);

/* Errors in the look of the site; the API gets problem details. For
 * cruet_on_error(). */
int error_reply(cruet_ctx *c);

#endif
