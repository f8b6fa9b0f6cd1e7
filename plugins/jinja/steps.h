/* What the two ways of running statements have in common: exec(), where those that stand inside
 * of others run on C's stack, and steps.c, where a rendering can stop between two of them. */
#ifndef JINJA_STEPS_H
#define JINJA_STEPS_H

#include "render.h"

/* --- the parts of statements ------------------------------------------------------------- */

/* What a template or a block puts something else in place of. */
struct before {
	struct act *act;
	struct context *context;
	const struct template *t;
	const struct link *chain;
	uint32_t line;
};

/* Whether the text of the statement is dropped, since the template extends another. */
bool skipped(const struct render *r, const struct node *n);
const struct node *if_body(struct render *r, const struct branch *b); /* NULL: none */
void with_enter(struct render *r, const struct set_node *s);
/* The caller puts the context's escape back. */
void scope_enter(struct render *r, const struct set_node *s);
/* The template to run, in *c, or, if that is NULL, for its text as a module. NULL: there is
 * none. link says how it was reached, for r->chain. */
const struct template *include_open(struct render *r, const struct node *n, struct link *link,
				    struct context **c);
/* The block to run in *c, the first of the stack. NULL: none. */
const struct stack *block_open(struct render *r, const struct node *n, struct context **c);
/* False: it fails, and there is nothing to leave. */
bool template_enter(struct render *r, const struct template *t, struct context *c,
		    struct before *before);
bool block_enter(struct render *r, struct context *c, const struct stack *s, size_t depth,
		 struct before *before);
void leave(struct render *r, const struct before *before);

/* --- step by step ------------------------------------------------------------------------- */

struct steps {
	struct step *top;  /* NULL: all has run */
	struct step *free; /* to be used again */
};

/* Begins with the template of r, in its context. */
void steps_begin(struct render *r, struct steps *s);
/* Runs on until the output has so many bytes, or to the end. */
void steps_run(struct render *r, struct steps *s, size_t enough);

#endif
