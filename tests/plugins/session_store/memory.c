/* Each allocation of a store may fail: then the call fails, nothing else happens, and the
 * next one is as if nothing had been. */
#include "fail_alloc.h"
#include "fixture.h"

static cruet_app *app;
static cruet_service s;

static void begin(void)
{
	ck_assert_int_eq(cruet_bind(app, CRUET_SESSION_STORE, NULL,
				    sizeof(cruet_session_store), &s),
			 CRUET_OK);
}

static void on_db(void)
{
	app = new_app();
	use_db(app, NULL);
	begin();
}

static void on_cache(void)
{
	app = new_app();
	use_cache(app, "memory=1m\nshards=1");
	begin();
}

static void teardown(void)
{
	cruet_free(app);
	folder_done();
}

/* Larger than what a ctx has room for. */
static char large[20000];

START_TEST(each_allocation_may_fail)
{
	const cruet_session_store *vt = s.vt;
	bool more = true;

	memset(large, 'x', sizeof large);
	for (size_t n = 1; more; n++) {
		cruet_ctx *c = open_ctx(app);
		const void *p = NULL;
		size_t len = 0;
		fail_alloc_at(n);
		int saved = vt->save(s.self, c, "id", large, sizeof large, 60000);
		int loaded = vt->load(s.self, c, "id", &p, &len);
		int updated = vt->update(s.self, c, "id", large, sizeof large, 60000);
		int dropped = vt->drop(s.self, c, "id");
		more = fail_alloc_off();
		ck_assert(more || !(saved || loaded || updated || dropped));
		if (!loaded) {
			ck_assert_uint_eq(len, sizeof large);
			ck_assert_mem_eq(p, large, len);
		}
		if (!saved && !loaded && !updated && !dropped)
			ck_assert_int_eq(vt->load(s.self, c, "id", &p, &len),
					 CRUET_ENOENT);
		cruet_close(c);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {each_allocation_may_fail};
	int a = suite_run_with("session_store_memory_db", tests, 1, 60, on_db, teardown);
	int b = suite_run_with("session_store_memory_cache", tests, 1, 60, on_cache,
			       teardown);
	return a ? a : b;
}
