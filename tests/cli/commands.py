from driver import HELLO, Cli, main

SITE = HELLO.replace("CRUET_APP(app)\n{\n", r"""
#include <stdio.h>
#include <string.h>

static int show(cruet_ctx *c, int argc, char **argv)
{
	(void)c;
	for (int i = 0; i < argc; i++)
		printf("%d=%s\n", i, argv[i]);
	return 0;
}

static int code(cruet_ctx *c, int argc, char **argv)
{
	(void)c;
	return argc > 1 ? (int)strlen(argv[1]) : 0;
}

static int fails(cruet_ctx *c, int argc, char **argv)
{
	(void)argv;
	return argc > 1 ? CRUET_EBUSY : cruet_fail(c, 409, "the name is taken");
}

CRUET_APP(app)
{
	cruet_command(app, "show", "shows its arguments", show);
	cruet_command(app, "code", "the length of its argument as exit code", code);
	cruet_command(app, "fails", "fails", fails);
""")

PLUGIN = """#include <cruet.h>
#include <stdio.h>
#include <string.h>

struct state { const char *step; };

static int look(cruet_ctx *c, int argc, char **argv)
{
	struct state *s = cruet_state(cruet_scope(c));
	(void)argc, (void)argv;
	printf("%s\\n", s->step);
	return 0;
}

static int init(cruet_app *app)
{
	struct state *s = cruet_state(app);
	s->step = "init";
	return cruet_command(app, "look", "says how far it came", look);
}

static int start(cruet_app *app)
{
	struct state *s = cruet_state(app);
	s->step = "started";
	return CRUET_OK;
}

static void stop(cruet_app *app)
{
	(void)app;
	puts("stopped");
}

CRUET_PLUGIN(looker, .version = "1", .init = init, .start = start, .stop = stop,
	     .state_size = sizeof(struct state));
"""


class Commands(Cli):
    def setUp(self):
        super().setUp()
        self.write("site.c", SITE)
        self.write("cruet.json", '{"app": "site.c", "plugins": {}}')

    def test_list(self):
        self.says(["commands"],
                  "COMMAND  OF               WHAT\n"
                  "show     the application  shows its arguments\n"
                  "code     the application  the length of its argument as exit code\n"
                  "fails    the application  fails\n")

    def test_arguments_arrive_untouched(self):
        self.says(["show", "a b", "--help", "-D", ""], "0=show\n1=a b\n2=--help\n3=-D\n4=\n")

    def test_exit_code_is_the_commands(self):
        for text, code in (("", 0), ("x", 1), ("xxx", 3)):
            self.says(["code", text], "", code)

    def test_failing_like_a_handler_is_exit_code_1_and_a_line(self):
        r = self.cruet("fails")
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertRegex(r.err, r"ERROR .*: command 'fails' failed: the name is taken\n$")
        r = self.cruet("fails", "x")
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertRegex(r.err, r"ERROR .*: command 'fails' failed: still in use\n$")

    def test_plugins_are_started_for_it_and_stopped_after(self):
        self.write("plugins/looker.c", PLUGIN)
        self.build("plugins/looker.c")
        self.write("cruet.json", '{"app": "site.c", "server": {"plugin_path": ["plugins"]}, '
                                 '"plugins": {"looker": {}}}')
        self.says(["look"], "started\nstopped\n")
        self.assertIn("look     looker           says how far it came\n",
                      self.cruet("commands").out)

    def test_unknown_command_knows_those_of_the_application(self):
        self.misused(["shwo"], "cruet: unknown command 'shwo': did you mean 'show'?\n"
                               "Try: cruet --help\n")
        self.misused(["frobnicate"], "cruet: unknown command 'frobnicate'\nTry: cruet --help\n")

    def test_application_that_cannot_be_asked(self):
        self.write("cruet.json", '{"app": "gone.c"}')
        self.fails(["show"], 'cruet: cruet.json:1:9: app = "gone.c": gone.c: No such file or '
                             "directory\ncruet: so nobody can be asked for the command 'show'\n")

    def test_no_commands(self):
        self.write("site.c", HELLO)
        self.says(["commands"], "no commands\n")


main()
