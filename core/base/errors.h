/* The HTTP side of the list of errors. */
#ifndef BASE_ERRORS_H
#define BASE_ERRORS_H

/* The status that a negative code means; 500 for one that is not on the list. */
int error_status(int err);

#endif
