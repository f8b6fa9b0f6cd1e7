/* The process that has the application; see shell.h. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/scope.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/write.h"
#include "cli/compile.h"
#include "cli/shell.h"
#include "cli/shell_line.h"
#include "cli/shell_show.h"
#include "cli/spawn.h"
#include "cruet/app.h"
#include "cruet/testing.h"
#include "plugin/registry.h"

struct runner {
	struct shell_env env; /* first */
	struct cmdline *c;
	struct site site;
	cruet_client *client;
	struct memory memory;
	const char *scratch;
	const char *so; /* of the line that runs */
	int channel;
};

const char *shell_helper(const char *name, struct arena *a)
{
	const char *dir = secure_getenv("CRUET_LIBEXEC_DIR");
	return arena_printf(a, "%s/%s", dir ? dir : CRUET_LIBEXEC_DIR, name);
}

/* --- what lines call ---------------------------------------------------------------------- */

static const char *type_of(const char *body)
{
	return !body ? NULL
	       : *body == '{' || *body == '[' ? "application/json"
					      : "application/x-www-form-urlencoded";
}

static cruet_client *request(const struct shell_env *env, const char *method, const char *path,
			     const char *body)
{
	const struct runner *r = (const struct runner *)env;

	cruet_client_send(r->client, method, path, type_of(body), body, body ? strlen(body) : 0);
	return r->client;
}

static void show(const struct shell_env *env, int kind, const void *value, size_t size)
{
	const struct runner *r = (const struct runner *)env;

	show_value(kind, value, size, r->so, r->memory.a);
}

/* --- one line ----------------------------------------------------------------------------- */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int err = fd < 0 ? errno : write_whole(fd, text, strlen(text));

	if (fd >= 0 && close(fd) && !err)
		err = errno;
	if (err)
		cli_fail("%s: %s", path, strerror(err));
	return !err;
}

/* What the compiler has said. */
static const char *said_in(int fd, struct arena *a)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = size >= 0 ? arena_zalloc(a, (size_t)size + 1) : NULL;

	return text && pread(fd, text, (size_t)size, 0) == size ? text : "";
}

/* All of it but what speaks of the function that we have put around the line, and of having
 * stopped at the first mistake. */
static void show_said(const char *said)
{
	while (*said) {
		size_t n = strcspn(said, "\n");
		n += said[n] == '\n';
		if (!memmem(said, n, "cruet__line", 11) && !text_starts(said, "cc1:") &&
		    !text_starts(said, "compilation terminated"))
			fwrite(said, 1, n, stderr);
		said += n;
	}
}

/* Runs the compiler in the folder where the line lies, so that messages show it. */
static bool run_compiler(struct runner *r, const struct compile *b, const char **said)
{
	struct arena *a = r->memory.a;
	char **line = compile_line(b, a);
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = memfd_create("said", MFD_CLOEXEC), code = 1, err = errno;

	if (line && here >= 0 && fd >= 0 && !chdir(r->scratch)) {
		err = spawn_wait(line, -1, fd, &code);
		if (fchdir(here))
			err = errno;
		if (!err && code == 128 + SIGINT) /* Ctrl-C was for the line, and so for its copy */
			raise(SIGINT);
	}
	*said = err && code ? arena_printf(a, "%s: %s\n", line ? line[0] : "cc", strerror(err))
			    : said_in(fd, a);
	if (here >= 0)
		close(here);
	if (fd >= 0)
		close(fd);
	return !err && !code;
}

static const char flags[] = "-Wno-unused-variable -fmax-errors=1";

static bool compile_as(struct runner *r, const char *source, const char **said)
{
	const char *sources[] = {source, NULL};
	const struct compile b = {.name = "the line",
				  .sources = sources,
				  .out = r->so,
				  .include = r->site.target.folder,
				  .flags = flags,
				  .libs = "-Wl,-z,undefs"};

	return run_compiler(r, &b, said);
}

/* What stands in front of each line is compiled once; where the compiler does not take it
 * so, it reads the text. */
