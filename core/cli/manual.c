/* cruet manual: the manual page, made from the table of commands. */
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

/* Text as troff takes it: a line never begins with a request, and '-' is one that can be
 * copied. */
static void text(const char *s)
{
	for (bool begins = true; *s; s++) {
		if (begins && (*s == '.' || *s == '\''))
			fputs("\\&", stdout);
		if (*s == '\\')
			fputs("\\e", stdout);
		else if (*s == '-')
			fputs("\\-", stdout);
		else
			putchar(*s);
		begins = *s == '\n';
	}
}

static void line(const char *s)
{
	text(s);
	putchar('\n');
}

static void item(const char *name, const char *what)
{
	fputs(".TP\n.B ", stdout);
	line(name);
	line(what);
}

static void option(const struct flag *f)
{
	fputs(".TP\n", stdout);
	if (f->letter)
		printf("\\fB\\-%c\\fR, ", f->letter);
	fputs("\\fB\\-\\-", stdout);
	text(f->name);
	fputs("\\fR", stdout);
	if (f->value) {
		fputs(" \\fI", stdout);
		text(f->value);
		fputs("\\fR", stdout);
	}
	putchar('\n');
	line(f->help);
}

static void command(const struct command *cmd)
{
	fputs(".SS \"cruet ", stdout);
	text(cmd->name);
	if (cmd->flags)
		fputs(" [OPTION...]", stdout);
	if (*cmd->takes)
		putchar(' ');
	text(cmd->takes);
	fputs("\"\n", stdout);
	text(cmd->summary);
	fputs(".\n", stdout);
	if (cmd->more) {
		fputs(".PP\n", stdout);
		text(cmd->more);
	}
	for (const struct flag *f = cmd->flags; f && f->name; f++)
		option(f);
}

int manual_command(struct cmdline *c)
{
	(void)c;
	printf(".\\\" Made by: cruet manual\n.TH CRUET 1 \"\" \"cruet %s\" \"User Commands\"\n", CRUET_VERSION);
	fputs(".SH NAME\ncruet \\- runs web applications in C, and answers questions about them\n"
	      ".SH SYNOPSIS\n.B cruet\n.I COMMAND\n[\\fIARG\\fR...]\n.SH DESCRIPTION\n",
	      stdout);
	text(help_targets);
	fputs(".PP\n", stdout);
	line("In a folder with a cruet.json, cruet NAME [ARG...] runs the command NAME of its\n"
	     "application. Each command has --help.");
	fputs(".SH COMMANDS\n", stdout);
	for (const struct command *cmd = commands; cmd->name; cmd++)
		command(cmd);
	fputs(".SH EXIT STATUS\n", stdout);
	item("0", "done");
	item("1", "failed");
	item("2", "not understood");
	fputs(".SH ENVIRONMENT\n", stdout);
	item("CRUET_PROFILE", "the profile of the configuration, where --profile is not given");
	item("CRUET_SERVER__LISTEN and so on", "settings: two underscores are a dot");
	item("CRUET_PLUGIN_PATH", "folders with plugins, between colons");
	item("CC, CFLAGS, LDFLAGS, LDLIBS", "how sources are compiled");
	item("CRUET_INCLUDE_DIR, CRUET_LIB_DIR", "where headers and library are, if not where cruet was installed");
	item("NO_COLOR", "if it is set, nothing is coloured; nothing is where no terminal is, either");
	fputs(".SH FILES\n", stdout);
	item("cruet.json", "the configuration of a site");
	item(".env", "variables of this machine, beside it");
	item("cruet.lock", "the plugin files that may be loaded");
	return EXIT_DONE;
}
