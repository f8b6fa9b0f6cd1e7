/* Where secrets stand in requests and replies: cookies, passwords, tokens. One walk serves
 * who masks them and who puts them back. */
#ifndef SERVER_SECRETS_H
#define SERVER_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* What is to stand in a place in place of value: value itself, or another text. Places are
 * "cookie.NAME" ("cookie." of one without a name), "header.NAME", "query.NAME", "form.NAME" and "json.NAME.NAME". */
typedef const char *secret_fn(void *arg, const char *place, const char *value);

struct secrets {
	struct arena *a; /* of what is made */
	secret_fn *fn;
	void *arg;
};

/* True if an argument of a rule is called like a secret: "/reset/<token>". Takes no memory. */
bool secrets_in_rule(const char *rule);

/* Each gives the text with what fn said, in the arena, or the text itself; NULL when out of
 * memory, or where fn has given NULL. */

/* "a=1&b=2"; where: "query" or "form". */
const char *secrets_pairs(const struct secrets *s, const char *where, const char *text);
/* A request's target: its query. */
const char *secrets_target(const struct secrets *s, const char *target);
/* The value of a header of a request or reply. */
const char *secrets_header(const struct secrets *s, const char *name, const char *value);
/* True: bodies of that type are forms or JSON, of which all secrets are found. */
bool secrets_knows(const char *type);
/* A body of that Content-Type, which may be NULL: forms, JSON, and the fields of forms in
 * HTML. Others stay. */
const char *secrets_body(const struct secrets *s, const char *type, const char *body,
			 size_t len, size_t *out_len);

#endif
