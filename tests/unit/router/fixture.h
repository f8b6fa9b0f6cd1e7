/* A router, and short words for what tests ask it. */
#ifndef TESTS_ROUTER_FIXTURE_H
#define TESTS_ROUTER_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "app/router.h"
#include "base/arena.h"
#include "base/buf.h"
#include "cruet/error.h"
#include "suite.h"

static struct arena mem;
static struct router *router;
static const char *why;

static inline void router_begin(const struct router_opts *opts)
{
	static const struct router_opts usual = {.redirect_defaults = true,
						 .merge_slashes = true};
	arena_init(&mem, 16384);
	router = router_new(opts ? opts : &usual);
	ck_assert_ptr_nonnull(router);
}

static inline void router_end(void)
{
	router_free(router);
	arena_fini(&mem);
}

/* A rule that names its endpoint after its path, strict about its last slash. */
static inline struct rule rule_of(const char *methods, const char *path)
{
	return (struct rule){.methods = methods,
			     .path = path,
			     .endpoint = path,
			     .here = "site.c:1",
			     .flags = RULE_STRICT_SLASHES};
}

static inline void add(struct rule r)
{
	int err = router_add(router, &r, NULL, NULL, NULL, &mem, &why);
	ck_assert_msg(!err, "%s: %s", r.path, why);
	ck_assert_ptr_null(why);
}

static inline void add_rule(const char *methods, const char *path)
{
	add(rule_of(methods, path));
}

#define add_rules(...)                                                                   \
	do {                                                                             \
		static const char *const paths_[] = {__VA_ARGS__};                       \
		for (size_t i_ = 0; i_ < sizeof paths_ / sizeof *paths_; i_++)           \
			add_rule("GET", paths_[i_]);                                     \
	} while (0)

static inline void compile(void)
{
	ck_assert_int_eq(router_compile(router, &mem, &why), CRUET_OK);
}

static inline struct match look_up(const char *method, const char *raw, const char *query,
				   const char *domain)
{
	struct lookup q = {.method = method, .raw_path = raw, .query = query, .domain = domain};
	struct match m;

	memset(&m, 0, sizeof m);
	ck_assert_int_eq(router_match(router, &mem, NULL, &q, &m), CRUET_OK);
	return m;
}

/* What a match says, in words: "/u/<int:id> id=7", "-> /a/", "404", "405 GET, HEAD". */
static inline const char *said(const struct match *m)
{
	struct buf b;

	buf_init(&b, &mem, 0);
	switch (m->kind) {
	case MATCH_FOUND:
		buf_str(&b, m->rule->endpoint);
		for (size_t i = 0; i < m->nargs; i++)
			buf_printf(&b, " %s=%s", m->args[i].name, m->args[i].value);
		break;
	case MATCH_REDIRECT:
		buf_printf(&b, "-> %s", m->location);
		break;
	case MATCH_NONE:
		buf_str(&b, "404");
		break;
	case MATCH_METHOD:
		buf_printf(&b, "405 %s", m->allow);
		break;
	case MATCH_WEBSOCKET:
		buf_str(&b, "400");
		break;
	}
	ck_assert_int_eq(buf_err(&b), CRUET_OK);
	return b.p;
}

static inline const char *ask(const char *method, const char *raw)
{
	struct match m = look_up(method, raw, "", "");
	return said(&m);
}

/* An arena in which so many bytes of a block of 256 are taken: so that, with one
 * number or another, each allocation is the one for which there is no room. */
enum { FILL_STEP = 16, FILL_MAX = 256 };
static inline void arena_filled(struct arena *a, size_t fill)
{
	arena_init(a, 256);
	for (; fill; fill -= FILL_STEP)
		ck_assert_ptr_nonnull(arena_alloc(a, 1));
}

#define assert_get(raw, want) ck_assert_str_eq(ask("GET", raw), want)

#endif
