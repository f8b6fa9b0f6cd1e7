/* main() of a program of tests: chooses tests, has them run and prints what became of
 * them. */
#include "testing.h"

#include <cJSON.h>
#include <check.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/guard.h"

/* What CRUET_TEST lists; the linker knows where it begins and ends. */
extern const cruet_test_case *const __start_cruet_tests[] __attribute__((weak, visibility("hidden")));
extern const cruet_test_case *const __stop_cruet_tests[] __attribute__((weak, visibility("hidden")));

static const char usage[] =
	"usage: %s [OPTION...] [NAME...]\n"
	"Runs the tests of these names, or of these files, or all.\n\n"
	"  -j, --jobs N  so many at once; as many as there are processors without it\n"
	"  --update      keeps the replies that came as the snapshots to compare with\n"
	"  --json        prints what became of them as JSON\n"
	"  --list        prints their names, and runs none\n"
	"  -h, --help    shows this\n";

struct options {
	unsigned jobs;
	bool json, list;
	char **names; /* ends with NULL */
};

struct figures {
	size_t passed, failed;
	bool colour;
	cJSON **tests; /* one for each case, in their order; NULL: text is wanted */
};

/* --- which -------------------------------------------------------------------------------- */

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* "pages", "pages.c" and "tests/pages.c" are the file; any other is a test. */
static bool names_it(const char *name, const cruet_test_case *c)
{
	const char *file = base(c->file);
	size_t stem = strcspn(file, ".");

	return !strcmp(name, c->name) || !strcmp(base(name), file) ||
	       (strlen(name) == stem && !strncmp(name, file, stem));
}

static bool chosen(char **names, const cruet_test_case *c)
{
	for (char **name = names; *name; name++)
		if (names_it(*name, c))
			return true;
	return !*names;
}

/* The first name that is no test's; NULL: there is none. */
static const char *unknown(char **names)
{
	for (; *names; names++) {
		bool known = false;
		for (const cruet_test_case *const *c = __start_cruet_tests; c < __stop_cruet_tests; c++)
			known |= names_it(*names, *c);
		if (!known)
			return *names;
	}
	return NULL;
}

/* --- what became of it -------------------------------------------------------------------- */

/* Files of tests were compiled in the folder of the site or elsewhere: its name is enough. */
static void print_text(const struct figures *f, const cruet_test_case *c, const struct outcome *o)
{
	const char *colour = o->result == CK_PASS ? "\033[32m" : "\033[31m";

	printf("%s%s%s  %s  %s  %lld ms\n", f->colour ? colour : "",
	       o->result == CK_PASS ? "passed" : "FAILED", f->colour ? "\033[0m" : "", base(c->file),
	       c->name, (long long)(o->us + 500) / 1000);
	if (o->result == CK_PASS)
		return;
	printf("%s:%d: %s\n", o->file, o->line, o->message);
	if (*o->log)
		printf("logged:\n%s", o->log);
	printf("\n");
}

static cJSON *test_json(const cruet_test_case *c, const struct outcome *o)
{
	cJSON *t = cJSON_CreateObject();

	cJSON_AddStringToObject(t, "name", c->name);
	cJSON_AddStringToObject(t, "file", c->file);
	cJSON_AddBoolToObject(t, "passed", o->result == CK_PASS);
	cJSON_AddNumberToObject(t, "ms", (double)o->us / 1000);
	if (o->result != CK_PASS) {
		cJSON_AddStringToObject(t, "message", o->message);
		cJSON_AddStringToObject(t, "at", o->file);
		cJSON_AddNumberToObject(t, "line", o->line);
		cJSON_AddStringToObject(t, "log", o->log);
	}
	return t;
}

/* Of the case with that number. */
static void tell(struct figures *f, size_t i, const cruet_test_case *c, const struct outcome *o)
{
	if (o->result == CK_PASS)
		f->passed++;
	else
		f->failed++;
	if (f->tests)
		f->tests[i] = test_json(c, o);
	else
		print_text(f, c, o);
	fflush(stdout);
}

/* A worker has died, and one of its tests with it. */
static void tell_lost(struct figures *f, size_t i, const cruet_test_case *c)
{
	struct outcome o = {.result = CK_ERROR, .line = c->line, .message = "its process was ended"};

	snprintf(o.file, sizeof o.file, "%s", c->file);
	tell(f, i, c, &o);
}

