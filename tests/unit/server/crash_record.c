/* Records come from a process that has crashed. */
#include "server/crash_record.h"

#include <string.h>

#include "suite.h"

static struct crash_record good(void)
{
	struct crash_record r = {.size = sizeof r, .id = "5f3a91c2", .nframes = 2, .nmodules = 1};

	r.frames[1].module = -1;
	return r;
}

START_TEST(a_good_one_is_left_as_it_is)
{
	struct crash_record r = good(), before = r;

	ck_assert(crash_record_check(&r, sizeof r));
	ck_assert_mem_eq(&r, &before, sizeof r);
}
END_TEST

START_TEST(numbers_beyond_their_bounds_are_none)
{
	struct crash_record r = good();

	ck_assert(!crash_record_check(&r, sizeof r - 1));
	r.size--;
	ck_assert(!crash_record_check(&r, sizeof r));
	r = good();
	r.nframes = CRASH_FRAMES + 1;
	ck_assert(!crash_record_check(&r, sizeof r));
	r = good();
	r.nmodules = CRASH_MODULES + 1;
	ck_assert(!crash_record_check(&r, sizeof r));
	r = good();
	r.nplugins = UINT32_MAX;
	ck_assert(!crash_record_check(&r, sizeof r));
}
END_TEST

START_TEST(an_id_names_a_file)
{
	const char *const bad[] = {"../../ab", "5f3a91cG", "a b", "A", NULL};

	for (size_t i = 0; bad[i]; i++) {
		struct crash_record r = good();
		memset(r.id, 0, sizeof r.id);
		memcpy(r.id, bad[i], strlen(bad[i]));
		ck_assert_msg(!crash_record_check(&r, sizeof r), "%s", bad[i]);
	}
}
END_TEST

START_TEST(every_text_has_an_end)
{
	struct crash_record r;

	memset(&r, 'a', sizeof r);
	r.size = sizeof r;
	r.nframes = CRASH_FRAMES;
	r.nmodules = CRASH_MODULES;
	r.nplugins = CRASH_PLUGINS;
	ck_assert(crash_record_check(&r, sizeof r));
	ck_assert_uint_lt(strnlen(r.id, sizeof r.id), sizeof r.id);
	ck_assert_uint_lt(strnlen(r.plugin.name, sizeof r.plugin.name), sizeof r.plugin.name);
	ck_assert_uint_lt(strnlen(r.climber, sizeof r.climber), sizeof r.climber);
	ck_assert_uint_lt(strnlen(r.step, sizeof r.step), sizeof r.step);
	ck_assert_uint_lt(strnlen(r.method, sizeof r.method), sizeof r.method);
	ck_assert_uint_lt(strnlen(r.target, sizeof r.target), sizeof r.target);
	ck_assert_uint_lt(strnlen(r.route, sizeof r.route), sizeof r.route);
	for (int i = 0; i < CRASH_MODULES; i++)
		ck_assert_uint_lt(strnlen(r.modules[i].file, CRASH_PATH), CRASH_PATH);
	for (int i = 0; i < CRASH_PLUGINS; i++)
		ck_assert_uint_lt(strnlen(r.plugins[i].version, sizeof r.plugins[i].version),
				  sizeof r.plugins[i].version);
}
END_TEST

START_TEST(frames_lie_in_modules_that_there_are)
{
	struct crash_record r = good();

	r.frames[0].module = 1;
	r.frames[1].module = INT32_MIN;
	ck_assert(crash_record_check(&r, sizeof r));
	ck_assert_int_eq(r.frames[0].module, -1);
	ck_assert_int_eq(r.frames[1].module, -1);
}
END_TEST

SUITE("crash_record", a_good_one_is_left_as_it_is, numbers_beyond_their_bounds_are_none,
      an_id_names_a_file, every_text_has_an_end, frames_lie_in_modules_that_there_are)
