/* An application with a WebSocket that tells what happens, and clients for it. */
#ifndef TESTS_APP_WEBSOCKETS_H
#define TESTS_APP_WEBSOCKETS_H

#include "fixture.h"

#include <stdarg.h>

static char seen[1024]; /* what ran, in order */

__attribute__((format(printf, 1, 2))) static inline void note(const char *fmt, ...)
{
	size_t n = strlen(seen);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(seen + n, sizeof seen - n, fmt, ap);
	va_end(ap);
}

#define assert_seen(text)                                                                \
	do {                                                                             \
		ck_assert_str_eq(seen, text);                                            \
		seen[0] = '\0';                                                          \
	} while (0)

static inline int say(cruet_ws *w, const char *text)
{
	return cruet_ws_send(w, CRUET_WS_TEXT, text, strlen(text));
}

/* --- an application that tells what happens ------------------------------------- */

static inline int accept_it(cruet_ctx *c)
{
	note("accept ");
	const char *how = cruet_query(c, "how");
	if (!how)
		return CRUET_OK;
	if (!strcmp(how, "forbid"))
		return cruet_fail(c, 403, "not for you");
	if (!strcmp(how, "elsewhere"))
		return cruet_redirect(c, 302, "/login");
	if (!strcmp(how, "later"))
		return CRUET_LATER;
	return cruet_set_header(c, "Sec-WebSocket-Protocol", how);
}

static inline int opened(cruet_ws *w, cruet_ctx *c)
{
	const char *name = cruet_arg(c, "name");
	const char *protocol = cruet_ws_protocol(w);

	note("open:%s ", protocol ? protocol : "-");
	if (!strcmp(name, "nobody"))
		return 404;
	int err = cruet_ws_set(w, name, strlen(name));
	return err ? err : say(w, cruet_printf(c, "hello %s", name));
}

static inline int said(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	const char *text = p, *name = cruet_ws_get(w, NULL);

	note("message:%s ", text);
	ck_assert_uint_eq(strlen(text), len);
	ck_assert_str_eq(cruet_data(c), "the data");
	ck_assert_str_eq(cruet_endpoint(c), "talk");
	ck_assert_ptr_null(cruet_header(c, "Host"));
	if (!strcmp(text, "leave"))
		return cruet_ws_close(w, 4000, "as you like");
	if (!strcmp(text, "forbidden"))
		return cruet_fail(c, 403, "you may not");
	if (!strcmp(text, "broken"))
		return cruet_fail(c, 500, "it broke");
	if (!strcmp(text, "io"))
		return CRUET_EIO;
	if (!strcmp(text, "number"))
		return 77;
	text = cruet_printf(c, "%s said %s", name, text);
	return text ? cruet_ws_send(w, kind, text, strlen(text)) : CRUET_ENOMEM;
}

static inline void closed(cruet_ws *w, cruet_ctx *c, int code)
{
	(void)c;
	note("close:%d ", code);
	ck_assert_int_eq(say(w, "too late"), CRUET_ESTATE);
	ck_assert_int_eq(cruet_ws_close(w, 1000, NULL), CRUET_ESTATE);
	ck_assert_int_eq(cruet_ws_join(w, "group"), CRUET_ESTATE);
}

static inline int before(cruet_ctx *c)
{
	note("before ");
	return cruet_query(c, "stop") ? cruet_fail(c, 401, "who are you?") : CRUET_OK;
}

static inline int after(cruet_ctx *c)
{
	note("after:%d ", cruet_reply_status(c));
	if (cruet_query(c, "other"))
		return cruet_text(c, "something else");
	return cruet_set_header(c, "X-After", "yes");
}

static inline void torn_down(cruet_ctx *c, int err)
{
	(void)c;
	note("teardown:%d ", err);
}

static inline int page(cruet_ctx *c)
{
	return cruet_text(c, "a page");
}

static char data[] = "the data";
static cruet_ws_rule talk = {.size = sizeof talk,
			     .path = "/talk/<name>",
			     .name = "talk",
			     .protocols = "chat, json",
			     .accept = accept_it,
			     .open = opened,
			     .message = said,
			     .close = closed,
			     .data = data,
			     .here = "websockets.c:1"};

static cruet_app *app;
static cruet_client *t;

static inline void setup(void)
{
	app = cruet_new("test");
	cruet_log_to(app, keep_lines, NULL);
	cruet_before(app, before);
	cruet_after(app, after);
	cruet_teardown(app, torn_down);
	cruet_get(app, "/page", page);
	cruet_get(app, "/both", page);
	cruet_websocket(app, &talk);
	cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule),
					      .path = "/both",
					      .name = "other",
					      .here = CRUET_HERE});
	t = client_of(app);
	seen[0] = log_lines[0] = '\0';
}

static inline void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

static inline cruet_client_ws *open_it(const char *path)
{
	cruet_client_ws *s = cruet_client_ws_open(t, path);
	ck_assert_msg(s != NULL, "%d %s", cruet_client_status(t), cruet_client_body(t));
	return s;
}

static inline void refuses(const char *path, int status, const char *text)
{
	ck_assert_ptr_null(cruet_client_ws_open(t, path));
	ck_assert_int_eq(cruet_client_status(t), status);
	assert_contains(t, text);
}

#define assert_read(s, text) ck_assert_str_eq(cruet_client_ws_read(s, NULL, NULL), text)
#define assert_silent(s)     ck_assert_ptr_null(cruet_client_ws_read(s, NULL, NULL))

#endif
