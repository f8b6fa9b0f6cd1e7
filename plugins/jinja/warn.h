/* Where escaping for HTML is not enough: in scripts, styles and attributes without quotes. */
#ifndef JINJA_WARN_H
#define JINJA_WARN_H

#include "node.h"

/* Finds them and keeps them with the template; false: out of memory. */
bool warn_find(struct template *t);

#endif
