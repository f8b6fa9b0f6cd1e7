/* Many ask for the fingerprints of a file that changes meanwhile. */
#include "assets.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

enum { THREADS = 4, CHANGES = 50 };

static char folder[FOLDER_MAX];
static struct prints prints;
static atomic_bool over;

static void put(const char *name, const char *text)
{
	char from[FOLDER_MAX + 8], to[FOLDER_MAX + 8];

	snprintf(from, sizeof from, "%s/.new", folder);
	snprintf(to, sizeof to, "%s/%s", folder, name);
	int fd = open(from, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	ck_assert_int_eq(rename(from, to), 0);
}

static void *ask(void *arg)
{
	char name[8] = "a";
	struct print print;

	for (long i = 0; !atomic_load(&over); i++) {
		name[0] = (char)('a' + i % 3);
		if (prints_find(&prints, name, &print) != CRUET_OK)
			*(int *)arg = 1;
	}
	return NULL;
}

START_TEST(each_gets_a_state_that_the_file_had)
{
	pthread_t threads[THREADS];
	int failed[THREADS] = {0};
	struct print last, again;
	char text[16];

	ck_assert(folder_make(folder));
	prints_init(&prints, folder);
	put("a", "text");
	put("b", "text");
	put("c", "text");
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, &failed[i]), 0);
	for (int i = 0; i < CHANGES; i++) {
		snprintf(text, sizeof text, "text %d", i);
		put("a", text);
	}
	atomic_store(&over, true);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(failed[i], 0);
	}
	put("b", text);
	ck_assert_int_eq(prints_find(&prints, "a", &last), CRUET_OK);
	ck_assert_int_eq(prints_find(&prints, "b", &again), CRUET_OK);
	ck_assert(!memcmp(last.hash, again.hash, HASH_LEN));
	ck_assert(prints_holds(&prints, "a", &last.version));
	ck_assert(!prints_holds(&prints, "a", &again.version));
	prints_fini(&prints);
	ck_assert(folder_remove(folder));
}
END_TEST

SUITE("assets_threads", each_gets_a_state_that_the_file_had)
