/* The cookies of a client of one host, kept as a browser keeps them
 * (RFC 6265 5.3 and 5.4, without domains and https): longest path first, then the
 * oldest. */
#ifndef SERVER_COOKIE_JAR_H
#define SERVER_COOKIE_JAR_H

#include <stdint.h>

struct arena;
struct jar_cookie;

struct cookie_jar {
	struct jar_cookie *first;
};

void cookie_jar_init(struct cookie_jar *j);
void cookie_jar_fini(struct cookie_jar *j);
/* Takes over a Set-Cookie line; one that is over removes the cookie. now: unix
 * seconds. Silent when out of memory: the cookie is then not kept. */
void cookie_jar_store(struct cookie_jar *j, const char *line, const char *path, int64_t now);
/* The Cookie header for a request to path; NULL if it would be empty. */
const char *cookie_jar_header(const struct cookie_jar *j, struct arena *a, const char *path,
			      int64_t now);
/* The value of the one with the longest path; NULL if there is none. */
const char *cookie_jar_get(const struct cookie_jar *j, const char *name, int64_t now);
/* value NULL removes. */
void cookie_jar_set(struct cookie_jar *j, const char *name, const char *value);

#endif
