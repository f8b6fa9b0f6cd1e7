/* What the plugin keeps: its options and its state; and its parts that know requests. */
#ifndef PLUGIN_LOGIN_H
#define PLUGIN_LOGIN_H

#include <cruet.h>

#include "../gate.h"
#include "notice.h"
#include "password.h"
#include "throttle.h"

enum { PROTECT_OFF = 0, PROTECT_AGENT = 1, PROTECT_STRONG = 2 };

struct config {
	const char *view, *message, *category;
	const char *const *open;
	int32_t protection;
	uint64_t memory, memory_max; /* bytes */
	int64_t rounds, at_once, queue;
	uint64_t wait; /* milliseconds */
	int64_t account_tries, address_tries, address_hashes;
	uint64_t window; /* milliseconds */
};

struct state {
	const struct config *cfg;
	cruet_app *app;
	struct password_cost cost;
	size_t at_once; /* passwords are hashed */
	struct gate gate;
	struct notice busy, strange; /* no place to hash; sessions of other clients */
	struct throttle *accounts, *addresses; /* what is counted where there is no cache */
	cruet_service cache;		       /* vt NULL: there is none */
};

/* --- secret.c: passwords; of "login/1", self is the struct state ----------------------
 */

int secret_hash(void *self, cruet_ctx *c, const char *password, const char **hash);
int secret_check(void *self, cruet_ctx *c, const char *account, const char *hash,
		 const char *password);
bool secret_stale(void *self, const char *hash);

/* --- tries.c: how often somebody may be wrong
 * ------------------------------------------- */

enum { TRY_NAME = 32 };

/* What is counted: "a" an account; "p" a peer who says passwords, "h" who has them hashed. */
struct try_name {
	char kind; /* 0: nothing is */
	unsigned char hash[TRY_NAME];
};

/* One try: what it was counted by, and in which window of time. */
struct try {
	int64_t window;
	struct try_name peer, account;
};

/* Counts a try; account NULL: none. CRUET_OK, or the failure of the request: 429 with
 * Retry-After. */
int tries_begin(struct state *s, cruet_ctx *c, const char *account, struct try *t);
/* The same for one who wants a new password hashed; for the first one after a right password,
 * which is renewed, nothing is counted. */
int tries_begin_hash(struct state *s, cruet_ctx *c, struct try *t);
/* It was right: those of the account are forgotten, and this one of the address. */
void tries_right(struct state *s, cruet_ctx *c, const struct try *t);
/* It was no try, for it was not looked at. */
void tries_undo(struct state *s, cruet_ctx *c, const struct try *t);

/* --- user.c: who is there; of "login/1"
 * -------------------------------------------------- */

int user_enter(void *self, cruet_ctx *c, const char *id, bool remember);
int user_leave(void *self, cruet_ctx *c);
int user_get(void *self, cruet_ctx *c, const cruet_json **user);

/* --- view.c: pages for those who are logged in; of "login/1"
 * ----------------------------- */

int view_require(void *self, cruet_ctx *c);
const char *view_next(void *self, cruet_ctx *c, const char *def);

/* --- endpoints.c: those that options name
 * ------------------------------------------------ */

/* CRUET_OK, or the code of why the application cannot start, which was told. */
int endpoints_check(const struct state *s);

#endif
