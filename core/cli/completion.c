/* cruet completion: what shells need to complete a command line, made from the table of
 * commands. So it cannot go stale: a command or an option that is there is completed. */
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

/* --- the table, as shells look at it ---------------------------------------------------- */

static const char *second_word(const struct command *cmd)
{
	const char *space = strchr(cmd->name, ' ');
	return space ? space + 1 : NULL;
}

static int first_len(const struct command *cmd)
{
	return (int)strcspn(cmd->name, " ");
}

/* True for the first command with that first word. */
static bool is_first(const struct command *cmd)
{
	for (const struct command *o = commands; o != cmd; o++)
		if (first_len(o) == first_len(cmd) &&
		    !strncmp(o->name, cmd->name, (size_t)first_len(cmd)))
			return false;
	return true;
}

/* What may follow its name. */
static bool takes_files(const struct command *cmd)
{
	return strstr(cmd->takes, "TARGET") || strstr(cmd->takes, "FILE");
}

static bool takes_file(const struct flag *f)
{
	return f->value && !strcmp(f->value, "FILE");
}

/* The words of "bash|zsh|fish"; each is written with format. */
static void choices(const struct command *cmd, const char *before, const char *after)
{
	for (const char *p = strchr(cmd->takes, '|') ? cmd->takes : ""; *p; p += *p == '|') {
		int n = (int)strcspn(p, "| ");
		if (is_lower(*p))
			printf("%s%.*s%s", before, n, p, after);
		p += n;
		if (*p == ' ')
			return;
	}
}

/* Part of a text in single quotes; those of also with a backslash in front. */
static void quoted_part(const char *text, const char *also)
{
	for (; *text; text++) {
		if (*text == '\'') {
			fputs("'\\''", stdout);
			continue;
		}
		if (strchr(also, *text))
			putchar('\\');
		putchar(*text);
	}
}

static void quoted(const char *text, const char *also)
{
	putchar('\'');
	quoted_part(text, also);
	putchar('\'');
}

/* --- bash ------------------------------------------------------------------------------- */

static void bash_words(void)
{
	fputs("\t\twords='help", stdout);
	for (const struct command *cmd = commands; cmd->name; cmd++)
		if (is_first(cmd))
			printf(" %.*s", first_len(cmd), cmd->name);
	fputs("' ;;\n", stdout);
}

static void bash_groups(void)
{
	for (const struct command *cmd = commands; cmd->name; cmd++) {
		if (!is_first(cmd) || !second_word(cmd))
			continue;
		printf("\t'%.*s ')\n\t\twords='", first_len(cmd), cmd->name);
		for (const struct command *o = cmd; o->name; o++)
			if (second_word(o) && first_len(o) == first_len(cmd) &&
			    !strncmp(o->name, cmd->name, (size_t)first_len(cmd)))
				printf("%s ", second_word(o));
		fputs("' ;;&\n", stdout);
	}
}

/* " --cert ", and " -c " of those with a letter. */
static void bash_values(const struct command *cmd, bool files)
{
	for (const struct flag *f = cmd->flags; f && f->name; f++) {
		if (!f->value || takes_file(f) != files)
			continue;
		printf(" --%s ", f->name);
		if (f->letter)
			printf(" -%c ", f->letter);
	}
}

static void bash_options(const struct command *cmd)
{
	fputs("\t\toptions='--help", stdout);
	for (const struct flag *f = cmd->flags; f && f->name; f++)
		printf(" --%s", f->name);
	fputs("' values='", stdout);
	bash_values(cmd, false);
	fputs("' ends='", stdout);
	bash_values(cmd, true);
	printf("' files=%s", takes_files(cmd) ? "yes" : "");
	fputs(" words+='", stdout);
	choices(cmd, " ", "");
	fputs("' ;;\n", stdout);
}

static void bash(void)
{
	fputs("# Made by: cruet completion bash\n"
	      "_cruet()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal first= second= words= options= values= ends= files= i\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\t[[ ${COMP_WORDS[i]} == -* ]] && continue\n"
	      "\t\tif [[ -z $first ]]; then first=${COMP_WORDS[i]}\n"
	      "\t\telif [[ -z $second ]]; then second=${COMP_WORDS[i]}; fi\n"
	      "\tdone\n"
	      "\tcase \"$first $second\" in\n"
	      "\t' ')\n",
	      stdout);
	bash_words();
	bash_groups();
	for (const struct command *cmd = commands; cmd->name; cmd++) {
		printf(second_word(cmd) ? "\t'%s')\n" : "\t'%s '*)\n", cmd->name);
		bash_options(cmd);
	}
	fputs("\tesac\n"
	      "\tCOMPREPLY=()\n"
	      "\tif [[ $values == *\" $prev \"* ]]; then return\n"
	      "\telif [[ $ends == *\" $prev \"* ]]; then mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	      "\telif [[ $cur == -* ]]; then mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
	      "\telse\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\"; "
	      "[[ -n $files ]] && compgen -f -- \"$cur\")\n"
	      "\tfi\n"
	      "}\n"
	      "complete -o filenames -F _cruet cruet\n",
	      stdout);
}

/* --- zsh -------------------------------------------------------------------------------- */

static void zsh_option(const struct flag *f)
{
	printf(" \\\n\t\t\t'*--%s%s[", f->name, f->value ? "=" : "");
	quoted_part(f->help, "[]:");
	putchar(']');
	if (f->value)
		printf(":%s:%s", f->value, takes_file(f) ? "_files" : " ");
	putchar('\'');
}

