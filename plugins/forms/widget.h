/* What is typed into, or chosen from. */
#ifndef FORMS_WIDGET_H
#define FORMS_WIDGET_H

#include "forms.h"
#include "out.h"

void widget_put(struct out *o, const struct field *f);
/* Several buttons, which need a frame around them. */
bool widget_is_group(const struct field *f);
/* What the frame says of all of them. */
void widget_group_state(struct out *o, const struct field *f);
/* A value as it stands in an attribute; "" for NULL. NULL: out of memory. */
const char *widget_text(cruet_ctx *c, const cruet_json *v);

#endif
