/* For a process that serves without a parent while its application is written: another one,
 * forked before there are threads, that does for it what the parent does for workers when
 * they crash. */
#ifndef SERVER_CLERK_H
#define SERVER_CLERK_H

#include <sys/types.h>

#include "cruet/types.h"

/* Starts it; folder is where the folder of reports starts. *channel takes the packets of
 * handed.h, and its end ends the clerk. Its process, or -1. */
pid_t clerk_start(cruet_app *root, const char *folder, int *channel);
void clerk_end(pid_t pid, int channel);

#endif
