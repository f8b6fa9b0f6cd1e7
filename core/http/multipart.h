/* Multipart bodies (RFC 7578, RFC 2046 5.1), read in pieces as they arrive: the heads
 * of parts one after another, and the bytes of each. Whatever the body holds, the
 * memory is one buffer. */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* The next bytes of the body; 0 at its end, negative: a CRUET_E code. */
typedef ptrdiff_t multipart_source(void *arg, void *buf, size_t cap);

enum { MULTIPART_HEAD_MAX = 8192, MULTIPART_BOUNDARY_MAX = 200 };

struct multipart {
	struct arena *arena;
	multipart_source *source;
	void *arg;
	char mark[MULTIPART_BOUNDARY_MAX + 4]; /* "\n--boundary" */
	size_t mark_len;
	char *buf;
	size_t start, end; /* what is unread of buf */
	size_t clean;      /* bytes from start that belong to no mark */
	bool eof, over;
	bool fresh; /* nothing of the present part was read yet */
};

/* The head of a part; texts in the arena. */
struct multipart_part {
	const char *name;     /* "" if there is none */
	const char *filename; /* NULL: no file */
	const char *mime;     /* NULL: not said */
};

/* CRUET_EPARSE if the boundary is empty or too long, CRUET_ENOMEM. */
int multipart_init(struct multipart *m, struct arena *a, const char *boundary,
		   multipart_source *source, void *arg);
/* The next part; what is unread of the one before is skipped. CRUET_OK, CRUET_ENOENT
 * after the last, CRUET_EPARSE (malformed, or cut short), CRUET_ELIMIT (a head of
 * more than 8 KiB), CRUET_ENOMEM, or what the source said. */
int multipart_next(struct multipart *m, struct multipart_part *out);
/* The next bytes of the present part; 0 at its end; negative as above. */
ptrdiff_t multipart_read(struct multipart *m, void *buf, size_t cap);

#endif
