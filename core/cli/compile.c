#include "cli/compile.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "cli/spawn.h"
#include "cruet/error.h"

enum { WORDS_MAX = 1024 };

const char compile_too_long[] =
	"the compiler's command line does not fit: fewer files, or shorter CFLAGS";

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

/* The compiler, and how it compiles. */
static void begin_line(struct line *l, const struct compile *b)
{
	words(l, setting("CC", "cc"));
	words(l, b->program ? "-fPIE" : b->object ? "-c -fPIC" : "-shared -fPIC");
	words(l, "-g -O0 -fno-omit-frame-pointer -std=gnu11 -D_GNU_SOURCE -Wall "
		 "-Werror=implicit-function-declaration -Werror=return-type");
	word(l, arena_printf(l->a, "-I%s", compile_include_dir()));
	if (b->include)
		word(l, arena_printf(l->a, "-I%s", b->include));
	words(l, b->flags ? b->flags : "");
	words(l, setting("CFLAGS", ""));
}

static void build_line(struct line *l, const struct compile *b)
{
	begin_line(l, b);
	if (b->made_of) {
		words(l, "-MMD -MF");
		word(l, b->made_of);
	}
	word(l, "-o");
	word(l, b->out);
	for (const char *const *s = b->sources; *s; s++)
		word(l, **s == '-' ? arena_printf(l->a, "./%s", *s) : *s);
	if (b->object)
		return;
	/* What is missing shows now, by name, and not when the file is loaded. */
	words(l, "-Wl,-z,defs -Wl,--as-needed");
	words(l, setting("LDFLAGS", ""));
	word(l, arena_printf(l->a, "-L%s", compile_lib_dir()));
	if (b->program)
		word(l, arena_printf(l->a, "-Wl,-rpath,%s", compile_lib_dir()));
	words(l, b->libs ? b->libs : "");
	words(l, "-lcruet -lcjson -lm -lpthread");
	words(l, setting("LDLIBS", ""));
}

char **compile_line(const struct compile *b, struct arena *a)
{
	struct line l = {.a = a, .words = arena_array(a, WORDS_MAX + 1, sizeof *l.words)};

	if (l.words)
		build_line(&l, b);
	return l.words && !l.failed ? l.words : NULL;
}

const char *compile_how(const struct compile *b, struct arena *a)
{
	struct line l = {.a = a, .words = arena_array(a, WORDS_MAX + 1, sizeof *l.words)};
	struct buf text;

	buf_init(&text, a, 0);
	if (l.words)
		begin_line(&l, b);
	for (char **w = l.words; w && *w; w++)
		buf_printf(&text, "%s%s", text.len ? " " : "", *w);
	return l.words && !l.failed && !buf_err(&text) ? text.p : NULL;
}

int compile_build(const struct compile *b, struct arena *a, const char **why)
{
	char **line = compile_line(b, a);
	int code = 0;

	if (!line) {
		*why = compile_too_long;
		return CRUET_ELIMIT;
	}
	int err = spawn_wait(line, -1, -1, &code);
	if (err) {
		*why = arena_printf(a, "cannot run the compiler '%s': %s: install gcc, or name "
				       "another in CC",
				    line[0], strerror(err));
		return CRUET_EIO;
	}
	if (code) {
		*why = arena_printf(a, "%s does not compile: see what %s says above", b->name,
				    line[0]);
		return CRUET_EPARSE;
	}
	/* Whatever the umask: a plugin that others may write is refused. */
	if (chmod(b->out, 0700) != 0) {
		*why = arena_printf(a, "%s: '%s' made no file %s: %s", b->name, line[0], b->out,
				    strerror(errno));
		return CRUET_EIO;
	}
	return CRUET_OK;
}

int compile_app(const char *const *sources, const char *out, struct arena *a,
		const char **why)
{
	const struct compile b = {.name = sources[1] ? "the application" : sources[0],
				.sources = sources,
				.out = out};

	return compile_build(&b, a, why);
}
