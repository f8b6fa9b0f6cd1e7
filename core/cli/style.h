/* Colour, where a person looks: on a terminal, unless NO_COLOR says otherwise. */
#ifndef CLI_STYLE_H
#define CLI_STYLE_H

#include <stdio.h>

/* What to write before and, plain, after; "" where there is to be no colour. */
struct style {
	const char *bold, *red, *green, *yellow, *plain;
};

struct style style_of(FILE *out);

#endif
