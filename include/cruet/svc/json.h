/* Service "json/1": writes the JSON that cruet_jsonify() replies with. cruet_json_text() and
 * what the core keeps or says of itself stay as they are. See docs/elements.md. */
#ifndef CRUET_SVC_JSON_H
#define CRUET_SVC_JSON_H

#include "cruet/types.h"

#define CRUET_JSON "json/1"

typedef struct cruet_json_writer {
	uint32_t size;
	uint32_t reserved;
	/* The body of the reply, in the memory of c. j is whole and has at most 1000 levels:
	 * the core has looked. cruet_json_text() gives the text of a part as the core writes
	 * it. CRUET_OK, or a failure as of a handler; so is a body of no bytes. Called from
	 * many threads at once. [request] */
	int (*write)(void *self, cruet_ctx *c, const cruet_json *j, const char **p,
		     size_t *len);
} cruet_json_writer;

#endif
