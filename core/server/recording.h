/* A recording: requests and their replies, one a line, as JSON; docs/recording.md says what
 * stands in it. */
#ifndef SERVER_RECORDING_H
#define SERVER_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fields.h"
#include "server/secrets.h"

struct buf;
struct router;

enum { RECORDING_VERSION = 1, RECORDING_BODY_MAX = 1 << 20, RECORDING_LINE_MAX = 8 << 20 };

/* What each recording begins with. */
#define RECORDING_START "{\"recording\":"

/* A body; kept false: it was too long, or did not come whole. */
struct recorded_body {
	const char *p;
	size_t len;
	bool kept;
};

struct recorded {
	int64_t time_ms, took_us;
	const char *scheme; /* "http" or "https" */
	const char *method, *target;
	struct fields headers;
	struct recorded_body body;
	int status;
	struct fields reply;
	struct recorded_body reply_body;
	const char *const *masked; /* places; ends with NULL */
};

/* Appends its line, all secrets of which are masked already. */
void recording_put(struct buf *b, const struct recorded *r);
void recording_put_head(struct buf *b, const char *application);
/* Reads a line, in a. CRUET_OK, or an error and *why; CRUET_EPARSE: it is no JSON, as a line
 * that could not be written to its end. */
int recording_read(const char *line, size_t len, struct arena *a, struct recorded *out,
		   const char **why);
/* Whether a line is a head or a note; *why: it says that it cannot be read by this cruet, or
 * that the recording is not whole. */
bool recording_is_aside(const char *line, size_t len, struct arena *a, const char **why);

/* A URL without what stands in its path for a secret argument of the rules, which may be NULL:
 * all from there to the end of the path. In a, or url itself; NULL when out of memory. */
const char *recording_mask_url(const struct router *rules, struct arena *a, const char *url);
/* Masks a reply, in s->a: a recorded one was, one to compare with is. rules: of who made it,
 * or NULL. False: out of memory. */
bool recording_mask_reply(const struct secrets *s, const struct router *rules,
			  struct fields *reply, struct recorded_body *body);

#endif
