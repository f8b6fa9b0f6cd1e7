/* Gives each name of a parsed template its place, and each filter and test its function. */
#ifndef JINJA_COMPILE_H
#define JINJA_COMPILE_H

#include "parse.h"

/* False: p->why says what is wrong. */
bool compile(struct parser *p, struct template *t);

#endif
