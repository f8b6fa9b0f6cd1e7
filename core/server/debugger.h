/* `cruet run --debug`: the pages that people who write the application see in place of the
 * plain ones. */
#ifndef SERVER_DEBUGGER_H
#define SERVER_DEBUGGER_H

#include <stdbool.h>

#include "cruet/types.h"

enum { DEBUG_PIN = 11 }; /* "123-456-789" */

/* From now on, for a process that serves. pin: what others than this machine's own users
 * have to know; NULL: they see none. It is borrowed. [setup] */
void debugger_start(cruet_app *root, const char *pin);

/* Makes a number of that form. False: the machine has no random numbers. */
bool debugger_make_pin(char pin[DEBUG_PIN + 1]);

/* Whether the client of this request may see what happens inside (debug_guard.c): it asks from
 * this machine, without a proxy, for a host that can be trusted; or it knows the pin. */
bool debug_guard_lets(cruet_ctx *c);
/* It may not, but would if it knew: the page that asks for it. False: there is none. */
bool debug_guard_asks(cruet_ctx *c);
/* Why such an address may not be listened on; NULL: it may. */
bool debug_guard_is_local(const char *address);

#endif
