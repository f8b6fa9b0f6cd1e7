/* The walk over a JSON text that decides what is JSON (RFC 8259), before cJSON
 * sees it. Private to core/http. */
#ifndef HTTP_JSON_SCAN_H
#define HTTP_JSON_SCAN_H

#include <stdbool.h>
#include "base/buf.h"
#include "http/json_read.h"

struct scan_key {
	size_t at, len; /* of the decoded name in names */
	size_t offset;  /* in the text */
};

struct scan_integer {
	size_t number;      /* it is the n-th number of the text */
	size_t offset, len; /* its digits */
};

struct scan {
	const char *text;
	size_t len, at;
	struct json_limits limits;
	unsigned depth, members;
	size_t numbers;
	struct buf names;  /* decoded names of the objects that are open */
	struct scan_key *keys;
	size_t nkeys, keys_cap;
	struct scan_integer *integers; /* those that a double cannot hold */
	size_t nintegers, integers_cap;
	struct json_problem *why;
};

void scan_init(struct scan *s, const char *text, size_t len, const struct json_limits *limits,
	       struct json_problem *why);
void scan_fini(struct scan *s);
/* True if the whole text is one JSON value; else *why says what is wrong, with
 * line 0 when memory ran out. */
bool scan_document(struct scan *s);
/* Sets *why to a place and a sentence; false, to be returned. */
bool scan_fail(struct scan *s, size_t offset, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A copy of the text (free() it) with comments made blank; NULL and *why. */
char *scan_blank_comments(struct scan *s);
void scan_space(struct scan *s);
/* Skips one value that is known to be JSON. */
bool scan_value(struct scan *s);
/* Reads a string at s->at; with out, its decoded bytes are appended there. */
bool scan_string(struct scan *s, struct buf *out);

#endif
