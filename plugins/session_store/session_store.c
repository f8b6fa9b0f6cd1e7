/* Provides "session_store/1" on a database or on a cache. This file is what the plugin
 * says of itself, and its ladder; db.c and cache.c keep the sessions. */
#include "session_store.h"

#include <sodium.h>
#include <string.h>

/* An id has 192 random bits, so its hash needs no salt and nothing that is slow. */
void hash_id(const char *id, char out[HASH_LEN + 1])
{
	unsigned char hash[crypto_generichash_BYTES];

	crypto_generichash(hash, sizeof hash, (const unsigned char *)id, strlen(id), NULL,
			   0);
	sodium_bin2base64(out, HASH_LEN + 1, hash, sizeof hash,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static int bind(cruet_app *app, struct state *s)
{
	if (s->cfg->on == ON_CACHE) {
		int err = cruet_bind(app, CRUET_CACHE, NULL, CRUET_UPTO(cruet_cache, del),
				     &s->below);
		return err != CRUET_ENOENT
			       ? err
			       : cruet_reject(app,
					      "option on = \"cache\": needs service "
					      "\"" CRUET_CACHE
					      "\", which no attached plugin provides: "
					      "add 'cache', or set on = \"db\"");
	}
	int err =
		cruet_bind(app, CRUET_DB, NULL, CRUET_UPTO(cruet_db, schema), &s->below);
	return err != CRUET_ENOENT
		       ? err
		       : cruet_reject(app, "option on = \"db\": needs service \"" CRUET_DB
					   "\", which no attached plugin provides: add "
					   "'sqlite', or set on = \"cache\"");
}

static int init(cruet_app *app)
{
	struct state *s = cruet_state(app);

	s->cfg = cruet_config(app);
	s->app = app;
	if (sodium_init() < 0)
		return cruet_reject(app, "libsodium cannot be used");
	int err = bind(app, s);
	if (!err && s->cfg->on == ON_DB)
		err = db_init(app);
	if (err)
		return err;
	return cruet_provide(app, CRUET_SESSION_STORE,
			     s->cfg->on == ON_DB ? &db_store : &cache_store, s);
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, on, ENUM, .def = "db", .choices = "db|cache",
		     .help = "db, or cache"),
	CRUET_OPTION(struct config, sweep, TIME, .def = "10m", .flags = CRUET_OPT_BOUNDS,
		     .min = 10, .max = 86400000,
		     .help = "the time between two looks for expired sessions in the "
			     "database, from 10ms to 1d"),
	CRUET_OPTION(
		struct config, sweep_max, INT, .def = "10000", .flags = CRUET_OPT_BOUNDS,
		.min = 1, .max = 10000000,
		.help = "the most sessions that one look deletes, from 1 to 10000000"),
	{.name = NULL}};

static const char *const needs[] = {CRUET_DB "?", CRUET_CACHE "?", NULL};
static const char *const provides[] = {CRUET_SESSION_STORE, NULL};

CRUET_PLUGIN(session_store, .version = "0.1.0",
	     .summary = "sessions on the server, in a database or a cache",
	     .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE, .needs = needs,
	     .provides = provides, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .init = init);
