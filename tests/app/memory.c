/* The memory of a request and its store: what lives how long, and what is called at
 * the end, in which order. */
#include "fixture.h"

static cruet_app *app;
static cruet_client *t;
static char order[256];

static void note(void *p)
{
	strcat(order, p);
}

static void serve(cruet_fn *fn)
{
	app = cruet_new("test");
	log_lines[0] = order[0] = '\0';
	cruet_log_to(app, keep_lines, NULL);
	cruet_get(app, "/", fn);
	t = client_of(app);
}
static void done(void)
{
	cruet_client_free(t);
	cruet_free(app);
}

/* --- memory ---------------------------------------------------------------------------------- */

static int allocates(cruet_ctx *c)
{
	static const size_t sizes[] = {0, 1, 7, 16, 100, 5000, 100000, 1 << 20};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		unsigned char *p = cruet_alloc(c, sizes[i]);
		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % 16, 0);
		for (size_t k = 0; k < sizes[i]; k++)
			if (p[k])
				ck_abort_msg("byte %zu of %zu is not 0", k, sizes[i]);
		memset(p, 0xaa, sizes[i]); /* so that the next request would see it */
	}
	return cruet_text(c, "ok");
}

START_TEST(memory_is_cleared_and_aligned)
{
	serve(allocates);
	for (int i = 0; i < 3; i++)
		assert_get(t, "/", 200);
	done();
}
END_TEST

static int copies(cruet_ctx *c)
{
	char local[] = "text";
	char *copy = cruet_strdup(c, local), *made = cruet_printf(c, "%s-%d-%s", local, 7, "x");
	local[0] = 'n';
	ck_assert_str_eq(copy, "text");
	ck_assert_str_eq(made, "text-7-x");
	ck_assert_str_eq(cruet_strdup(c, ""), "");
	ck_assert_str_eq(cruet_printf(c, "%s", ""), "");
	ck_assert_ptr_null(cruet_strdup(c, NULL));
	ck_assert_int_eq(cruet_err(c), CRUET_OK);
	ck_assert_str_eq(cruet_number(c, 0), "0");
	ck_assert_str_eq(cruet_number(c, INT64_MIN), "-9223372036854775808");
	ck_assert_str_eq(cruet_number(c, INT64_MAX), "9223372036854775807");
	char *large = cruet_printf(c, "%100000d", 1);
	ck_assert_uint_eq(strlen(large), 100000);
	return cruet_text(c, copy);
}

START_TEST(texts_are_copied_and_formatted)
{
	serve(copies);
	assert_get(t, "/", 200);
	assert_body(t, "text");
	done();
}
END_TEST

static int wants_all(cruet_ctx *c)
{
	ck_assert_ptr_null(cruet_alloc(c, SIZE_MAX));
	ck_assert_ptr_null(cruet_alloc(c, SIZE_MAX - 100));
	ck_assert_int_eq(cruet_err(c), CRUET_ENOMEM);
	ck_assert_ptr_nonnull(cruet_alloc(c, 10)); /* there is some left */
	return cruet_err(c);
}

START_TEST(who_wants_too_much_fails_alone)
{
	serve(wants_all);
	assert_get(t, "/", 500);
	assert_lines("ERROR test: [id] GET fn: 500: out of memory\n");
	done();
}
END_TEST

/* --- deferred calls ------------------------------------------------------------------------------ */

static int defers(cruet_ctx *c)
{
	for (const char *p = "1\0002\0003\0"; *p; p += 2) {
		int err = cruet_defer(c, note, (void *)p);
		if (err)
			return err;
	}
	return cruet_text(c, "ok");
}
static int defers_and_fails(cruet_ctx *c)
{
	int err = cruet_defer(c, note, (void *)"x");
	return err ? err : 404;
}
static void ends(cruet_ctx *c, int err)
{
	(void)err;
	note((void *)"t");
	(void)!cruet_defer(c, note, (void *)"d");
}

