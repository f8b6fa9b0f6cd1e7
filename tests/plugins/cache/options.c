/* What the plugin says of options that do not fit each other. */
#include "fixture.h"

static void assert_refused(const char *options, const char *sentence)
{
	cruet_app *app = app_with(options);

	ck_assert_ptr_nonnull(cruet_problem(app));
	ck_assert_str_eq(cruet_problem(app), sentence);
	cruet_free(app);
}

START_TEST(options_that_do_not_fit_are_sentences)
{
	assert_refused(
		"memory=100k",
		"plugin 'cache': option memory: 102400 bytes in 16 shards: expected "
		"8192 or more for each: raise memory, or lower shards");
	assert_refused("memory=1m\nvalue_max=64k",
		       "plugin 'cache': option value_max: 65536 bytes do not fit half a "
		       "shard, which has 65536: expected at most 32390: raise memory, or "
		       "lower shards");
	assert_refused("memory=1k",
		       "plugin 'cache': option memory = \"1k\": expected all "
		       "that it may take, from 64k to 64g");
	assert_refused("shards=0",
		       "plugin 'cache': option shards = \"0\": expected from 1 "
		       "to 256 parts, each with a lock of its own");
	assert_refused("size=1m", "plugin 'cache': unknown option size");
}
END_TEST

START_TEST(a_value_may_have_what_fits_half_a_shard)
{
	static const struct {
		const char *options;
		uint64_t value_max, bytes_max;
	} all[] = {{"", 1 << 20, 64 << 20},
		   {"memory=1m", 32390, 1 << 20},
		   {"memory=1m\nshards=1", 524288 - 378, 1 << 20},
		   {"memory=1m\nvalue_max=1000", 1000, 1 << 20},
		   {"memory=64k\nshards=8", 4096 - 378, 64 << 10},
		   {"memory=100001\nshards=3", 16640 - 378, 99840}};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		cruet_app *app = app_with(all[i].options);
		cruet_ctx *c = open_ctx(app);
		cruet_cache_stats st = stats_of(c);
		char *large = cruet_alloc(c, (size_t)st.value_max + 1);
		ck_assert_uint_eq(st.value_max, all[i].value_max);
		ck_assert_uint_eq(st.bytes_max, all[i].bytes_max);
		ck_assert_int_eq(cruet_cache_set(c, "a", large, st.value_max, 0), 0);
		ck_assert_ptr_nonnull(cruet_cache_get(c, "a", NULL));
		cruet_close(c);
		cruet_free(app);
	}
}
END_TEST

START_TEST(two_instances_are_two_caches)
{
	char file[FOLDER_MAX + 16], folder[FOLDER_MAX];
	cruet_service one, two;
	cruet_app *app = new_app();

	ck_assert(folder_make(folder));
	snprintf(file, sizeof file, "%s/cruet.json", folder);
	FILE *f = fopen(file, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f,
		"{\"plugins\": {\"pages\": {\"plugin\": \"cache\", \"memory\": \"1m\"},"
		"\"counts\": {\"plugin\": \"cache\", \"memory\": \"2m\"}}}");
	fclose(f);
	cruet_load(app, file);
	cruet_bind(app, CRUET_CACHE, "pages", sizeof(cruet_cache), &one);
	cruet_bind(app, CRUET_CACHE, "counts", sizeof(cruet_cache), &two);
	ck_assert_msg(!cruet_problem(app), "%s", cruet_problem(app));
	cruet_ctx *c = open_ctx(app);
	const cruet_cache *vt = one.vt;
	cruet_cache_stats st = {.size = sizeof st};
	ck_assert_int_eq(vt->set(one.self, c, "a", "x", 1, 0, 0), CRUET_OK);
	ck_assert_int_eq(vt->stats(one.self, c, &st), CRUET_OK);
	ck_assert_uint_eq(st.bytes_max, 1 << 20);
	ck_assert_uint_eq(st.entries, 1);
	ck_assert_int_eq(vt->stats(two.self, c, &st), CRUET_OK);
	ck_assert_uint_eq(st.bytes_max, 2 << 20);
	ck_assert_uint_eq(st.entries, 0);
	cruet_close(c);
	cruet_free(app);
	ck_assert(folder_remove(folder));
}
END_TEST

SUITE("cache_options", options_that_do_not_fit_are_sentences,
      a_value_may_have_what_fits_half_a_shard, two_instances_are_two_caches)
