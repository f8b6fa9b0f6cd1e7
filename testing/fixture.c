/* What each test is given: an application as its configuration makes it, with databases
 * that nobody else sees, and its log and events kept. It runs in a process of its own and
 * may be left in the middle, when an assertion fails; then the runner clears up. */
#include "testing.h"

#include <check.h>
#include <cruet.h>
#include <cruet/testing.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 64, EVENTS_MAX = 64, PATH_BYTES = 4096 };

struct event {
	char *name;
	size_t told;
	pthread_mutex_t *lock; /* of the test */
};

struct cruet_test {
	const char *file; /* where it stands */
	int line;
	char folder[PATH_BYTES];
	cruet_app *app;
	bool started;
	cruet_client *clients[CLIENTS_MAX];
	size_t nclients;
	int64_t clock_ms; /* 0: it runs */

	pthread_mutex_t lock; /* guards what follows, as any thread may log and tell */
	char *log;            /* or NULL */
	size_t log_len;
	FILE *log_file; /* for the runner, or NULL */
	char *shown;    /* of cruet_test_log() */
	struct event events[EVENTS_MAX];
	size_t nevents;
};

void test_fail(const cruet_test *t, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	_ck_assert_failed(t->file, t->line, "", "%s", text ? text : "out of memory");
	abort(); /* it does not return */
}

void test_at(cruet_test *t, const char *file, int line)
{
	t->file = file;
	t->line = line;
}

/* --- log and events ----------------------------------------------------------------------- */

static void keep_line(void *arg, int level, const char *who, const char *line)
{
	static const char *const levels[] = {"debug", "info", "warning", "error"};
	cruet_test *t = arg;
	char *text, *all;

	int len = asprintf(&text, "%s %s: %s\n", levels[level & 3], who, line);
	if (len < 0)
		return;
	pthread_mutex_lock(&t->lock);
	all = realloc(t->log, t->log_len + (size_t)len + 1);
	if (all) {
		memcpy(all + t->log_len, text, (size_t)len + 1);
		t->log = all;
		t->log_len += (size_t)len;
	}
	if (t->log_file) {
		fputs(text, t->log_file);
		fflush(t->log_file);
	}
	pthread_mutex_unlock(&t->lock);
	free(text);
}

const char *cruet_test_log(cruet_test *t)
{
	pthread_mutex_lock(&t->lock);
	free(t->shown);
	t->shown = t->log ? strdup(t->log) : NULL;
	pthread_mutex_unlock(&t->lock);
	return t->shown ? t->shown : "";
}

static void count_one(cruet_ctx *c, const void *what, void *arg)
{
	struct event *e = arg;

	(void)c, (void)what;
	pthread_mutex_lock(e->lock);
	e->told++;
	pthread_mutex_unlock(e->lock);
}

static struct event *event_named(cruet_test *t, const char *name)
{
	for (size_t i = 0; i < t->nevents; i++)
		if (!strcmp(t->events[i].name, name))
			return &t->events[i];
	return NULL;
}

void cruet_test_count(cruet_test *t, const char *event)
{
	if (event_named(t, event))
		return;
	if (t->started)
		test_fail(t, "cruet_test_count: \"%s\": the application runs already: ask before the "
			     "first cruet_test_client()",
			  event);
	if (t->nevents == EVENTS_MAX)
		test_fail(t, "cruet_test_count: more than %d events", EVENTS_MAX);
	struct event *e = &t->events[t->nevents++];
	*e = (struct event){.name = strdup(event), .lock = &t->lock};
	if (!e->name || cruet_listen(t->app, event, count_one, e))
		test_fail(t, "cruet_test_count: \"%s\" cannot be listened to", event);
}

size_t cruet_test_told(cruet_test *t, const char *event)
{
	struct event *e = event_named(t, event);

	if (!e)
		test_fail(t, "cruet_test_told: \"%s\" is not counted: ask for it by "
			     "cruet_test_count() before the first client",
			  event);
	pthread_mutex_lock(&t->lock);
	size_t told = e->told;
	pthread_mutex_unlock(&t->lock);
	return told;
}

/* --- setting up --------------------------------------------------------------------------- */

const char *test_site(void)
{
	const char *site = getenv("CRUET_TEST_SITE");
	return site && *site ? site : ".";
}

static const char *variable(const char *name, const char *usual)
{
	const char *value = getenv(name);
	return value ? value : usual;
}

/* "main archive": each of these instances keeps its data in a file of this test. */
static void set_databases(cruet_test *t, const char *names)
{
	for (names += strspn(names, " "); *names; names += strspn(names, " ")) {
		int n = (int)strcspn(names, " ");
		char *key, *path;
		if (asprintf(&key, "CRUET_PLUGINS__%.*s__PATH", n, names) < 0 ||
		    asprintf(&path, "%s/%.*s.db", t->folder, n, names) < 0)
			test_fail(t, "out of memory");
		for (char *p = key; *p; p++)
			*p = *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
		setenv(key, path, 1);
		free(key);
		free(path);
		names += n;
	}
}

