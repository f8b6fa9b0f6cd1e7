/* The words of the language: filters, tests and functions, Jinja2's and those that are
 * added. */
#ifndef JINJA_WORDS_H
#define JINJA_WORDS_H

#include "engine.h"
#include "value.h"

struct parser;
struct node;
struct render;
struct args;

enum { WORD_PARAMS = 8 };

/* a: the parameters in the order of params, V_MISSING where one was not given. all: the
 * arguments as they came, for those without params. */
typedef val word_fn(struct render *r, val *a, struct args *all);

struct word {
	const char *name;
	word_fn *fn;
	const char *params[WORD_PARAMS]; /* ends with NULL; none: takes all as it comes */
	unsigned required;		 /* the first ones, that have to be there */
	cruet_template_fn *custom;	 /* instead of fn */
	void *arg;
};

extern const struct word filters_text[], filters_list[], filters_pick[], filters_html[],
	filters_number[], tests_all[], functions_all[];

/* NULL: there is none. */
const struct word *words_find(const struct engine *e, int what, const char *name, size_t len);
/* Fails the parser, and names the nearest there is. */
void words_missing(const struct engine *e, struct parser *p, const struct node *n, bool filter);
/* The i-th name of a kind, NULL after the last. */
const char *words_name(const struct engine *e, int what, size_t i);
/* Calls it; a failure is in r. */
val words_call(struct render *r, const struct word *w, struct args *all);

#endif
