#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/text.h"
#include "cli/replay.h"

int replay_check_values(const struct cmdline *c)
{
	static const char *const kinds[] = {"cookie.", "form.", "header.", "json.",
					    "path.",   "query.", NULL};

	for (size_t i = 0; i < c->args.ngiven; i++) {
		const struct given *g = &c->args.given[i];
		bool ok = false;
		if (strcmp(g->flag->name, "value") != 0)
			continue;
		for (const char *const *k = kinds; *k; k++)
			ok |= text_starts(g->value, *k) && strchr(g->value, '=');
		if (!ok)
			return cli_misused(c->command->name,
					   "option --value %s: expected PLACE=VALUE, such as "
					   "form.password=secret or cookie.session=...",
					   g->value);
	}
	return EXIT_DONE;
}

static void signals_that_end(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

void replay_block_signals(void)
{
	sigset_t ending;

	signals_that_end(&ending);
	sigprocmask(SIG_BLOCK, &ending, NULL);
}

bool replay_is_asked_to_end(void)
{
	sigset_t asked, ending;

	signals_that_end(&ending);
	sigpending(&asked);
	sigandset(&asked, &asked, &ending);
	return !sigisemptyset(&asked);
}

int replay_tell(const struct progress *p, const char *note)
{
	size_t all = p->same + p->different + p->skipped;

	if (note)
		printf("note: %s\n", note);
	printf("%zu request%s: %zu the same, %zu different, %zu skipped\n", all, all == 1 ? "" : "s",
	       p->same, p->different, p->skipped);
	if (p->skipped)
		printf("What was masked is given by --value PLACE=VALUE.\n");
	return p->different || p->skipped ? EXIT_FAILED : EXIT_DONE;
}

int replay_outcome(const struct progress *p, const char *file, int how, bool json)
{
	int code = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
	char why[64] = "the application called exit()";

	if (p->over)
		return code;
	if (!WIFEXITED(how))
		snprintf(why, sizeof why, "%s", strsignal(WTERMSIG(how)));
	if (!p->line)
		return cli_fail("%s", why);
	cli_fail("%s:%zu: %s: nothing more was asked", file, p->line, why);
	if (!json)
		replay_tell(p, NULL);
	return EXIT_FAILED;
}
