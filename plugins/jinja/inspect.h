/* Looking templates through without rendering them. */
#ifndef JINJA_INSPECT_H
#define JINJA_INSPECT_H

#include "engine.h"

struct folder;

struct finding {
	const char *template;
	uint32_t line;
	bool error; /* else a warning */
	const char *what;
	const char *text; /* the line itself; "" */
};

typedef void finding_fn(void *arg, const struct finding *f);

/* Compiles all templates of the folder and tells what is wrong: mistakes of syntax, unknown
 * filters and tests, templates that are named and are not there, blocks that nothing shows,
 * that are required and that nobody fills, or that self is asked for and that are not there;
 * and variables where escaping is not enough. *templates: how many there are. 0, or what
 * folder_walk() gives. */
int check_folder(struct engine *e, cruet_ctx *c, const struct folder *folder, finding_fn *tell,
		 void *arg, size_t *templates);

#endif
