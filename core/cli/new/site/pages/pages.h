/* What visitors see. */
#ifndef PAGES_H
#define PAGES_H

#include <cruet.h>

void pages_routes(cruet_app *app);

#endif
