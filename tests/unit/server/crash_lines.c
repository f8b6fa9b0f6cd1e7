/* What the program says that reads debug information. */
#include "server/crash_lines.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

enum { FRAMES = 40, SAID = 5000 }; /* together more than a pipe holds */

static char folder[] = "/tmp/cruet-lines-XXXXXX", program[64], lines[64];
static struct crash_record record;
static int fds[CRASH_MODULES];

static FILE *make(char path[64], const char *name)
{
	snprintf(path, 64, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	return f;
}

/* It says a line for each frame, with a name of that length. */
static void set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	FILE *f = make(lines, "lines");
	for (unsigned i = 0; i < FRAMES; i++)
		fprintf(f, "%0*u\t/a.c\t9\n", SAID, i);
	fclose(f);
	f = make(program, "cruet-lines");
	fprintf(f, "#!/bin/sh\nexec cat %s\n", lines);
	fclose(f);
	ck_assert(!chmod(program, 0700) && !setenv("CRUET_LIBEXEC_DIR", folder, 1));
	record = (struct crash_record){.size = sizeof record, .nframes = FRAMES};
	for (unsigned i = 0; i < FRAMES; i++)
		record.frames[i].module = -1;
	crash_modules_open(&record, fds);
}

static void tear_down(void)
{
	unlink(program);
	unlink(lines);
	rmdir(folder);
}

static void wait_until_full(int fd)
{
	int n = 0, cap = fcntl(fd, F_GETPIPE_SZ);

	for (unsigned ms = 0; n < cap && ms < 10000; ms++) {
		ck_assert(!ioctl(fd, FIONREAD, &n));
		usleep(1000);
	}
	ck_assert_int_eq(n, cap);
}

START_TEST(all_of_it_arrives_also_when_nobody_reads_for_a_while)
{
	struct crash_lines l;

	crash_lines_start(&l, &record, fds, false);
	ck_assert_int_ge(l.fd, 0);
	wait_until_full(l.fd);
	for (bool done = false; !done;) {
		struct pollfd p = {.fd = l.fd, .events = POLLIN};
		ck_assert_int_eq(poll(&p, 1, 10000), 1);
		done = crash_lines_read(&l);
	}
	crash_lines_end(&l, &record);
	for (unsigned i = 0; i < FRAMES; i++) {
		ck_assert_msg(l.lines[i].function != NULL, "%u", i);
		ck_assert_uint_eq(strlen(l.lines[i].function), SAID);
		ck_assert_uint_eq(l.lines[i].line, 9);
	}
	crash_lines_fini(&l);
}
END_TEST

SUITE_WITH("crash_lines", set_up, tear_down, all_of_it_arrives_also_when_nobody_reads_for_a_while)
