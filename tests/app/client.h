/* An app that says what came and sends where and what it is told to, and its client. */
#ifndef TESTS_APP_CLIENT_H
#define TESTS_APP_CLIENT_H

#include "fixture.h"

/* What came: method, path, query, type and length of the body, its text. */
static inline int echo(cruet_ctx *c)
{
	size_t len;
	const char *body = cruet_body(c, &len);
	const char *type = cruet_header(c, "Content-Type");
	return cruet_textf(c, "%s %s?%s %s %zu %s", cruet_method(c), cruet_path(c),
			   cruet_query_string(c), type ? type : "-", len, body ? body : "");
}

static inline int head_of(cruet_ctx *c)
{
	const char *name, *value;
	for (size_t i = 0; cruet_pair(c, CRUET_FROM_HEADERS, i, &name, &value); i++)
		cruet_writef(c, "%s: %s\n", name, value);
	cruet_writef(c, "%s %s %s", cruet_peer(c), cruet_scheme(c), cruet_host(c));
	return cruet_text(c, NULL);
}

static inline int fields(cruet_ctx *c)
{
	const char *name, *value;
	for (size_t i = 0; cruet_pair(c, CRUET_FROM_QUERY, i, &name, &value); i++)
		cruet_writef(c, "%s=%s;", name, value);
	for (size_t i = 0; cruet_pair(c, CRUET_FROM_FORM, i, &name, &value); i++)
		cruet_writef(c, "%s=%s!", name, value);
	cruet_write(c, "");
	return cruet_text(c, NULL);
}

/* A page of two forms, written as different people do. */
static inline int forms(cruet_ctx *c)
{
	return cruet_html(c, "<formula><FORM ID='one' method=post><input type=hidden name=a value=1>\n"
			     "<input name=\"b\" value=\"&lt;&#34;&amp;amp;&gt;&quot;&#39;\" TYPE='hidden' />"
			     "<input type=text name=c value=3><input type=hidden name=d></form>"
			     "<form id=two><input-x type=hidden name=e value=5>"
			     "<input type=hidden required name=f value=\"6 > 5\"></form>"
			     "<form id=three><input type=hidden name=g value=\"7>");
}

/* ?code=302&to=/x: the Location as it is written. */
static inline int redirects(cruet_ctx *c)
{
	const char *to = cruet_query(c, "to");
	int err = cruet_status(c, (int)cruet_query_int(c, "code", 302));
	if (!err && to)
		err = cruet_set_header(c, "Location", to);
	return err ? err : cruet_text(c, "elsewhere");
}

static inline int loops(cruet_ctx *c)
{
	int64_t n = cruet_query_int(c, "n", 0);
	if (n == 0)
		return cruet_text(c, "arrived");
	return cruet_redirect(c, 0, cruet_printf(c, "/loop?n=%lld", (long long)n - 1));
}

/* ?line=...: a Set-Cookie line as it is written. */
static inline int sets(cruet_ctx *c)
{
	const char *name, *value;
	for (size_t i = 0; cruet_pair(c, CRUET_FROM_QUERY, i, &name, &value); i++) {
		int err = strcmp(name, "line") ? CRUET_OK
					       : cruet_add_header(c, "Set-Cookie", value);
		if (err)
			return err;
	}
	return cruet_text(c, "set");
}

static inline int cookies(cruet_ctx *c)
{
	const char *line = cruet_header(c, "Cookie");
	return cruet_text(c, line ? line : "none");
}

static cruet_app *app;
static cruet_client *t;

static inline void setup(void)
{
	app = cruet_new("test");
	cruet_log_to(app, quiet, NULL);
	cruet_get(app, "/forms", forms);
	cruet_add(app, "*", "/echo", echo, "echo", CRUET_HERE);
	cruet_add(app, "*", "/a/b/<path:rest>", echo, "below", CRUET_HERE);
	cruet_get(app, "/head", head_of);
	cruet_add(app, "GET,POST", "/fields", fields, "fields", CRUET_HERE);
	cruet_add(app, "*", "/to", redirects, "to", CRUET_HERE);
	cruet_add(app, "GET", "/a/b/to", redirects, "deep_to", CRUET_HERE);
	cruet_get(app, "/loop", loops);
	cruet_get(app, "/set", sets);
	cruet_add(app, "GET", "/shop/cart/set", sets, "deep_set", CRUET_HERE);
	cruet_get(app, "/cookies", cookies);
	cruet_add(app, "GET", "/shop/cookies", cookies, "shop_cookies", CRUET_HERE);
	cruet_add(app, "GET", "/shop/cart/cookies", cookies, "cart_cookies", CRUET_HERE);
	cruet_add(app, "GET", "/shopping", cookies, "other_cookies", CRUET_HERE);
	t = client_of(app);
}

static inline void teardown(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

#define WITH_APP(name)                                                                   \
	static void name##_body(void);                                                   \
	START_TEST(name)                                                                 \
	{                                                                                \
		setup();                                                                 \
		name##_body();                                                           \
		teardown();                                                              \
	}                                                                                \
	END_TEST                                                                         \
	static void name##_body(void)

#endif
