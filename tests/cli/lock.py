import hashlib
import json
import os
import stat

from driver import BUILD, HELLO, Cli, Server, main

PLUGIN = """#include <cruet.h>
#include <cruet/plugin.h>

static int page(cruet_ctx *c)
{
	return cruet_text(c, "%(text)s\\n");
}

static int init(cruet_app *app)
{
	return cruet_get(app, "/%(name)s", page);
}

CRUET_PLUGIN(%(name)s, .version = "%(version)s", .init = init);
"""

USES = """#include <cruet.h>

CRUET_APP(app)
{
	cruet_use(app, "asked", NULL);
}
"""


class Lock(Cli):
    def setUp(self):
        super().setUp()
        self.env = {"CRUET_PLUGIN_PATH": self.path("plugins")}
        self.plugin("menu", "1.2")
        self.write("site.c", HELLO)
        self.build("site.c")
        self.configure({"menu": {}})

    def plugin(self, name, version, text="from the menu"):
        self.write(f"plugins/{name}.c", PLUGIN % {"name": name, "version": version, "text": text})
        self.build(f"plugins/{name}.c")

    def configure(self, plugins, **more):
        self.write("cruet.json", json.dumps({"app": "site.so", "plugins": plugins, **more}))

    def hash(self, name):
        with open(self.path(name), "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()

    def lock(self, *args, code=0):
        r = self.cruet("plugins", "lock", *args, **self.env)
        self.assertEqual((r.code, r.err), (code, ""))
        return r.out

    def locked(self):
        with open(self.path("cruet.lock")) as f:
            return json.load(f)

    def states(self, out):
        """name -> state"""
        lines = [line.split() for line in out.splitlines()]
        self.assertEqual(lines[0], ["NAME", "VERSION", "STATE", "SHA256"])
        return {words[0]: " ".join(words[2:-1]) for words in lines[1:]}

    # --- what is written ---------------------------------------------------------------

    def test_files_are_listed_with_what_tells_them_apart(self):
        out = self.lock()
        self.assertEqual(out, "NAME  VERSION  STATE  SHA256\n"
                              f"app   -        added  {self.hash('site.so')}\n"
                              f"menu  1.2      added  {self.hash('plugins/menu.so')}\n")
        locked = self.locked()
        self.assertEqual((list(locked), locked["format"]), (["format", "plugins"], 1))
        self.assertEqual(list(locked["plugins"]), ["app", "menu"])
        menu = locked["plugins"]["menu"]
        self.assertEqual(list(menu), ["version", "abi", "sha256", "libraries", "imports"])
        self.assertEqual((menu["version"], menu["abi"], menu["sha256"]),
                         ("1.2", 1, self.hash("plugins/menu.so")))
        self.assertIn("libcruet.so.0", menu["libraries"])
        self.assertEqual(menu["imports"], ["cruet_add", "cruet_core_id", "cruet_text"])
        self.assertNotIn("version", locked["plugins"]["app"])

    def test_it_is_written_the_same_again(self):
        self.lock()
        with open(self.path("cruet.lock")) as f:
            first = f.read()
        self.assertEqual(self.states(self.lock()), {"app": "as before", "menu": "as before"})
        with open(self.path("cruet.lock")) as f:
            self.assertEqual(f.read(), first)
        self.assertEqual([n for n in os.listdir(self.folder) if n.startswith("cruet.lock")],
                         ["cruet.lock"])

    def test_what_code_asks_for_is_named(self):
        self.plugin("asked", "3")
        self.write("site.c", USES)
        self.build("site.c")
        self.lock()
        self.fails(["routes"], f"cruet: {self.path('plugins/asked.so')} is not listed in "
                               f"{self.path('cruet.lock')}: its SHA-256 is "
                               f"{self.hash('plugins/asked.so')}: if it is to be trusted, run "
                               "`cruet plugins lock asked`\n", **self.env)
        self.assertEqual(self.states(self.lock("asked")),
                         {"app": "as before", "asked": "added", "menu": "as before"})
        self.assertEqual(self.cruet("routes", **self.env).code, 0)
        self.plugin("asked", "4")
        self.assertEqual(self.states(self.lock())["asked"], "changed") # named once is enough
        self.assertTrue(self.locked()["plugins"]["asked"]["named"])
        os.remove(self.path("plugins/asked.so"))
        self.assertEqual(self.states(self.lock())["asked"], "removed")

    def test_what_the_configuration_names_no_more_is_removed(self):
        self.lock()
        self.configure({})
        self.assertEqual(self.states(self.lock()), {"app": "as before", "menu": "removed"})
        self.assertEqual(list(self.locked()["plugins"]), ["app"])

    def test_the_transport_is_listed(self):
        self.configure({}, server={"transport": "event", "plugin_path": [BUILD + "/plugins/event"]})
        self.assertEqual(self.states(self.lock()), {"app": "added", "event": "added"})

    def test_who_may_read_it_stays(self):
        old = os.umask(0o027)
        self.addCleanup(os.umask, old)
        path = self.path("cruet.lock")
        self.lock()
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o640)
        os.chmod(path, 0o600)
        self.lock()
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        os.chmod(path, 0o755)
        self.lock()
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o644)

    # --- what cannot be listed ------------------------------------------------------------

    def test_without_a_configuration_there_is_none(self):
        os.remove(self.path("cruet.json"))
        self.fails(["plugins", "lock"], "cruet: no cruet.json in the working directory: cruet.lock "
                                        "stands beside one\n")

    def test_sources_are_never_the_same_file(self):
        self.lock()
        self.write("cruet.json", '{"app": "site.c"}')
        self.fails(["plugins", "lock"],
                   'cruet: cruet.json:1:9: app = "site.c" is compiled at each start, so no lock can '
                   "list it: build a .so, and name that\n")
        self.fails(["routes"], f"cruet: site.c is compiled at each start, so {self.path('cruet.lock')} "
                               'cannot list it: build a .so, name that in "app", and run '
                               "`cruet plugins lock`\n")

    def test_what_is_refused_is_not_listed(self):
        self.lock()
        with open(self.path("cruet.lock")) as f:
            first = f.read()
        os.chmod(self.path("plugins/menu.so"), 0o777)
        self.fails(["plugins", "lock"], f"cruet: {self.path('plugins/menu.so')} is writable by others "
                                        "(mode 0777): chmod go-w\n", **self.env)
        with open(self.path("cruet.lock")) as f:
            self.assertEqual(f.read(), first)

    def test_a_lock_that_is_none_is_not_replaced(self):
        self.write("cruet.lock", "{")
        r = self.cruet("plugins", "lock", **self.env)
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertTrue(r.err.startswith(f"cruet: {self.path('cruet.lock')}:1:"), r.err)
        os.remove(self.path("cruet.lock"))
        os.mkdir(self.path("cruet.lock"))
        self.fails(["plugins", "lock"], f"cruet: {self.path('cruet.lock')} is a folder: expected a "
                                        "regular file\n", **self.env)

    # --- what it is good for -----------------------------------------------------------------

    def changed(self, file, shown, was, version=""):
        lock = self.path("cruet.lock")
        name = os.path.basename(file)[:-3].replace("site", "app")
        return (f"{shown} is not the file that {lock} lists: expected {name}{version} with SHA-256 "
                f"{was}, found {name}{version} with SHA-256 {self.hash(file)}: put the listed one back "
                "or, if this one is to be trusted, run `cruet plugins lock`")

    def test_the_application_itself_is_held_to_it(self):
        self.lock()
        self.assertEqual(Server(self, "-l", "0", **self.env).text("/menu"), "from the menu\n")
        was = self.hash("site.so")
        self.write("site.c", HELLO.replace("hello\\n", "hi\\n"))
        self.build("site.c")
        message = f"cruet: {self.changed('site.so', 'site.so', was)}\n"
        self.fails(["routes"], message, **self.env)
        self.fails(["run", "-w", "0", "-l", "0"], message, **self.env)
        self.fails(["run", "-w", "0", "-l", "0", "site.so"], message, **self.env)
        self.assertEqual(self.states(self.lock())["app"], "changed")
        self.assertEqual(Server(self, "-l", "0", **self.env).text(), "hi\n")

    def test_list_shows_what_would_be_refused(self):
        self.lock()
        was = self.hash("plugins/menu.so")
        self.plugin("menu", "1.2", "from elsewhere")
        self.plugin("other", "1")
        r = self.cruet("plugins", "list", **self.env)
        self.assertEqual((r.code, r.err), (1, ""))
        self.assertEqual(r.out, "NAME   VERSION  STATE      WHAT\n"
                                "menu   -        refused    "
                                f"{self.changed('plugins/menu.so', self.path('plugins/menu.so'), was, ' 1.2')}\n"
                                "other  1        available\n")

    def test_another_transport_is_held_to_it(self):
        self.lock()
        r = self.cruet("run", "-w", "0", "-l", "0", "-D", "server.transport=event",
                       CRUET_PLUGIN_PATH=f"{self.path('plugins')}:{BUILD}/plugins")
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertIn("event.so is not listed in ", r.err)
        self.assertTrue(r.err.endswith("run `cruet plugins lock event`\n"), r.err)


main()