static void print_end(struct figures *f, int64_t ms)
{
	if (!f->tests) {
		printf("%zu test%s: %zu passed, %zu failed, in %lld.%02lld s\n", f->passed + f->failed,
		       f->passed + f->failed == 1 ? "" : "s", f->passed, f->failed,
		       (long long)ms / 1000, (long long)ms % 1000 / 10);
		return;
	}
	cJSON *all = cJSON_CreateObject();
	cJSON_AddNumberToObject(all, "passed", (double)f->passed);
	cJSON_AddNumberToObject(all, "failed", (double)f->failed);
	cJSON_AddNumberToObject(all, "ms", (double)ms);
	cJSON *tests = cJSON_AddArrayToObject(all, "tests");
	for (size_t i = 0; i < f->passed + f->failed; i++)
		cJSON_AddItemToArray(tests, f->tests[i]);
	char *text = cJSON_Print(all);
	puts(text ? text : "{}");
	cJSON_free(text);
	cJSON_Delete(all);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int run(const cruet_test_case **cases, size_t n, const struct options *o)
{
	struct figures f = {.colour = isatty(1) && !getenv("NO_COLOR"),
			    .tests = o->json ? calloc(n, sizeof(cJSON *)) : NULL};
	int64_t began = now_ms();
	static struct outcome outcome; /* large */
	struct jobs jobs;

	bool ok = jobs_start(&jobs, cases, n, o->jobs < n ? o->jobs : (unsigned)n);
	if (!ok)
		fprintf(stderr, "tests: no process can be started: %s\n", strerror(errno));
	while (ok && jobs_next(&jobs, &outcome)) {
		tell(&f, outcome.index, cases[outcome.index], &outcome);
		cases[outcome.index] = NULL;
	}
	for (size_t i = 0; i < n; i++)
		if (cases[i])
			tell_lost(&f, i, cases[i]);
	jobs_end(&jobs);
	print_end(&f, now_ms() - began);
	free(f.tests);
	return f.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* --- the whole ---------------------------------------------------------------------------- */

static unsigned processors(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof set, &set) ? 1 : (unsigned)CPU_COUNT(&set);
}

static bool number(const char *s, unsigned *out)
{
	char *end;
	long v = s ? strtol(s, &end, 10) : 0;

	*out = (unsigned)v;
	return s && v > 0 && v <= JOBS_MAX && !*end;
}

static int misused(const char *what, const char *why)
{
	fprintf(stderr, "tests: %s%s\n", what, why);
	return 2;
}

/* 0, or the exit code with *done. */
static int read_options(int argc, char **argv, struct options *o, bool *done)
{
	size_t n = 0;

	o->jobs = processors();
	o->names = argv + 1;
	*done = true;
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		if (!strcmp(arg, "-h") || !strcmp(arg, "--help")) {
			printf(usage, argv[0]);
			return 0;
		}
		if (!strcmp(arg, "--json"))
			o->json = true;
		else if (!strcmp(arg, "--list"))
			o->list = true;
		else if (!strcmp(arg, "--update"))
			setenv("CRUET_TEST_UPDATE", "1", 1);
		else if (!strcmp(arg, "-j") || !strcmp(arg, "--jobs")) {
			if (!number(i + 1 < argc ? argv[++i] : NULL, &o->jobs))
				return misused(arg, ": expected a number from 1 to 64");
		} else if (*arg == '-') {
			return misused("unknown option ", arg);
		} else {
			o->names[n++] = argv[i];
		}
	}
	o->names[n] = NULL;
	const char *name = unknown(o->names);
	if (name)
		return misused(name, ": no test and no file of tests is called so");
	*done = false;
	return 0;
}

/* In a child: somebody has to clear up, also where Ctrl-C ends it. */
static int run_guarded(const cruet_test_case **cases, size_t n, const struct options *o)
{
	int how;

	if (guard_fork(true, &how))
		exit(run(cases, n, o));
	if (how == -1)
		fprintf(stderr, "tests: no process can be started: %s\n", strerror(errno));
	return how == -1 ? EXIT_FAILURE : WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
}

/* Whatever a test leaves lies in one folder, which goes at the end. */
static bool make_folder(char *path, size_t cap)
{
	const char *in = getenv("TMPDIR");
	int n = snprintf(path, cap, "%s/cruet-tests-XXXXXX", in && *in ? in : "/tmp");

	if (n > 0 && (size_t)n < cap && mkdtemp(path) && !setenv("TMPDIR", path, 1))
		return true;
	fprintf(stderr, "tests: no folder for files: %s\n", strerror(errno));
	return false;
}

int main(int argc, char **argv)
{
	size_t all = (size_t)(__stop_cruet_tests - __start_cruet_tests), n = 0;
	struct options o = {.jobs = 1};
	char folder[1024];
	bool done;

	int code = read_options(argc, argv, &o, &done);
	if (done)
		return code;
	const cruet_test_case **cases = calloc(all + 1, sizeof *cases);
	for (size_t i = 0; cases && i < all; i++)
		if (chosen(o.names, __start_cruet_tests[i]))
			cases[n++] = __start_cruet_tests[i];
	for (size_t i = 0; o.list && i < n; i++)
		printf("%s  %s\n", base(cases[i]->file), cases[i]->name);
	if (!n) {
		fputs("tests: there are none: CRUET_TEST(name, t) makes one\n", stderr);
		code = EXIT_FAILURE;
	} else if (!o.list && !make_folder(folder, sizeof folder)) {
		code = EXIT_FAILURE;
	} else if (!o.list) {
		code = run_guarded(cases, n, &o);
		folder_remove(folder);
	}
	free(cases);
	return code;
}
