/* The frame around each page. What comes from elsewhere goes through cruet_escape(). */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <cruet.h>

/* title NULL: the front page. */
void page_begin(cruet_ctx *c, const char *title);
/* The reply, which the handler returns. */
int page_end(cruet_ctx *c) CRUET_MUST_CHECK;

#endif
