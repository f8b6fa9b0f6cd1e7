/* HTML that grows in the memory of the request. A failure sticks. */
#ifndef FORMS_OUT_H
#define FORMS_OUT_H

#include <cruet.h>

struct out {
	cruet_ctx *c;
	char *p; /* NULL until something was written */
	size_t len, cap;
	bool failed;
};

void out_str(struct out *o, const char *s);
/* &<>"' made harmless: for text, and for attributes in double quotes. */
void out_text(struct out *o, const char *s);
/*  name="value", escaped, with a space in front; nothing for value NULL. */
void out_attr(struct out *o, const char *name, const char *value);
/*  name, where on is true. */
void out_flag(struct out *o, const char *name, bool on);
/* NULL if memory ran out. */
const char *out_done(struct out *o);

#endif
