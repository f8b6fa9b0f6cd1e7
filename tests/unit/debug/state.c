/* What who builds and those who serve tell each other. */
#include "debug/state.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "cruet/error.h"
#include "suite.h"

static char folder[FOLDER_MAX];
static struct arena a;

static void setup(void)
{
	ck_assert(folder_make(folder));
	arena_init(&a, 1024);
}

static void teardown(void)
{
	arena_fini(&a);
}

START_TEST(a_state_comes_as_it_was_told)
{
	const struct state told = {.token = "5f-1",
				   .number = 7,
				   .app = "/tmp/app.so",
				   .failed = "it \"fails\"",
				   .said = "two\nlines\xff",
				   .places = {{"a.c", "/src/a.c", 3, 5, "expected ‘;’"}},
				   .nplaces = 1,
				   .seen_us = 1,
				   .quiet_us = 2,
				   .built_us = INT64_MAX};
	struct state s;

	ck_assert_int_eq(state_read(folder, &s, &a), CRUET_ENOENT);
	ck_assert_int_eq(state_write(folder, &told), CRUET_OK);
	ck_assert_int_eq(state_read(folder, &s, &a), CRUET_OK);
	ck_assert_str_eq(s.token, told.token);
	ck_assert_uint_eq(s.number, 7);
	ck_assert_str_eq(s.app, told.app);
	ck_assert_str_eq(s.failed, told.failed);
	ck_assert_str_eq(s.said, "two\nlines\xef\xbf\xbd");
	ck_assert_uint_eq(s.nplaces, 1);
	ck_assert_str_eq(s.places[0].file, "a.c");
	ck_assert_str_eq(s.places[0].path, "/src/a.c");
	ck_assert_uint_eq(s.places[0].line, 3);
	ck_assert_uint_eq(s.places[0].column, 5);
	ck_assert_str_eq(s.places[0].says, "expected ‘;’");
	ck_assert_int_eq(s.quiet_us, 2);
	ck_assert_int_eq(s.built_us, INT64_MAX);
	ck_assert_int_eq(state_write(folder, &(struct state){.token = "5f-2"}), CRUET_OK);
	ck_assert_int_eq(state_read(folder, &s, &a), CRUET_OK);
	ck_assert_ptr_null(s.app);
	ck_assert_ptr_null(s.failed);
	ck_assert_uint_eq(s.nplaces, 0);
}
END_TEST

START_TEST(what_is_no_state_is_refused)
{
	char path[PATH_MAX];
	struct state s;

	snprintf(path, sizeof path, "%s/" STATE_FILE, folder);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs("{\"token\": 5", f);
	fclose(f);
	ck_assert_int_eq(state_read(folder, &s, &a), CRUET_EPARSE);
	ck_assert_int_eq(state_write("/nothing", &(struct state){.token = "1"}), CRUET_EIO);
}
END_TEST

START_TEST(folders_of_all_are_told_once)
{
	static const char *const ours[] = {"/srv/static", "/srv/static", "/srv/more", NULL};
	const char *const *list = state_read_folders(folder, &a);

	ck_assert_ptr_nonnull(list);
	ck_assert_ptr_null(list[0]);
	ck_assert_int_eq(state_write_folders(folder, ours), CRUET_OK);
	list = state_read_folders(folder, &a);
	ck_assert_str_eq(list[0], "/srv/static");
	ck_assert_str_eq(list[1], "/srv/more");
	ck_assert_ptr_null(list[2]);
}
END_TEST

/* A process that begins with it and is gone before it is done. */
static void crash_at(uint64_t number, enum state_taken what)
{
	pid_t pid = fork();

	if (!pid)
		_exit(state_taking(folder, number, what));
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(what_a_process_crashed_at_is_not_tried_again)
{
	ck_assert_int_eq(state_to_take(folder, 7), STATE_NEWEST);
	ck_assert_int_eq(state_taking(folder, 7, STATE_NEWEST), CRUET_OK);
	ck_assert_int_eq(state_to_take(folder, 7), STATE_NEWEST); /* it is still at it */
	crash_at(7, STATE_NEWEST);
	ck_assert_int_eq(state_to_take(folder, 7), STATE_LAST_GOOD);
	crash_at(7, STATE_LAST_GOOD);
	ck_assert_int_eq(state_to_take(folder, 7), STATE_NOTHING);
	crash_at(7, STATE_NOTHING);
	ck_assert_int_eq(state_to_take(folder, 7), STATE_NOTHING);
	ck_assert_int_eq(state_to_take(folder, 8), STATE_NEWEST);
}
END_TEST

static bool has(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return !access(path, F_OK);
}

START_TEST(what_was_taken_up_is_kept)
{
	char app[PATH_MAX], own[64];

	snprintf(app, sizeof app, "%s/app.so", folder);
	snprintf(own, sizeof own, STATE_TAKING "%d", (int)getpid());
	FILE *f = fopen(app, "w");
	ck_assert_ptr_nonnull(f);
	fclose(f);
	ck_assert_int_eq(state_taking(folder, 7, STATE_NEWEST), CRUET_OK);
	ck_assert(has(own));
	state_took(folder, NULL);
	ck_assert(!has(own));
	ck_assert(!has(STATE_GOOD));
	state_took(folder, app);
	state_took(folder, app);
	ck_assert_int_eq(unlink(app), 0);
	ck_assert(has(STATE_GOOD));
}
END_TEST

SUITE_WITH("state", setup, teardown, a_state_comes_as_it_was_told, what_is_no_state_is_refused,
	   folders_of_all_are_told_once, what_a_process_crashed_at_is_not_tried_again,
	   what_was_taken_up_is_kept)
