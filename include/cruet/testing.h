/* Driving an app with no socket: the client is a transport like any other, so a
 * request takes the same way as one from the network. Not part of cruet.h.
 *
 *	cruet_client *t = cruet_client_new(app);
 *	ck_assert_int_eq(cruet_client_get(t, "/notes/7"), 200);
 *
 * Each request returns its status; what is read from the reply lives until the
 * next one. Cookies are kept between requests as a browser keeps them. One
 * thread per client; several clients may drive one app at once. */
#ifndef CRUET_TESTING_H
#define CRUET_TESTING_H

#include "cruet/types.h"

typedef struct cruet_client cruet_client;
typedef struct cruet_client_ws cruet_client_ws;

CRUET_BEGIN

/* Starts the app if it does not run yet. Never NULL but when out of memory: if
 * the app cannot start, every request gives 0 and cruet_problem() says why. */
CRUET_API cruet_client *cruet_client_new(cruet_app *app);
CRUET_API void cruet_client_free(cruet_client *t); /* NULL is fine */

/* For the next request alone. A header may be set several times; value NULL leaves
 * out one that the client adds by itself (Host, User-Agent, Content-Length). */
CRUET_API void cruet_client_set_header(cruet_client *t, const char *name,
				       const char *value);
CRUET_API void cruet_client_add_query(cruet_client *t, const char *name,
				      const char *value);
CRUET_API void cruet_client_add_field(cruet_client *t, const char *name,
				      const char *value);
/* The hidden fields of a form that the last reply shows, as a browser would send them: the one
 * with this id, NULL: the first. False if there is none. */
CRUET_API bool cruet_client_add_hidden(cruet_client *t, const char *form);
/* Makes the form of the next request multipart/form-data. */
CRUET_API void cruet_client_add_file(cruet_client *t, const char *field,
				     const char *filename, const char *mime,
				     const void *p, size_t len);

CRUET_API int cruet_client_get(cruet_client *t, const char *path);
CRUET_API int cruet_client_post(cruet_client *t, const char *path, const char *mime,
				const char *body);
/* POST of the fields and files that were added. */
CRUET_API int cruet_client_submit(cruet_client *t, const char *path);
/* Any method; json is the text of a JSON body, or NULL. */
CRUET_API int cruet_client_json(cruet_client *t, const char *method, const char *path,
				const char *json);
CRUET_API int cruet_client_send(cruet_client *t, const char *method, const char *path,
				const char *mime, const void *body, size_t len);
/* Goes where a redirect points, as a browser does: 307 and 308 keep method and
 * body, the others become GET. At most 20 steps, same host only; else 0. Any other
 * reply stays as it is. */
CRUET_API int cruet_client_follow(cruet_client *t);

CRUET_API int cruet_client_status(const cruet_client *t);
/* True if a streamed body broke off before its end. */
CRUET_API bool cruet_client_broken(const cruet_client *t);
CRUET_API const char *cruet_client_body(const cruet_client *t); /* "" if none */
CRUET_API size_t cruet_client_body_len(const cruet_client *t);
/* The first of that name; NULL if none. */
CRUET_API const char *cruet_client_header(const cruet_client *t, const char *name);
/* The i-th header, false after the last. */
CRUET_API bool cruet_client_header_at(const cruet_client *t, size_t i,
				      const char **name, const char **value);
/* The body read as JSON; NULL if it is not. */
CRUET_API const cruet_json *cruet_client_body_json(cruet_client *t);

/* The cookie jar. value NULL forgets. */
CRUET_API const char *cruet_client_cookie(const cruet_client *t, const char *name);
CRUET_API void cruet_client_set_cookie(cruet_client *t, const char *name,
				       const char *value);

/* Opens a WebSocket: a GET that asks for one, with the headers that were set; another
 * sub-protocol or Origin is set as one. NULL if it was refused: the reply says why. Free
 * it before the application, its client may go earlier. What the application does for
 * it runs within these calls. One thread for each. */
CRUET_API cruet_client_ws *cruet_client_ws_open(cruet_client *t, const char *path);
/* Closes it with 1001 if it is open; NULL is fine. */
CRUET_API void cruet_client_ws_free(cruet_client_ws *s);
/* kind: CRUET_WS_TEXT or CRUET_WS_BINARY. Runs the application's function for it.
 * CRUET_ESTATE: the connection has ended. */
CRUET_API int cruet_client_ws_send(cruet_client_ws *s, int kind, const void *p, size_t len);
CRUET_API int cruet_client_ws_text(cruet_client_ws *s, const char *text);
/* The next message that came, until the next read; NULL: none waits. Until it is read it
 * counts against max_queue. kind and len may be NULL; a NUL stands behind it. */
CRUET_API const char *cruet_client_ws_read(cruet_client_ws *s, int *kind, size_t *len);
CRUET_API int cruet_client_ws_close(cruet_client_ws *s, int code);
/* Why it has ended; 0: it has not. */
CRUET_API int cruet_client_ws_code(cruet_client_ws *s);
CRUET_API const char *cruet_client_ws_reason(cruet_client_ws *s); /* "" if none */

/* Runs a command of the application or a plugin as "cruet NAME ARG..." does; argv
 * holds the arguments alone. Its exit code, or 2 when there is none of that name. */
CRUET_API int cruet_client_command(cruet_client *t, const char *name, int argc,
				   char **argv);

/* The value of a text option, such as "path", of the i-th of the attached instances of a
 * plugin, such as "sqlite"; "" where it has none. NULL: there is no such instance. For who has
 * to know beforehand where an application will write. [setup] */
CRUET_API const char *cruet_plugin_option(const cruet_app *app, const char *plugin, size_t i,
					  const char *option);

/* Stops the application's clock at this moment (milliseconds since 1970); 0
 * lets it run again. */
CRUET_API void cruet_clock_set(cruet_app *app, int64_t ms);

CRUET_END
#endif
