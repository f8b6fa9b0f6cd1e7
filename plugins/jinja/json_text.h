/* Values as JSON. */
#ifndef JINJA_JSON_TEXT_H
#define JINJA_JSON_TEXT_H

#include "render.h"

/* As Python's json.dumps(sort_keys=True) writes it. indent -1: in one line. Fails for what
 * JSON does not have. */
void json_print(struct render *r, struct out *o, val v, int indent);

#endif
