"""`cruet generate`: what is added works, nothing is written over, and nothing changes where
nobody has agreed."""

import json
import os
import pty
import shutil
import subprocess

from driver import BUILD, Cli, environment, main

MINIMAL = """#include <cruet.h>

static int hello(cruet_ctx *c)
{
	return cruet_text(c, "Hello from site!\\n");
}

CRUET_APP(app)
{
	cruet_get(app, "/", hello);
}
"""


class Generate(Cli):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.cruet("new", "site", "--minimal").code, 0)

    def files(self):
        found = {}
        for at, _, files in os.walk(self.path("site")):
            for name in files:
                path = os.path.join(at, name)
                with open(path, encoding="utf-8", errors="replace") as f:
                    found[os.path.relpath(path, self.path("site"))] = f.read()
        return found

    def generate(self, *args, code=0):
        r = self.cruet("generate", *args, cwd="site")
        self.assertEqual((r.code, r.err), (code, ""))
        return r.out

    def add(self, *args):
        """What changed: path -> text."""
        before = self.files()
        self.generate(*args, "--yes")
        return {path: text for path, text in self.files().items() if before.get(path) != text}

    def asked(self, answer, *args):
        """The same on a terminal, where somebody answers."""
        ours, theirs = pty.openpty()
        p = subprocess.Popen([f"{BUILD}/core/cruet", "generate", *args], cwd=self.path("site"),
                             stdin=theirs, stdout=theirs, stderr=theirs, env=environment())
        os.close(theirs)
        text = b""
        while b"[y/N] " not in text:
            text += os.read(ours, 4096)
        os.write(ours, answer.encode())
        try:
            while piece := os.read(ours, 4096):
                text += piece
        except OSError: # the other end is closed
            pass
        os.close(ours)
        return p.wait(), text.decode().replace("\r\n", "\n")

    # --- what is added -------------------------------------------------------------------------

    def test_a_route_is_shown_and_added(self):
        out = self.generate("route", "GET", "/notes/<int:id>", "-y")
        self.assertEqual(out, """changed: app.c
@@ 5 @@
 	return cruet_text(c, "Hello from site!\\n");
 }
 
+static int notes(cruet_ctx *c)
+{
+	return cruet_textf(c, "notes %s\\n", cruet_arg(c, "id"));
+}
+
 CRUET_APP(app)
 {
 	cruet_get(app, "/", hello);
+	cruet_get(app, "/notes/<int:id>", notes);
 }

Written. Next: cruet routes
""")
        self.add("route", "post", "/notes", "add_note")
        self.assertEqual(self.cruet("routes", cwd="site").out,
                         "METHODS  RULE             ENDPOINT  WHERE\n"
                         "GET      /                hello     app.c:20\n"
                         "GET      /notes/<int:id>  notes     app.c:21\n"
                         "POST     /notes           add_note  app.c:22\n")
        self.says(["check", "-D", "server.listen=127.0.0.1:0"], "nothing found\n", cwd="site")

    def test_hooks_of_each_kind(self):
        for kind in ("before", "after", "finish", "teardown"):
            changed = self.add("hook", kind, f"my_{kind}")
            self.assertEqual(list(changed), ["app.c"])
            self.assertIn(f"\tcruet_{kind}(app, my_{kind});\n", changed["app.c"])
        r = self.cruet("routes", cwd="site")
        self.assertEqual((r.code, r.err), (0, ""))

    def test_a_comment_stays_with_what_it_is_about(self):
        self.write("site/app.c", MINIMAL.replace("CRUET_APP(app)", "/* All of it. */\nCRUET_APP(site)")
                   .replace("get(app", "get(site"))
        text = self.add("route", "GET", "/x")["app.c"]
        self.assertIn('}\n\n/* All of it. */\nCRUET_APP(site)\n{\n\tcruet_get(site, "/", hello);\n'
                      '\tcruet_get(site, "/x", x);\n}\n', text)

    def test_a_plugin_is_built_and_attached(self):
        changed = self.add("plugin", "hits")
        self.assertEqual(sorted(changed), ["cruet.json"] + sorted(
            f"plugins/hits/{f}" for f in (".gitignore", "Makefile", "README.md", "hits.c",
                                          "hits_test.c", "meson.build")))
        env = environment(PKG_CONFIG_PATH=f"{BUILD}/meson-uninstalled", CFLAGS=None)
        subprocess.run(["make", "-s", "-C", self.path("site/plugins/hits"), "hits.so"], env=env,
                       check=True, capture_output=True)
        r = self.cruet("routes", "--of", "hits", "--json", cwd="site")
        self.assertEqual([x["rule"] for x in json.loads(r.out)], ["/hits"])
        self.assertEqual(list(self.add("plugin", "visits")["cruet.json"].splitlines())[2],
                         '  "plugins": { "visits": {}, "hits": {} },')

    def test_a_configuration_with_nothing_but_comments(self):
        for text in ("{ // nothing yet\n}\n", "{/* nothing */}", "{\n  // nothing\n}\n",
                     '{\n  "plugins": { // none\n  },\n  "server": {"plugin_path": [/* none */]}\n}\n'):
            self.write("site/cruet.json", text)
            self.add("plugin", "hits")
            self.assertIn('"hits": {}', self.files()["cruet.json"])
            self.add("plugin", "visits") # it can be read again
            shutil.rmtree(self.path("site/plugins"))

    def test_links_owners_and_modes_stay(self):
        os.rename(self.path("site/app.c"), self.path("shared.c"))
        os.symlink("../shared.c", self.path("site/app.c"))
        os.chmod(self.path("shared.c"), 0o666)
        if os.geteuid() == 0:
            os.chown(self.path("shared.c"), 1, 1)
        before = os.stat(self.path("shared.c"))
        self.add("route", "GET", "/x")
        after = os.stat(self.path("shared.c"))
        self.assertTrue(os.path.islink(self.path("site/app.c")))
        self.assertEqual((after.st_uid, after.st_gid, after.st_mode),
                         (before.st_uid, before.st_gid, before.st_mode))
        self.assertIn("/x", self.files()["app.c"])
        self.assertEqual(sorted(os.listdir(self.folder)), ["shared.c", "site"])

    def test_a_resource_works_and_has_a_test(self):
        changed = self.add("resource", "books")
        self.assertEqual(sorted(changed), ["app.c", "books.c", "books.h", "cruet.json",
                                           "meson.build", "schema/001_books.sql", "tests/books.c"])
        self.assertEqual(sorted(p for p in self.add("resource", "shelves") if "schema" in p),
                         ["schema/002_shelves.sql"])
        self.assertIn("sources = files('shelves.c', 'books.c', 'app.c')", self.files()["meson.build"])
        self.assertNotIn("DATABASES", self.files()["meson.build"])
        r = self.cruet("test", "--json", cwd="site")
        self.assertEqual((r.code, r.err), (0, ""))
        said = json.loads(r.out)
        self.assertEqual((said["passed"], said["failed"]), (7, 0))
        self.says(["check", "-D", "server.listen=127.0.0.1:0"], "nothing found\n", cwd="site")

    # --- who agrees ------------------------------------------------------------------------------

    def test_nothing_changes_unless_somebody_agrees(self):
        before = self.files()
        for args in (["route", "GET", "/x"], ["hook", "after", "x"], ["plugin", "x"], ["resource", "x"]):
            out = self.generate(*args, code=1)
            self.assertTrue(out.endswith("Nothing was written: give --yes to write this.\n"), out)
            code, out = self.asked("n\n", *args)
            self.assertEqual((code, out[-21:]), (1, "Nothing was written.\n"))
            self.assertEqual(self.asked("\n", *args)[0], 1)
        self.assertEqual(self.files(), before)

    def test_who_says_yes_gets_it(self):
        code, out = self.asked("y\n", "route", "GET", "/x")
        self.assertEqual(code, 0, out)
        self.assertIn("/x", self.cruet("routes", cwd="site").out)

    # --- what cannot be added --------------------------------------------------------------------

    def test_nothing_is_written_over(self):
        self.write("site/books.h", "mine\n")
        before = self.files()
        self.fails(["generate", "resource", "books", "-y"],
                   "cruet: books.h is there already: nothing was written\n", cwd="site")
        self.fails(["generate", "route", "GET", "/hello", "-y"],
                   "cruet: there is a 'hello' in app.c already: give it another name\n", cwd="site")
        self.write("site/plugins/hits/Makefile", "mine\n")
        self.fails(["generate", "plugin", "hits", "-y"],
                   "cruet: plugins/hits/Makefile is there already: nothing was written\n", cwd="site")
        os.remove(self.path("site/plugins/hits/Makefile"))
        self.assertEqual(self.files(), before)

    def test_what_fails_halfway_is_taken_back(self):
        os.mkdir(self.path("site/schema"))
        os.rename(self.path("site/tests"), self.path("site/kept"))
        self.write("site/tests", "no folder\n")
        before = self.files()
        r = self.cruet("generate", "resource", "books", "-y", cwd="site")
        self.assertEqual(r.code, 1)
        self.assertRegex(r.err, r"^cruet: tests/books\.c cannot be written: .*: nothing was changed\n$")
        self.assertEqual(self.files(), before)

    def test_bad_names(self):
        for args, why in (
                (["route", "FETCH", "/x"], "'FETCH' is no method: expected GET, POST, PUT, PATCH or DELETE"),
                (["route", "GET", "x"], "'x' is no path: expected one such as /notes/<int:id>"),
                (["hook", "around", "x"], "'around' is no hook: expected before, after, finish or teardown")):
            self.misused(["generate", *args], f"cruet generate {args[0]}: {why}\n"
                                              f"Try: cruet generate {args[0]} --help\n", cwd="site")
        for args in (["route", "GET", "/x", "int"], ["hook", "after", "X"], ["plugin", "a-b"],
                     ["resource", "../x"]):
            self.misused(["generate", *args],
                         f"cruet generate {args[0]}: '{args[-1]}' is no name for it: expected a "
                         "lower-case letter, then lower-case letters, digits and '_', and no word "
                         f"of C\nTry: cruet generate {args[0]} --help\n", cwd="site")

    def test_a_folder_that_is_no_site(self):
        self.write("other/x.c", "int x;\n")
        self.fails(["generate", "route", "GET", "/x", "-y"],
                   "cruet: no .c file here has CRUET_APP(app) at the beginning of a line and a brace "
                   "alone on the line that ends it: cruet generate works in the folder of a site\n",
                   cwd="other")


main()
