/* Many processes make their folders at once, and take away what they find left. */
#include "plugin/copies.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "folder.h"
#include "suite.h"

enum { THREADS = 4, ROUNDS = 400 };

/* A lock is of an open file: threads are as good as processes. */
static void *come_and_go(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		struct arena a;
		const char *why;
		arena_init(&a, 1024);
		struct copies *c = copies_new(&a, &why);
		char *path = c ? copies_add(c, "one", "x", 1, &a, &why) : NULL;
		const char *wrong = !c		       ? "no folder stayed"
				    : !path	       ? "nothing could be put into a folder"
				    : access(path, R_OK) ? "a folder was taken away from who had made it"
							 : NULL;
		copies_remove(path);
		copies_free(c);
		arena_fini(&a);
		if (wrong)
			return (void *)wrong;
	}
	return NULL;
}

START_TEST(nobody_takes_what_another_has_just_made)
{
	char folder[FOLDER_MAX];
	pthread_t all[THREADS];
	void *why = NULL;

	ck_assert(folder_make(folder));
	ck_assert_int_eq(setenv("TMPDIR", folder, 1), 0);
	unsetenv("XDG_RUNTIME_DIR");
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&all[i], NULL, come_and_go, NULL), 0);
	for (int i = 0; i < THREADS; i++) {
		void *said;
		ck_assert_int_eq(pthread_join(all[i], &said), 0);
		why = said ? said : why;
	}
	ck_assert_msg(!why, "%s", (const char *)why);
	ck_assert(folder_remove(folder));
}
END_TEST

START_TEST(what_cannot_be_locked_is_told_and_leaves_nothing)
{
	char folder[FOLDER_MAX];
	struct rlimit few = {0, 0}, all;
	struct arena a;
	const char *why;

	ck_assert(folder_make(folder));
	ck_assert_int_eq(setenv("TMPDIR", folder, 1), 0);
	unsetenv("XDG_RUNTIME_DIR");
	arena_init(&a, 1024);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
	few.rlim_max = all.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	struct copies *c = copies_new(&a, &why);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &all), 0);
	ck_assert_ptr_null(c);
	ck_assert_ptr_nonnull(why);
	ck_assert_ptr_nonnull(strstr(why, "cannot be locked: Too many open files"));
	arena_fini(&a);
	ck_assert_int_eq(rmdir(folder), 0); /* only one that is empty goes */
	unsetenv("TMPDIR");
}
END_TEST

SUITE("copies", what_cannot_be_locked_is_told_and_leaves_nothing, nobody_takes_what_another_has_just_made)
