/* Accounts: registering, logging in and out, and who is there. */
#ifndef FLASKR_AUTH_H
#define FLASKR_AUTH_H

#include <cruet.h>

void auth_routes(cruet_app *auth);
/* The id of who is logged in; 0: nobody. */
int64_t auth_user(cruet_ctx *c);

#endif
