import json
import os
import re

from driver import BUILD, HELLO, Cli, main

# A plugin that must never run: its constructor would end the process.
TRAP = """#include <cruet.h>
#include <stdlib.h>

static void __attribute__((constructor)) trap(void)
{
	if (getenv("TRAP"))
		abort();
}

struct config {
	int64_t limit;
	uint64_t wait, size;
	const char *mode, *key;
	int32_t kind;
	double rate;
};

static const cruet_option options[] = {
	CRUET_OPTION(struct config, limit, INT, .def = "5", .flags = CRUET_OPT_BOUNDS, .min = 1,
		     .max = 9, .help = "a whole number from 1 to 9"),
	CRUET_OPTION(struct config, wait, TIME, .def = "30s", .flags = CRUET_OPT_BOUNDS, .min = 0,
		     .max = 60000, .help = "a time up to 1m"),
	CRUET_OPTION(struct config, mode, STR, .flags = CRUET_OPT_REQUIRED, .help = "a mode"),
	CRUET_OPTION(struct config, key, STR, .def = "", .flags = CRUET_OPT_SECRET),
	CRUET_OPTION(struct config, kind, ENUM, .def = "a", .choices = "a|b"),
	CRUET_OPTION(struct config, rate, REAL, .def = "0.5", .flags = CRUET_OPT_BOUNDS, .min = 0,
		     .max = 1),
	{.name = NULL}};

static const char *const needs[] = {"db/1", "log/1?", NULL};
static const char *const provides[] = {"trap/1", NULL};
static const char *const after[] = {"session", NULL};

CRUET_PLUGIN(trap, .version = "1.2.0", .summary = "catches what runs", .options = options,
	     .config_size = sizeof(struct config), .needs = needs, .provides = provides,
	     .after = after, .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE);
"""

OPTIONS = """
OPTION  TYPE  DEFAULT  BOUNDS    EXPECTED
limit   int   5        1..9      a whole number from 1 to 9
wait    time  30s      0ms..1m   a time up to 1m
mode    text  -        required  a mode
key     text  -        secret
kind    word  a        a|b
rate    real  0.5      0.0..1.0
"""

# A plugin that does without fences, as far as the flags let it.
SOFT = """#include <cruet.h>
#include <string.h>

#ifndef HARD
int counter[16] = {1};
__asm__(".pushsection .data\\n.globl unique_thing\\n"
	".type unique_thing, %gnu_unique_object\\n.size unique_thing, 4\\n"
	"unique_thing: .long 1\\n.popsection\\n");
#endif

static int page(cruet_ctx *c)
{
	char text[8];

	strcpy(text, cruet_path(c));
	return cruet_text(c, text);
}

static int init(cruet_app *app)
{
	return cruet_get(app, "/soft", page);
}

CRUET_PLUGIN(soft, .init = init);
"""

NEEDS_DB = """#include <cruet.h>
static const char *const needs[] = {"db/1", NULL};
CRUET_PLUGIN(visits, .version = "1.0", .needs = needs);
"""


# Registers something of each kind.
MANY = """#include <cruet.h>
#include <stdlib.h>

struct config { const char *path; const char *key; };

static int page(cruet_ctx *c) { return cruet_text(c, "x"); }
static int hook(cruet_ctx *c) { (void)c; return CRUET_OK; }
static void end(cruet_ctx *c, int err) { (void)c, (void)err; }
static void hear(cruet_ctx *c, const void *what, void *arg) { (void)c, (void)what, (void)arg; }
static int work(cruet_ctx *c, int argc, char **argv) { (void)c, (void)argc, (void)argv; return 0; }
static const struct { uint32_t size; } table = {sizeof table};

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	cruet_app *inner = cruet_blueprint(app, "inner", "/in");

	if (getenv("REFUSE"))
		return cruet_reject(app, "not today");
	cruet_before(app, hook);
	cruet_before(inner, hook);
	cruet_after(app, hook);
	cruet_teardown(app, end);
	cruet_on_error(app, 404, page);
	cruet_on_error(app, 0, page);
	cruet_listen(app, "request_ended", hear, NULL);
	cruet_command(app, "work", "does it", work);
	cruet_provide(app, "many/1", &table, NULL);
	cruet_get(inner, "/<int:id>", page);
	return cruet_get(app, cfg->path, page);
}

static int start(cruet_app *app) { (void)app; abort(); }

static const cruet_option options[] = {
	CRUET_OPTION(struct config, path, STR, .def = "/many", .flags = CRUET_OPT_REQUIRED),
	CRUET_OPTION(struct config, key, STR, .def = "geheim", .flags = CRUET_OPT_SECRET),
	{.name = NULL}};
static const char *const provides[] = {"many/1", NULL};
CRUET_PLUGIN(many, .version = "2.0", .summary = "does much", .options = options,
	     .config_size = sizeof(struct config), .provides = provides, .init = init,
	     .start = start, .flags = CRUET_UNLOADABLE);
"""


