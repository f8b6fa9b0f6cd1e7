/* What Python's texts can do. Results of safe texts are safe; what is put into them is
 * escaped. */
#ifndef JINJA_TEXT_H
#define JINJA_TEXT_H

#include "render.h"

/* str() unless it is a text, as Jinja2's soft_str. */
static inline val soft_str(struct render *r, val v) { return val_str(r, v); }

val text_upper(struct render *r, val s);
val text_lower(struct render *r, val s);
val text_capitalize(struct render *r, val s);
val text_title(struct render *r, val s); /* each run of letters */
val text_swapcase(struct render *r, val s);
enum strip { STRIP_LEFT = 1, STRIP_RIGHT = 2, STRIP_BOTH = 3 };
/* chars: those to take away; V_MISSING or none: white space. */
val text_strip(struct render *r, val s, val chars, int sides);
/* count < 0: all of them. */
val text_replace(struct render *r, val s, val old, val with, int64_t count);
/* where 0: to both sides, -1: text left, 1: text right. */
val text_pad(struct render *r, val s, int64_t width, val fill, int where);
/* sep V_MISSING or none: at white space; max < 0: everywhere. */
struct list *text_split(struct render *r, val s, val sep, int64_t max, bool from_right);
struct list *text_lines(struct render *r, val s, bool keep);
val text_join(struct render *r, val sep, val all);
/* All characters are such, and there is one; for cased: at least one is. */
bool text_all(struct render *r, val s, bool (*is)(locale_t l, uint32_t cp));
bool text_cased(struct render *r, val s, bool upper);
val text_reverse(struct render *r, val s);
/* s.format(...) (format_spec.c) */
val text_format_call(struct render *r, val s, struct args *a);
/* The digits from s[i] on as a number in *out, which stays if there are none; gives where they
 * end. A larger one than WIDTH_MAX becomes that: a text so wide is over any bound. */
#define WIDTH_MAX (INT64_C(1) << 40)
size_t text_digits(const char *s, size_t i, size_t n, int64_t *out);
/* One value as {:spec} shows it. */
void format_value(struct render *r, struct out *o, val v, const char *spec, size_t len);
val text_unescape(struct render *r, val s); /* entities.c */
val text_striptags(struct render *r, val s);

/* The arguments of words: a whole number, or def where it was not given. */
int64_t whole_arg(struct render *r, val v, int64_t def);
/* -most ... most */
static inline int64_t clamped(int64_t v, int64_t most)
{
	return v < -most ? -most : v > most ? most : v;
}
bool flag_arg(struct render *r, val v, bool def);
/* A text; anything else fails. */
val text_arg(struct render *r, val v);

#endif
