/* Looking a template through without rendering it. */
#ifndef JINJA_INSPECT_H
#define JINJA_INSPECT_H

#include "engine.h"

struct finding {
	const char *template;
	uint32_t line;
	bool error; /* else a warning */
	const char *what;
	const char *text; /* the line itself; "" */
};

typedef void finding_fn(void *arg, const struct finding *f);

/* Compiles the template and tells what is wrong: mistakes of syntax, unknown filters and
 * tests, templates that it names and that are not there, blocks that nothing shows, and
 * variables where escaping is not enough. */
void check_template(struct engine *e, cruet_ctx *c, const char *name, finding_fn *tell,
		    void *arg);

#endif
