/* Session tickets: who has been here comes in again with less work, for as long as the
 * keys are kept. */
#include "../../suite.h"

#include <cruet/svc/transport.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tls_make.h"
#include "tls_talk.h"

static SSL_SESSION *last; /* that the client was given */

static void server(struct talk *t, bool tickets)
{
	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	talk_start(t, (struct tls_options){.tickets = tickets});
}

static void done(struct talk *t)
{
	SSL_SESSION_free(last);
	last = NULL;
	talk_stop(t);
}

/* One connection that brings the last ticket, if there is one. True if it was taken.
 * The ticket that it is given in turn becomes the last. */
static bool resumes(struct talk *t)
{
	struct ends e = ends_open(t);

	if (last)
		ck_assert(SSL_set_session(e.client, last));
	ends_shake(&e);
	ck_assert_int_eq(e.server_says, CRUET_OK);
	bool resumed = ends_info(&e).resumed;
	ck_assert_int_eq(SSL_session_reused(e.client), resumed);
	ends_down(&e, "hello"); /* tickets of TLS 1.3 come before it */
	SSL_shutdown(e.client); /* a session that broke off is not resumed */
	SSL_SESSION_free(last);
	last = SSL_get1_session(e.client);
	ends_close(&e);
	return resumed;
}

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

START_TEST(tickets_are_taken)
{
	struct talk t;

	for (size_t i = 0; i < 2; i++) {
		server(&t, true);
		SSL_CTX_set_max_proto_version(t.client, versions[i]);
		ck_assert(!resumes(&t));
		ck_assert_ptr_nonnull(last);
		ck_assert(SSL_SESSION_has_ticket(last));
		ck_assert_uint_eq(SSL_SESSION_get_ticket_lifetime_hint(last), 7200);
		ck_assert_uint_eq(SSL_SESSION_get_max_early_data(last), 0);
		ck_assert(resumes(&t));
		ck_assert(resumes(&t));
		done(&t);
	}
}
END_TEST

START_TEST(tickets_outlive_two_rotations)
{
	struct talk t;

	for (size_t i = 0; i < 2; i++) {
		for (int rotations = 0; rotations <= 3; rotations++) {
			server(&t, true);
			SSL_CTX_set_max_proto_version(t.client, versions[i]);
			ck_assert(!resumes(&t));
			for (int r = 0; r < rotations; r++)
				tls_rotate_tickets(t.tls);
			ck_assert_int_eq(resumes(&t), rotations < 3);
			done(&t);
		}
	}
}
END_TEST

/* Each that is taken is exchanged for a fresh one, so who keeps coming keeps resuming. */
START_TEST(tickets_of_old_keys_are_renewed)
{
	struct talk t;

	for (size_t i = 0; i < 2; i++) {
		server(&t, true);
		SSL_CTX_set_max_proto_version(t.client, versions[i]);
		ck_assert(!resumes(&t));
		for (int r = 0; r < 6; r++) {
			tls_rotate_tickets(t.tls);
			ck_assert(resumes(&t));
		}
		done(&t);
	}
}
END_TEST

START_TEST(tickets_outlive_a_reload)
{
	struct talk t;
	char *why;

	server(&t, true);
	ck_assert(!resumes(&t));
	put_pair("cert.pem", "key.pem", "other", "DNS:site.example");
	ck_assert_int_eq(tls_reload(t.tls, &why), CRUET_OK);
	ck_assert(resumes(&t));
	done(&t);
}
END_TEST

START_TEST(tickets_of_another_listener_are_not_taken)
{
	struct talk t, other;

	server(&other, true);
	ck_assert(!resumes(&other));
	talk_start(&t, (struct tls_options){.tickets = true});
	ck_assert(!resumes(&t));
	talk_stop(&t);
	done(&other);
}
END_TEST

/* --- memory that listeners have in common, each as one of several processes ---- */

static int memory(void)
{
	int fd = memfd_create("keys", MFD_CLOEXEC);

	ck_assert_int_gt(fd, 0);
	ck_assert_int_eq(ftruncate(fd, CRUET_SHARED), 0);
	return fd;
}

