/* The application of `cruet run --debug`: it is built by another thread or process, again and
 * again, and taken up here each time. A process begins to serve without any plugin but
 * those that it cannot do without; all that the configuration and the code ask for comes
 * by a change like any other. So whatever is wrong with it, also at first, is told to who
 * asks, and the rest goes on. */
#ifndef SERVER_FOLLOW_H
#define SERVER_FOLLOW_H

#include <stdbool.h>

#include "cruet/types.h"

struct follow;
struct served;

/* folder: where the state of what is built lies (debug/state.h). by_time: the kernel does
 * not tell of changes there. NULL: out of memory. */
struct follow *follow_new(const char *folder, bool by_time);
void follow_free(struct follow *f);
/* Lets the first one be built. False: out of memory, or with errno. */
bool follow_ask(const struct follow *f);
/* Waits until there is something to be taken up. False: whoever has the other end of channel
 * (-1: nobody) has gone. */
bool follow_wait(struct follow *f, int channel);

/* All of these take NULL, and do nothing then. */

/* root has started, and serves nothing yet. Threads that are begun after this give way to
 * others where processors are short. */
void follow_begin(struct follow *f, cruet_app *root);
/* It serves: from now on what comes is taken up, on a thread. */
void follow_start(struct follow *f, const struct served *s);
/* Ends that, and whatever it does; before root stops. Again and again is fine. */
void follow_stop(struct follow *f);

#endif
