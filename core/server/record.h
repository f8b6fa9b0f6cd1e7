/* Keeping requests and replies in a file while an application serves. What is kept is seen by
 * the ops of exchanges that stand in front of the transport's; where nothing is recorded,
 * they are not there. */
#ifndef SERVER_RECORD_H
#define SERVER_RECORD_H

#include <stdint.h>

#include "cruet/types.h"

struct recorder;

enum { RECORD_MAX = 64 << 20 }; /* bytes of a file, unless said */

/* A file of mode 0600 with nothing but the recording's head, also in place of an older
 * recording. 0, or what errno says; EEXIST: something else lies there. */
int record_begin(const char *file, const char *application);
/* Records what root answers from its start on, at the end of that file, until it has max
 * bytes. Before root's code and plugins are loaded. record_close() when root has been freed.
 * NULL and errno. */
struct recorder *record_open(cruet_app *root, const char *file, uint64_t max);
void record_close(struct recorder *r); /* NULL is fine */

#endif
