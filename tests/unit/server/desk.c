/* What two processes share about a crash. */
#include "server/desk.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "suite.h"

static struct desk *worker, *parent;
static int fd;

static void set_up(void)
{
	worker = desk_make(&fd);
	ck_assert_ptr_nonnull(worker);
	parent = desk_take(dup(fd));
	ck_assert_ptr_nonnull(parent);
}

static void tear_down(void)
{
	desk_close(worker);
	desk_close(parent);
	close(fd);
}

START_TEST(facts_reach_the_other_end)
{
	struct dossier d, got;

	desk_facts(parent, &got);
	ck_assert_ptr_null(got.p);
	dossier_init(&d, worker->facts, DOSSIER_MAX);
	dossier_add(&d, FACT_HEADER, "Host", "a", 1);
	worker->nfacts = (uint32_t)d.n;
	desk_facts(parent, &got);
	ck_assert_str_eq(dossier_find(&got, FACT_HEADER, "Host"), "a");
	free(got.p);
	worker->nfacts = DOSSIER_MAX + 1;
	desk_facts(parent, &got);
	ck_assert_ptr_null(got.p);
}
END_TEST

static void *put_reply(void *arg)
{
	(void)arg;
	desk_answer(parent, "head", 4, "body", 4);
	return NULL;
}

START_TEST(a_reply_is_waited_for)
{
	pthread_t t;

	ck_assert(!desk_wait(worker, 1));
	ck_assert(!pthread_create(&t, NULL, put_reply, NULL));
	ck_assert(desk_wait(worker, 30000));
	pthread_join(t, NULL);
	ck_assert_uint_eq(worker->nhead, 4);
	ck_assert_uint_eq(worker->nreply, 8);
	ck_assert_mem_eq(worker->reply, "headbody", 8);
}
END_TEST

START_TEST(no_reply_ends_the_waiting_too)
{
	static char huge[DESK_REPLY];

	desk_answer(parent, "head", 4, huge, sizeof huge);
	ck_assert(!desk_wait(worker, 30000));
}
END_TEST

/* One that could become shorter would end who reads it. */
START_TEST(other_memory_is_none)
{
	int plain = memfd_create("plain", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ck_assert_int_eq(ftruncate(plain, sizeof(struct desk)), 0);
	ck_assert_ptr_null(desk_take(plain));
	plain = memfd_create("short", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ck_assert_int_eq(fcntl(plain, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
	ck_assert_ptr_null(desk_take(plain));
	ck_assert_ptr_null(desk_take(open("/dev/null", O_RDWR | O_CLOEXEC)));
	ck_assert_int_ne(ftruncate(fd, 1), 0);
}
END_TEST

START_TEST(what_does_not_fit_is_no_reply)
{
	static char large[DESK_REPLY];

	ck_assert(desk_fits(10, DESK_REPLY - 10) && !desk_fits(10, DESK_REPLY - 9));
	ck_assert(!desk_fits(SIZE_MAX, 10) && !desk_fits(10, SIZE_MAX));
	desk_answer(parent, "head", 4, large, sizeof large);
	ck_assert(!desk_wait(worker, 0));
}
END_TEST

SUITE_WITH("desk", set_up, tear_down, facts_reach_the_other_end, a_reply_is_waited_for,
	   what_does_not_fit_is_no_reply,
	   no_reply_ends_the_waiting_too, other_memory_is_none)