static bool write_prelude(struct runner *r)
{
	static const char *const sources[] = {LINE_PRELUDE, NULL};
	const char *path = arena_printf(r->memory.a, "%s/" LINE_PRELUDE, r->scratch), *said;
	const struct compile b = {.name = "the prelude",
				  .sources = sources,
				  .out = LINE_PRELUDE ".gch",
				  .object = true,
				  .include = r->site.target.folder,
				  .flags = flags};

	if (!path || !write_file(path, line_prelude))
		return false;
	run_compiler(r, &b, &said);
	return true;
}

/* Tries the kinds that it may be of. LINE_NOTHING: the compiler takes none, and has said
 * why of the likeliest. */
static enum line_kind compile(struct runner *r, const char *text)
{
	struct arena *a = r->memory.a;
	const char *source = arena_printf(a, "%s/line-%u.c", r->scratch, r->memory.lines);
	const char *shown = arena_printf(a, "%s/line", r->scratch), *first = NULL, *said;
	enum line_kind ways[LINE_WAYS];

	r->so = arena_printf(a, "%s/line-%u-%d.so", r->scratch, r->memory.lines, (int)getpid());
	line_ways(text, ways);
	if (!source || !shown || !r->so || !write_file(shown, text))
		return LINE_NOTHING;
	for (size_t i = 0; i < LINE_WAYS && ways[i]; i++) {
		const char *code = line_source(&r->memory, text, ways[i]);
		if (!code || !write_file(source, code))
			continue;
		bool ok = compile_as(r, source, &said);
		first = first ? first : said;
		if (ok) {
			show_said(said); /* warnings */
			return ways[i];
		}
	}
	show_said(first ? first : "out of memory\n");
	return LINE_NOTHING;
}

/* "…/line-3-7.so: undefined symbol: f" */
static void tell_unloaded(const char *why)
{
	const char *symbol = why ? strstr(why, "undefined symbol: ") : NULL;

	if (symbol)
		fprintf(stderr, "nothing here defines %s\n", symbol + 18);
	else
		fprintf(stderr, "%s\n", why ? why : "the line cannot be loaded");
}

/* What a call has recorded is told, and does not disturb the next line. */
static void tell_failure(struct runner *r)
{
	if (!cruet_err(r->env.c))
		return;
	fprintf(stderr, "failed: %s\n", cruet_err_text(r->env.c));
	cruet_err_clear(r->env.c);
}

/* One piece of the line. */
static bool run_piece(struct runner *r, const char *text)
{
	enum line_kind kind = compile(r, text);
	void (*line)(const struct shell_env *env);

	if (!kind)
		return false;
	void *handle = dlopen(r->so, RTLD_NOW | RTLD_GLOBAL);
	void *at = handle ? dlsym(handle, "cruet__line") : NULL;
	if (!at) {
		tell_unloaded(dlerror());
		return false;
	}
	memcpy(&line, &at, sizeof line);
	line(&r->env);
	fflush(NULL);
	tell_failure(r);
	if (line_remember(&r->memory, text, kind))
		return true;
	cli_fail("out of memory");
	return false;
}

/* In the copy. */
static bool run_line(struct runner *r, const char *text)
{
	enum line_kind ways[LINE_WAYS];

	for (const char *end; *text; text = end) {
		end = line_piece(text);
		const char *piece = arena_strndup(r->memory.a, text, (size_t)(end - text));
		if (!piece) {
			cli_fail("out of memory");
			return false;
		}
		line_ways(piece, ways);
		if (ways[0] && !run_piece(r, piece))
			return false;
	}
	return true;
}

/* --- checkpoints -------------------------------------------------------------------------- */

static void answer(const struct runner *r, char end)
{
	send(r->channel, &end, 1, MSG_NOSIGNAL);
}

static void tell_death(int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT)
		fprintf(stderr, "\ninterrupted: all is as it was before that line\n");
	else if (WIFSIGNALED(status))
		fprintf(stderr, "%s: all is as it was before that line\n", strsignal(WTERMSIG(status)));
	else
		fprintf(stderr, "the line called exit(%d): all is as it was before it\n",
			WEXITSTATUS(status));
}

