/* The check that a JSON text passes before cJSON parses it (RFC 8259), and the
 * exact printer: cJSON accepts and prints what it should not. */
#ifndef HTTP_JSON_READ_H
#define HTTP_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;
struct buf;

enum {
	JSON_COMMENTS = 1u << 0, /* allow // and / * * / (config files) */
};

/* A number node whose integer is beyond this carries its exact text in
 * valuestring (cJSON_Delete() frees it). */
#define JSON_EXACT_MAX INT64_C(9007199254740991)

/* Set in the type of a value that lost a child for want of memory, or because it
 * cannot have one like that: json_write() then returns CRUET_ENOMEM or CRUET_EINVAL. */
enum { JSON_BROKEN = 1 << 16, JSON_MISUSED = 1 << 17 };

struct json_limits {
	unsigned depth;   /* 64 */
	unsigned members; /* 10,000: members and elements in all */
};

struct json_problem {
	unsigned line, column; /* from 1; column counts bytes */
	bool limit;            /* so far it is JSON, but more than is allowed */
	char what[160];        /* "expected ',' or '}', found 'x'" */
};

/* Parses [p, len) strictly: UTF-8 only, no BOM, no duplicate names, no number
 * out of range, no lone surrogate, no NUL character, no trailing text. NULL and
 * *why when it is not JSON, over a limit, or out of memory (then why->line is
 * 0). Free with cJSON_Delete(). Integers that a double cannot hold are kept
 * exactly: see json_int(). Linear cost. */
struct cJSON *json_read(const char *p, size_t len, unsigned flags,
			const struct json_limits *limits, struct json_problem *why);

/* Appends the value: compact, or indented by two spaces; members in order,
 * UTF-8 as it is and U+FFFD for each byte that is none, integers exact to 64 bits,
 * reals shortest. CRUET_ELIMIT beyond 1,000 levels. */
int json_write(struct buf *b, const struct cJSON *j, int indent);

/* Whether json_write() could, but for memory: CRUET_OK, or what it would say. */
int json_check(const struct cJSON *j);

/* Appends s as a JSON text in the same way, quotes and all; NULL is "". */
void json_write_text(struct buf *b, const char *s);

/* The exact integer of a number node; def when it is none or does not fit. */
int64_t json_int(const struct cJSON *j, int64_t def);

/* The place of the value at a path of member names ("plugins", "sqlite", NULL) in
 * a text that json_read() took with JSON_COMMENTS; false if there is none. cJSON
 * keeps no places, so this walks the text again: for messages only. */
bool json_place(const char *p, size_t len, const char *const *path, unsigned *line,
		unsigned *column);

#endif
