/* What the files of filters share. */
#ifndef JINJA_FILTER_H
#define JINJA_FILTER_H

#include "engine_priv.h"
#include "text.h"

#define FILTER(name) static val f_##name(struct render *r, val *a, struct args *all)
#define UNUSED       (void)r, (void)a, (void)all

extern const struct word methods_dict[], methods_list[], methods_tuple[];

word_fn f_wordwrap; /* wrap.c */
word_fn f_urlize;   /* urlize.c */
word_fn f_pprint;   /* pretty.c */

/* "a.b.0", or several of them separated by commas, or an index: what a filter's argument
 * `attribute` says. */
struct getter {
	val attribute; /* V_MISSING: the item itself */
	val def;       /* in the place of what is undefined; V_MISSING: none */
	bool fold;     /* texts without capital letters */
	bool several;  /* commas separate attributes; the result is a list */
};

val getter_get(struct render *r, const struct getter *g, val item);
/* Sorts stably; keys[i] belongs to l->v[i], and is moved along. as_lists: equal keys need no
 * order, as those that stand in lists. */
void sort_by(struct render *r, struct list *l, val *keys, bool reverse, bool as_lists);
/* A tuple of two. */
val pair_of(struct render *r, val a, val b);
/* The pairs of a mapping. */
struct list *pairs_of(struct render *r, val v);

#endif
