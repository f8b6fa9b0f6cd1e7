/* The list of commands, and looking through it. */
#include <string.h>

#include "base/nearest.h"
#include "cli/cli.h"
#include "cli/site.h"

enum { NAMES_MAX = 128 };

static const struct flag site_flags[] = {SITE_FLAGS, {NULL, NULL, NULL, 0}};

static const struct flag run_flags[] = {
	{"listen", "ADDR", "serves there: 8080, :8080 or 127.0.0.1:8080", 'l'},
	{"cert", "FILE", "serves https with this certificate, or \"adhoc\": one made for this run", 0},
	{"key", "FILE", "the key of the certificate, where its own file does not have it", 0},
	{"debug", NULL, "for who writes it: what is saved is served, and errors are pages that say why", 0},
	{"poll", NULL, "with --debug: looks at times of files, where the system does not tell of changes", 0},
	{"asan", NULL, "--debug, and code that damages memory is found where it does it", 0},
	{"allow-remote-debug", NULL, "with --debug also for other machines, who know a PIN", 0},
	{"workers", "N", "serves by N processes, which this one starts and replaces", 'w'},
	{"record", "FILE", "keeps requests and replies there, secrets masked, for cruet replay", 0},
	{"record-max", "SIZE", "so many bytes at most; 64m without it", 0},
	SITE_FLAGS,
	{NULL, NULL, NULL, 0}};

static const struct flag info_flags[] = {
	{"json", NULL, "prints all of it as JSON", 0},
	SITE_FLAGS,
	{NULL, NULL, NULL, 0}};

static const struct flag routes_flags[] = {
	{"match", "REQUEST", "shows why each rule takes \"GET /a/b\" or does not", 'm'},
	{"endpoint", "PATTERN", "only those with such an endpoint: 'admin.*'", 'e'},
	{"path", "PATTERN", "only those with such a path: '/api/*'", 0},
	{"method", "NAME", "only those that take this method; WS: WebSockets", 0},
	{"of", "NAME", "only those of this plugin; app: the application's own", 0},
	{"json", NULL, "prints all of it as JSON", 0},
	SITE_FLAGS,
	{NULL, NULL, NULL, 0}};

static const struct flag checkup_flags[] = {
	{"deploy", NULL, "also looks for what is fine on a desk and not on the net", 0},
	{"json", NULL, "prints all of it as JSON", 0},
	SITE_FLAGS,
	{NULL, NULL, NULL, 0}};

static const struct flag check_flags[] = {
	{"json", NULL, "prints all of it as JSON", 0}, {NULL, NULL, NULL, 0}};

static const struct flag answer_flags[] = {
	{"json", NULL, "prints the answer of the server as it is", 0},
	SITE_FLAGS,
	{NULL, NULL, NULL, 0}};

static const struct flag test_flags[] = {
	{"only", "NAME", "runs that test, or the tests of that file; repeatable", 'o'},
	{"jobs", "N", "runs so many at once; as many as there are processors without it", 'j'},
	{"update", NULL, "keeps the replies that came as the snapshots to compare with", 0},
	{"watch", NULL, "runs them again whenever a file has been saved, until Ctrl-C", 0},
	{"coverage", NULL, "shows which lines were run, and makes pages in coverage/", 0},
	{"json", NULL, "prints all of it as JSON", 0},
	SITE_FLAGS,
	{NULL, NULL, NULL, 0}};

static const struct flag replay_flags[] = {
	{"ignore", "NAME", "a header, or a member of JSON, that may differ; repeatable", 0},
	{"value", "PLACE=VALUE", "what was masked there, such as form.password; repeatable", 0},
	{"json", NULL, "prints all of it as JSON", 0},
	SITE_FLAGS,
	{NULL, NULL, NULL, 0}};

static const struct flag generate_flags[] = {
	{"yes", NULL, "writes it without asking", 'y'}, {NULL, NULL, NULL, 0}};

#define ASKS                                                                               \
	"What would change is shown first, and nothing is written until you say so. In the\n" \
	"folder of a site. See docs/starting.md.\n"

static const struct flag site_new_flags[] = {
	{"api", NULL, "makes an API: JSON and a database, and no pages", 0},
	{"minimal", NULL, "makes no more than has to be there", 0},
	{NULL, NULL, NULL, 0}};

static const struct flag new_flags[] = {
	{"service", "ID", "makes a provider of that service, such as cache/1", 0},
	{NULL, NULL, NULL, 0}};

static const struct flag crashes_flags[] = {
	{"json", NULL, "prints reports as they are", 0}, SITE_FLAGS, {NULL, NULL, NULL, 0}};

