/* Between the engine and code of the application: host objects, and words that were added. */
#ifndef JINJA_HOST_H
#define JINJA_HOST_H

#include "render.h"

val custom_call(struct render *r, const struct word *w, struct args *all);
val host_call(struct render *r, const struct cruet_template_object *h, struct args *a);
/* V_MISSING where it has no such member. */
val host_get(struct render *r, const struct cruet_template_object *h, const char *name, size_t len);
/* False after its last row, or if it has failed. */
bool host_row(struct render *r, const struct cruet_template_object *h, size_t i, val *out);
/* -1: it does not say. */
int64_t host_count(struct render *r, const struct cruet_template_object *h);
val host_text(struct render *r, const struct cruet_template_object *h);
static inline bool host_can_row(const struct cruet_template_object *h) { return h->type->row != NULL; }

#endif
