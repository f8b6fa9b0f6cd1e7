"""`cruet new`: what is made runs, passes its tests and has nothing that `cruet check` finds."""

import json
import os
import re
import stat
import subprocess

from driver import BUILD, Cli, Server, environment, main

COMMON = [".env", ".gitignore", "README.md", "app.c", "cruet.json", "deploy/README.md",
          "deploy/{0}.service", "meson.build", "var/.gitignore"]
KINDS = {
    (): ["pages.c", "pages.h", "posts.c", "posts.h", "static/icon.svg", "static/style.css",
         "templates/about.html", "templates/base.html", "templates/front.html",
         "templates/not_found.html", "templates/post.html", "tests/pages.c"],
    ("--api",): ["notes.c", "notes.h", "schema/001_notes.sql", "tests/notes.c"],
    ("--minimal",): ["tests/app.c"],
}
TRY = "Try: cruet new --help\n"


class NewSite(Cli):
    def make(self, name, *args):
        r = self.cruet("new", name, *args)
        self.assertEqual((r.code, r.err), (0, ""))
        *listed, empty, following = r.out.splitlines()
        self.assertEqual((empty, following), ("", f"Next: cd {name} && cruet run --debug"))
        self.assertEqual(sorted(listed), self.files(name))
        return self.files(name)

    def files(self, folder):
        return sorted(os.path.relpath(os.path.join(at, f), self.folder)
                      for at, _, files in os.walk(self.path(folder)) for f in files)

    def read(self, path):
        with open(self.path(path), encoding="utf-8") as f:
            return f.read()

    def run_in(self, folder, *cmd):
        env = environment(PKG_CONFIG_PATH=f"{BUILD}/meson-uninstalled", CFLAGS=None)
        p = subprocess.run(cmd, cwd=self.path(folder), env=env, capture_output=True, text=True,
                           timeout=170)
        self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        return p.stdout

    def test_each_kind_passes_its_tests_and_has_no_mistakes(self):
        for args, more in KINDS.items():
            name = "my-" + (args[0][2:] if args else "blog")
            want = sorted(f"{name}/{f}".format(name) for f in COMMON + more)
            self.assertEqual(self.make(name, *args), want)
            r = self.cruet("test", "--json", cwd=name)
            self.assertEqual((r.code, r.err), (0, ""))
            self.says(["check", "-D", "server.listen=127.0.0.1:0"], "nothing found\n", cwd=name)

    def test_it_serves_at_once(self):
        self.make("blog")
        s = Server(self, "-l", "0", cwd="blog")
        status, headers, text = s.get("/")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertIn("<title>blog</title>", text)
        self.assertEqual([s.get(p)[0] for p in re.findall(r'(?:href|src)="(/[^"]*)"', text)],
                         [200] * len(re.findall(r'(?:href|src)="(/[^"]*)"', text)))
        self.assertEqual(s.get("/posts/nothing")[0], 404)
        self.write("blog/templates/about.html", self.read("blog/templates/about.html")
                   .replace("<h2>About</h2>", "<h2>Of salt</h2>"))
        self.assertIn("<h2>Of salt</h2>", s.get("/about")[2])
        self.says(["templates", "check"], "5 templates, 0 errors, 0 warnings\n", cwd="blog")

    def test_production_runs_what_meson_builds(self):
        self.make("blog")
        self.run_in("blog", "meson", "setup", "build", "--werror")
        self.run_in("blog", "ninja", "-C", "build")
        self.run_in("blog", "meson", "test", "-C", "build")
        r = self.cruet("check", "--deploy", "--json", "-p", "production", "-D",
                       "server.listen=127.0.0.1:0", cwd="blog")
        said = [f for f in json.loads(r.out)["findings"] if "/core/" not in f["where"]
                and "/plugins/" not in f["where"]]
        self.assertEqual(said, []) # of the site itself; how cruet was built is its own matter
        s = Server(self, "-l", "0", "-p", "production", cwd="blog")
        status, headers, _ = s.get("/", {"Host": "example.com"})
        self.assertEqual((status, "Content-Security-Policy" in headers), (200, True))
        self.assertEqual(s.get("/")[0], 400) # no host that is trusted
        self.assertRegex(self.cruet("config", "-p", "production", cwd="blog").out,
                         r"\nplugins\.jinja\.reload +false ")

    def test_secrets_are_fresh_and_stay_here(self):
        keys = set()
        for name in ("one", "two"):
            self.make(name, "--minimal")
            text = self.read(f"{name}/.env")
            keys.add(re.search(r"^CRUET_SECRET_KEY=([0-9a-f]{64})$", text, re.M)[1])
            self.assertEqual(stat.S_IMODE(os.stat(self.path(f"{name}/.env")).st_mode), 0o600)
            self.assertIn(".env\n", self.read(f"{name}/.gitignore"))
        self.assertEqual(len(keys), 2)
        r = self.cruet("config", cwd="one")
        self.assertRegex(r.out, r"\nsecret_key +\*{8} +\.env:2\n")

    def test_git_keeps_what_belongs_to_it(self):
        files = self.make("one", "--api")
        self.run_in("one", "git", "init", "-q", ".")
        self.run_in("one", "git", "add", ".")
        self.write("one/var/one.db", "")
        self.assertEqual(self.run_in("one", "git", "status", "--porcelain", "-uall"), "".join(
            sorted(f"A  {os.path.relpath(f, 'one')}\n" for f in files if not f.endswith(".env"))))

    def test_no_word_of_the_skeleton_is_left(self):
        for i, args in enumerate(KINDS):
            for path in self.make(f"site{i}", *args):
                self.assertNotRegex(self.read(path), "my_site|my_secret|my_things", path)

    # --- what bad input gets ---------------------------------------------------------------

    def test_nothing_is_written_over(self):
        self.write("blog/mine.c", "int mine;\n")
        self.fails(["new", "blog"], "cruet: blog is there already: nothing was written\n")
        self.assertEqual(self.files("blog"), ["blog/mine.c"])

    def test_names_that_no_site_has(self):
        for name in ("Blog", "1st", "a/b", "../x", ".", "", "a b", "x" * 32):
            self.misused(["new", name],
                         f"cruet new: a site cannot be named '{name}': expected a lower-case "
                         "letter, then lower-case letters, digits, '_' and '-', 31 in all at "
                         f"most\n{TRY}")
        self.misused(["new", "test"], "cruet new: a site cannot be named 'test': C or Meson keeps "
                                      f"that word for itself\n{TRY}")
        self.misused(["new", "x", "--api", "--minimal"],
                     f"cruet new: --api and --minimal: one of them at most\n{TRY}")
        self.misused(["new"], f"cruet new: an argument is missing: cruet new NAME\n{TRY}")
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_site_named_plugin(self):
        self.misused(["new", "plugin"], "cruet new plugin: an argument is missing: cruet new plugin "
                                        "NAME\nTry: cruet new plugin --help\n")
        self.assertEqual(self.cruet("new", "--", "plugin").code, 0)
        self.assertTrue(os.path.exists(self.path("plugin/app.c")))


main()
