/* The promises of "login/1" stand in two files: login.c has the site, who comes and goes, and
 * what is for users alone. */
#ifndef CONTRACT_LOGIN_H
#define CONTRACT_LOGIN_H

#include "trial.h"

extern const struct promise contract_login_passwords[];

#endif
