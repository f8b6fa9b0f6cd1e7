#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/table.h"

const char help_targets[] =
	"TARGET is a .c file, a .so file or a folder; without one, the working directory. In a\n"
	"folder, cruet.json names the application (\"app\"); otherwise the .c files there are\n"
	"built as one.\n";

static void list(const char *group, FILE *out)
{
	struct arena a;
	struct table t;

	arena_init(&a, 4096);
	table_init(&t, &a, 2);
	for (const struct command *cmd = commands; cmd->name; cmd++) {
		size_t n = strlen(group);
		if (n && (strncmp(cmd->name, group, n) != 0 || cmd->name[n] != ' '))
			continue;
		table_row(&t, arena_printf(&a, "%s%s%s", cmd->name, *cmd->takes ? " " : "",
					   cmd->takes),
			  cmd->summary);
	}
	table_print(&t, "  ", out);
	arena_fini(&a);
}

void help_all(FILE *out)
{
	fputs("usage: cruet COMMAND [ARG...]\n\n", out);
	list("", out);
	fprintf(out, "\n%s\n", help_targets);
	fputs("In a folder with a cruet.json, cruet NAME [ARG...] runs the command NAME of its\n"
	      "application.\n\n"
	      "cruet COMMAND --help tells more. Exit codes: 0 done, 1 failed, 2 not understood.\n",
	      out);
}

void help_group(const char *word, FILE *out)
{
	fprintf(out, "usage: cruet %s COMMAND [ARG...]\n\n", word);
	list(word, out);
	fprintf(out, "\ncruet %s COMMAND --help tells more.\n", word);
}

static void flags(const struct flag *f, FILE *out)
{
	struct arena a;
	struct table t;

	arena_init(&a, 4096);
	table_init(&t, &a, 2);
	for (; f && f->name; f++) {
		const char *letter = f->letter ? arena_printf(&a, "-%c, ", f->letter) : "    ";
		table_row(&t, arena_printf(&a, "%s--%s%s%s", letter, f->name, f->value ? " " : "",
					   f->value ? f->value : ""),
			  f->help);
	}
	table_row(&t, "-h, --help", "shows this");
	table_print(&t, "  ", out);
	arena_fini(&a);
}

void help_one(const struct command *cmd, FILE *out)
{
	fprintf(out, "usage: cruet %s%s%s%s\n\n%s: %s.\n", cmd->name, cmd->flags ? " [OPTION...]" : "",
		*cmd->takes ? " " : "", cmd->takes, cmd->name, cmd->summary);
	if (cmd->more)
		fputs(cmd->more, out);
	if (strstr(cmd->takes, "TARGET"))
		fprintf(out, "\n%s", help_targets);
	fputs("\nOptions:\n", out);
	flags(cmd->flags, out);
}
