/* Values of C as a person reads them. */
#ifndef CLI_SHELL_SHOW_H
#define CLI_SHELL_SHOW_H

#include <stddef.h>

struct arena;
struct cruet_client;

/* Prints the value at p, of size bytes, on standard output, and an end of line. kind: 's' a
 * text, 'b' a truth value, 'c' a character, 'i' and 'u' whole numbers, 'f' a real one, 'j'
 * JSON, 'r' the last reply of a client; any other as the debug information of the file so
 * says of its variable cruet__value. Memory that cannot be read is said to be so. */
void show_value(int kind, const void *p, size_t size, const char *so, struct arena *a);

#endif
