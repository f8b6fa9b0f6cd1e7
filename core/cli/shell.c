/* cruet shell: reads lines, and has them run. On a terminal they come from a program that
 * knows how to edit lines (tools/cruet-prompt.c), else from standard input. */
#include "cli/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/guard.h"
#include "cli/scratch.h"
#include "cli/shell_line.h"

struct shell {
	struct cmdline *c;
	const char *scratch;
	int channel; /* to the runner */
	bool terminal;
	FILE *lines;	    /* that are typed or come */
	FILE *prompts;	    /* to the program that edits; NULL: there is none */
	pid_t editor;	    /* that program; it lies in */
	const char *editor_path;
	bool over;	    /* no more lines come */
	bool failed;	    /* a line has */
};

/* Of one text: longer than what is taken, so that it can be read to its end and refused. */
enum { TEXT_MAX = 4 * SHELL_LINE_MAX, CANNOT_RUN = 127 };

/* --- lines -------------------------------------------------------------------------------- */

static void start_editor(struct shell *s)
{
	const char *program = s->editor_path = shell_helper("cruet-prompt", &s->c->arena);
	int to[2], from[2];

	if (!program || access(program, X_OK) || pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		return;
	pid_t pid = s->editor = fork();
	if (!pid) {
		char in[16], out[16];
		snprintf(in, sizeof in, "%d", dup(to[0]));
		snprintf(out, sizeof out, "%d", dup(from[1]));
		signal(SIGPIPE, SIG_DFL);
		execl(program, program, in, out, (char *)NULL);
		_exit(CANNOT_RUN);
	}
	close(to[0]);
	close(from[1]);
	s->prompts = pid > 0 ? fdopen(to[1], "w") : NULL;
	FILE *lines = pid > 0 ? fdopen(from[0], "r") : NULL;
	if (lines)
		s->lines = lines;
}

/* Asks for the next line, *line, to be freed in the end. -1: there is none. */
static ssize_t next_line(struct shell *s, char **line, size_t *cap, bool more)
{
	const char *prompt = more ? "...> " : "cruet> ";

	if (s->prompts) {
		fprintf(s->prompts, "%s\n", prompt);
		fflush(s->prompts);
	} else if (s->terminal) {
		printf("%s", prompt);
		fflush(stdout);
	}
	return getline(line, cap, s->lines);
}

/* What is typed until it is whole. False: the end. */
static bool next_text(struct shell *s, struct buf *text)
{
	char *line = NULL;
	size_t cap = 0;
	bool more = false;

	buf_clear(text);
	while (!s->over) {
		ssize_t n = next_line(s, &line, &cap, more);
		s->over = n < 0;
		if (s->over && s->terminal && ferror(s->lines))
			raise(SIGHUP); /* the terminal is gone: its signal comes a moment later */
		if (s->over)
			break;
		if (more && s->terminal && *line == '\n') { /* what was begun is given up */
			buf_clear(text);
			break;
		}
		buf_put(text, line, (size_t)n);
		s->over = buf_err(text); /* where it ends nobody knows */
		more = !line_is_whole(text->p);
		if (!more)
			break;
	}
	free(line);
	return text->len || !s->over;
}

/* --- running them ------------------------------------------------------------------------- */

/* How it has ended; SHELL_OVER: nobody is there to answer. */
static char outcome(struct shell *s)
{
	char end;
	ssize_t n;

	do
		n = recv(s->channel, &end, 1, 0);
	while (n < 0 && errno == EINTR);
	while (waitpid(-1, NULL, WNOHANG) > 0) /* checkpoints that are needed no more */
		;
	return n == 1 ? end : SHELL_OVER;
}

static bool asks_for_end(const char *text)
{
	size_t n = strcspn(text, " \t\r\n;");
	return n == 4 && (!strncmp(text, "exit", 4) || !strncmp(text, "quit", 4)) &&
	       !text[n + strspn(text + n, " \t\r\n;")];
}

static char run(struct shell *s, const struct buf *text)
{
	enum line_kind ways[LINE_WAYS];

	if (text->len > SHELL_LINE_MAX || buf_err(text)) {
		cli_fail("a line of more than %d bytes%s", SHELL_LINE_MAX,
			 s->over ? ", which does not end: nothing more is read" : "");
		return SHELL_BADLY;
	}
	line_ways(text->p, ways);
	if (!ways[0])
		return SHELL_WELL;
	if (send(s->channel, text->p, text->len, MSG_NOSIGNAL) < 0)
		return SHELL_OVER;
	return outcome(s);
}

static int read_all(struct shell *s)
{
	char end = SHELL_WELL;
	struct buf text;

	buf_init(&text, NULL, TEXT_MAX);
	while (end != SHELL_OVER && next_text(s, &text) && !asks_for_end(text.p)) {
		end = run(s, &text);
		s->failed |= end != SHELL_WELL;
	}
	buf_fini(&text);
	if (end == SHELL_OVER)
		return cli_fail("the process that ran the lines is gone");
	if (s->terminal && !s->prompts)
		putchar('\n');
	return s->failed && !s->terminal ? EXIT_FAILED : EXIT_DONE;
}

/* --- the command -------------------------------------------------------------------------- */

static int start_runner(struct shell *s)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return cli_fail("%s", strerror(errno));
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	fflush(NULL);
	pid_t pid = fork();
	if (!pid) {
		close(pair[0]);
		shell_run(s->c, pair[1], s->scratch);
	}
	close(pair[1]);
	s->channel = pair[0];
	if (pid < 0)
		return cli_fail("no process can be started: %s", strerror(errno));
	return outcome(s) == SHELL_WELL ? EXIT_DONE : EXIT_FAILED;
}

static int finish(struct shell *s, int code)
{
	int status = 0;

	if (s->prompts)
		fclose(s->prompts);
	if (s->lines != stdin)
		fclose(s->lines);
	if (s->editor > 0 && waitpid(s->editor, &status, 0) > 0 && WIFEXITED(status) &&
	    WEXITSTATUS(status) == CANNOT_RUN)
		code = cli_fail("%s cannot be run: it reads lines from the terminal", s->editor_path);
	if (s->channel >= 0) {
		shutdown(s->channel, SHUT_WR);
		while (outcome(s) != SHELL_OVER) /* until the last one is gone */
			;
		close(s->channel);
	}
	return code;
}

static int run_shell(struct shell *s)
{
	int code = start_runner(s);

	if (!code && s->terminal) {
		signal(SIGINT, SIG_IGN);  /* it ends a line, not the shell */
		signal(SIGPIPE, SIG_IGN); /* the program that edits lines may be gone */
		start_editor(s);
	}
	if (!code)
		code = read_all(s);
	return finish(s, code);
}

int shell_command(struct cmdline *c)
{
	struct shell s = {.c = c, .channel = -1, .terminal = isatty(0), .lines = stdin};
	const char *why = NULL;
	int how;

	s.scratch = scratch_make(&c->arena, &why);
	if (!s.scratch)
		return cli_fail("%s", why);
	if (guard_fork(false, &how))
		return run_shell(&s);
	scratch_remove(s.scratch);
	if (how == -1)
		return cli_fail("no process can be started: %s", strerror(errno));
	return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
}
