/* Writing to files. */
#ifndef BASE_WRITE_H
#define BASE_WRITE_H

#include <stddef.h>

/* All of it, however many calls that takes. 0, or what errno says. */
int write_whole(int fd, const char *p, size_t len);

#endif
