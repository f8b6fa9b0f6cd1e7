/* `cruet run --debug`: the pages that people who write the application see in place of the
 * plain ones. */
#ifndef SERVER_DEBUGGER_H
#define SERVER_DEBUGGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "cruet/svc/transport.h"

struct host;

enum { DEBUG_PIN = 11 }; /* "123-456-789" */

/* What others than this machine's own users have to know. It lies in memory that all processes
 * of a server have in common, so that there is one, and so many tries, for all of them. */
struct debug_pin {
	char text[DEBUG_PIN + 1];
	atomic_uint wrong;     /* tries */
	_Atomic uint32_t last; /* the last of them, and 1: what somebody has from an earlier start
				* is sent with each request, and is one try */
};

/* From now on, for a process that serves. pin: NULL: others see none. It is borrowed. [setup] */
void debugger_start(cruet_app *root, struct debug_pin *pin);

/* Makes a number of that form. False: the machine has no random numbers. */
bool debugger_make_pin(char pin[DEBUG_PIN + 1]);

/* What a request says of who asks, as it came: any of it may be NULL. */
struct debug_client {
	const char *host, *peer, *cookies;
	const char *origin, *site, *mode; /* the headers Origin, Sec-Fetch-Site, Sec-Fetch-Mode */
	bool proxied; /* debug_guard_is_proxied() */
};

enum debug_guard { DEBUG_SHOW, DEBUG_ASK_PIN, DEBUG_HIDE };

/* Whether that client may see what happens inside (debug_guard.c): it asks from this machine,
 * without a proxy, for a host that can be trusted; or it knows the pin, or may be asked
 * for it. And it is no page of another site. */
enum debug_guard debug_guard(struct host *h, const struct debug_client *who);
/* The same of a request here. */
bool debug_guard_lets(cruet_ctx *c);
/* True if a header says that a proxy is in between. In a signal handler too. */
bool debug_guard_is_proxied(const cruet_ctx *c);
/* The page that asks for the pin, and its headers: nothing runs but its own script, and what
 * was tried is forgotten. They end with one without a name. */
extern const char debug_guard_ask[];
extern const cruet_field debug_guard_ask_fields[];
/* True if nobody but this machine reaches such an address. */
bool debug_guard_is_local(const char *address);

#endif