static const struct flag crashes_replay_flags[] = {
	{"to", "ADDR", "sends it there, not to the first address of the configuration", 0},
	{"value", "PLACE=VALUE", "what was masked: form.password=..., cookie.session=...; repeatable", 0},
	SITE_FLAGS,
	{NULL, NULL, NULL, 0}};

const struct command commands[] = {
	{"run", "[TARGET]", "serves an application",
	 "Serves until Ctrl-C or SIGTERM. A .c file is compiled first, by cc or what CC\n"
	 "names, with CFLAGS, LDFLAGS and LDLIBS from the environment.\n",
	 run_flags, 0, 1, run_command},
	{"routes", "[TARGET]", "lists its routes",
	 "In the order in which they were registered. Nothing is started. Exit code 1 if no rule\n"
	 "takes the request of --match.\n",
	 routes_flags, 0, 1, routes_command},
	{"commands", "[TARGET]", "lists the commands that it and its plugins add",
	 "They run in the folder of its cruet.json: cruet NAME [ARG...]\n", info_flags, 0, 1,
	 commands_command},
	{"config", "[TARGET]", "shows its settings and where each comes from",
	 "No code of it runs. Secrets are masked. Later sources win: default, cruet.json, its\n"
	 "profile, .env, environment (CRUET_SERVER__LISTEN is server.listen), -D.\n",
	 info_flags, 0, 1, settings_command},
	{"check", "[TARGET]", "looks for mistakes, and shows all that it finds",
	 "In the configuration, the plugins, the rules, the sources and the machine. It is set up\n"
	 "as for serving, but nothing is started. Exit code 1 if anything was found. See\n"
	 "docs/checking.md.\n",
	 checkup_flags, 0, 1, check_command},
	{"doctor", "", "shows whether this machine has what building and serving needs",
	 "Compiler, headers, libraries, plugins, tools and limits. Exit code 1 if something is\n"
	 "missing without which nothing can be built or served.\n",
	 check_flags, 0, 0, doctor_command},
	{"plugins list", "[TARGET]", "lists the plugins that it uses and those that it could",
	 "No code of a plugin runs. If a server runs there, it says how its plugins fare.\n",
	 info_flags, 0, 1, plugins_list},
	{"plugins info", "NAME|FILE", "shows a plugin: its options, what it registers and needs",
	 "NAME is a plugin, or an instance in the cruet.json of the working directory, which is\n"
	 "attached with all plugins there; else it is attached alone. Its code runs for that, up\n"
	 "to init; nothing is started.\n",
	 info_flags, 1, 1, plugins_info},
	{"plugins check", "FILE", "reads what a plugin file says of itself, and runs none of it",
	 "Also what it imports and exports, and how it was hardened. Exit code 1 if it would be\n"
	 "refused.\n",
	 check_flags, 1, 1, plugins_check},
	{"plugins lock", "[NAME...]", "writes cruet.lock: the plugin files that may be loaded",
	 "Those that the cruet.json of the working directory uses, and those that are named,\n"
	 "which code asks for. With it no other file is loaded. See docs/plugins/lock.md.\n",
	 site_flags, 0, 64, plugins_lock},
	{"plugins clear", "NAME", "ends the quarantine of a plugin that crashed",
	 "Of the server that runs in the working directory. See docs/crashes.md.\n", site_flags,
	 1, 1, plugins_clear},
	{"crashes list", "[TARGET]", "lists the reports of crashes, newest first",
	 "They lie in server.crashes. See docs/crashes.md.\n", crashes_flags, 0, 1, crashes_list},
	{"crashes show", "ID [TARGET]", "shows a report: where, why, and the request",
	 "The beginning of an id is enough.\n", crashes_flags, 1, 2, crashes_show},
	{"crashes replay", "ID [TARGET]", "sends its request once more, to a server that runs",
	 "Values that were masked in the report have to be given; it says which.\n",
	 crashes_replay_flags, 1, 2, crashes_replay},
	{"status", "[TARGET]", "shows the server that runs for it, by its control socket",
	 "The socket is server.control of its configuration. No code of it runs here.\n",
	 answer_flags, 0, 1, status_command},
	{"reload", "[NAME]", "replaces a plugin while the server runs, or all that differ",
	 "Asks the server that runs in the working directory to read its configuration and the\n"
	 "file of that plugin anew; \"app\" is the application's own. Without a name: whatever\n"
	 "differs from the configuration and the files. No request is lost; if the new one does\n"
	 "not start, the old one stays. See docs/hot_swap.md.\n",
	 answer_flags, 0, 1, reload_command},
	{"load", "NAME", "adds a plugin while the server runs",
	 "With its options in the configuration, if it is named there, else with defaults.\n",
	 answer_flags, 1, 1, load_command},
	{"unload", "NAME", "takes a plugin out while the server runs",
	 "Not while others are bound to a service of it.\n", answer_flags, 1, 1, unload_command},
	{"new plugin", "NAME", "makes a folder with a plugin and its test, to begin with",
	 "The folder NAME holds code, options, a test that needs no server, and two ways to build\n"
	 "it: make, and Meson. It works at once. With --service the plugin provides cache/1,\n"
	 "session/1 or session_store/1. See docs/plugins/writing.md.\n",
	 new_flags, 1, 1, new_plugin},
	{"new", "NAME", "makes a folder with a site and its tests, to begin with",
	 "It works at once, and has settings for development and production, a secret key, tests,\n"
	 "a build for production and a unit for systemd. (A site named plugin: cruet new -- plugin.)\n"
	 "See docs/starting.md.\n",
	 site_new_flags, 1, 1, new_site},
	{"generate route", "METHOD PATH [NAME]", "adds a route with its handler", ASKS, generate_flags, 2,
	 3, generate_route},
	{"generate hook", "KIND NAME", "adds a hook: before, after, finish or teardown", ASKS,
	 generate_flags, 2, 2, generate_hook},
	{"generate plugin", "NAME", "adds a plugin with its test, in plugins/NAME", ASKS, generate_flags, 1,
	 1, generate_plugin},
	{"generate resource", "NAME", "adds what is kept in a table: JSON, database and test", ASKS,
	 generate_flags, 1, 1, generate_resource},
	{"test", "[TARGET]", "builds and runs its tests, which are in the folder tests",
	 "Each test runs in a process of its own, with an application and an empty database of\n"
	 "its own. The profile \"test\" of the configuration counts, if there is one. Exit code 1\n"
	 "if a test fails. See docs/testing.md.\n",
	 test_flags, 0, 1, test_command},
	{"replay", "FILE [TARGET]", "asks it what was recorded, and shows what differs",
	 "FILE is what `cruet run --record FILE` has written. Requests run in this process, with\n"
	 "the clock as it was then, and on a copy of the databases of the plugin sqlite. Exit code\n"
	 "1 if something differs or could not be asked. See docs/recording.md.\n",
	 replay_flags, 1, 2, replay_command},
	{"shell", "[TARGET]", "runs lines of C that are typed, within the application",
	 "An expression is shown; variables, functions and #include stay. get(\"/path\") and\n"
	 "post(\"/path\", body) ask the application. A line that crashes leaves all as it was.\n"
	 "Ctrl-D or exit ends it. See docs/shell.md.\n",
	 site_flags, 0, 1, shell_command},
	{"completion", "bash|zsh|fish", "writes what that shell needs to complete command lines",
	 "They are installed with cruet. For a shell by itself: eval \"$(cruet completion bash)\"\n",
	 NULL, 1, 1, completion_command},
	{"manual", "", "writes the manual page, for man -l -", NULL, NULL, 0, 0, manual_command},
	{"version", "", "shows version and folders", NULL, check_flags, 0, 0, version_command},
	{NULL, NULL, NULL, NULL, NULL, 0, 0, NULL}};

