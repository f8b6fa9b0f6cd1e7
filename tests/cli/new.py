"""`cruet new plugin`: what is made builds in both ways, without a warning, and its tests
pass. install.py does the same with an installed cruet."""

import os
import resource
import signal
import subprocess

from driver import BUILD, Cli, environment, main

SERVICES = ["cache/1", "session/1", "session_store/1"]
PLAIN = ["{0}/.gitignore", "{0}/Makefile", "{0}/README.md", "{0}/meson.build", "{0}/{0}.c",
         "{0}/{0}_test.c"]
PROVIDER = ["{0}/.gitignore", "{0}/Makefile", "{0}/meson.build", "{0}/README.md", "{0}/{0}.c",
            "{0}/{0}_contract.c", "{0}/{0}_test.c"]
TRY = "Try: cruet new plugin --help\n"


class New(Cli):
    def make(self, name, files, *args):
        listed = "".join(f.format(name) + "\n" for f in files)
        self.says(["new", "plugin", name, *args], f"{listed}\nNext: make -C {name} check\n")

    def files(self, folder):
        return sorted(os.path.relpath(os.path.join(at, f), self.folder)
                      for at, _, files in os.walk(self.path(folder)) for f in files)

    def run_in(self, folder, *cmd):
        env = environment(PKG_CONFIG_PATH=f"{BUILD}/meson-uninstalled", CFLAGS=None)
        p = subprocess.run(cmd, cwd=self.path(folder), env=env, capture_output=True, text=True,
                           timeout=170)
        self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        return p.stdout + p.stderr

    def builds(self, name, *results, compilers=("gcc", "clang")):
        """With make and these compilers."""
        for cc in compilers:
            out = self.run_in(name, "make", "check", f"CC={cc}",
                              "CFLAGS=-g -O1 -Wall -Wextra -Wshadow -Wstrict-prototypes -Werror")
            for line in results:
                self.assertRegex(out, line)
            self.run_in(name, "make", "clean")
            self.assertEqual([f for f in self.files(name) if f.endswith((".so", "_test"))], [])

    def builds_with_meson(self, name):
        self.run_in(name, "meson", "setup", "build", "--werror")
        self.run_in(name, "ninja", "-C", "build")
        self.run_in(name, "meson", "test", "-C", "build")
        r = self.cruet("plugins", "check", f"{name}/build/{name}.so")
        self.assertEqual((r.code, r.err), (0, ""))

    def test_a_plugin_builds_and_passes_at_once(self):
        self.make("hits", PLAIN)
        self.assertEqual(self.files("hits"), sorted(f.format("hits") for f in PLAIN))
        self.builds("hits", r"\b100%: Checks: 3, Failures: 0, Errors: 0\n")
        self.builds_with_meson("hits")

    def test_a_provider_keeps_the_promises_of_its_service(self):
        for service in SERVICES:
            name = "my_" + service.split("/")[0]
            self.make(name, PROVIDER, "--service", service)
            self.assertEqual(self.files(name), sorted(f.format(name) for f in PROVIDER))
            # With its own warnings clang builds all of them in tests/skeleton.
            self.builds(name, r"\b100%: Checks: 3, Failures: 0, Errors: 0\n",
                        rf"{service}: \d+ promises, 0 broken\n",
                        compilers=("gcc", "clang") if service == SERVICES[-1] else ("gcc",))
        self.builds_with_meson(name) # all of them have the same

    def test_it_is_found_and_loaded_as_the_readme_says(self):
        self.make("hits", PLAIN)
        self.run_in("hits", "make")
        self.write("site.c", "#include <cruet.h>\nCRUET_APP(app) { (void)app; }\n")
        with open(self.path("hits/README.md"), encoding="utf-8") as f:
            readme = f.read()
        config = readme.split("```json\n")[1].split("```")[0]
        self.write("cruet.json", config.replace("{", '{\n  "app": "site.c",', 1))
        r = self.cruet("routes")
        self.assertEqual((r.code, r.err), (0, ""))
        self.assertRegex(r.out, r"\nGET +/count +hits\.show +hits\.c:\d+\n")

    def test_a_header_that_changes_builds_it_anew(self):
        self.make("hits", PLAIN)
        self.write("hits/more.h", "")
        self.write("hits/hits.c", "#include <cruet.h>\n#include \"more.h\"\n"
                                  "CRUET_PLUGIN(hits, .version = \"1\");\n")
        self.run_in("hits", "make")
        self.assertIn("up to date", self.run_in("hits", "make"))
        self.write("hits/more.h", "#error it is read\n")
        later = os.stat(self.path("hits/hits.so")).st_mtime + 1
        os.utime(self.path("hits/more.h"), (later, later))
        p = subprocess.run(["make"], cwd=self.path("hits"), capture_output=True, text=True,
                           env=environment(PKG_CONFIG_PATH=f"{BUILD}/meson-uninstalled"))
        self.assertIn("it is read", p.stderr)

    def test_nobody_else_can_write_to_it(self):
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        self.make("hits", PLAIN)
        for path in ["hits", *self.files("hits")]:
            self.assertEqual(os.stat(self.path(path)).st_mode & 0o022, 0, path)

    def test_no_word_of_the_skeleton_is_left(self):
        self.make("hits", PLAIN)
        for path in self.files("hits"):
            with open(self.path(path), encoding="utf-8") as f:
                self.assertNotIn("my_plugin", f.read(), path)

    # --- what bad input gets ---------------------------------------------------------------

    def test_nothing_is_written_over(self):
        self.write("hits/mine.c", "int mine;\n")
        self.fails(["new", "plugin", "hits"],
                   "cruet: hits is there already: nothing was written\n")
        self.assertEqual(self.files("hits"), ["hits/mine.c"])
        self.write("file", "")
        self.fails(["new", "plugin", "file"],
                   "cruet: file is there already: nothing was written\n")
        os.symlink("nowhere", self.path("dangling"))
        self.fails(["new", "plugin", "dangling"],
                   "cruet: dangling is there already: nothing was written\n")

    def test_names_that_no_plugin_has(self):
        form = ("expected a lower-case letter, then lower-case letters, digits and '_', 64 in "
                "all at most")
        for name in ("Hits", "1st", "_x", "a-b", "a/b", "../x", ".", "", "a b", "\u00e4", "x" * 65):
            self.misused(["new", "plugin", name],
                         f"cruet new plugin: a plugin cannot be named '{name}': {form}\n{TRY}")
        for name in ("int", "while", "typeof", "test", "install"):
            self.misused(["new", "plugin", name],
                         f"cruet new plugin: a plugin cannot be named '{name}': C or Meson keeps "
                         f"that word for itself\n{TRY}")
        self.misused(["new", "plugin", "app"],
                     "cruet new plugin: a plugin cannot be named 'app': that is the name of every "
                     f"application\n{TRY}")
        self.assertEqual(os.listdir(self.folder), [])
        self.make("x" * 64, PLAIN)

    def test_names_of_plugins_that_are_there(self):
        for name in os.listdir(f"{BUILD}/plugins"):
            if os.path.exists(f"{BUILD}/plugins/{name}/{name}.so"):
                self.fails(["new", "plugin", name],
                           f"cruet: there is a plugin '{name}' already: "
                           f"{BUILD}/plugins/{name}/{name}.so: choose another name\n")
        self.assertEqual(os.listdir(self.folder), [])

    def test_services_without_a_skeleton(self):
        for service in ("db/1", "template/1", "validate/1"):
            self.misused(["new", "plugin", "x", "--service", service],
                         f'cruet new plugin: there is no skeleton for a provider of "{service}", '
                         "which is too much for one: begin without --service, and try what you "
                         "have by its contract (docs/plugins/contracts.md); there are skeletons "
                         f"for cache/1, session/1, session_store/1\n{TRY}")
        for service in ("cache", "cache/2", "", "\033"):
            shown = service.replace("\033", "\\x1b")
            self.misused(["new", "plugin", "x", "--service", service],
                         f"cruet new plugin: option --service {shown}: expected one of cache/1, "
                         f"session/1, session_store/1\n{TRY}")
        self.assertEqual(os.listdir(self.folder), [])

    def test_what_fails_halfway_leaves_nothing(self):
        def no_large_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

        p = subprocess.run([f"{BUILD}/core/cruet", "new", "plugin", "hits"], cwd=self.folder,
                           env=environment(), capture_output=True, text=True,
                           preexec_fn=no_large_files)
        self.assertEqual((p.returncode, p.stdout), (1, ""))
        self.assertRegex(p.stderr, r"^cruet: hits/\S+ cannot be written: File too large\n$")
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_folder_that_takes_no_other(self):
        self.fails(["new", "plugin", "hits"],
                   "cruet: hits cannot be written: No such file or directory\n", cwd="/proc")


main()
