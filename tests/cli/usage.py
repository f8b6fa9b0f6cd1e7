from driver import Cli, main

ALL = """usage: cruet COMMAND [ARG...]

  run [TARGET]                       serves an application
  routes [TARGET]                    lists its routes
  commands [TARGET]                  lists the commands that it and its plugins add
  config [TARGET]                    shows its settings and where each comes from
  check [TARGET]                     looks for mistakes, and shows all that it finds
  doctor                             shows whether this machine has what building and serving needs
  plugins list [TARGET]              lists the plugins that it uses and those that it could
  plugins info NAME|FILE             shows a plugin: its options, what it registers and needs
  plugins check FILE                 reads what a plugin file says of itself, and runs none of it
  plugins lock [NAME...]             writes cruet.lock: the plugin files that may be loaded
  plugins clear NAME                 ends the quarantine of a plugin that crashed
  crashes list [TARGET]              lists the reports of crashes, newest first
  crashes show ID [TARGET]           shows a report: where, why, and the request
  crashes replay ID [TARGET]         sends its request once more, to a server that runs
  status [TARGET]                    shows the server that runs for it, by its control socket
  reload [NAME]                      replaces a plugin while the server runs, or all that differ
  load NAME                          adds a plugin while the server runs
  unload NAME                        takes a plugin out while the server runs
  new plugin NAME                    makes a folder with a plugin and its test, to begin with
  new NAME                           makes a folder with a site and its tests, to begin with
  generate route METHOD PATH [NAME]  adds a route with its handler
  generate hook KIND NAME            adds a hook: before, after, finish or teardown
  generate plugin NAME               adds a plugin with its test, in plugins/NAME
  generate resource NAME             adds what is kept in a table: JSON, database and test
  test [TARGET]                      builds and runs its tests, which are in the folder tests
  replay FILE [TARGET]               asks it what was recorded, and shows what differs
  shell [TARGET]                     runs lines of C that are typed, within the application
  completion bash|zsh|fish           writes what that shell needs to complete command lines
  manual                             writes the manual page, for man -l -
  version                            shows version and folders

TARGET is a .c file, a .so file or a folder; without one, the working directory. In a
folder, cruet.json names the application ("app"); otherwise the .c files there are
built as one.

In a folder with a cruet.json, cruet NAME [ARG...] runs the command NAME of its
application.

cruet COMMAND --help tells more. Exit codes: 0 done, 1 failed, 2 not understood.
"""

PLUGINS = """usage: cruet plugins COMMAND [ARG...]

  plugins list [TARGET]   lists the plugins that it uses and those that it could
  plugins info NAME|FILE  shows a plugin: its options, what it registers and needs
  plugins check FILE      reads what a plugin file says of itself, and runs none of it
  plugins lock [NAME...]  writes cruet.lock: the plugin files that may be loaded
  plugins clear NAME      ends the quarantine of a plugin that crashed

cruet plugins COMMAND --help tells more.
"""

ROUTES = """usage: cruet routes [OPTION...] [TARGET]

routes: lists its routes.
In the order in which they were registered. Nothing is started. Exit code 1 if no rule
takes the request of --match.

TARGET is a .c file, a .so file or a folder; without one, the working directory. In a
folder, cruet.json names the application ("app"); otherwise the .c files there are
built as one.

Options:
  -m, --match REQUEST     shows why each rule takes "GET /a/b" or does not
  -e, --endpoint PATTERN  only those with such an endpoint: 'admin.*'
      --path PATTERN      only those with such a path: '/api/*'
      --method NAME       only those that take this method; WS: WebSockets
      --of NAME           only those of this plugin; app: the application's own
      --json              prints all of it as JSON
  -c, --config FILE       reads this configuration, not the target's cruet.json
  -p, --profile NAME      lays that profile of the configuration over it
  -D, --set KEY=VALUE     sets one value above all other sources; repeatable
  -h, --help              shows this
"""


