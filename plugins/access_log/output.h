/* Where lines go: standard error, or a file that may be moved away under us. */
#ifndef ACCESS_LOG_OUTPUT_H
#define ACCESS_LOG_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct output {
	const char *path; /* borrowed; NULL: standard error */
	int fd;
	bool regular; /* a file on a disk: it takes what it is given */
};

/* False, with errno set, if the file cannot be opened. */
bool output_open(struct output *o, const char *path);
void output_close(struct output *o);
/* Opens the file anew if what lies at its path is another one by now, or
 * nothing: it was rotated. False, with errno set, if that fails: then lines go
 * where they went before. */
bool output_follow(struct output *o);
/* Writes whole lines as far as they are taken at once. The number of bytes; 0:
 * nothing is taken now; -1, with errno set: they cannot be written. */
ptrdiff_t output_write(struct output *o, const char *lines, size_t len);

#endif
