/* Tries promises, each in a process of its own: one that crashes or hangs is a broken
 * promise like any other, and nothing of it is left for the next. */
#include "trial.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS = 120, WAIT_MS = 30000 };

static const struct contract *const all[] = {
	&contract_cache,   &contract_db,	    &contract_forms,	&contract_login,
	&contract_session, &contract_session_store, &contract_template, &contract_validate};

/* Whose promise this process tries; NULL in the process that counts. */
static const struct promise *trying;
static struct trial trial;

/* --- what is expected --------------------------------------------------------------- */

static _Noreturn void give_up(void)
{
	if (trial.logged[0])
		printf("logged:\n%s", trial.logged);
	if (trial.k->done)
		trial.k->done(trial.k->arg);
	fflush(NULL);
	_exit(1);
}

void trial_broken(const char *file, int line, const char *fmt, ...)
{
	static atomic_flag ending = ATOMIC_FLAG_INIT;
	const char *name = strrchr(file, '/');
	va_list ap;

	while (atomic_flag_test_and_set(&ending)) /* of many threads one says it, and ends all */
		pause();
	printf("%s: %s: %s:%d: ", trial.k->service, trying->name, name ? name + 1 : file,
	       line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	give_up();
}

/* A number, and what it means if it is a code. */
static const char *number(char text[80], int64_t v)
{
	bool code = v < 0 && v > -100;

	snprintf(text, 80, code ? "%lld (%s)" : "%lld", (long long)v,
		 code ? cruet_strerror((int)v) : "");
	return text;
}

void trial_int(const char *file, int line, const char *what, int64_t got, int64_t want)
{
	char a[80], b[80];

	if (got != want)
		trial_broken(file, line, "%s gave %s: expected %s", what, number(a, got),
			     number(b, want));
}

void trial_text(const char *file, int line, const char *what, const char *got,
		const char *want)
{
	if (!got || strcmp(got, want) != 0)
		trial_broken(file, line, "%s gave \"%s\": expected \"%s\"", what,
			     got ? got : "(NULL)", want);
}

void trial_bytes(const char *file, int line, const char *what, const void *p, size_t n,
		 const void *want, size_t nwant)
{
	if (n != nwant)
		trial_broken(file, line, "%s has %zu bytes: expected %zu", what, n,
			     nwant);
	if (!p || memcmp(p, want, n) != 0)
		trial_broken(file, line, "%s: these are not the %zu bytes expected", what,
			     n);
}

void trial_get(const char *file, int line, cruet_client *client, const char *path,
	       int status)
{
	int got = cruet_client_get(client, path);

	if (got != status)
		trial_broken(file, line, "GET %s gave %d: expected %d: %s", path, got,
			     status, cruet_client_body(client));
}

/* --- means ------------------------------------------------------------------------ */

cruet_ctx *trial_open(struct trial *t)
{
	cruet_ctx *c = cruet_open(t->app);

	if (!c)
		broken("the application does not start: %s",
		       cruet_problem(t->app) ? cruet_problem(t->app) : "out of memory");
	return c;
}

cruet_client *trial_client(struct trial *t)
{
	cruet_client *client = cruet_client_new(t->app);

	if (!client || cruet_problem(t->app))
		broken("the application does not start: %s",
		       client ? cruet_problem(t->app) : "out of memory");
	return client;
}

static uint64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void trial_nap(uint64_t *began, const char *for_what)
{
	const struct timespec nap = {0, 5000000};

	if (!*began)
		*began = now_ms();
	if (now_ms() - *began > WAIT_MS)
		broken("waited %d s in vain for: %s", WAIT_MS / 1000, for_what);
	nanosleep(&nap, NULL);
}

struct crowd {
	struct trial *t;
	trial_fn *fn;
	void *arg;
	pthread_barrier_t gate;
	atomic_int next;
};

static void *one_of_many(void *arg)
{
	struct crowd *crowd = arg;
	int which = atomic_fetch_add(&crowd->next, 1);
	cruet_ctx *c = trial_open(crowd->t);

	pthread_barrier_wait(&crowd->gate);
	crowd->fn(crowd->t, c, which, crowd->arg);
	cruet_close(c);
	return NULL;
}

void trial_threads(struct trial *t, int n, trial_fn *fn, void *arg)
{
	struct crowd crowd = {.t = t, .fn = fn, .arg = arg};
	pthread_t ids[16];

	if (n > 16 || pthread_barrier_init(&crowd.gate, NULL, (unsigned)n))
		broken("%d threads cannot be started", n);
	for (int i = 0; i < n; i++)
		if (pthread_create(&ids[i], NULL, one_of_many, &crowd))
			broken("%d threads cannot be started", n);
	for (int i = 0; i < n; i++)
		pthread_join(ids[i], NULL);
	pthread_barrier_destroy(&crowd.gate);
}

/* --- one promise -------------------------------------------------------------------- */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static void keep_log(void *arg, int level, const char *who, const char *line)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};
	struct trial *t = arg;

	pthread_mutex_lock(&log_lock);
	size_t n = strlen(t->logged);
	snprintf(t->logged + n, sizeof t->logged - n, "%s %s: %s\n", names[level], who,
		 line);
	pthread_mutex_unlock(&log_lock);
}

