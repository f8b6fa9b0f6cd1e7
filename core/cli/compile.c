#include "cli/compile.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "cruet/error.h"

enum { WORDS_MAX = 1024 };

extern char **environ;

struct line {
	struct arena *a;
	char **words; /* WORDS_MAX and the NULL at the end */
	size_t n;
	bool failed;
};

static void word(struct line *l, const char *s)
{
	char *copy = s && l->n < WORDS_MAX ? arena_strdup(l->a, s) : NULL;
	if (copy)
		l->words[l->n++] = copy;
	else
		l->failed = true;
}

/* The words of a variable, as make takes them: white space separates. */
static void words(struct line *l, const char *s)
{
	static const char space[] = " \t\n";

	for (s += strspn(s, space); *s; s += strspn(s, space)) {
		size_t n = strcspn(s, space);
		word(l, arena_strndup(l->a, s, n));
		s += n;
	}
}

static const char *setting(const char *name, const char *usual)
{
	const char *s = getenv(name);
	return s && *s ? s : usual;
}

const char *compile_include_dir(void)
{
	return setting("CRUET_INCLUDE_DIR", CRUET_INCLUDE_DIR);
}

const char *compile_lib_dir(void)
{
	return setting("CRUET_LIB_DIR", CRUET_LIB_DIR);
}

static void build_line(struct line *l, const char *const *sources, const char *out)
{
	words(l, setting("CC", "cc"));
	words(l, "-shared -fPIC -g -O0 -fno-omit-frame-pointer -std=gnu11 -D_GNU_SOURCE -Wall "
		 "-Werror=implicit-function-declaration -Werror=return-type");
	word(l, arena_printf(l->a, "-I%s", compile_include_dir()));
	words(l, setting("CFLAGS", ""));
	word(l, "-o");
	word(l, out);
	for (; *sources; sources++)
		word(l, **sources == '-' ? arena_printf(l->a, "./%s", *sources) : *sources);
	/* What is missing shows now, by name, and not when the file is loaded. */
	words(l, "-Wl,-z,defs -Wl,--as-needed");
	words(l, setting("LDFLAGS", ""));
	word(l, arena_printf(l->a, "-L%s", compile_lib_dir()));
	words(l, "-lcruet -lcjson -lm -lpthread");
	words(l, setting("LDLIBS", ""));
}

/* 0 and the exit code, or the error number of a program that did not start. An
 * interrupt from the terminal ends the compiler; we go on, and clean up. */
static int run(char **argv, int *code)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	posix_spawnattr_t attr;
	sigset_t usual;
	pid_t pid;
	int status, err = posix_spawnattr_init(&attr);

	if (err)
		return err;
	sigemptyset(&usual);
	sigaddset(&usual, SIGINT);
	posix_spawnattr_setsigdefault(&attr, &usual);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	sigaction(SIGINT, &ignore, &before);
	err = posix_spawnp(&pid, argv[0], NULL, &attr, argv, environ);
	while (!err && waitpid(pid, &status, 0) < 0)
		err = errno == EINTR ? 0 : errno;
	sigaction(SIGINT, &before, NULL);
	posix_spawnattr_destroy(&attr);
	if (!err)
		*code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return err;
}

int compile_app(const char *const *sources, const char *out, struct arena *a,
		const char **why)
{
	struct line l = {.a = a, .words = arena_array(a, WORDS_MAX + 1, sizeof *l.words)};
	int code = 0;

	if (l.words)
		build_line(&l, sources, out);
	if (!l.words || l.failed) {
		*why = "the compiler's command line does not fit: fewer files, or shorter CFLAGS";
		return CRUET_ELIMIT;
	}
	int err = run(l.words, &code);
	if (err) {
		*why = arena_printf(a, "cannot run the compiler '%s': %s: install gcc, or name "
				       "another in CC",
				    l.words[0], strerror(err));
		return CRUET_EIO;
	}
	const char *name = sources[1] ? "the application" : sources[0];
	if (code) {
		*why = arena_printf(a, "%s does not compile: see what %s says above", name,
				    l.words[0]);
		return CRUET_EPARSE;
	}
	/* Whatever the umask: a plugin that others may write is refused. */
	if (chmod(out, 0700) != 0) {
		*why = arena_printf(a, "%s: '%s' made no file %s: %s", name, l.words[0], out,
				    strerror(errno));
		return CRUET_EIO;
	}
	return CRUET_OK;
}
