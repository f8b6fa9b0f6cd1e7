/* Sending files, with type, validators, ranges and caching. */
#ifndef CRUET_FILE_H
#define CRUET_FILE_H

#include "cruet/types.h"

enum cruet_file_flags {
	CRUET_FILE_ATTACHMENT = 1u << 0,    /* to be saved, not shown */
	CRUET_FILE_NO_ETAG = 1u << 1,
	CRUET_FILE_UNCONDITIONAL = 1u << 2, /* no 304, 206, 412, 416 */
	CRUET_FILE_LINKS = 1u << 3,  /* symbolic links may lead out of the folder */
	CRUET_FILE_PACKED = 1u << 4  /* NAME.br or NAME.gz beside the file, if the client
				      * takes it and it is not older than the file */
};

typedef struct cruet_file_opts {
	uint32_t size;    /* sizeof(cruet_file_opts) */
	uint32_t flags;
	int64_t max_age;  /* seconds that a cache may keep it; 0: as server.file_max_age
			   * says, else ask each time; negative: 0 seconds */
	int64_t modified; /* unix time; 0: the file's own */
	const char *name; /* for the client; NULL: the file's own */
	const char *mime; /* NULL: by name */
	const char *etag; /* without quotes; NULL: from time and size */
} cruet_file_opts;

CRUET_BEGIN

/* A file of the application's own; opts may be NULL. One that is not there or is no
 * regular file is a mistake of the application: 500. [request] */
CRUET_API int cruet_send_file(cruet_ctx *c, const char *path, const cruet_file_opts *opts)
	CRUET_MUST_CHECK;

/* A name from outside, below folder: never leaves it (openat2, RESOLVE_BENEATH: Linux
 * 5.6), and what is not there, a folder too, is a 404. [request] */
CRUET_API int cruet_send_from(cruet_ctx *c, const char *folder, const char *name,
			      const cruet_file_opts *opts) CRUET_MUST_CHECK;

/* Opens a regular file below a folder (a descriptor) for reading, in the same way: a name
 * from outside never leaves it. -1 and errno. [any thread] */
CRUET_API int cruet_open_below(int folder, const char *name);

/* Serves a folder: GET prefix/NAME, endpoint "static" with the argument "filename".
 * opts NULL: CRUET_FILE_PACKED. A folder that is not there is a problem of the
 * setup. Where a plugin provides "static/1" (cruet/svc/static.h), the files are that one's,
 * and if it was attached before, the folder need not be there. opts is copied, its texts
 * too. [setup] */
CRUET_API int cruet_static(cruet_app *app, const char *prefix, const char *folder,
			   const cruet_file_opts *opts);

/* Says what state of a resource the reply shows, before it is made: sets ETag (etag
 * without quotes, with W/ in front where it is a weak one; or NULL) and
 * Last-Modified (unix seconds; negative: none). CRUET_OK: go on. CRUET_DONE: the
 * client has it, the 304 is ready. 412: the client meant another state.
 *
 *	int r = cruet_conditional(c, note->revision, note->changed);
 *	if (r)
 *		return r;
 */
CRUET_API int cruet_conditional(cruet_ctx *c, const char *etag, int64_t modified)
	CRUET_MUST_CHECK;

/* A name that is safe to create in a folder, from one that a client sent; may be ""
 * ("..", or nothing left). NULL: out of memory. [request] */
CRUET_API const char *cruet_secure_filename(cruet_ctx *c, const char *name);

CRUET_END
#endif
