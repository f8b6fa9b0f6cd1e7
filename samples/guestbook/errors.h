/* Errors in the look of the site; the API gets problem details. */
#ifndef GUESTBOOK_ERRORS_H
#define GUESTBOOK_ERRORS_H

#include <cruet.h>

/* For cruet_on_error(). */
int error_reply(cruet_ctx *c);

#endif
