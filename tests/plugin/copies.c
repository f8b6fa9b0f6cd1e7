/* Plugins run from private copies: nobody changes code that runs, and nothing is left
 * behind. */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "host.h"

static bool mapped(const char *name)
{
	char *maps = malloc(FILE_CAP);
	size_t n = read_bytes("/proc/self/maps", maps);

	maps[n] = '\0';
	bool found = strstr(maps, name) != NULL;
	free(maps);
	return found;
}

static void assert_version(cruet_client *t, const char *version)
{
	ck_assert_int_eq(cruet_client_get(t, "/well"), 200);
	ck_assert_str_eq(cruet_client_body(t), version);
}

START_TEST(an_overwritten_file_changes_nothing)
{
	const char *path = put("well");
	cruet_app *app = app_here();
	cruet_use(app, "well", NULL);
	cruet_client *t = cruet_client_new(app);
	assert_fine(app);

	int fd = open(path, O_WRONLY | O_TRUNC); /* in place: mapped pages would be gone */
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "garbage", 7), 7);
	close(fd);
	assert_version(t, "1.0.0");
	unlink(path);
	assert_version(t, "1.0.0");
	cruet_client_free(t);
	cruet_free(app);
}
END_TEST

/* The dynamic linker compares paths: with the file's own it would hand out the old
 * code again. */
START_TEST(a_new_file_under_the_old_name_is_new_code)
{
	put("well");
	cruet_app *old = app_here();
	cruet_use(old, "well", NULL);
	put_as("well", "well_2");
	cruet_app *new = app_here();
	cruet_use(new, "well", NULL);
	cruet_client *t = cruet_client_new(old), *u = cruet_client_new(new);
	assert_version(t, "1.0.0");
	assert_version(u, "2.0.0");
	cruet_client_free(t);
	cruet_client_free(u);
	cruet_free(old);
	cruet_free(new);
}
END_TEST

START_TEST(copies_are_private_and_go)
{
	char path[256];
	struct stat st;

	put("well");
	put("once");
	cruet_app *app = app_from("{\"plugins\": {\"well\": {}, \"once\": {}}}");
	assert_fine(app);
	ck_assert_uint_eq(copies(path, sizeof path), 2);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0500);
	*strrchr(path, '/') = '\0';
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
	ck_assert(mapped("-well.so"));
	cruet_free(app);
	ck_assert_int_ne(stat(path, &st), 0);
	ck_assert(!mapped("-well.so"));
}
END_TEST

START_TEST(one_that_cannot_be_unmapped_is_said_so)
{
	put("unique");
	cruet_app *app = app_here();
	cruet_use(app, "unique", NULL);
	assert_fine(app);
	cruet_free(app);
	ck_assert(mapped("-unique.so"));
	assert_trace("test: plugin 'unique' cannot be unmapped: its code stays (it has unique "
		     "symbols)\n");
}
END_TEST

/* A process that loads a plugin and then ends without a word, or waits. */
static pid_t process(bool waits, int *ready)
{
	int pipes[2];
	ck_assert_int_eq(pipe(pipes), 0);
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		cruet_app *app = app_here();
		cruet_use(app, "well", NULL);
		if (write(pipes[1], "x", 1) != 1 || cruet_problem(app))
			_exit(1);
		while (waits)
			pause();
		_exit(0);
	}
	char x;
	ck_assert_int_eq(read(pipes[0], &x, 1), 1);
	close(pipes[1]);
	*ready = pipes[0];
	return pid;
}

START_TEST(what_a_dead_process_left_is_removed)
{
	int fd, status;

	put("well");
	pid_t pid = process(false, &fd);
	waitpid(pid, &status, 0);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(copies(NULL, 0), 1);

	cruet_app *app = app_here();
	cruet_use(app, "well", NULL);
	ck_assert_uint_eq(copies(NULL, 0), 1); /* its own */
	cruet_free(app);
	ck_assert_uint_eq(copies(NULL, 0), 0);
	close(fd);
}
END_TEST

START_TEST(what_a_living_process_uses_stays)
{
	char path[256];
	int fd, status;
	struct stat st;

	put("well");
	pid_t pid = process(true, &fd);
	ck_assert_uint_eq(copies(path, sizeof path), 1);
	cruet_app *app = app_here();
	cruet_use(app, "well", NULL);
	ck_assert_uint_eq(copies(NULL, 0), 2);
	cruet_free(app);
	ck_assert_int_eq(stat(path, &st), 0);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);

	app = app_here(); /* cleans up */
	cruet_use(app, "well", NULL);
	cruet_free(app);
	close(fd);
}
END_TEST

HOST_SUITE("copies", an_overwritten_file_changes_nothing,
	   a_new_file_under_the_old_name_is_new_code, copies_are_private_and_go,
	   one_that_cannot_be_unmapped_is_said_so, what_a_dead_process_left_is_removed,
	   what_a_living_process_uses_stays)
