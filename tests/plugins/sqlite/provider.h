/* What the contract of "db/1" needs to know of a provider: how to attach it to an
 * application with an empty database of its own, and how its SQL spells a few words.
 * A provider's tests put a file of this name in reach and build contract_*.c. */
#ifndef TESTS_DB_PROVIDER_H
#define TESTS_DB_PROVIDER_H

#include "fixture.h"

#define PROVIDER     "sqlite"
#define SQL_AUTO_ID  "integer primary key"
#define SQL_INT64    "integer"
#define SQL_DOUBLE   "real"
#define SQL_BYTES    "blob"
#define SQL_INFINITY "9e999"

/* Attaches the provider, with a bound on its connections. */
static inline void provider_use(cruet_app *app, int pool)
{
	char options[512];

	snprintf(options, sizeof options, "path=%s/site.db\npool=%d\nwait=50ms", folder(),
		 pool);
	cruet_use_static(app, &cruet_plugin_sqlite, options);
}

/* Removes what the tests left. */
static inline void provider_done(void)
{
	folder_done();
}

#endif
