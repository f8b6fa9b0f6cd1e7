/* Many threads check against tables that nobody has used before. */
#include "fixture.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 300, TABLES = 40 };

struct worker {
	pthread_t thread;
	cruet_app *app;
	int wrong;
};

static void *work(void *arg)
{
	struct worker *w = arg;

	for (int i = 0; i < ROUNDS; i++) {
		char rules[64], want[64], input[32];
		int n = i % TABLES;
		snprintf(rules, sizeof rules, "integer|min:%d|regex:/^[0-9]+$/", n + 1);
		snprintf(want, sizeof want, "The f field must be at least %d.", n + 1);
		snprintf(input, sizeof input, "{\"f\": \"%d\"}", n);
		const cruet_field_rule table[] = {{"f", rules}, {NULL, NULL}};
		cruet_ctx *ctx = cruet_open(w->app);
		const cruet_valid *v = cruet_check_json(
			ctx, cruet_json_parse(ctx, input, strlen(input)), 0, table);
		const char *got = cruet_valid_error(v, "f");
		w->wrong += !got || strcmp(got, want) != 0;
		cruet_close(ctx);
	}
	return NULL;
}

START_TEST(tables_are_compiled_by_any_thread)
{
	struct worker workers[THREADS];

	for (int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.app = app};
		ck_assert_int_eq(
			pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		ck_assert_int_eq(workers[i].wrong, 0);
	}
}
END_TEST

CTX_SUITE("validate_threads", tables_are_compiled_by_any_thread)
