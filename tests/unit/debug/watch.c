/* Which files change, told by the kernel and by times. */
#include "debug/watch.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cruet/error.h"
#include "suite.h"

static char base[FOLDER_MAX];
static struct watch *w;
static char seen[4096]; /* " a.c b.h": names below base, in the order of telling */

static const char *below(const char *name)
{
	static char path[2][PATH_MAX];
	static unsigned turn;

	turn = !turn;
	snprintf(path[turn], sizeof path[turn], "%s/%s", base, name);
	return path[turn];
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(below(name), "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void note(void *arg, const char *path)
{
	(void)arg;
	strcat(seen, " ");
	strcat(seen, path ? path + strlen(base) + 1 : "?");
}

/* What has changed since the last time. */
static const char *changed(void)
{
	*seen = '\0';
	watch_read(w, note, NULL);
	return seen;
}

static void begin(bool by_time)
{
	ck_assert(folder_make(base));
	w = watch_new(by_time);
	ck_assert_ptr_nonnull(w);
}

/* Both ways, one after the other. */
#define BOTH_WAYS(body)                                    \
	for (int by_time = 0; by_time < 2; by_time++) {    \
		begin(by_time);                            \
		body();                                    \
		watch_free(w);                             \
	}

static void watch_base(bool deep)
{
	ck_assert_int_eq(watch_folder(w, base, deep), CRUET_OK);
}

static void written_moved_removed(void)
{
	put("a.c", "one");
	watch_base(false);
	ck_assert_str_eq(changed(), "");
	put("a.c", "other");
	ck_assert_str_eq(changed(), " a.c");
	put("b.tmp", "new");
	changed();
	ck_assert_int_eq(rename(below("b.tmp"), below("a.c")), 0);
	ck_assert_ptr_nonnull(strstr(changed(), " a.c"));
	ck_assert_int_eq(unlink(below("a.c")), 0);
	ck_assert_str_eq(changed(), " a.c");
	ck_assert_str_eq(changed(), "");
}

START_TEST(files_that_are_written_moved_and_removed_are_told)
{
	BOTH_WAYS(written_moved_removed)
}
END_TEST

static void folder_that_comes(void)
{
	watch_base(true);
	mkdir(below("new"), 0700);
	mkdir(below("new/deep"), 0700);
	put("new/deep/a.c", "one");
	ck_assert_str_eq(changed(), " new/deep/a.c");
	put("new/deep/b.c", "one");
	ck_assert_str_eq(changed(), " new/deep/b.c");
}

START_TEST(folders_that_come_are_watched_with_what_is_in_them)
{
	BOTH_WAYS(folder_that_comes)
}
END_TEST

static void folder_of_two_names(void)
{
	mkdir(below("src"), 0700);
	ck_assert_int_eq(symlink("src", below("link")), 0);
	watch_base(true);
	put("src/a.c", "one");
	ck_assert_str_eq(changed(), " link/a.c src/a.c");
	mkdir(below("src/deep"), 0700);
	put("src/deep/b.c", "one");
	ck_assert_str_eq(changed(), " link/deep/b.c src/deep/b.c");
	put("src/deep/b.c", "other");
	ck_assert_str_eq(changed(), " link/deep/b.c src/deep/b.c");
	ck_assert_int_eq(unlink(below("link")), 0);
	changed();
	put("src/a.c", "more");
	ck_assert_ptr_nonnull(strstr(changed(), " src/a.c"));
}

START_TEST(a_folder_that_a_link_leads_to_is_told_by_each_name)
{
	BOTH_WAYS(folder_of_two_names)
}
END_TEST

static void left_out(void)
{
	mkdir(below(".git"), 0700);
	mkdir(below("node_modules"), 0700);
	mkdir(below("build"), 0700);
	mkdir(below("src"), 0700);
	put("build/build.ninja", "");
	watch_base(true);
	put(".git/a.c", "");
	put("node_modules/a.c", "");
	put("build/a.c", "");
	put("src/a.c", "");
	ck_assert_str_eq(changed(), " src/a.c");
}

START_TEST(what_nobody_edits_is_left_out)
{
	BOTH_WAYS(left_out)
}
END_TEST

static void not_deep(void)
{
	mkdir(below("src"), 0700);
	watch_base(false);
	put("src/a.c", "");
	ck_assert_str_eq(changed(), "");
	ck_assert_int_eq(watch_folder(w, below("nothing"), true), CRUET_OK);
}

START_TEST(what_is_below_is_nothing_to_a_flat_watch)
{
	BOTH_WAYS(not_deep)
}
END_TEST

/* Of one that is made by writing it is told when it is whole. */
START_TEST(a_file_that_is_being_written_is_not_told)
{
	begin(false);
	watch_base(false);
	FILE *f = fopen(below("a.c"), "w");
	ck_assert_ptr_nonnull(f);
	fputs("half", f);
	fflush(f);
	ck_assert_str_eq(changed(), "");
	fclose(f);
	ck_assert_str_eq(changed(), " a.c");
	ck_assert_int_eq(symlink("a.c", below("b.c")), 0);
	ck_assert_str_eq(changed(), " b.c");
	watch_free(w);
}
END_TEST

/* What was followed to another place would be told under its old name. */
START_TEST(a_folder_that_is_moved_away_is_not_followed)
{
	begin(false);
	mkdir(below("src"), 0700);
	mkdir(below(".away"), 0700);
	put("src/a.c", "");
	watch_base(true);
	ck_assert_int_eq(rename(below("src"), below(".away/src")), 0);
	ck_assert_str_eq(changed(), " ?");
	put(".away/src/a.c", "other");
	ck_assert_str_eq(changed(), "");
	ck_assert_int_eq(rename(below(".away/src"), below("src")), 0);
	ck_assert_str_eq(changed(), " src/a.c");
	put("src/a.c", "third");
	ck_assert_str_eq(changed(), " src/a.c");
	watch_free(w);
}
END_TEST

START_TEST(its_descriptor_tells_that_there_is_something)
{
	begin(false);
	watch_base(false);
	struct pollfd p = {.fd = watch_fd(w), .events = POLLIN};
	ck_assert_int_eq(watch_wait(w), -1);
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	put("a.c", "");
	ck_assert_int_eq(poll(&p, 1, 0), 1);
	watch_free(w);
	begin(true);
	watch_base(false);
	ck_assert_int_eq(watch_fd(w), -1);
	ck_assert_int_gt(watch_wait(w), 0);
	watch_free(w);
	watch_free(NULL);
}
END_TEST

SUITE("watch", files_that_are_written_moved_and_removed_are_told,
      folders_that_come_are_watched_with_what_is_in_them, what_nobody_edits_is_left_out,
      what_is_below_is_nothing_to_a_flat_watch, a_folder_that_a_link_leads_to_is_told_by_each_name, a_file_that_is_being_written_is_not_told,
      a_folder_that_is_moved_away_is_not_followed, its_descriptor_tells_that_there_is_something)
