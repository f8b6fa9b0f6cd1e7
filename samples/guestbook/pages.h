/* The book for people. */
#ifndef GUESTBOOK_PAGES_H
#define GUESTBOOK_PAGES_H

#include <cruet.h>

void pages_routes(cruet_app *app);

#endif
