/* What the plugin keeps: its options, its state, and one visit per request. */
#ifndef PLUGIN_SESSION_H
#define PLUGIN_SESSION_H

#include <cruet.h>
#include <cruet/svc/session.h>
#include <cruet/svc/session_store.h>

#include "token.h"

enum { STORE_COOKIE = 0, STORE_SERVER = 1 };
enum { SECURE_AUTO = 0, SECURE_ALWAYS = 1, SECURE_NEVER = 2 };
enum { SAME_SITE_LAX = 0, SAME_SITE_STRICT = 1, SAME_SITE_NONE = 2 };
enum { NAME_MAX_LEN = 64 };

struct config {
	int32_t store;
	const char *name, *path, *domain;
	int32_t same_site, secure;
	bool http_only, partitioned, host_prefix, refresh;
	uint64_t lifetime; /* milliseconds */
	uint64_t max_size; /* bytes, in a store */
	const char *const *fallback_keys;
};

struct state {
	const struct config *cfg;
	cruet_app *app;
	cruet_key key; /* of the visit in g; one per instance */
	char cookie[sizeof "__Host-" + NAME_MAX_LEN]; /* its name */
	cruet_cookie_opts opts;
	struct keyring keys; /* from start to stop */
	cruet_service store; /* vt NULL: the cookie holds the data */
};

/* The session as this request sees it. */
struct visit {
	cruet_json *data; /* NULL: not opened */
	bool changed, renewed, saved;
	char id[CRUET_SESSION_ID_LEN + 1]; /* in the store; "" if it has none */
	const cruet_errtype *kind;	   /* of what went wrong; NULL: nothing */
	const char *why;
};

/* Of "session/1"; self is the struct state. */
int visit_open(void *self, cruet_ctx *c, cruet_json **data);
int visit_change(void *self, cruet_ctx *c);
int visit_renew(void *self, cruet_ctx *c);
/* The finish-hook. */
int visit_save(cruet_ctx *c);

#endif
