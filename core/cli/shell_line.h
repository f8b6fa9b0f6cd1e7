/* What is typed at the prompt of `cruet shell`, as C that can be compiled, and what of it is
 * still there for the lines that follow. */
#ifndef CLI_SHELL_LINE_H
#define CLI_SHELL_LINE_H

#include "cli/shell_parse.h"

struct arena;

/* What later lines see of the earlier ones. */
struct known {
	struct known *next;
	const char *name; /* a later one of the same name takes its place; NULL: of none */
	const char *text;
};

struct memory {
	struct arena *a;
	struct known *first;
	unsigned lines; /* that were compiled: it tells names of the same spelling apart */
};

void memory_init(struct memory *m, struct arena *a);

/* A header that sources include, which has to lie beside them under that name. */
#define LINE_PRELUDE "cruet__prelude.h"
extern const char line_prelude[];

/* A source whose function cruet__line() does what text says, understood as of that kind; in
 * m->a. NULL: it cannot be of that kind, or memory ran out. */
const char *line_source(const struct memory *m, const char *text, enum line_kind kind);
/* It was compiled, and is there from now on. False: out of memory. */
bool line_remember(struct memory *m, const char *text, enum line_kind kind);

#endif
