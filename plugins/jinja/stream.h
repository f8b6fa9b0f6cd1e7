/* A text that is made while it is taken. */
#ifndef JINJA_STREAM_H
#define JINJA_STREAM_H

#include "engine.h"

struct stream;

/* Makes the beginning: the first chunk, or all if it is no more. vars is copied, but not what it
 * points to, which stays until the end, and so does t. NULL: out of memory. */
struct stream *stream_new(struct engine *e, cruet_ctx *c, const struct template *t,
			  const cruet_template_vars *vars, size_t chunk);
void stream_free(struct stream *s);
/* The next cap bytes; fewer: those were the last, or the next ones fail. */
size_t stream_take(struct stream *s, void *buf, size_t cap);
/* What is wrong, which may be known before all bytes in front of it were taken. NULL: nothing. */
const struct complaint *stream_trouble(const struct stream *s);
/* Bytes that are made and were not taken; and whether none come after them. */
size_t stream_ready(const struct stream *s);
bool stream_ended(const struct stream *s);

#endif
