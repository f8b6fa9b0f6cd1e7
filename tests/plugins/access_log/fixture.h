/* A site whose requests are logged to a file, and what came to stand in it. */
#ifndef TESTS_ACCESS_LOG_FIXTURE_H
#define TESTS_ACCESS_LOG_FIXTURE_H

#include <time.h>
#include "../edge.h"

extern const cruet_plugin cruet_plugin_access_log;

enum { PATIENCE_MS = 20000, NOON = 1795435200 /* 2026-11-23 12:00:00 */ };

static cruet_app *app;
static cruet_client *t;
static char text[1 << 20];

static inline int page(cruet_ctx *c)
{
	return cruet_text(c, "page");
}

/* The rest of the test goes on in a folder of its own. */
static inline void move_in(void)
{
	static char folder[FOLDER_MAX];

	if (!*folder)
		ck_assert(folder_make(folder) && !chdir(folder));
}

static inline void prepare(const char *options)
{
	move_in();
	app = new_app();
	cruet_clock_set(app, (int64_t)NOON * 1000);
	cruet_use_static(app, &cruet_plugin_access_log, options);
	cruet_add(app, "GET,POST", "/", page, "page", CRUET_HERE);
}

static inline void setup(const char *options)
{
	prepare(options);
	t = client_of(app);
}

static inline void teardown(void)
{
	done(app, t);
}

/* A file's whole text; NULL if it is not there. */
static inline const char *read_file(const char *name)
{
	FILE *f = fopen(name, "r");

	if (!f)
		return NULL;
	size_t n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static inline int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Waits until a file has this text. */
static inline void await(const char *name, const char *want)
{
	int64_t end = now_ms() + PATIENCE_MS;
	const char *got;

	while ((!(got = read_file(name)) || !strstr(got, want)) && now_ms() < end)
		nanosleep(&(struct timespec){0, 10000000}, NULL);
	ck_assert_msg(got && strstr(got, want), "no \"%s\" in %s: %s", want, name,
		      got ? got : "(none)");
}

#endif
