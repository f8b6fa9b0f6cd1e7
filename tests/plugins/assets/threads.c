/* Many ask for the fingerprints of files that change meanwhile. */
#include "assets.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"

enum { THREADS = 4, CHANGES = 50, SMALL = 1 << 16, LARGE = 4 << 20 };

static char folder[FOLDER_MAX];
static struct prints prints;
static atomic_bool over;
static unsigned char states[CHANGES + 1][HASH_LEN]; /* all that "a" ever has */

static const char *path_of(const char *name)
{
	static _Thread_local char path[FOLDER_MAX + 16];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	int fd = open(path_of(".new"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	char from[FOLDER_MAX + 16];

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	strcpy(from, path_of(".new"));
	ck_assert_int_eq(rename(from, path_of(name)), 0);
}

static const char *state(int i)
{
	static char text[16];

	snprintf(text, sizeof text, "text %d", i);
	return text;
}

static bool is_state(const unsigned char *hash, size_t n)
{
	while (n--)
		if (!memcmp(hash, states[n], HASH_LEN))
			return true;
	return false;
}

/* "b" and "c" never change. */
static void *ask(void *arg)
{
	char name[2] = "a";
	struct print print;

	for (long i = 0; !atomic_load(&over); i++) {
		name[0] = (char)('a' + i % 3);
		if (prints_find(&prints, name, &print) != CRUET_OK ||
		    !is_state(print.hash, i % 3 ? 1 : CHANGES + 1))
			*(int *)arg = 1;
	}
	return NULL;
}

static void run(void *(*fn)(void *), int failed[THREADS], void (*meanwhile)(void))
{
	pthread_t threads[THREADS];

	atomic_store(&over, false);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, fn, &failed[i]), 0);
	meanwhile();
	atomic_store(&over, true);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(failed[i], 0);
	}
}

static void begin(void)
{
	ck_assert(folder_make(folder));
	prints_init(&prints, folder);
}

static void end(void)
{
	prints_fini(&prints);
	ck_assert(folder_remove(folder));
}

static void change(void)
{
	for (int i = 1; i <= CHANGES; i++)
		put("a", state(i));
}

START_TEST(each_gets_a_state_that_the_file_had)
{
	int failed[THREADS] = {0};
	struct print last;

	begin();
	for (int i = 0; i <= CHANGES; i++)
		crypto_hash_sha256(states[i], (const unsigned char *)state(i), strlen(state(i)));
	put("a", state(0));
	put("b", state(0));
	put("c", state(0));
	run(ask, failed, change);
	ck_assert_int_eq(prints_find(&prints, "a", &last), CRUET_OK);
	ck_assert(!memcmp(last.hash, states[CHANGES], HASH_LEN));
	end();
}
END_TEST

/* Bytes that this process has read so far. */
static long long bytes_read(void)
{
	char text[256] = "";
	int fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);

	ck_assert_int_gt(read(fd, text, sizeof text - 1), 0);
	close(fd);
	ck_assert(!strncmp(text, "rchar: ", 7));
	return atoll(text + 7);
}

static void *ask_large(void *arg)
{
	struct print print;
	int fd;

	while (!atomic_load(&over))
		;
	fd = open(path_of("large"), O_RDONLY | O_CLOEXEC);
	*(int *)arg = fd < 0 || prints_of(&prints, "large", fd, &print) != CRUET_OK;
	close(fd);
	return NULL;
}

static void nothing(void)
{
}

/* Until a change would be another one by its time. */
static void let_it_age(const char *name)
{
	struct timespec now;
	struct stat st;

	ck_assert_int_eq(stat(path_of(name), &st), 0);
	do
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
	while ((now.tv_sec - st.st_ctim.tv_sec) * 1000 +
		       (now.tv_nsec - st.st_ctim.tv_nsec) / 1000000 <= 25);
}

START_TEST(a_file_is_read_once_for_all_who_ask)
{
	int failed[THREADS] = {0};

	begin();
	put("large", "");
	ck_assert_int_eq(truncate(path_of("large"), LARGE), 0);
	let_it_age("large");
	long long before = bytes_read();
	run(ask_large, failed, nothing);
	long long now = bytes_read();
	ck_assert_int_ge(now - before, LARGE);
	ck_assert_int_lt(now - before, LARGE + LARGE / 2);
	end();
}
END_TEST

/* As rsync --inplace --times does it, and within one tick of the clock of files. */
static void overwrite(const char *name, const char *text)
{
	struct stat st;
	int fd = open(path_of(name), O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	const struct timespec times[] = {st.st_mtim, st.st_mtim};
	ck_assert_int_eq(futimens(fd, times), 0);
	close(fd);
}

static void assert_print_of(const char *name, const char *text)
{
	unsigned char hash[HASH_LEN];
	struct print print;

	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	ck_assert_int_eq(prints_find(&prints, name, &print), CRUET_OK);
	ck_assert(!memcmp(print.hash, hash, HASH_LEN));
}

START_TEST(what_changes_in_place_is_noticed)
{
	begin();
	put("a", "first");
	for (int i = 0; i < 100; i++) {
		if (i == 50)
			let_it_age("a");
		assert_print_of("a", i % 2 ? "other" : "first");
		overwrite("a", i % 2 ? "first" : "other");
	}
	end();
}
END_TEST

static bool is_read_again(const char *name)
{
	struct print print;

	ck_assert_int_eq(prints_find(&prints, name, &print), CRUET_OK);
	long long before = bytes_read();
	ck_assert_int_eq(prints_find(&prints, name, &print), CRUET_OK);
	return bytes_read() - before >= SMALL;
}

/* Where the clock of files is coarse, its next state may have the same times. */
START_TEST(what_has_just_changed_is_read_again)
{
	bool again = false;

	begin();
	for (int i = 0; !again && i < 100; i++) { /* this process may be stopped meanwhile */
		put("a", "");
		ck_assert_int_eq(truncate(path_of("a"), SMALL), 0);
		again = is_read_again("a");
	}
	ck_assert(again);
	let_it_age("a");
	ck_assert(!is_read_again("a"));
	end();
}
END_TEST

SUITE("assets_threads", each_gets_a_state_that_the_file_had,
      a_file_is_read_once_for_all_who_ask, what_changes_in_place_is_noticed,
      what_has_just_changed_is_read_again)
