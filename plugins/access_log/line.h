/* One request as one line. Nothing that a client sends can end the line, begin
 * another one or move a terminal's cursor: what is no plain text is written as
 * \xNN, in JSON as \u00NN. What is too long is cut, and says so by "...". */
#ifndef ACCESS_LOG_LINE_H
#define ACCESS_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINE_MAX_LEN = 4096 }; /* what a pipe takes in one piece */

enum line_format { LINE_COMMON = 0, LINE_COMBINED, LINE_EXTENDED, LINE_JSON };

/* Texts may be NULL: they are not known. */
struct entry {
	int64_t now_ms; /* since 1970 */
	const char *peer, *method, *target, *scheme, *host, *referer, *agent, *id,
		*endpoint;
	const char *err; /* why the reply did not leave whole */
	unsigned minor;
	int status;
	uint64_t received, sent;
	int64_t took_us;
};

struct line_opts {
	enum line_format format;
	bool query; /* with what stands behind '?' */
	const char *const
		*mask; /* names of the query whose values are not shown; or NULL */
};

/* The length, a line feed at the end included. */
size_t line_write(char out[LINE_MAX_LEN], const struct line_opts *o,
		  const struct entry *e);

#endif