class Usage(Cli):
    def test_help_names_every_command(self):
        for args in (["--help"], ["-h"], ["help"]):
            self.says(args, ALL)

    def test_nothing_typed_is_help_and_exit_code_2(self):
        self.misused([], ALL)

    def test_help_of_one_command(self):
        for args in (["routes", "--help"], ["help", "routes"], ["routes", "-h", "x", "y"]):
            self.says(args, ROUTES)

    def test_help_of_a_group(self):
        for args in (["plugins", "--help"], ["help", "plugins"], ["plugins", "help"]):
            self.says(args, PLUGINS)
        self.misused(["plugins"], PLUGINS)

    def test_every_command_has_help(self):
        for name in ("run", "routes", "commands", "config", "check", "doctor", "plugins list", "plugins info",
                     "plugins check", "new plugin", "new", "version"):
            r = self.cruet(*name.split(), "--help")
            self.assertEqual((r.code, r.err), (0, ""), name)
            self.assertTrue(r.out.startswith(f"usage: cruet {name}"), r.out)

    def test_unknown_command_names_the_nearest(self):
        self.misused(["rnu"], "cruet: unknown command 'rnu': did you mean 'run'?\n"
                              "Try: cruet --help\n")
        self.misused(["plugins", "lsit"],
                     "cruet plugins: unknown command 'lsit': did you mean 'list'?\n"
                     "Try: cruet plugins --help\n")
        self.misused(["help", "rutes"],
                     "cruet: unknown command 'rutes': did you mean 'routes'?\n"
                     "Try: cruet --help\n")

    def test_unknown_command_where_no_application_is(self):
        self.misused(["frobnicate"],
                     "cruet: unknown command 'frobnicate', and without a cruet.json here there "
                     "is no application to ask\nTry: cruet --help\n")

    def test_unknown_option_names_the_nearest(self):
        self.misused(["run", "--lisen", "x"],
                     "cruet run: unknown option --lisen: did you mean --listen?\n"
                     "Try: cruet run --help\n")
        self.misused(["version", "-q"], "cruet version: unknown option -q\n"
                                        "Try: cruet version --help\n")
        self.misused(["--frob"], "cruet: unknown option --frob: a command comes first\n"
                                 "Try: cruet --help\n")

    def test_option_without_its_value(self):
        self.misused(["config", "--profile"],
                     "cruet config: option --profile needs a value: --profile NAME\n"
                     "Try: cruet config --help\n")
        self.misused(["config", "-D"],
                     "cruet config: option -D needs a value: -D KEY=VALUE\n"
                     "Try: cruet config --help\n")

    def test_value_of_an_option_that_takes_none(self):
        self.says(["config", "--help"], self.cruet("help", "config").out)
        self.misused(["config", "-D", "threads"],
                     "cruet config: option -D threads: expected KEY=VALUE, such as "
                     "server.threads=8\nTry: cruet config --help\n")

    def test_count_of_arguments(self):
        self.misused(["routes", "a", "b"], "cruet routes: 'b' is one argument too many\n"
                                           "Try: cruet routes --help\n")
        self.misused(["plugins", "info"],
                     "cruet plugins info: an argument is missing: cruet plugins info NAME|FILE\n"
                     "Try: cruet plugins info --help\n")

    def test_control_bytes_do_not_reach_the_terminal(self):
        self.misused(["\033[2J\n"],
                     "cruet: unknown command '\\x1b[2J\\x0a', and without a cruet.json here "
                     "there is no application to ask\nTry: cruet --help\n")

    def test_version(self):
        r = self.cruet("version")
        self.assertEqual((r.code, r.err), (0, ""))
        self.assertEqual(r.out.splitlines()[0], "cruet 0.1.0")
        self.assertIn("plugin ABI", r.out)
        self.assertEqual(self.cruet("--version"), r)

    def test_a_full_disk_is_no_success(self):
        import subprocess
        from driver import BUILD, environment
        with open("/dev/full", "w") as full:
            p = subprocess.run([f"{BUILD}/core/cruet", "version"], stdout=full,
                               stderr=subprocess.PIPE, env=environment(), text=True)
        self.assertEqual((p.returncode, p.stderr),
                         (1, "cruet: standard output: No space left on device\n"))


main()
