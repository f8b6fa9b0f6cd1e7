/* JSON values: cJSON trees that the ctx owns and frees. Readers take NULL and
 * give the default, so look-ups chain; writers take NULL and do nothing, and
 * the root remembers the first failure, which cruet_jsonify() reports.
 * A child is born in its parent, so nothing is owned twice. Names are exact
 * in case, and put once each. Integers are kept and printed exactly to 64 bits; what
 * is no number is null, and a byte that is no UTF-8 becomes U+FFFD.
 *
 * All of cJSON may be used on them, but that a text which was put lies in one piece with
 * its node: cJSON_SetValuestring() leaves it as it is. Put another one instead. */
#ifndef CRUET_JSON_H
#define CRUET_JSON_H

#include "cruet/types.h"

enum cruet_json_kind { CRUET_JSON_NULL = 1, CRUET_JSON_BOOL = 2,
	CRUET_JSON_NUMBER = 3, CRUET_JSON_TEXT = 4, CRUET_JSON_ARRAY = 5,
	CRUET_JSON_OBJECT = 6 };

CRUET_BEGIN

/* Strict reading; NULL and cruet_err(c) with line and column: 400, or 413 for more
 * levels or members than are allowed. */
CRUET_API cruet_json *cruet_json_parse(cruet_ctx *c, const char *p, size_t len);
CRUET_API const char *cruet_json_text(cruet_ctx *c, const cruet_json *j,
				      size_t *len);
CRUET_API int cruet_json_kind(const cruet_json *j); /* 0 for NULL */

CRUET_API const cruet_json *cruet_json_get(const cruet_json *j, const char *k);
/* for (v = cruet_json_first(j); v; v = cruet_json_next(v)) */
CRUET_API const cruet_json *cruet_json_first(const cruet_json *j);
CRUET_API const cruet_json *cruet_json_next(const cruet_json *v);
CRUET_API const char *cruet_json_name(const cruet_json *v);
CRUET_API size_t cruet_json_len(const cruet_json *j);
CRUET_API const char *cruet_json_str(const cruet_json *j, const char *def);
CRUET_API int64_t cruet_json_int(const cruet_json *j, int64_t def);
CRUET_API double cruet_json_real(const cruet_json *j, double def);
CRUET_API bool cruet_json_bool(const cruet_json *j, bool def);

CRUET_API cruet_json *cruet_object(cruet_ctx *c);
CRUET_API cruet_json *cruet_array(cruet_ctx *c);
CRUET_API void cruet_put_str(cruet_json *o, const char *k, const char *v);
CRUET_API void cruet_put_int(cruet_json *o, const char *k, int64_t v);
CRUET_API void cruet_put_real(cruet_json *o, const char *k, double v);
CRUET_API void cruet_put_bool(cruet_json *o, const char *k, bool v);
CRUET_API void cruet_put_null(cruet_json *o, const char *k);
CRUET_API cruet_json *cruet_put_object(cruet_json *o, const char *k);
CRUET_API cruet_json *cruet_put_array(cruet_json *o, const char *k);
/* A copy of a value that is there already; NULL: null. */
CRUET_API void cruet_put_json(cruet_json *o, const char *k, const cruet_json *v);
CRUET_API void cruet_push_json(cruet_json *a, const cruet_json *v);
CRUET_API void cruet_push_str(cruet_json *a, const char *v);
CRUET_API void cruet_push_int(cruet_json *a, int64_t v);
CRUET_API void cruet_push_real(cruet_json *a, double v);
CRUET_API void cruet_push_bool(cruet_json *a, bool v);
CRUET_API void cruet_push_null(cruet_json *a);
CRUET_API cruet_json *cruet_push_object(cruet_json *a);
CRUET_API cruet_json *cruet_push_array(cruet_json *a);

CRUET_END
#endif