START_TEST(deferred_calls_run_after_teardown_last_first)
{
	app = cruet_new("test");
	cruet_get(app, "/", defers);
	cruet_get(app, "/fails", defers_and_fails);
	cruet_teardown(app, ends);
	t = client_of(app);
	order[0] = '\0';
	assert_get(t, "/", 200);
	ck_assert_str_eq(order, "td321");
	order[0] = '\0';
	assert_get(t, "/fails", 404);
	ck_assert_str_eq(order, "tdx");
	assert_get(t, "/none", 404);
	ck_assert_str_eq(order, "tdxtd");
	done();
}
END_TEST

static void reads_memory(void *p)
{
	ck_assert_str_eq(p, "still there");
	note((void *)"r");
}
static int defers_its_memory(cruet_ctx *c)
{
	int err = cruet_defer(c, reads_memory, cruet_strdup(c, "still there"));
	return err ? err : cruet_text(c, "ok");
}

START_TEST(the_memory_of_the_request_outlives_deferred_calls)
{
	serve(defers_its_memory);
	assert_get(t, "/", 200);
	ck_assert_str_eq(order, "r");
	done();
}
END_TEST

/* --- the store ------------------------------------------------------------------------------------ */

static const cruet_key one = {"test.key"}, two = {"test.key"};

static int stores(cruet_ctx *c)
{
	ck_assert_ptr_null(cruet_g_get(c, &one));
	ck_assert_int_eq(cruet_g_set(c, &one, (void *)"a", note), CRUET_OK);
	ck_assert_int_eq(cruet_g_set(c, &two, (void *)"b", note), CRUET_OK); /* another key */
	ck_assert_str_eq(cruet_g_get(c, &one), "a");
	ck_assert_str_eq(cruet_g_get(c, &two), "b");
	ck_assert_int_eq(cruet_g_set(c, &one, (void *)"c", note), CRUET_OK);
	ck_assert_str_eq(cruet_g_get(c, &one), "c");
	ck_assert_int_eq(cruet_g_set(c, &two, NULL, note), CRUET_OK);
	ck_assert_ptr_null(cruet_g_get(c, &two));
	ck_assert_str_eq(order, ""); /* what was replaced may still be in use */
	return cruet_text(c, "ok");
}

START_TEST(each_value_of_the_store_is_freed_once_at_the_end)
{
	serve(stores);
	assert_get(t, "/", 200);
	ck_assert_str_eq(order, "cba");
	order[0] = '\0';
	assert_get(t, "/", 200);
	ck_assert_str_eq(order, "cba");
	done();
}
END_TEST

static int puts_user(cruet_ctx *c)
{
	return cruet_g_set(c, &one, cruet_strdup(c, "ann"), NULL);
}
static int says_user(cruet_ctx *c)
{
	return cruet_text(c, cruet_g_get(c, &one));
}
static int stamps_user(cruet_ctx *c)
{
	return cruet_set_header(c, "X-User", cruet_g_get(c, &one));
}
static void checks_user(cruet_ctx *c, int err)
{
	(void)err;
	ck_assert_str_eq(cruet_g_get(c, &one), "ann");
}

START_TEST(the_store_is_seen_from_the_first_hook_to_teardown)
{
	app = cruet_new("test");
	cruet_before(app, puts_user);
	cruet_after(app, stamps_user);
	cruet_teardown(app, checks_user);
	cruet_get(app, "/", says_user);
	t = client_of(app);
	assert_get(t, "/", 200);
	assert_body(t, "ann");
	assert_header(t, "X-User", "ann");
	done();
}
END_TEST

SUITE("memory", memory_is_cleared_and_aligned, texts_are_copied_and_formatted,
      who_wants_too_much_fails_alone, deferred_calls_run_after_teardown_last_first,
      the_memory_of_the_request_outlives_deferred_calls,
      each_value_of_the_store_is_freed_once_at_the_end,
      the_store_is_seen_from_the_first_hook_to_teardown)
