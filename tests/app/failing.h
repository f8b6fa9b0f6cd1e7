/* Handlers that fail in all ways, and an app of one of them whose log is kept. */
#ifndef TESTS_APP_FAILING_H
#define TESTS_APP_FAILING_H

#include "fixture.h"

static const cruet_errtype taken_kind = {sizeof taken_kind, 409, "taken", NULL};
static const cruet_errtype broken_kind = {sizeof broken_kind, 0, "broken", NULL};

/* One handler at "/", a log that is kept. */
static inline cruet_app *app_of(cruet_fn *handler)
{
	cruet_app *app = cruet_new("test");
	log_lines[0] = '\0';
	cruet_log_to(app, keep_lines, NULL);
	cruet_add(app, "GET,POST", "/", handler, "page", CRUET_HERE);
	return app;
}

static inline void finish(cruet_app *app, cruet_client *t)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* Asks handler once, with a body that is no JSON and says so. */
static inline void ask(cruet_fn *handler, int status, const char *has, const char *log)
{
	cruet_app *app = app_of(handler);
	cruet_client *t = client_of(app);
	ck_assert_int_eq(cruet_client_post(t, "/", "text/plain", "no json"), status);
	assert_contains(t, has);
	assert_lines(log);
	finish(app, t);
}

static inline int hands_it_on(cruet_ctx *c)
{
	ck_assert_ptr_null(cruet_body_json(c));
	return cruet_err(c);
}

static inline int another_status(cruet_ctx *c)
{
	ck_assert_ptr_null(cruet_body_json(c));
	return 404;
}

static inline int in_its_own_words(cruet_ctx *c)
{
	int err = cruet_fail(c, 404, "no user bob");
	ck_assert_int_eq(err, 404);
	err = cruet_fail(c, 401, "wrong name or password");
	ck_assert_int_eq(cruet_err(c), 401);
	return err;
}

static inline int kind_after_text(cruet_ctx *c)
{
	int err = cruet_fail(c, 404, "no user");
	err = cruet_raise(c, &taken_kind, "users.name");
	ck_assert_int_eq(err, 409);
	ck_assert_ptr_eq(cruet_err_kind(c), &taken_kind);
	return err;
}

#define LOG_SPLIT                                                                        \
	"ERROR test: [id] POST page: 500: cruet_set_header: the value of X-Name holds a "    \
	"line break or another control character\n"

static inline int misuse(cruet_ctx *c)
{
	ck_assert_int_eq(cruet_set_header(c, "X-Name", "a\r\nSet-Cookie: b"), CRUET_EINVAL);
	ck_assert_int_eq(cruet_err(c), CRUET_EINVAL);
	return cruet_text(c, "looks fine");
}

static bool handler_ran;
static inline int reads_form(cruet_ctx *c)
{
	handler_ran = true;
	return cruet_text(c, cruet_form(c, "x") ? "with x" : "without x");
}

static inline int misuses_and_goes_on(cruet_ctx *c)
{
	cruet_set_header(c, "X-Name", "a\nb");
	return CRUET_OK;
}

static inline int finish_busy(cruet_ctx *c)
{
	(void)c;
	return CRUET_EBUSY;
}

static inline int after_says_418(cruet_ctx *c)
{
	return cruet_fail(c, 418, "not today");
}

static inline int fails_once_more(cruet_ctx *c)
{
	return cruet_fail(c, 403, "while answering %d", cruet_err_status(c));
}

static int returned;
static inline int returns_it(cruet_ctx *c)
{
	(void)c;
	return returned;
}

static inline int raises_broken(cruet_ctx *c)
{
	return cruet_raise(c, &broken_kind, "the pump");
}

#endif
