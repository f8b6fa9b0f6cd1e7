/* Writing HTML so that nothing can be left unescaped. */
#ifndef GUESTBOOK_HTML_H
#define GUESTBOOK_HTML_H

#include <cruet.h>

/* Writes to the reply as printf does, but what stands in for %s is escaped. Knows
 * %s, %d, %lld and %%; anything else is a mistake in the format and stops there. */
void html(cruet_ctx *c, const char *fmt, ...) CRUET_PRINTF(2, 3);

#endif
