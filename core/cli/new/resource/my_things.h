/* GET and POST /api/my_things; GET, PUT and DELETE /api/my_things/7. */
#ifndef my_things_H
#define my_things_H

#include <cruet.h>

void my_things_routes(cruet_app *bp);

#endif