static void make_folder(cruet_test *t)
{
	const char *in = variable("TMPDIR", "/tmp");
	int n = snprintf(t->folder, sizeof t->folder, "%s/cruet-test-XXXXXX", in);

	if (n < 0 || (size_t)n >= sizeof t->folder || !mkdtemp(t->folder))
		test_fail(t, "no folder in %s: %s", in, strerror(errno));
}

static void load(cruet_test *t, const cruet_plugin *app)
{
	static const char *const counted[] = {"app_started", "app_stopping", "message_flashed",
					      "request_ended", "request_failed", "request_finished",
					      "request_started", "template_rendered"};
	const char *config = variable("CRUET_TEST_CONFIG", "cruet.json");

	t->app = cruet_new("test");
	cruet_log_to(t->app, keep_line, t);
	for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
		cruet_test_count(t, counted[i]);
	if (!access(config, F_OK))
		cruet_load(t->app, config);
	cruet_use_static(t->app, app, NULL);
}

/* Those that the configuration does not name. */
static void check_databases(const cruet_test *t)
{
	const char *path;

	for (size_t i = 0; (path = cruet_plugin_option(t->app, "sqlite", i, "path")); i++)
		if (*path != ':' && strncmp(path, t->folder, strlen(t->folder)) != 0)
			test_fail(t, "the code of the application attaches the plugin sqlite, and tests "
				     "would write into its file %s: name the plugin in cruet.json "
				     "instead, and each test has a file of its own",
				  path);
}

cruet_test *cruet_test_open(const cruet_plugin *app, const char *file, int line)
{
	const cruet_test nothing = {.file = file, .line = line};
	cruet_test *t = calloc(1, sizeof *t);
	const char *log = getenv("CRUET_TEST_LOG");

	if (!t)
		test_fail(&nothing, "out of memory");
	*t = nothing;
	pthread_mutex_init(&t->lock, NULL);
	t->log_file = log ? fopen(log, "w") : NULL;
	make_folder(t);
	if (chdir(test_site()))
		test_fail(t, "%s: %s", test_site(), strerror(errno));
	set_databases(t, variable("CRUET_TEST_DATABASES", "sqlite"));
	setenv("CRUET_SECRET_KEY", "not a secret at all, but long enough for tests", 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* its folder goes then */
	load(t, app);
	check_databases(t);
	return t;
}

void cruet_test_close(cruet_test *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->nclients; i++)
		cruet_client_free(t->clients[i]);
	cruet_free(t->app);
	for (size_t i = 0; i < t->nevents; i++)
		free(t->events[i].name);
	free(t->log);
	free(t->shown);
	if (t->log_file) {
		fclose(t->log_file);
		unlink(getenv("CRUET_TEST_LOG")); /* so that the runner sees that we came here */
	}
	folder_remove(t->folder);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* --- in a test ---------------------------------------------------------------------------- */

cruet_app *cruet_test_app(cruet_test *t)
{
	return t->app;
}

const char *cruet_test_folder(const cruet_test *t)
{
	return t->folder;
}

cruet_client *cruet_test_client(cruet_test *t)
{
	if (t->nclients == CLIENTS_MAX)
		test_fail(t, "cruet_test_client: more than %d clients", CLIENTS_MAX);
	cruet_client *client = cruet_client_new(t->app);
	if (!client)
		test_fail(t, "out of memory");
	t->clients[t->nclients++] = client;
	t->started = true;
	if (cruet_problem(t->app))
		test_fail(t, "the application does not start: %s", cruet_problem(t->app));
	return client;
}

void cruet_test_clock(cruet_test *t, const char *moment)
{
	struct tm tm = {.tm_isdst = 0};
	const char *rest = strptime(moment, "%Y-%m-%d", &tm);

	if (rest && (*rest == ' ' || *rest == 'T'))
		rest = strptime(rest + 1, "%H:%M:%S", &tm);
	else if (rest && *rest)
		rest = NULL;
	if (rest && *rest == 'Z')
		rest++;
	if (!rest || *rest)
		test_fail(t, "cruet_test_clock: \"%s\": expected a moment such as 2026-11-24 21:31:50",
			  moment);
	t->clock_ms = (int64_t)timegm(&tm) * 1000;
	cruet_clock_set(t->app, t->clock_ms);
}

void cruet_test_pass(cruet_test *t, int64_t seconds)
{
	int64_t ms;

	if (!t->clock_ms)
		test_fail(t, "cruet_test_pass: the clock runs: stop it first by cruet_test_clock()");
	if (__builtin_mul_overflow(seconds, 1000, &ms) ||
	    __builtin_add_overflow(t->clock_ms, ms, &t->clock_ms) || t->clock_ms <= 0)
		test_fail(t, "cruet_test_pass: %lld seconds lead out of all time", (long long)seconds);
	cruet_clock_set(t->app, t->clock_ms);
}
