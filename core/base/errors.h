/* The HTTP side of the list of errors. */
#ifndef BASE_ERRORS_H
#define BASE_ERRORS_H

#include <stdbool.h>

/* The status that a negative code means; 500 for one that is not on the list. */
int error_status(int err);
/* True for a negative code that is on the list. */
bool error_known(int err);

#endif
