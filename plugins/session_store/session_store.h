/* What the plugin keeps: its options, and the service that it stands on. */
#ifndef PLUGIN_SESSION_STORE_H
#define PLUGIN_SESSION_STORE_H

#include <cruet.h>
#include <cruet/db.h>
#include <cruet/svc/cache.h>
#include <cruet/svc/db.h>
#include <cruet/svc/session_store.h>

enum { ON_DB = 0, ON_CACHE = 1 };
enum {
	HASH_LEN = 43,	    /* 32 bytes in base64url without padding */
	DATA_MAX = 1 << 20, /* bytes of one session */
	SWEEP_BATCH = 500 /* rows that are deleted at a time, so that others may write */
};

struct config {
	int32_t on;
	uint64_t sweep; /* milliseconds */
	int64_t sweep_max;
};

struct state {
	const struct config *cfg;
	cruet_app *app;
	cruet_service below; /* "db/1" or "cache/1" */
};

/* What is kept in the place of an id. */
void hash_id(const char *id, char out[HASH_LEN + 1]);

/* In a table. */
extern const cruet_session_store db_store;
int db_init(cruet_app *app);

/* In a cache, where they expire by themselves. */
extern const cruet_session_store cache_store;

#endif
