/* Names of what is made. */
#ifndef CLI_NEW_H
#define CLI_NEW_H

#include <stdbool.h>

/* True for words that C or Meson keeps for itself. */
bool new_is_word(const char *name);

#endif
