/* Threads for code of plugins, and calls that may not return: a plugin's stop and fini. */
#ifndef PLUGIN_WITHIN_H
#define PLUGIN_WITHIN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "cruet/types.h"

/* Starts a thread that sees no signals but those that tell of a mistake of its own. */
bool thread_launch(pthread_t *id, void *(*run)(void *arg), void *arg);

/* Calls fn(app), that step of a plugin's ladder, on a thread of its own and waits for it,
 * ms at most. False: it has not returned; the thread goes on with it. */
bool call_within(cruet_app *app, const char *step, void (*fn)(cruet_app *app), uint64_t ms);

#endif
