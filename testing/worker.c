/* Runs tests in processes: several workers take one test after the other from a number that
 * they share, and Check starts a process of its own for each. What became of one is sent as
 * a packet to the process that prints. */
#include "testing.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS = 60 };

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void copy(char *to, size_t cap, const char *from)
{
	snprintf(to, cap, "%s", from ? from : "");
}

/* The end of what the test logged. */
static void read_log(const char *path, struct outcome *o)
{
	FILE *f = fopen(path, "r");

	if (!f)
		return;
	if (!fseek(f, 0, SEEK_END) && ftell(f) >= (long)sizeof o->log)
		fseek(f, 1 - (long)sizeof o->log, SEEK_END);
	else
		rewind(f);
	o->log[fread(o->log, 1, sizeof o->log - 1, f)] = '\0';
	fclose(f);
}

static void run_one(const cruet_test_case *c, const char *log, struct outcome *o)
{
	Suite *s = suite_create(c->file);
	TCase *tc = tcase_create(c->name);
	int64_t began = now_us();

	tcase_set_timeout(tc, SECONDS);
	tcase_add_test(tc, (const TTest *)c->check);
	suite_add_tcase(s, tc);
	SRunner *r = srunner_create(s);
	unlink(log);
	srunner_run_all(r, CK_SILENT);
	TestResult **results = srunner_results(r);
	*o = (struct outcome){.result = CK_ERROR};
	if (results && srunner_ntests_run(r)) {
		o->result = tr_rtype(results[0]);
		o->line = tr_lno(results[0]);
		copy(o->file, sizeof o->file, tr_lfile(results[0]));
		copy(o->message, sizeof o->message, tr_msg(results[0]));
	}
	if (o->result == CK_PASS && !access(log, F_OK)) {
		o->result = CK_ERROR;
		copy(o->message, sizeof o->message, "its process ended by exit(), in the middle");
	}
	if (o->result != CK_PASS)
		read_log(log, o);
	o->us = now_us() - began;
	free(results);
	srunner_free(r);
}

static void work(const struct jobs *j, int channel)
{
	struct outcome o;
	char *log;

	if (asprintf(&log, "%s/log-%d", getenv("TMPDIR"), (int)getpid()) < 0)
		return;
	setenv("CRUET_TEST_LOG", log, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody would read what becomes of its tests */
	for (size_t i; (i = atomic_fetch_add(j->next, 1)) < j->n;) {
		run_one(j->cases[i], log, &o);
		o.index = i;
		if (send(channel, &o, sizeof o, MSG_NOSIGNAL) < 0)
			break;
	}
	free(log);
}

bool jobs_start(struct jobs *j, const cruet_test_case *const *cases, size_t n, unsigned workers)
{
	int pair[2];

	*j = (struct jobs){.cases = cases, .n = n, .channel = -1};
	j->next = mmap(NULL, sizeof *j->next, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (j->next == MAP_FAILED || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return false;
	j->channel = pair[0];
	fflush(NULL);
	for (; j->workers < workers && j->workers < JOBS_MAX; j->workers++) {
		pid_t pid = fork();
		if (pid < 0)
			break;
		if (!pid) {
			close(pair[0]);
			work(j, pair[1]);
			exit(0); /* what counts coverage writes it now */
		}
		j->pids[j->workers] = pid;
	}
	close(pair[1]);
	return j->workers > 0;
}

bool jobs_next(struct jobs *j, struct outcome *out)
{
	ssize_t n;

	do
		n = recv(j->channel, out, sizeof *out, 0);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof *out && out->index < j->n;
}

void jobs_end(struct jobs *j)
{
	if (j->channel >= 0)
		close(j->channel);
	for (unsigned i = 0; i < j->workers; i++)
		waitpid(j->pids[i], NULL, 0);
	if (j->next && j->next != MAP_FAILED)
		munmap(j->next, sizeof *j->next);
}
