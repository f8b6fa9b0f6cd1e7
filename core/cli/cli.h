/* The cruet command: what its verbs share. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>
#include "base/arena.h"
#include "cli/args.h"

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* One command line that was understood. */
struct cmdline {
	const struct command *command;
	struct arena arena; /* until the program ends */
	struct args args;
};

struct command {
	const char *name;    /* "run"; of two words: "plugins info" */
	const char *takes;   /* for the usage line: "[TARGET]", or "" */
	const char *summary; /* its line in the list */
	const char *more;    /* paragraphs for its own help, or NULL */
	const struct flag *flags; /* or NULL */
	size_t least, most;  /* arguments that are no options */
	int (*run)(struct cmdline *c); /* the exit code */
};

/* All of them in the order of the help; ends with name == NULL. (commands.c) */
extern const struct command commands[];

/* The command that argv names, *words of which are its name; NULL if none. */
const struct command *command_named(int argc, char **argv, int *words);
/* True if some command of two words begins with this one. */
bool command_group(const char *word);
/* The nearest second word of that group, or first word where group is NULL or ""
 * and also any of more (ends with NULL, or NULL); NULL if none is near. */
const char *command_nearest(const char *group, const char *word, const char *const *more);

/* Help on out: of all, of a group, or of one command. (help.c) */
void help_all(FILE *out);
void help_group(const char *word, FILE *out);
void help_one(const struct command *command, FILE *out);
/* What a target is. */
extern const char help_targets[];

/* Says what is wrong in one line on standard error, "cruet: ...", and returns
 * EXIT_FAILED. Control bytes are shown as \xNN. */
int cli_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "cruet NAME: ..." ("cruet: ..." where name is ""), then where help is; returns
 * EXIT_USAGE. */
int cli_misused(const char *name, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

int run_command(struct cmdline *c);      /* run.c */
int routes_command(struct cmdline *c);   /* routes.c */
int check_command(struct cmdline *c);    /* checkup.c */
int doctor_command(struct cmdline *c);   /* doctor.c */
int commands_command(struct cmdline *c); /* extra.c */
int settings_command(struct cmdline *c); /* settings.c */
int plugins_list(struct cmdline *c);     /* plugins.c */
int plugins_info(struct cmdline *c);     /* info.c */
int plugins_check(struct cmdline *c);    /* check.c */
int plugins_lock(struct cmdline *c);     /* lock.c */
int plugins_clear(struct cmdline *c);
int reload_command(struct cmdline *c);   /* change.c */
int load_command(struct cmdline *c);
int unload_command(struct cmdline *c);
int crashes_list(struct cmdline *c);     /* crashes.c */
int crashes_show(struct cmdline *c);
int crashes_replay(struct cmdline *c);   /* crashes_replay.c */
int status_command(struct cmdline *c);   /* status.c */
int new_plugin(struct cmdline *c);       /* new.c */
int new_site(struct cmdline *c);
int generate_route(struct cmdline *c);   /* generate_more.c */
int generate_hook(struct cmdline *c);
int generate_plugin(struct cmdline *c);
int generate_resource(struct cmdline *c);
int test_command(struct cmdline *c);     /* test.c */
int replay_command(struct cmdline *c);   /* replay.c */
int shell_command(struct cmdline *c);    /* shell.c */
int completion_command(struct cmdline *c); /* completion.c */
int manual_command(struct cmdline *c);   /* manual.c */
int version_command(struct cmdline *c);  /* version.c */

/* cruet NAME ARG...: a command that the application of the working directory or
 * one of its plugins adds. argv[0] is the name. (extra.c) */
int extra_run(int argc, char **argv);

#endif
