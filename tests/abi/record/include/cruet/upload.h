/* What a client sends in a body that is more than a text: files of forms, parts and
 * bytes in pieces. [request] */
#ifndef CRUET_UPLOAD_H
#define CRUET_UPLOAD_H

#include "cruet/types.h"

/* A file of a form (multipart/form-data), kept for the request: small ones in memory,
 * others in a temporary file that has no name and goes with the request. */
typedef struct cruet_upload cruet_upload;

/* The head of a part. Texts live as long as the ctx. */
typedef struct cruet_part {
	uint32_t size; /* sizeof(cruet_part), set by the caller */
	uint32_t reserved;
	const char *name;     /* "" if there is none */
	const char *filename; /* as sent, never to be trusted; NULL: a plain field */
	const char *mime;     /* NULL: not said */
} cruet_part;

CRUET_BEGIN

/* The i-th file of that name; NULL after the last. name NULL: of all files. Reads the
 * whole form; one that is too large fails the request with 413. */
CRUET_API cruet_upload *cruet_upload_get(cruet_ctx *c, const char *name, size_t i);
CRUET_API const char *cruet_upload_name(const cruet_upload *u); /* of the field */
/* As sent ("../../x", "" where no file was chosen): see cruet_secure_filename(). */
CRUET_API const char *cruet_upload_filename(const cruet_upload *u);
CRUET_API const char *cruet_upload_mime(const cruet_upload *u); /* NULL: not said */
CRUET_API uint64_t cruet_upload_size(const cruet_upload *u);
/* Copies up to cap bytes from an offset; how many, or CRUET_EIO. */
CRUET_API ptrdiff_t cruet_upload_read(cruet_upload *u, uint64_t offset, void *buf,
				      size_t cap);
/* Writes it to a new file; CRUET_EEXIST if there is one of that name, CRUET_EIO. What
 * was written of it is removed on failure. */
CRUET_API int cruet_upload_save(cruet_upload *u, const char *path);

/* For routes with CRUET_STREAM_BODY: the handler reads the body by itself, in pieces,
 * as it arrives. Bytes read; 0 at the end; a negative code: CRUET_EPARSE (cut
 * short), CRUET_ELIMIT (more than server.body_max, or cruet_limit_body()),
 * CRUET_ETIMEOUT. The request has failed then. */
CRUET_API ptrdiff_t cruet_read(cruet_ctx *c, void *buf, size_t cap);
/* The same for the parts of a multipart body: CRUET_OK, CRUET_ENOENT after the last,
 * or an error; then the bytes of the present part. What is not read of one is skipped. */
CRUET_API int cruet_part_next(cruet_ctx *c, cruet_part *out);
CRUET_API ptrdiff_t cruet_part_read(cruet_ctx *c, void *buf, size_t cap);

CRUET_END
#endif
