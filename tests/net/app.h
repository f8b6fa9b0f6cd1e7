/* The application that most tests of this folder serve. */
#ifndef TESTS_NET_APP_H
#define TESTS_NET_APP_H

#include <stdatomic.h>
#include "raw.h"

static atomic_int smuggled; /* in the server's process: how often /smuggled ran */

static int app_hello(cruet_ctx *c)
{
	return cruet_text(c, "Hello, world!\n");
}

static int app_echo(cruet_ctx *c)
{
	size_t len;
	const char *body = cruet_body(c, &len);

	return body ? cruet_textf(c, "len=%zu body=%.64s", len, body) : cruet_err(c);
}

static int app_smuggled(cruet_ctx *c)
{
	atomic_fetch_add(&smuggled, 1);
	return cruet_text(c, "smuggled");
}

static int app_count(cruet_ctx *c)
{
	return cruet_textf(c, "smuggled %d", atomic_load(&smuggled));
}

static void app(cruet_app *app)
{
	cruet_get(app, "/", app_hello);
	cruet_post(app, "/echo", app_echo);
	cruet_get(app, "/smuggled", app_smuggled);
	cruet_get(app, "/count", app_count);
}

/* A request that must never be run, as bytes of something else. */
#define SMUGGLED "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

static inline void nothing_was_smuggled(int port)
{
	assert_reply(ask(port, "GET /count HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", NULL),
		     200, "smuggled 0");
}

#endif
