/* Frames to functions, files and lines, by the debug information of what they lie in. The
 * program cruet-lines reads that, in a process of its own: it may be large, and broken. */
#ifndef SERVER_CRASH_LINES_H
#define SERVER_CRASH_LINES_H

#include <sys/types.h>

#include "server/crash_report.h"

struct arena;

struct crash_lines {
	pid_t pid;  /* of the program; 0: it does not run */
	int fd;     /* what it says; -1: nothing more */
	char *text; /* so far; malloc'ed */
	size_t len;
	struct crash_line lines[CRASH_FRAMES]; /* once it has ended; into text */
};

/* Opens what the frames lie in, each module in its place, -1 where that cannot be had: of
 * plugins it is a private copy, which does not stay. */
void crash_modules_open(const struct crash_record *r, int fds[CRASH_MODULES]);
void crash_modules_close(int fds[CRASH_MODULES]);

/* Where the program lies, or would lie; NULL: out of memory. */
const char *crash_lines_program(struct arena *a);
/* Starts the program. live: the process stands still, so values of variables are read as
 * well. Where the program is not installed, or cannot be started, nothing is known. */
void crash_lines_start(struct crash_lines *l, const struct crash_record *r,
		       const int fds[CRASH_MODULES], bool live);
/* Its fd is readable: takes what is there. True: that was all. */
bool crash_lines_read(struct crash_lines *l);
/* Ends the program and fills in lines; after that only crash_lines_fini(). */
void crash_lines_end(struct crash_lines *l, const struct crash_record *r);
void crash_lines_fini(struct crash_lines *l);

#endif