static void attach(struct trial *t)
{
	const cruet_contract *k = t->k;
	int err = k->attach ? k->attach(t->app, k->arg)
			    : cruet_use_static(t->app, k->plugin, k->options);

	if (err || cruet_problem(t->app))
		broken("the provider cannot be attached: %s",
		       cruet_problem(t->app) ? cruet_problem(t->app)
					     : cruet_strerror(err));
}

static void keep(const struct contract *of, const cruet_contract *k)
{
	struct trial *t = &trial;

	*t = (struct trial){.k = k, .app = cruet_new("contract")};
	cruet_log_to(t->app, keep_log, t);
	cruet_set(t->app, "secret_key", "a secret of the contract tests, long enough");
	attach(t);
	if (cruet_bind(t->app, of->service, NULL, of->need, &t->s))
		broken("%s", cruet_problem(t->app));
	if (of->setup)
		of->setup(t);
	t->c = trial_open(t);
	trying->keep(t);
	cruet_close(t->c);
	cruet_free(t->app);
	if (k->done)
		k->done(k->arg);
}

static bool kept_in_a_child(const struct contract *of, const cruet_contract *k)
{
	int status;

	fflush(NULL);
	pid_t pid = fork();
	if (!pid) {
		alarm(SECONDS);
		keep(of, k);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		printf("%s: %s: no process could be started for it\n", of->service,
		       trying->name);
		return false;
	}
	if (WIFSIGNALED(status)) {
		int sig = WTERMSIG(status);
		if (sig == SIGALRM)
			printf("%s: %s: has not ended after %d s\n", of->service,
			       trying->name, SECONDS);
		else
			printf("%s: %s: ended by signal %d (%s)\n", of->service,
			       trying->name, sig, strsignal(sig));
		if (k->done)
			k->done(k->arg);
		return false;
	}
	if (WEXITSTATUS(status) >
	    1) /* as sanitizers and assert() do: they have said why */
		printf("%s: %s: ended with %d\n", of->service, trying->name,
		       WEXITSTATUS(status));
	return WEXITSTATUS(status) == 0;
}

/* --- all of them -------------------------------------------------------------------- */

static const struct contract *contract_of(const char *service)
{
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (service && !strcmp(all[i]->service, service))
			return all[i];
	fprintf(stderr, "there is no contract for service \"%s\": expected ",
		service ? service : "");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		fprintf(stderr, "%s%s", i ? ", " : "", all[i]->service);
	fprintf(stderr, "\n");
	return NULL;
}

static const struct promise *promise_of(const struct contract *of, const char *name)
{
	for (const struct promise *const *part = of->parts; *part; part++)
		for (const struct promise *p = *part; p->name; p++)
			if (!strcmp(p->name, name))
				return p;
	fprintf(stderr, "%s has no promise named '%s'\n", of->service, name);
	return NULL;
}

static int keep_named(const struct contract *of, const cruet_contract *k, int argc,
		      char **argv)
{
	for (int i = 1; i < argc; i++) {
		trying = promise_of(of, argv[i]);
		if (!trying)
			return 2;
		keep(of, k);
	}
	return 0;
}

int cruet_contract_run(const cruet_contract *k, int argc, char **argv)
{
	const struct contract *of = contract_of(k->service);
	int tried = 0, unkept = 0;

	if (!of)
		return 2;
	if (argc > 1)
		return keep_named(of, k, argc, argv);
	for (const struct promise *const *part = of->parts; *part; part++)
		for (trying = *part; trying->name; trying++, tried++)
			unkept += !kept_in_a_child(of, k);
	printf("%s: %d promises, %d broken\n", of->service, tried, unkept);
	return unkept ? 1 : 0;
}
