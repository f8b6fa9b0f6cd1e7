/* Swaps while many ask: no request is lost, none sees two versions, and what was replaced
 * is gone. Meant for TSan and ASan as much as for what is asserted here. */
#include <pthread.h>
#include <stdatomic.h>

#include "swapping.h"

enum { CLIENTS = 4, SWAPS = 24, BROKEN = 12 /* each such swap is one */ };

static atomic_bool enough;
static atomic_long asked, mistakes, lines;
static char first_mistake[TEXT_CAP];

static void count_line(void *arg, int level, const char *who, const char *line)
{
	(void)arg, (void)level;
	if (!atomic_fetch_add(&lines, 1))
		snprintf(trace, sizeof trace, "%s: %s", who, line);
}

static void check(bool ok, const char *path, const cruet_client *by)
{
	if (!ok && !atomic_fetch_add(&mistakes, 1))
		snprintf(first_mistake, sizeof first_mistake, "%s: %d %s", path,
			 cruet_client_status(by), cruet_client_body(by));
}

static bool is_version(const char *s)
{
	return !strcmp(s, "1.0.0") || !strcmp(s, "2.0.0");
}

/* All that ran for the request is of the same version; and what follow is bound to is open. */
static void ask(cruet_client *by, const char *path)
{
	int status = cruet_client_get(by, path);
	const char *after = cruet_client_header(by, "X-After"), *body = cruet_client_body(by);

	check(status == 200 && after && is_version(body) && !strcmp(after, body), path, by);
}

static void *run_client(void *arg)
{
	cruet_client *by = cruet_client_new(app);

	(void)arg;
	while (!atomic_load(&enough)) {
		ask(by, "/shift");
		ask(by, "/follow");
		check(cruet_client_get(by, "/none") == 404, "/none", by);
		atomic_fetch_add(&asked, 3);
	}
	cruet_client_free(by);
	return NULL;
}

/* A ctx that no request opens stands on a generation, too. */
static void *run_job(void *arg)
{
	(void)arg;
	while (!atomic_load(&enough)) {
		cruet_ctx *c = cruet_open(app);
		if (!c || !cruet_alloc(c, 100))
			atomic_fetch_add(&mistakes, 1);
		cruet_close(c);
	}
	return NULL;
}

static void swap_once(int i)
{
	char *why = NULL;

	if (i % BROKEN == BROKEN / 2) {
		write_text("shift.so", "\177ELF and no more");
		ck_assert_int_eq(cruet_plugin_reload(app, "shift", &why), CRUET_EINVAL);
		free(why);
	}
	put_as("shift", i % 2 ? "shift_1" : "shift_2");
	int err = cruet_plugin_reload(app, "shift", &why);
	ck_assert_msg(!err, "swap %d: %s", i, why ? why : "no reason");
}

START_TEST(nothing_is_lost_and_nothing_mixed)
{
	pthread_t id[CLIENTS + 1];

	put_as("shift", "shift_1");
	put("follow");
	app = app_from("{\"plugins\": {\"shift\": {}, \"follow\": {}}}");
	cruet_log_to(app, count_line, NULL);
	t = cruet_client_new(app);
	assert_fine(app);
	for (int i = 0; i < CLIENTS + 1; i++)
		ck_assert_int_eq(pthread_create(&id[i], NULL, i ? run_client : run_job, NULL), 0);
	for (int i = 0; i < SWAPS; i++)
		swap_once(i);
	long before = atomic_load(&asked);
	while (atomic_load(&asked) == before && !atomic_load(&mistakes))
		sched_yield();
	atomic_store(&enough, true);
	for (int i = 0; i < CLIENTS + 1; i++)
		pthread_join(id[i], NULL);
	ck_assert_msg(!atomic_load(&mistakes), "%ld of %ld, first: %s", atomic_load(&mistakes),
		      atomic_load(&asked), first_mistake);
	ck_assert_msg(!atomic_load(&lines), "%s", trace);
	assert_fine(app);
	ck_assert_uint_eq(mapped("shift"), 1);
	ck_assert_uint_eq(mapped("follow"), 1);
	ck_assert_uint_eq(copies(NULL, 0), 2);
	serve_no_more();
}
END_TEST

HOST_SUITE("swap_load", nothing_is_lost_and_nothing_mixed)