/* Waits for what becomes of the copy. Returns if it is gone: then this goes on as the runner. */
static void be_checkpoint(struct runner *r, pid_t copy, int from_copy)
{
	char end = 0;
	int status = 0;
	ssize_t n;

	do
		n = read(from_copy, &end, 1);
	while (n < 0 && errno == EINTR);
	close(from_copy);
	if (n == 1 && end == SHELL_WELL)
		_exit(EXIT_DONE); /* the copy is the runner now */
	while (waitpid(copy, &status, 0) < 0 && errno == EINTR)
		;
	if (!end)
		tell_death(status);
	answer(r, SHELL_BADLY);
}

static void take_line(struct runner *r, const char *text)
{
	char end = SHELL_BADLY;
	int ends[2];

	fflush(NULL);
	pid_t copy = pipe2(ends, O_CLOEXEC) ? -1 : fork();
	if (copy < 0) {
		cli_fail("no process for the line: %s", strerror(errno));
		answer(r, SHELL_BADLY);
		return;
	}
	if (copy) {
		close(ends[1]);
		be_checkpoint(r, copy, ends[0]);
		return;
	}
	close(ends[0]);
	signal(SIGINT, SIG_DFL);
	if (run_line(r, text))
		end = SHELL_WELL;
	signal(SIGINT, SIG_IGN);
	if (write(ends[1], &end, 1) != 1 || end == SHELL_BADLY)
		_exit(EXIT_FAILED);
	close(ends[1]);
	answer(r, SHELL_WELL);
}

/* --- the application ---------------------------------------------------------------------- */

/* What the application exports may be called by lines. */
static void export_app(struct runner *r)
{
	struct instance *i = registry_named(r->site.app, "app");
	struct link_map *map = NULL;

	if (i && i->loaded.handle && !dlinfo(i->loaded.handle, RTLD_DI_LINKMAP, &map))
		dlopen(map->l_name, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
}

static int put_variable(const char *name, const char *value)
{
	return value ? setenv(name, value, 1) : unsetenv(name);
}

/* Copies of plugins lie in scratch, for nobody here lives long enough to remove them. */
static bool load(struct runner *r)
{
	static const char *const places[] = {"XDG_RUNTIME_DIR", "TMPDIR"};
	enum { N = sizeof places / sizeof *places };
	const char *usual[N];
	bool ok = true;

	for (size_t i = 0; i < N; i++) {
		usual[i] = arena_strdup(r->memory.a, getenv(places[i]));
		ok &= !put_variable(places[i], r->scratch);
	}
	ok = ok && !site_configure(&r->site, r->c, r->c->args.rest[0]) && !site_load(&r->site, r->c);
	for (size_t i = 0; i < N; i++)
		put_variable(places[i], usual[i]);
	return ok;
}

static bool start(struct runner *r)
{
	if (!load(r) || !write_prelude(r))
		return false;
	export_app(r);
	r->client = cruet_client_new(r->site.app);
	if (cruet_problem(r->site.app)) {
		cli_fail("%s", cruet_problem(r->site.app));
		return false;
	}
	r->env = (struct shell_env){.app = r->site.app,
				    .c = cruet_open(r->site.app),
				    .request = request,
				    .show = show};
	return r->client && r->env.c;
}

/* Threads of plugins are in the first runner alone, so nothing is stopped in order: what was
 * to be kept is kept when a line has ended. */
_Noreturn void shell_run(struct cmdline *c, int channel, const char *scratch)
{
	static struct runner r; /* of this process and its copies */
	static char text[SHELL_LINE_MAX + 1];
	ssize_t n;

	r.c = c;
	r.channel = channel;
	r.scratch = scratch;
	memory_init(&r.memory, &c->arena);
	signal(SIGINT, SIG_IGN);
	if (!isatty(STDIN_FILENO) && !freopen("/dev/null", "r", stdin)) /* what comes there are lines */
		fclose(stdin);
	if (!start(&r)) {
		answer(&r, SHELL_BADLY);
		_exit(EXIT_FAILED);
	}
	answer(&r, SHELL_WELL);
	while ((n = recv(channel, text, SHELL_LINE_MAX, 0)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		text[n] = '\0';
		take_line(&r, text);
	}
	fflush(NULL);
	_exit(EXIT_DONE);
}