const struct command *command_named(int argc, char **argv, int *words)
{
	for (const struct command *cmd = commands; cmd->name; cmd++) {
		const char *space = strchr(cmd->name, ' ');
		size_t n = space ? (size_t)(space - cmd->name) : strlen(cmd->name);
		if (strlen(argv[0]) != n || strncmp(cmd->name, argv[0], n) != 0)
			continue;
		if (space && (argc < 2 || strcmp(space + 1, argv[1]) != 0))
			continue;
		*words = space ? 2 : 1;
		return cmd;
	}
	return NULL;
}

/* What follows "group " in a name; NULL if something else does. */
static const char *member(const struct command *cmd, const char *group)
{
	size_t n = strlen(group);
	return !strncmp(cmd->name, group, n) && cmd->name[n] == ' ' ? cmd->name + n + 1 : NULL;
}

bool command_group(const char *word)
{
	for (const struct command *cmd = commands; cmd->name; cmd++)
		if (member(cmd, word))
			return true;
	return false;
}

const char *command_nearest(const char *group, const char *word, const char *const *more)
{
	const char *names[NAMES_MAX];
	size_t n = 0;

	for (const struct command *cmd = commands; cmd->name && n < NAMES_MAX - 1; cmd++) {
		const char *name = *group ? member(cmd, group) : cmd->name;
		if (name)
			names[n++] = name;
	}
	for (; more && *more && n < NAMES_MAX - 1; more++)
		names[n++] = *more;
	names[n] = NULL;
	return nearest(word, names);
}
