/* Service "static/1": where the files of cruet_static() come from, instead of folders: an
 * archive, memory, a store. See docs/elements.md. Types, ranges, validators, caching and
 * packed files are the core's affair. cruet_send_file() and cruet_send_from() name files of
 * the machine and stay as they are. */
#ifndef CRUET_SVC_STATIC_H
#define CRUET_SVC_STATIC_H

#include "cruet/types.h"

#define CRUET_STATIC "static/1"

enum { CRUET_STATIC_NAME_MAX = 1024 }; /* bytes */

typedef struct cruet_static_file {
	uint32_t size; /* what the core has room for */
	uint32_t reserved;
	const void *p;    /* its bytes, until the request has ended; may be NULL if len is 0 */
	uint64_t len;     /* at most INT64_MAX */
	int64_t modified; /* unix time; negative, and so at first: not known */
	const char *etag; /* visible ASCII without quotes; NULL: made of time and length, and
			   * none if the time is not known */
} cruet_static_file;

typedef struct cruet_static_source {
	uint32_t size;
	uint32_t reserved;
	/* folder is the one that cruet_static() was told, as it was written; name is that
	 * of a file in it: at most CRUET_STATIC_NAME_MAX bytes of UTF-8, parts with '/'
	 * between them, none of them empty, "." or "..", no backslash and no control byte.
	 * CRUET_OK; CRUET_ENOENT: there is no such file, 404; or a failure as of a handler.
	 * Called from many threads at once. [request] */
	int (*find)(void *self, cruet_ctx *c, const char *folder, const char *name,
		    cruet_static_file *out);
} cruet_static_source;

#endif
