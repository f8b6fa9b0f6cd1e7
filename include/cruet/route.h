/* Routes. "/users/<int:id>/files/<path:name>"; converters: string (default),
 * int, float, path, uuid, any(a,b,c), and those an app or plugin adds. */
#ifndef CRUET_ROUTE_H
#define CRUET_ROUTE_H

#include "cruet/types.h"

/* A function for each method, as the views of one resource:
 *
 *	static const cruet_view note = {.size = sizeof note, .get = show, .put = change};
 *	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/notes/<int:id>",
 *				       .name = "note", .view = &note, .here = CRUET_HERE});
 *
 * HEAD is answered by get unless head is there. */
typedef struct cruet_view {
	uint32_t size; /* sizeof(cruet_view) */
	uint32_t reserved;
	cruet_fn *get, *head, *post, *put, *patch, *del, *options;
} cruet_view;

typedef struct cruet_rule {
	uint32_t size;       /* sizeof(cruet_rule) */
	uint32_t flags;
	const char *methods; /* "GET,POST", "*"; HEAD and OPTIONS come by themselves */
	const char *path;
	const char *name;    /* endpoint, for cruet_url() */
	cruet_fn *fn;
	void *data;          /* cruet_data() in the handler */
	const char *here;    /* CRUET_HERE; named when two rules collide */
	const char *defaults; /* arguments the path leaves out: "page=1&sort=name" */
	const char *subdomain; /* "api", "<user>"; NULL: the site itself */
	const char *host;    /* a whole host, "<user>.example.com"; NULL: any */
	const cruet_view *view; /* instead of methods and fn; stays where it is */
} cruet_rule;

enum cruet_rule_flags {
	CRUET_LOOSE_SLASH = 1u << 0, /* with and without a last slash alike */
	CRUET_NO_OPTIONS = 1u << 1,  /* no OPTIONS by itself */
	CRUET_ANY_ORIGIN = 1u << 2,  /* other sites may post here (webhooks) */
	CRUET_KEEP_SLASHES = 1u << 3, /* a double slash is not merged */
	CRUET_BUILD_ONLY = 1u << 4,  /* never matched, only for cruet_url() */
	CRUET_STREAM_BODY = 1u << 5  /* the handler reads the body by itself (upload.h) */
};

/* One kind of path argument. prepare reads the text in brackets once, when
 * the rule is added (NULL with cruet_reject: bad); parse says whether
 * [s, s+len) fits and may give another spelling of it; format is its inverse, NULL:
 * this value does not fit. release frees what prepare gave, when the rule is gone. */
typedef struct cruet_converter {
	uint32_t size;
	uint32_t flags; /* bit 0: may contain '/' */
	int32_t weight; /* lower is tried first; string 100, int 50, path 200 */
	const char *name;
	const void *(*prepare)(void *self, cruet_app *app, const char *args);
	bool (*parse)(void *self, const void *prepared, cruet_ctx *c,
		      const char *s, size_t len, const char **out);
	const char *(*format)(void *self, const void *prepared, cruet_ctx *c,
			      const char *value);
	void *self;
	void (*release)(void *self, const void *prepared); /* NULL: nothing to free */
} cruet_converter;

/* cruet_get(app, "/", index) names the endpoint after the function. */
#define cruet_get(app, path, fn)   cruet_add(app, "GET", path, fn, #fn, CRUET_HERE)
#define cruet_post(app, path, fn)  cruet_add(app, "POST", path, fn, #fn, CRUET_HERE)
#define cruet_put(app, path, fn)   cruet_add(app, "PUT", path, fn, #fn, CRUET_HERE)
#define cruet_patch(app, path, fn) cruet_add(app, "PATCH", path, fn, #fn, CRUET_HERE)
#define cruet_del(app, path, fn)   cruet_add(app, "DELETE", path, fn, #fn, CRUET_HERE)

CRUET_BEGIN

CRUET_API int cruet_route(cruet_app *app, const cruet_rule *rule);
CRUET_API int cruet_add(cruet_app *app, const char *methods, const char *path,
			cruet_fn *fn, const char *name, const char *here);
CRUET_API int cruet_convert(cruet_app *app, const cruet_converter *kind);

/* Requests that change something and that a browser marks as coming from
 * another site get 403. This lets one origin ("https://a.example") through in
 * a scope; "null" and other sites of the same domain count as foreign. */
CRUET_API int cruet_allow_origin(cruet_app *app, const char *origin);
/* The same for origins that no list names: fn says whether one may. origin is the
 * header as it was sent, "null" included; cruet_scope() is app. */
typedef bool cruet_origin_fn(cruet_ctx *c, const char *origin);
CRUET_API int cruet_allow_origins(cruet_app *app, cruet_origin_fn *fn);

/* cruet_url(c, "users.show", "id", "7", (char *)0) gives "/users/7", in the
 * request's memory; spare pairs become the query string, pairs with a NULL value
 * are left out. "_anchor", "_external" ("1"), "_scheme" and "_method" say how. ".show"
 * is an endpoint of the blueprint that the request is in. NULL, with the request
 * failed, if it cannot be built. */
CRUET_API const char *cruet_url(cruet_ctx *c, const char *endpoint, ...)
	CRUET_SENTINEL;
typedef struct cruet_url_pair {
	const char *name, *value;
} cruet_url_pair;
CRUET_API const char *cruet_url_pairs(cruet_ctx *c, const char *endpoint,
				      const cruet_url_pair *pairs, size_t n);

/* True if a rule has this endpoint, by its whole name. Otherwise *nearest, unless NULL, is
 * the one that may have been meant, or NULL: for options of a plugin that name endpoints,
 * which it can look at when it is started. In any ctx. */
CRUET_API bool cruet_endpoint_known(cruet_ctx *c, const char *endpoint, const char **nearest);

/* Functions that give values to URLs that are built without them: of the outermost
 * scope first, then inwards to the blueprint of the endpoint. */
typedef struct cruet_url_values cruet_url_values;
typedef void cruet_url_fn(cruet_ctx *c, const char *endpoint, cruet_url_values *v);
CRUET_API int cruet_url_defaults(cruet_app *app, cruet_url_fn *fn);
/* True if a rule of the endpoint has this argument and nobody gave it a value. */
CRUET_API bool cruet_url_lacks(const cruet_url_values *v, const char *name);
CRUET_API void cruet_url_give(cruet_url_values *v, const char *name, const char *value);

/* What cannot be built: the first of these that gives a URL is taken. why is the
 * sentence of the failure. */
typedef const char *cruet_url_error_fn(cruet_ctx *c, const char *endpoint, const char *why);
CRUET_API int cruet_on_url_error(cruet_app *app, cruet_url_error_fn *fn);

CRUET_END
#endif
