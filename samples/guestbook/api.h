/* The book for programs:
 *
 *	GET    /api/entries?limit=20&before=KEY   newest first; or after=KEY
 *	POST   /api/entries                       name, message as JSON: 201
 *	GET    /api/entries/KEY
 *	DELETE /api/entries/KEY                   own ones alone: 204 */
#ifndef GUESTBOOK_API_H
#define GUESTBOOK_API_H

#include <cruet.h>

void api_routes(cruet_app *bp);

#endif
