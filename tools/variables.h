/* The arguments and variables of functions that are being run in another process, which
 * stands still. */
#ifndef TOOLS_VARIABLES_H
#define TOOLS_VARIABLES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A frame that is looked for, by where it is in its code. */
struct wanted {
	uint64_t pc;  /* 0: it is not */
	char *values; /* "\tname\tvalue\n" for each, malloc'ed; NULL: nothing is known */
};

/* Fills in the values of frames, innermost first, of a thread. What cannot be found out is
 * left out. */
void variables_read(pid_t pid, pid_t tid, struct wanted *frames, size_t n);

#endif
