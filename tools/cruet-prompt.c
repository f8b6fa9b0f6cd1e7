/* cruet-prompt: asks a person for lines, with editing and a history.
 *
 *     cruet-prompt IN OUT
 *
 * IN and OUT are descriptors. For each line of IN, a prompt, a line is read from the terminal
 * and written to OUT. The history is ~/.local/state/cruet/history, or in XDG_STATE_HOME. A
 * program of its own, because the library needs no more than it must. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

enum { HISTORY_MAX = 1000 };

/* The path of the history, whose folders are made; false: there is no place for it. */
static int history_path(char *path, size_t cap)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n = state && *state ? snprintf(path, cap, "%s/cruet/history", state)
		: home && *home ? snprintf(path, cap, "%s/.local/state/cruet/history", home)
				: -1;

	if (n < 0 || (size_t)n >= cap)
		return 0;
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return 0;
		*p = '/';
	}
	return 1;
}

static volatile sig_atomic_t is_interrupted;
static sigset_t while_waiting; /* what is blocked then */

static void interrupt(int sig)
{
	(void)sig;
	is_interrupted = 1;
}

/* Ctrl-C at the prompt takes back what was typed. */
static void take_back(void)
{
	is_interrupted = 0;
	fputs("^C", rl_outstream);
	rl_crlf();
	rl_replace_line("", 0);
	rl_on_new_line();
	rl_redisplay();
}

/* The next byte that is typed. Signals come while this waits, and at no other moment: so none
 * is seen too late. */
static int next_key(FILE *terminal)
{
	struct pollfd p = {.fd = fileno(terminal), .events = POLLIN};
	unsigned char key;

	for (;;) {
		int n = ppoll(&p, 1, NULL, &while_waiting);
		if (n < 0 && errno == EINTR) {
			if (is_interrupted)
				take_back();
			continue;
		}
		return n > 0 && read(p.fd, &key, 1) == 1 ? key : EOF;
	}
}

/* The next line of in, without its end. 0: there is none. */
static int next_prompt(FILE *in, char **prompt, size_t *cap)
{
	ssize_t n = getline(prompt, cap, in);

	if (n <= 0)
		return 0;
	(*prompt)[n - 1] = '\0';
	return 1;
}

/* Ctrl-C that was for the line that ran is forgotten. */
static void forget_signal(void)
{
	struct timespec now = {0, 0};
	sigset_t interrupts;

	sigemptyset(&interrupts);
	sigaddset(&interrupts, SIGINT);
	while (sigtimedwait(&interrupts, NULL, &now) > 0)
		;
}

/* Typed more than once in a row, it stands there once. */
static void remember(const char *line)
{
	const HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;

	if (*line && (!last || strcmp(last->line, line) != 0))
		add_history(line);
}

int main(int argc, char **argv)
{
	char path[PATH_MAX], *prompt = NULL;
	struct sigaction sa = {.sa_handler = interrupt}; /* waiting is to end */
	sigset_t blocked;
	size_t cap = 0;

	FILE *in = argc == 3 ? fdopen(atoi(argv[1]), "r") : NULL;
	FILE *out = in ? fdopen(atoi(argv[2]), "w") : NULL;
	if (!out) {
		fprintf(stderr, "usage: cruet-prompt IN OUT\n");
		return 2;
	}
	int kept = history_path(path, sizeof path);
	using_history();
	stifle_history(HISTORY_MAX);
	if (kept)
		read_history(path);
	rl_catch_signals = 0;
	rl_getc_function = next_key;
	sigaction(SIGINT, &sa, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &while_waiting);
	sigdelset(&while_waiting, SIGINT);
	while (next_prompt(in, &prompt, &cap)) {
		forget_signal();
		char *line = readline(prompt);
		if (!line)
			break;
		remember(line);
		fprintf(out, "%s\n", line);
		free(line);
		if (fflush(out))
			break;
	}
	if (kept && !write_history(path))
		chmod(path, 0600);
	free(prompt);
	return 0;
}