static void zsh(void)
{
	fputs("#compdef cruet\n# Made by: cruet completion zsh\n"
	      "_cruet() {\n"
	      "\tlocal -a names\n"
	      "\tif (( CURRENT == 2 )); then\n"
	      "\t\tnames=(",
	      stdout);
	for (const struct command *cmd = commands; cmd->name; cmd++) {
		char text[512];
		if (!is_first(cmd))
			continue;
		snprintf(text, sizeof text, "%.*s:%s", first_len(cmd), cmd->name,
			 second_word(cmd) ? "..." : cmd->summary);
		fputs("\n\t\t\t", stdout);
		quoted(text, "");
	}
	fputs(")\n\t\t_describe command names\n\t\treturn\n\tfi\n"
	      "\tif (( CURRENT == 3 )); then\n\t\tnames=()\n\t\tcase $words[2] in\n",
	      stdout);
	for (const struct command *cmd = commands; cmd->name; cmd++) {
		char text[512];
		if (!second_word(cmd))
			continue;
		snprintf(text, sizeof text, "%s:%s", second_word(cmd), cmd->summary);
		printf("\t\t%.*s) names+=(", first_len(cmd), cmd->name);
		quoted(text, "");
		fputs(") ;|\n", stdout);
	}
	fputs("\t\tesac\n\t\t(( $#names )) && _describe command names\n\tfi\n"
	      "\tcase \"$words[2] $words[3]\" in\n",
	      stdout);
	for (const struct command *cmd = commands; cmd->name; cmd++) {
		printf(second_word(cmd) ? "\t'%s')\n\t\t_arguments" : "\t'%s '*)\n\t\t_arguments", cmd->name);
		fputs(" '(- *)'{-h,--help}'[shows help]'", stdout);
		for (const struct flag *f = cmd->flags; f && f->name; f++)
			zsh_option(f);
		fputs(" \\\n\t\t\t", stdout);
		if (strchr(cmd->takes, '|') && is_lower(*cmd->takes)) {
			fputs("'*:what:(", stdout);
			choices(cmd, " ", "");
			fputs(")'", stdout);
		} else {
			fputs(takes_files(cmd) ? "'*:target:_files'" : "'*: : '", stdout);
		}
		fputs(" ;;\n", stdout);
	}
	fputs("\tesac\n}\ncompdef _cruet cruet\n", stdout);
}

/* --- fish ------------------------------------------------------------------------------- */

/* A command of one word may begin others, which are not it. */
static void fish_when(const struct command *cmd)
{
	printf("complete -c cruet -n '__cruet_is %s", cmd->name);
	for (const struct command *o = commands; !second_word(cmd) && o->name; o++)
		if (second_word(o) && first_len(o) == first_len(cmd) &&
		    !strncmp(o->name, cmd->name, (size_t)first_len(cmd)))
			printf("; and not __cruet_is %s", o->name);
	putchar('\'');
}

static void fish_command(const struct command *cmd)
{
	const char *second = second_word(cmd);

	if (second)
		printf("complete -c cruet -n '__cruet_is %.*s' -f -a %s -d ", first_len(cmd), cmd->name,
		       second);
	else
		printf("complete -c cruet -n __fish_use_subcommand -f -a %s -d ", cmd->name);
	quoted(cmd->summary, "\\");
	putchar('\n');
	for (const struct flag *f = cmd->flags; f && f->name; f++) {
		fish_when(cmd);
		printf(" -l %s", f->name);
		if (f->letter)
			printf(" -s %c", f->letter);
		fputs(!f->value ? "" : takes_file(f) ? " -r -F" : " -x", stdout);
		fputs(" -d ", stdout);
		quoted(f->help, "\\");
		putchar('\n');
	}
	if (!takes_files(cmd)) {
		fish_when(cmd);
		fputs(" -f", stdout);
		if (strchr(cmd->takes, '|')) {
			fputs(" -a '", stdout);
			choices(cmd, " ", "");
			putchar('\'');
		}
		putchar('\n');
	}
}

static void fish(void)
{
	fputs("# Made by: cruet completion fish\n"
	      "# True if these are the first words that are no options.\n"
	      "function __cruet_is\n"
	      "\tset -l words (commandline -poc)\n"
	      "\tset -l names (string match -v -- '-*' $words[2..-1])\n"
	      "\ttest \"$names[1..\"(count $argv)\"]\" = \"$argv\"\n"
	      "end\n"
	      "complete -c cruet -s h -l help -d 'shows help'\n"
	      "complete -c cruet -n __fish_use_subcommand -f -a help -d 'tells of all commands'\n",
	      stdout);
	for (const struct command *cmd = commands; cmd->name; cmd++) {
		if (second_word(cmd) && is_first(cmd))
			printf("complete -c cruet -n __fish_use_subcommand -f -a %.*s\n",
			       first_len(cmd), cmd->name);
		fish_command(cmd);
	}
}

/* --- the command ------------------------------------------------------------------------ */

int completion_command(struct cmdline *c)
{
	static const struct {
		const char *name;
		void (*write)(void);
	} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (!strcmp(shells[i].name, c->args.rest[0])) {
			shells[i].write();
			return EXIT_DONE;
		}
	return cli_misused(c->command->name, "'%s': expected bash, zsh or fish", c->args.rest[0]);
}
