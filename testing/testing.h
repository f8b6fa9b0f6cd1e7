/* What the files of the runner share. */
#ifndef TESTING_TESTING_H
#define TESTING_TESTING_H

#include <cruet/test.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/types.h>

/* --- in a test --- */

/* Ends the test that runs, with a sentence. */
_Noreturn void test_fail(const cruet_test *t, const char *fmt, ...) CRUET_PRINTF(2, 3);
/* Where in a source it is now, for what fails later. */
void test_at(cruet_test *t, const char *file, int line);
/* The folder of the site. */
const char *test_site(void);

/* --- around tests --- */

enum { JOBS_MAX = 64 }; /* main.c says it in words */

/* What became of a test. */
struct outcome {
	size_t index; /* among the cases */
	int result;   /* of Check: CK_PASS, CK_FAILURE or CK_ERROR */
	int line;
	int64_t us;
	char file[256];
	char message[24576], log[8192];
};

struct jobs {
	const cruet_test_case *const *cases;
	size_t n;
	atomic_size_t *next; /* that nobody has taken yet; shared by all workers */
	int channel;	     /* from them */
	unsigned workers;
	pid_t pids[JOBS_MAX];
};

/* Starts to run cases by so many processes; false: there are none, and errno says why.
 * jobs_end() in any case. Files are made in TMPDIR. */
bool jobs_start(struct jobs *j, const cruet_test_case *const *cases, size_t n, unsigned workers);
/* Waits for the next that has ended; false: all have. */
bool jobs_next(struct jobs *j, struct outcome *out);
void jobs_end(struct jobs *j);

/* A folder with all that is in it; what cannot be removed stays. */
void folder_remove(const char *path);

#endif
