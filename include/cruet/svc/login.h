/* Service "login/1": passwords, and who is logged in. cruet/login.h says what its functions
 * mean; they record their failures in c. Thread-safe. [request] */
#ifndef CRUET_SVC_LOGIN_H
#define CRUET_SVC_LOGIN_H

#include "cruet/types.h"

struct cruet_template_object; /* template.h */

#define CRUET_LOGIN "login/1"

typedef struct cruet_login {
	uint32_t size;
	uint32_t reserved;
	/* *hash belongs to c. */
	int (*hash)(void *self, cruet_ctx *c, const char *password, const char **hash);
	int (*check)(void *self, cruet_ctx *c, const char *account, const char *hash,
		     const char *password);
	bool (*stale)(void *self, const char *hash);
	int (*enter)(void *self, cruet_ctx *c, const char *id, bool remember);
	int (*leave)(void *self, cruet_ctx *c);
	/* *user NULL: nobody. */
	int (*user)(void *self, cruet_ctx *c, const cruet_json **user);
	int (*require)(void *self, cruet_ctx *c);
	const char *(*next)(void *self, cruet_ctx *c, const char *def);
} cruet_login;

/* The event by which a provider asks for a user; cruet_login_loader() listens to it, so
 * loaders come and go with their scopes. */
#define CRUET_LOGIN_EVENT "login.load"

/* What the event tells. Borrowed for the call. */
typedef struct cruet_login_asked {
	uint32_t size; /* sizeof(cruet_login_asked) */
	uint32_t reserved;
	void *self;
	/* Runs fn, unless the user was found already. */
	void (*load)(void *self, cruet_ctx *c,
		     int (*fn)(cruet_ctx *c, const char *id, void *arg,
			       const cruet_json **user),
		     void *arg);
} cruet_login_asked;

CRUET_BEGIN

/* What a provider makes known to templates as current_user: the members of the user, and
 * is_authenticated. */
extern CRUET_EXPORT const struct cruet_template_object cruet_login_current_user;

CRUET_END
#endif