static void *map(int fd)
{
	void *p = mmap(NULL, CRUET_SHARED, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	ck_assert(p != MAP_FAILED);
	return p;
}

static void pair(struct talk *a, struct talk *b, int fd)
{
	put_pair("cert.pem", "key.pem", "site", "DNS:site.example");
	talk_start(a, (struct tls_options){.tickets = true, .shared = fd});
	talk_start(b, (struct tls_options){.tickets = true, .shared = fd});
}

START_TEST(tickets_of_listeners_with_common_keys_are_taken)
{
	struct talk a, b;
	int fd = memory();

	for (size_t i = 0; i < 2; i++) {
		pair(&a, &b, fd);
		SSL_CTX_set_max_proto_version(a.client, versions[i]);
		SSL_CTX_set_max_proto_version(b.client, versions[i]);
		ck_assert(!resumes(&a));
		ck_assert(resumes(&b));
		ck_assert(resumes(&a));
		talk_stop(&a); /* with the last of them the keys do not go */
		talk_stop(&b);
		talk_start(&a, (struct tls_options){.tickets = true, .shared = fd});
		SSL_CTX_set_max_proto_version(a.client, versions[i]);
		ck_assert(resumes(&a));
		done(&a);
	}
	close(fd);
}
END_TEST

START_TEST(common_keys_are_changed_together)
{
	struct talk a, b;
	int fd = memory();

	pair(&a, &b, fd);
	ck_assert(!resumes(&a));
	for (int r = 0; r < 6; r++) {
		tls_rotate_tickets(r % 2 ? a.tls : b.tls);
		ck_assert(resumes(r % 3 ? &a : &b));
	}
	for (int r = 0; r < 3; r++)
		tls_rotate_tickets(r % 2 ? a.tls : b.tls);
	ck_assert(!resumes(&a));
	talk_stop(&b);
	done(&a);
	close(fd);
}
END_TEST

/* As a process leaves it that ends in the middle of a change. */
START_TEST(half_a_change_is_put_right)
{
	struct talk a, b;
	int fd = memory();
	uint32_t *common = map(fd);

	pair(&a, &b, fd);
	ck_assert(!resumes(&a));
	common[1] |= 1;
	ck_assert(resumes(&a));
	ck_assert(resumes(&b));
	ck_assert_uint_eq(common[1] % 2, 0);

	/* and while nobody has whole keys: then they are new ones */
	talk_stop(&a);
	talk_stop(&b);
	common[1] |= 1;
	pair(&a, &b, fd);
	ck_assert(!resumes(&a));
	ck_assert(resumes(&b));
	talk_stop(&b);
	done(&a);
	munmap(common, CRUET_SHARED);
	close(fd);
}
END_TEST

START_TEST(memory_that_is_laid_out_otherwise_is_left_alone)
{
	struct talk a, b;
	unsigned char want[CRUET_SHARED];
	int fd = memory();
	unsigned char *p = map(fd);

	memset(p, 0xa5, CRUET_SHARED);
	memset(want, 0xa5, CRUET_SHARED);
	pair(&a, &b, fd);
	ck_assert(!resumes(&a));
	ck_assert(resumes(&a));
	tls_rotate_tickets(a.tls);
	ck_assert(resumes(&a));
	ck_assert(!resumes(&b));
	ck_assert_int_eq(memcmp(p, want, CRUET_SHARED), 0);
	talk_stop(&b);
	done(&a);
	munmap(p, CRUET_SHARED);
	close(fd);
}
END_TEST

/* Another process holds the lock: nobody waits for it. */
START_TEST(nobody_waits_for_another_process)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct talk a, b;
	int fd = memory(), holds[2];
	char byte;

	ck_assert_int_eq(pipe2(holds, O_CLOEXEC), 0);
	pair(&a, &b, fd);
	ck_assert(!resumes(&a));
	pid_t pid = fork();
	if (!pid) {
		if (!fcntl(fd, F_SETLK, &l) && write(holds[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	ck_assert_int_eq(read(holds[0], &byte, 1), 1);
	for (int r = 0; r < 3; r++)
		tls_rotate_tickets(a.tls); /* is not done */
	ck_assert(resumes(&b));
	ck_assert(resumes(&a));
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	for (int r = 0; r < 3; r++)
		tls_rotate_tickets(a.tls);
	ck_assert(!resumes(&b));
	talk_stop(&b);
	done(&a);
	close(fd);
}
END_TEST

START_TEST(tickets_that_were_changed_are_not_taken)
{
	struct talk t;
	unsigned char *der = NULL;

	server(&t, true);
	ck_assert(!resumes(&t));
	int n = i2d_SSL_SESSION(last, &der);
	const unsigned char *ticket;
	size_t len;
	SSL_SESSION_get0_ticket(last, &ticket, &len);
	ck_assert_int_gt(n, 0);
	unsigned char *at = memmem(der, (size_t)n, ticket, len);
	ck_assert_ptr_nonnull(at);
	at[len / 2] ^= 1;
	const unsigned char *p = der;
	SSL_SESSION_free(last);
	last = d2i_SSL_SESSION(NULL, &p, n);
	ck_assert_ptr_nonnull(last);
	ck_assert(!resumes(&t));
	OPENSSL_free(der);
	done(&t);
}
END_TEST

START_TEST(without_tickets_nothing_is_resumed)
{
	struct talk t;

	for (size_t i = 0; i < 2; i++) {
		server(&t, false);
		SSL_CTX_set_max_proto_version(t.client, versions[i]);
		ck_assert(!resumes(&t));
		ck_assert(!resumes(&t));
		done(&t);
	}
}
END_TEST

SUITE_WITH("tls_resume", folder_enter, NULL, tickets_are_taken,
	   tickets_outlive_two_rotations, tickets_of_old_keys_are_renewed,
	   tickets_outlive_a_reload, tickets_of_another_listener_are_not_taken,
	   tickets_of_listeners_with_common_keys_are_taken, common_keys_are_changed_together,
	   half_a_change_is_put_right, memory_that_is_laid_out_otherwise_is_left_alone,
	   nobody_waits_for_another_process,
	   tickets_that_were_changed_are_not_taken, without_tickets_nothing_is_resumed)
