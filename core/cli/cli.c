#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cruet/main.h"

__attribute__((format(printf, 2, 0))) static void say(const char *name, const char *fmt, va_list ap)
{
	char *text, *shown;

	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	size_t cap = text ? 4 * strlen(text) + 2 : 0;
	shown = text ? malloc(cap) : NULL;
	if (shown)
		text_visible(shown, cap, text);
	fprintf(stderr, "cruet%s%s: %s\n", *name ? " " : "", name,
		shown ? shown : "out of memory");
	free(shown);
	free(text);
}

int cli_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
	return EXIT_FAILED;
}

int cli_misused(const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(name, fmt, ap);
	va_end(ap);
	fprintf(stderr, "Try: cruet %s%s--help\n", name, *name ? " " : "");
	return EXIT_USAGE;
}

static int check_count(const struct cmdline *c)
{
	const struct command *cmd = c->command;

	if (c->args.nrest > cmd->most)
		return cli_misused(cmd->name, "'%s' is one argument too many",
				   c->args.rest[cmd->most]);
	if (c->args.nrest < cmd->least)
		return cli_misused(cmd->name, "an argument is missing: cruet %s %s", cmd->name,
				   cmd->takes);
	return EXIT_DONE;
}

static int run_call(struct cmdline *c, int argc, char **argv)
{
	const char *why = NULL;

	if (args_read(&c->args, c->command->flags, argc, argv, &c->arena, &why))
		return cli_misused(c->command->name, "%s", why);
	if (c->args.help) {
		help_one(c->command, stdout);
		return EXIT_DONE;
	}
	int code = check_count(c);
	return code ? code : c->command->run(c);
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

static int unknown(const char *group, const char *word)
{
	const char *near = command_nearest(group, word, NULL);
	return near ? cli_misused(group, "unknown command '%s': did you mean '%s'?", word, near)
		    : cli_misused(group, "unknown command '%s'", word);
}

/* "cruet plugins" and "cruet plugins lsit". */
static int in_group(int argc, char **argv)
{
	if (argc == 1) {
		help_group(argv[0], stderr);
		return EXIT_USAGE;
	}
	if (!is_help(argv[1]))
		return unknown(argv[0], argv[1]);
	help_group(argv[0], stdout);
	return EXIT_DONE;
}

/* "cruet help" and "cruet help plugins info". */
static int help(int argc, char **argv)
{
	int words;
	const struct command *cmd = argc ? command_named(argc, argv, &words) : NULL;

	if (cmd)
		help_one(cmd, stdout);
	else if (argc && command_group(argv[0]))
		help_group(argv[0], stdout);
	else if (argc)
		return unknown("", argv[0]);
	else
		help_all(stdout);
	return EXIT_DONE;
}

static int dispatch(int argc, char **argv)
{
	static char version[] = "version";
	struct cmdline c = {.command = NULL};
	int words = 1;

	if (!argc) {
		help_all(stderr);
		return EXIT_USAGE;
	}
	if (is_help(argv[0]))
		return help(argc - 1, argv + 1);
	if (!strcmp(argv[0], "--version"))
		argv[0] = version;
	c.command = command_named(argc, argv, &words);
	if (!c.command && command_group(argv[0]))
		return in_group(argc, argv);
	if (!c.command && *argv[0] == '-')
		return cli_misused("", "unknown option %s: a command comes first", argv[0]);
	if (!c.command)
		return extra_run(argc, argv);
	arena_init(&c.arena, 16384);
	int code = run_call(&c, argc - words, argv + words);
	arena_fini(&c.arena);
	return code;
}

int cruet_main(int argc, char **argv)
{
	signal(SIGCHLD, SIG_DFL); /* where our starter ignores it, nobody tells how a compiler ended */
	int code = dispatch(argc > 0 ? argc - 1 : 0, argv + 1);

	/* A list that did not arrive in full is no list. */
	if ((fflush(stdout) != 0 || ferror(stdout)) && errno != EPIPE)
		code = cli_fail("standard output: %s", strerror(errno));
	return code;
}
