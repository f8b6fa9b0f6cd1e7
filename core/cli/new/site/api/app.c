/* An API:
 *
 *	app.c     what there is, in one place
 *	my_things.c   what it keeps
 *	schema/   the database */
#include <cruet.h>
#include "my_things.h"

CRUET_APP(app)
{
	cruet_need(app, "db/1");
	cruet_need(app, "validate/1");
	my_things_routes(cruet_blueprint(app, "my_things", "/api/my_things"));
}
