/* Memory of one request. Never freed by hand, gone after teardown. Keep
 * nothing of it longer: copy it with strdup(). */
#ifndef CRUET_MEMORY_H
#define CRUET_MEMORY_H

#include "cruet/types.h"

CRUET_BEGIN

/* NULL when out of memory; the request is then failing already. */
CRUET_API void *cruet_alloc(cruet_ctx *c, size_t size); /* zeroed */
CRUET_API char *cruet_strdup(cruet_ctx *c, const char *s);
CRUET_API char *cruet_printf(cruet_ctx *c, const char *fmt, ...)
	CRUET_PRINTF(2, 3);
/* A whole number as text: cruet_url(c, "show", "id", cruet_number(c, id), (char *)0). */
CRUET_API const char *cruet_number(cruet_ctx *c, int64_t v);

/* &<>"' made harmless for HTML text and quoted attributes. */
CRUET_API const char *cruet_escape(cruet_ctx *c, const char *s);

/* Calls fn(p) when the request ends, last added first. If this fails it has
 * called fn(p) already: ownership moves in any case. */
CRUET_API int cruet_defer(cruet_ctx *c, cruet_free_fn *fn, void *p)
	CRUET_MUST_CHECK;

CRUET_END
#endif
