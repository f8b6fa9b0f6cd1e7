/* Reading the request. Strings are borrowed and live as long as the ctx.
 * A missing thing is NULL, or the default the caller gives. [request] */
#ifndef CRUET_REQUEST_H
#define CRUET_REQUEST_H

#include "cruet/types.h"

CRUET_BEGIN

CRUET_API const char *cruet_method(const cruet_ctx *c);
CRUET_API const char *cruet_path(const cruet_ctx *c);   /* decoded: "/a b" */
CRUET_API const char *cruet_raw_path(const cruet_ctx *c); /* as sent: "/a%20b" */
/* As they were sent, or as a trusted proxy says (server.proxy_...). */
CRUET_API const char *cruet_scheme(const cruet_ctx *c); /* "http" */
CRUET_API const char *cruet_host(const cruet_ctx *c);   /* "a.example:8080" */
CRUET_API const char *cruet_peer(const cruet_ctx *c);   /* client address */
CRUET_API const char *cruet_root(const cruet_ctx *c);   /* path of the site, "" */
/* True if a proxy that is trusted has said something of this request: then what it
 * adds besides may be believed as well. */
CRUET_API bool cruet_proxied(const cruet_ctx *c);
CRUET_API const char *cruet_query_string(const cruet_ctx *c); /* undecoded, "" */
CRUET_API const char *cruet_endpoint(const cruet_ctx *c); /* "notes.show" */
CRUET_API const char *cruet_pattern(const cruet_ctx *c);  /* the rule */

/* The address of this request: "http://host/root/path?query"; without the query;
 * and of the site, "http://host/root/". NULL when out of memory. */
CRUET_API const char *cruet_full_url(cruet_ctx *c);
CRUET_API const char *cruet_base_url(cruet_ctx *c);
CRUET_API const char *cruet_root_url(cruet_ctx *c);

/* Repeated headers read as one, joined by a comma (Cookie: by "; "); of those
 * that may stand once, the first. cruet_pair walks them one by one. */
CRUET_API const char *cruet_header(const cruet_ctx *c, const char *name);
CRUET_API const char *cruet_cookie(cruet_ctx *c, const char *name);
CRUET_API const char *cruet_query(cruet_ctx *c, const char *name);
CRUET_API int64_t cruet_query_int(cruet_ctx *c, const char *name, int64_t def);
CRUET_API const char *cruet_form(cruet_ctx *c, const char *name);

/* Walks repeated and unknown names: i-th pair, false after the last. */
enum cruet_from { CRUET_FROM_QUERY = 1, CRUET_FROM_FORM = 2,
	CRUET_FROM_HEADERS = 3, CRUET_FROM_COOKIES = 4, CRUET_FROM_ARGS = 5,
	CRUET_FROM_REPLY = 6 /* headers of the reply, as far as they are set */ };
CRUET_API bool cruet_pair(cruet_ctx *c, int from, size_t i,
			  const char **name, const char **value);

/* Path arguments. Asking for a name the route lacks is a bug in the app and
 * fails the request with 500 and a message. */
CRUET_API const char *cruet_arg(cruet_ctx *c, const char *name);
CRUET_API int64_t cruet_arg_int(cruet_ctx *c, const char *name);

/* Takes an argument away from those that follow; NULL if there is none. For what
 * cruet_on_match() has registered. */
CRUET_API const char *cruet_take_arg(cruet_ctx *c, const char *name);

/* The type of the body in lower case without parameters, "" if none was sent; one
 * of its parameters, NULL if there is none. */
CRUET_API const char *cruet_mime(cruet_ctx *c);
CRUET_API const char *cruet_mime_param(cruet_ctx *c, const char *name);
CRUET_API bool cruet_is_json(cruet_ctx *c); /* application/json, application/...+json */

/* The best of offers (ends with NULL) for a header such as Accept,
 * Accept-Language, Accept-Charset or Accept-Encoding; the first without one; NULL
 * if none fits. */
CRUET_API const char *cruet_accept(const cruet_ctx *c, const char *header,
				   const char *const *offers);

/* How much Accept-Encoding wants a content coding such as "gzip", in thousandths; 0: it is
 * not taken. "identity", no coding, is taken unless it is refused; without the header it
 * alone is. */
CRUET_API int cruet_accept_coding(const cruet_ctx *c, const char *coding);

/* What the header Authorization says. Members are NULL where it says nothing. */
typedef struct cruet_auth {
	uint32_t size;
	uint32_t reserved;
	const char *type;            /* lower case: "basic", "bearer" */
	const char *user, *password; /* of basic; user also of those with username="..." */
	const char *token;           /* of all but basic: what follows the type */
} cruet_auth;
/* False, with all members NULL, if there is none or it is malformed. out->size is
 * set by the caller. */
CRUET_API bool cruet_authorization(cruet_ctx *c, cruet_auth *out);
/* True if it says "Bearer" with this token, which is not empty; what was sent tells by
 * no time that it takes how much of it is right. */
CRUET_API bool cruet_bearer(cruet_ctx *c, const char *token);

/* What stands for this request in log lines: what was set, or a number that is unique
 * in this process ("1000000a3"). id: 1 to 128 visible ASCII characters; it is shown on
 * error pages of 500 and above too. */
CRUET_API const char *cruet_request_id(const cruet_ctx *c);
CRUET_API int cruet_set_request_id(cruet_ctx *c, const char *id);

/* Another limit for the body of this request, before it is read; bytes. */
CRUET_API void cruet_limit_body(cruet_ctx *c, uint64_t max);
CRUET_API const void *cruet_body(cruet_ctx *c, size_t *len);

/* The body as JSON. NULL when it is not: then cruet_err(c) is 415 (another
 * type was sent) or 400, with line and column. _any ignores the type sent. */
CRUET_API const cruet_json *cruet_body_json(cruet_ctx *c);
CRUET_API const cruet_json *cruet_body_json_any(cruet_ctx *c);

/* The scope that registered the function now running. */
CRUET_API cruet_app *cruet_scope(const cruet_ctx *c);
/* Whether those who write the application look on: `cruet run --debug`. */
CRUET_API bool cruet_debugging(const cruet_ctx *c);
CRUET_API void *cruet_data(const cruet_ctx *c);       /* cruet_rule.data    */

CRUET_END
#endif