class Plugins(Cli):
    def setUp(self):
        super().setUp()
        self.write("plugins/trap.c", TRAP)
        self.trap = self.build("plugins/trap.c")
        self.env = {"CRUET_PLUGIN_PATH": self.path("plugins"), "TRAP": "1"}

    def test_info_shows_options_and_services(self):
        self.says(["plugins", "info", "trap"], f"""trap 1.2.0: catches what runs
  file      {self.trap}
  needs     db/1, log/1 (optional)
  provides  trap/1
  after     session
  flags     can be unloaded, may be attached more than once
  size      {os.path.getsize(self.trap)} bytes
  attached  no: plugin 'trap' needs service "db/1", which no attached plugin provides
{OPTIONS}""", **self.env)

    def test_info_of_an_instance(self):
        self.write("cruet.json", '{"plugins": {"second": {"plugin": "trap"}}}')
        r = self.cruet("plugins", "info", "second", **self.env)
        self.assertEqual((r.code, r.out.splitlines()[0]), (0, "trap 1.2.0: catches what runs"))

    def test_info_of_a_plugin_that_is_nowhere(self):
        r = self.cruet("plugins", "info", "trip", **self.env)
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertRegex(r.err, rf"^cruet: plugin 'trip': no trip.so in {self.path('plugins')}, "
                                r"/.*/cruet/plugins-1; did you mean trap\?\n$")

    # --- info of one that is attached --------------------------------------------------

    def many(self):
        self.write("plugins/many.c", MANY)
        return self.build("plugins/many.c")

    def test_info_shows_what_a_plugin_registers(self):
        so = self.many()
        r = self.cruet("plugins", "info", "-D", "plugins.many.path=/p", "many", **self.env)
        self.assertEqual((r.code, r.err), (0, ""))
        lines = r.out.splitlines()
        self.assertRegex(lines.pop(7), r"^  attached    in \d+\.\d\d ms: \d+\.\d\d to read and open "
                                       r"its file, \d+\.\d\d for configure and init$")
        where = [ln.split()[-1] for ln in lines[-5:-3]]
        self.assertEqual("\n".join(lines), f"""many 2.0: does much
  file        {so}
  needs       -
  provides    many/1
  after       -
  flags       can be unloaded
  size        {os.path.getsize(so)} bytes
  services    many/1
  hooks       2 before, 1 after, 1 teardown
  errors      404, all with a status
  converters  -
  listens to  request_ended

OPTION  TYPE  DEFAULT   BOUNDS    EXPECTED
path    text  /many     required
key     text  ********  secret

METHODS  RULE          ENDPOINT         WHERE
GET      /in/<int:id>  many.inner.page  {where[0]}
GET      /p            many.page        {where[1]}

COMMAND  WHAT
work     does it""")
        self.assertRegex(where[0] + where[1], r"^\S*many\.c:\d+\S*many\.c:\d+$")

    def test_info_as_json(self):
        so = self.many()
        r = self.cruet("plugins", "info", "--json", "-D", "plugins.many.path=/p", "many",
                       **self.env)
        self.assertEqual((r.code, r.err), (0, ""))
        got = json.loads(r.out)
        self.assertTrue(0 < got.pop("load_us") < 60e6 and 0 <= got.pop("init_us") < 60e6)
        for route in got["routes"]:
            self.assertRegex(route.pop("where"), r"many\.c:\d+$")
        self.assertEqual(got, {
            "file": so, "size": os.path.getsize(so), "name": "many", "version": "2.0",
            "summary": "does much", "abi": 1, "unloadable": True, "repeatable": False,
            "needs": [], "provides": ["many/1"], "after": [],
            "options": [
                {"name": "path", "type": "text", "default": "/many", "choices": None,
                 "help": None, "required": True, "secret": False},
                {"name": "key", "type": "text", "default": "********", "choices": None,
                 "help": None, "required": False, "secret": True}],
            "attached": True, "why": None, "services": ["many/1"],
            "hooks": {"match": 0, "before": 2, "after": 1, "finish": 0, "encode": 0, "teardown": 1},
            "errors": ["404", "all with a status"], "converters": [],
            "events": ["request_ended"],
            "routes": [
                {"methods": "GET", "rule": "/in/<int:id>", "endpoint": "many.inner.page",
                 "domain": None},
                {"methods": "GET", "rule": "/p", "endpoint": "many.page", "domain": None}],
            "commands": [{"name": "work", "help": "does it"}]})

    def not_attached(self, why, *args, **env):
        r = self.cruet("plugins", "info", *args, **self.env, **env)
        self.assertEqual((r.code, r.err), (0, ""))
        self.assertIn(f"\n  attached  no: {why}\n", r.out)
        self.assertNotIn("METHODS", r.out)
        r = self.cruet("plugins", "info", "--json", *args, **self.env, **env)
        self.assertEqual((r.code, r.err), (0, ""))
        got = json.loads(r.out)
        self.assertEqual((got["attached"], got["why"]), (False, why))
        self.assertNotIn("routes", got)
        self.assertNotIn("load_us", got)

    def test_info_says_why_one_cannot_be_attached(self):
        self.many()
        self.not_attached("plugin 'many': option path is missing: expected a text", "many")
        self.not_attached("plugin 'many': not today", "-D", "plugins.many.path=/p", "many",
                          REFUSE="1")
        self.not_attached("plugin 'trap' needs service \"db/1\", which no attached plugin "
                          "provides", "trap")

    def test_info_of_a_file_takes_the_options_of_its_instance(self):
        self.many()
        self.write("cruet.json", '{"plugins": {"many": {"path": "/from/file"}}}')
        r = self.cruet("plugins", "info", "plugins/many.so", CRUET_PLUGIN_PATH=None)
        self.assertEqual((r.code, r.err), (0, ""))
        self.assertIn("\n  file        plugins/many.so\n", r.out)
        self.assertIn("\nGET      /from/file ", r.out)

    def test_info_of_an_instance_finds_the_services_of_its_site(self):
        self.write("plugins/visits.c", NEEDS_DB)
        self.build("plugins/visits.c")
        self.not_attached("plugin 'visits' needs service \"db/1\", which no attached plugin "
                          "provides", "visits")
        self.write("cruet.json", '{"plugins": {"visits": {}, "store": {"plugin": "sqlite", '
                                 '"path": ":memory:"}, "health": {}}}')
        r = self.cruet("plugins", "info", "visits", CRUET_PLUGIN_PATH=
                       f"{self.path('plugins')}:{BUILD}/plugins")
        self.assertEqual((r.code, r.err), (0, ""))
        self.assertIn("\n  attached    in ", r.out)
        self.assertTrue(r.out.endswith("\nno options\n\nno routes\n"))

    def test_info_of_an_application(self):
        self.write("site.c", HELLO)
        r = self.cruet("plugins", "info", self.build("site.c"))
        self.assertEqual((r.code, r.err, r.out.splitlines()[0]), (0, "", "app"))
        self.assertRegex(r.out, r"\nGET +/ +hello +\S*site\.c:10\n$")

    def test_info_of_what_is_no_plugin(self):
        self.write("text.so", "hello\n")
        r = self.cruet("plugins", "info", "text.so")
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertRegex(r.err, r"^cruet: text\.so .*\n$")
        self.fails(["plugins", "info", "./gone.so"],
                   "cruet: ./gone.so cannot be read: No such file or directory\n")

    def test_check_reads_a_file_and_runs_none_of_it(self):
        r = self.cruet("plugins", "check", "plugins/trap.so", **self.env)
        self.assertEqual((r.code, r.err), (0, ""))
        lines = r.out.splitlines()
        self.assertEqual(lines[:6], [
            "trap 1.2.0: catches what runs",
            "  file        plugins/trap.so",
            "  needs       db/1, log/1 (optional)",
            "  provides    trap/1",
            "  after       session",
            "  flags       can be unloaded, may be attached more than once",
        ])
        self.assertIn("  plugin ABI  1", lines)
        self.assertIn("  calls       cruet_core_id", lines)
        self.assertTrue(r.out.endswith(OPTIONS))

    def hardening(self, so):
        """What check says of it: name -> [found, otherwise]"""
        r = self.cruet("plugins", "check", so)
        self.assertEqual((r.code, r.err), (0, ""))
        lines = r.out.split("\n\n")[1].splitlines()
        self.assertRegex(lines[0], "^HARDENING +FOUND")
        rows = [re.split("  +", line) for line in lines[1:]]
        return {row[0]: row[1:] for row in rows}

    def test_check_shows_how_it_was_hardened(self):
        self.write("soft.c", SOFT)
        so = self.build("soft.c", "-O2", "-Wl,-z,norelro,-z,lazy,-z,execstack", "-U_FORTIFY_SOURCE",
                        "-fno-stack-protector", "-Wl,-rpath,/opt/lib")
        self.assertEqual(self.hardening(so), {
            "RELRO": ["none", "link with -Wl,-z,relro,-z,now"],
            "BIND_NOW": ["no", "link with -Wl,-z,now"],
            "stack": ["executable", "makes all stacks executable: link with -Wl,-z,noexecstack"],
            "stack protector": ["not seen", "compile with -fstack-protector-strong"],
            "FORTIFY": ["not seen", "compile with -O2 -D_FORTIFY_SOURCE=2"],
            "text relocations": ["no"],
            "writable code": ["no"],
            "run path": ["/opt/lib", "libraries are looked for there first"],
            "unique symbols": ["unique_thing", "its code stays in memory: compile with -fno-gnu-unique"],
            "mutable globals": [self.hardening(so)["mutable globals"][0], "state belongs into cruet_state()"],
        })
        so = self.build("soft.c", "-O2", "-Wl,-z,relro,-z,now,-z,noexecstack", "-D_FORTIFY_SOURCE=2",
                        "-fstack-protector-all", "-DHARD")
        self.assertEqual(self.hardening(so), {
            "RELRO": ["full"], "BIND_NOW": ["yes"], "stack": ["not executable"],
            "stack protector": ["yes"], "FORTIFY": ["yes"], "text relocations": ["no"],
            "writable code": ["no"], "run path": ["none"], "unique symbols": ["-"],
            "mutable globals": ["16 bytes"]})

    def test_check_as_json(self):
        r = self.cruet("plugins", "check", "--json", "plugins/trap.so", **self.env)
        self.assertEqual((r.code, r.err), (0, ""))
        said = json.loads(r.out)
        self.assertEqual((said["file"], said["refused"]), ("plugins/trap.so", None))
        self.assertEqual((said["name"], said["version"], said["abi"]), ("trap", "1.2.0", 1))
        self.assertEqual((said["needs"], said["provides"], said["after"]),
                         (["db/1", "log/1?"], ["trap/1"], ["session"]))
        self.assertTrue(said["unloadable"] and said["repeatable"])
        self.assertEqual(said["options"][0], {
            "name": "limit", "type": "int", "default": "5", "choices": None,
            "help": "a whole number from 1 to 9", "min": 1, "max": 9, "required": False,
            "secret": False})
        self.assertEqual([o["secret"] for o in said["options"]], [False, False, False, True, False, False])
        self.assertEqual(said["exports"], ["cruet_plugin_trap"])
        self.assertEqual([n for n in said["imports"] if n.startswith("cruet_")], ["cruet_core_id"])
        self.assertEqual(said["missing"], [])
        self.assertEqual(set(said["hardening"]), {
            "relro", "bind_now", "executable_stack", "stack_protector", "fortify", "text_relocations",
            "writable_code", "run_path", "unique_symbols", "mutable_bytes"})
        r = self.cruet("plugins", "check", "--json", "gone.so")
        self.assertEqual((r.code, json.loads(r.out)), (1, {
            "file": "gone.so", "refused": "gone.so cannot be read: No such file or directory"}))
        self.assertEqual(r.err, "cruet: gone.so cannot be read: No such file or directory\n")

    def test_check_names_calls_that_libcruet_does_not_have(self):
        self.write("early.c", '#include <cruet.h>\nint cruet_from_tomorrow(cruet_app *app);\n'
                              'CRUET_PLUGIN(early, .init = cruet_from_tomorrow);\n')
        so = self.build("early.c", "-Wl,--unresolved-symbols=ignore-all")
        r = self.cruet("plugins", "check", so)
        self.assertEqual(r.code, 1)
        self.assertIn("\n  missing     cruet_from_tomorrow\n", r.out)
        self.assertEqual(r.err, f"cruet: {so} calls cruet_from_tomorrow, which this libcruet does not "
                                "export: it was built for another version, or the name is wrong\n")

    def test_check_shows_the_hash_that_sha256sum_gives(self):
        import hashlib
        with open(self.trap, "rb") as f:
            want = hashlib.sha256(f.read()).hexdigest()
        self.assertIn(f"sha256      {want}\n",
                      self.cruet("plugins", "check", self.trap, **self.env).out)

    def test_check_of_an_application(self):
        self.write("site.c", HELLO)
        r = self.cruet("plugins", "check", self.build("site.c"))
        self.assertEqual((r.code, r.err, r.out.splitlines()[0]), (0, "", "app"))
        self.assertTrue(r.out.endswith("\nno options\n"))

    def test_check_of_what_is_no_plugin(self):
        self.write("text.so", "hello\n")
        r = self.cruet("plugins", "check", "text.so")
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertRegex(r.err, r"^cruet: text\.so .*\n$")
        self.fails(["plugins", "check", "gone.so"],
                   "cruet: gone.so cannot be read: No such file or directory\n")
        os.chmod(self.trap, 0o777)
        self.fails(["plugins", "check", self.trap],
                   f"cruet: {self.trap} is writable by others (mode 0777): chmod go-w\n")

    def test_list_of_attached_available_and_refused(self):
        self.write("plugins/other.c", '#include <cruet.h>\nCRUET_PLUGIN(other, .version = '
                                      '"0.3", .summary = "does other things");\n')
        self.build("plugins/other.c")
        self.write("plugins/broken.so", "")
        self.write("cruet.json", '{"plugins": {"second": {"plugin": "trap", "mode": "x"}, '
                                 '"trap": {"mode": "y"}}}')
        r = self.cruet("plugins", "list", **self.env)
        self.assertEqual((r.code, r.err), (0, ""))
        self.assertEqual(r.out.splitlines()[:3] + r.out.splitlines()[4:], [
            "NAME    VERSION  STATE            WHAT",
            "second  1.2.0    attached (trap)  catches what runs",
            "trap    1.2.0    attached         catches what runs",
            "other   0.3      available        does other things",
        ])
        self.assertRegex(r.out.splitlines()[3], "^broken  -        refused          /.*broken.so ")

    def test_list_fails_when_a_configured_plugin_is_missing(self):
        self.write("cruet.json", '{"plugins": {"trip": {}}}')
        r = self.cruet("plugins", "list", **self.env)
        self.assertEqual((r.code, r.err), (1, ""))
        self.assertRegex(r.out, r"\ntrip  -        missing    plugin 'trip': no trip.so in ")

    def test_list_of_nothing(self):
        os.mkdir(self.path("empty"))
        self.says(["plugins", "list"], "no plugins\n", CRUET_PLUGIN_PATH=self.path("empty"))

    def test_control_bytes_of_a_hostile_file_stay_visible(self):
        self.write("plugins/evil.c", '#include <cruet.h>\nCRUET_PLUGIN(evil, .version = "1", '
                                     '.summary = "a\\033[2Jb\\nc");\n')
        self.build("plugins/evil.c")
        r = self.cruet("plugins", "check", "plugins/evil.so")
        self.assertEqual(r.out.splitlines()[0], "evil 1: a\\x1b[2Jb\\x0ac")

    # --- what bad input gets ---------------------------------------------------------

    def test_plugin_path_of_the_config_starts_at_its_folder(self):
        self.write("site/own/trap.c", TRAP)
        self.build("site/own/trap.c")
        self.write("site/cruet.json", '{"server": {"plugin_path": ["own"]}}')
        r = self.cruet("plugins", "list", "site", CRUET_PLUGIN_PATH=None, TRAP="1")
        self.assertIn("trap  1.2.0    available  catches what runs\n", r.out)

    def test_a_need_that_nobody_meets_is_one_sentence(self):
        self.write("plugins/visits.c", NEEDS_DB)
        self.build("plugins/visits.c")
        self.write("site.c", HELLO)
        self.write("cruet.json", '{"app": "site.c", "plugins": {"visits": {}}}')
        self.fails(["routes"], "cruet: plugin 'visits' needs service \"db/1\", which no attached "
                               "plugin provides\n", CRUET_PLUGIN_PATH=self.path("plugins"))

    def test_bad_option_stops_before_any_code_runs(self):
        self.write("site.c", HELLO)
        self.write("cruet.json", '{"app": "site.c", "plugins": {"trap": {"limit": 12}}}')
        self.fails(["routes"], "cruet: plugin 'trap' needs service \"db/1\", which no attached "
                               "plugin provides\n", CRUET_PLUGIN_PATH=self.path("plugins"))


main()
