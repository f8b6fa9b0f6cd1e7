"""`meson install` into a prefix, and what a person outside the tree does with it."""

import glob
import json
import os
import shutil
import stat
import subprocess

from driver import BUILD, HELLO, SOURCE, Cli, main

PROGRAM = """#include <cruet.h>
#include <cruet/testing.h>
#include <stdio.h>

static int page(cruet_ctx *c) { return cruet_textf(c, "Hello, %s!", cruet_arg(c, "who")); }

int main(void)
{
	cruet_app *app = cruet_new("outside");

	cruet_get(app, "/<who>", page);
	cruet_use(app, "session", NULL);
	cruet_client *t = cruet_client_new(app);
	int status = cruet_client_get(t, "/you");
	printf("%d %s\\n", status, cruet_problem(app) ? cruet_problem(app) : cruet_client_body(t));
	cruet_client_free(t);
	cruet_free(app);
	return 0;
}
"""

CONTRACT = """#include <cruet/contract.h>

CRUET_CONTRACT("cache/1", cache, "memory=4m");
"""


class Install(Cli):
    """One test, because what was installed is used by all of it."""

    def run_in(self, *cmd, **more):
        env = {"PATH": f"{self.prefix}/bin:{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
               "HOME": self.folder, "LD_LIBRARY_PATH": self.lib,
               "PKG_CONFIG_PATH": f"{self.lib}/pkgconfig"}
        env.update(more)
        p = subprocess.run(cmd, cwd=self.folder, env=env, capture_output=True, text=True,
                           timeout=170)
        self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        return p.stdout

    def modes(self, folder):
        for path, folders, files in os.walk(folder):
            for name in folders + files:
                mode = os.lstat(os.path.join(path, name)).st_mode
                if not stat.S_ISLNK(mode):
                    self.assertFalse(mode & 0o022, f"{path}/{name}: {mode:o}")

    def test_dev_builds_what_is_installed(self):
        """What `./dev exec` runs finds all that an installed cruet has."""
        built = subprocess.check_output(
            ["sh", "-c", f"eval \"$(sed -n '/^site_targets()/,/^}}/p' {SOURCE}/dev)\"; "
                         f"site_targets {BUILD}"], text=True).split()
        targets = json.loads(subprocess.check_output(["meson", "introspect", "--targets", BUILD]))
        linked = {os.path.relpath(name, BUILD) for target in targets
                  if target["installed"] and target["type"] != "custom"
                  for name in target["filename"]}
        self.assertIn("testing/libcruet-test.a", linked)
        self.assertEqual(linked - set(built), set())

    def test_install(self):
        options = json.loads(subprocess.check_output(["meson", "introspect", "--buildoptions",
                                                      BUILD]))
        of = {o["name"]: o["value"] for o in options}
        self.prefix, self.lib = of["prefix"], f"{of['prefix']}/{of['libdir']}"
        if not self.prefix.startswith(f"{BUILD}/"):
            self.fail(f"{BUILD} is to be installed at {self.prefix}: expected a folder in it, as "
                      "./dev configures it")
        shutil.rmtree(self.prefix, ignore_errors=True)
        self.addCleanup(shutil.rmtree, self.prefix)
        before = os.umask(0o002)
        self.addCleanup(os.umask, before)
        self.run_in("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet")

        # What is there.
        for name in ("bin/cruet", "include/cruet.h", "include/cruet/svc/session.h",
                                          "share/bash-completion/completions/cruet.bash",
                     "share/zsh/site-functions/_cruet", "share/man/man1/cruet.1",
                     "share/fish/vendor_completions.d/cruet.fish"):
            self.assertTrue(os.path.exists(f"{self.prefix}/{name}"), name)
        for name in ("libcruet.so", "libcruet.so.0", "pkgconfig/cruet.pc",
                     "cruet/plugins-1/session.so", "cruet/plugins-1/sqlite.so"):
            self.assertTrue(os.path.exists(f"{self.lib}/{name}"), name)
        self.modes(self.prefix)
        headers = {os.path.relpath(os.path.join(p, f), f"{SOURCE}/include")
                   for p, _, files in os.walk(f"{SOURCE}/include") for f in files
                   if f.endswith(".h")}
        for name in headers:
            self.assertTrue(os.path.exists(f"{self.prefix}/include/{name}"), name)
        self.assertEqual(sorted(f for f in os.listdir(self.lib) if f.endswith(".a")),
                         ["libcruet-contract.a", "libcruet-test.a"])

        # A program, an application and a plugin, each built as the documents say.
        flags = self.run_in("pkg-config", "--cflags", "--libs", "cruet").split()
        self.assertIn(f"-I{self.prefix}/include", flags)
        self.assertEqual(self.run_in("pkg-config", "--variable=plugindir", "cruet").strip(),
                         f"{self.lib}/cruet/plugins-1")
        self.write("outside.c", PROGRAM)
        self.run_in("cc", "-Wall", "-Werror", "-o", "outside", "outside.c", *flags)
        self.assertEqual(self.run_in("./outside"), "200 Hello, you!\n")
        self.write("contract.c", CONTRACT)
        flags = self.run_in("pkg-config", "--cflags", "--libs", "cruet-contract", "libsodium")
        self.run_in("cc", "-Wall", "-Werror", "-D_GNU_SOURCE", "-o", "contract", "contract.c",
                    *sorted(glob.glob(f"{SOURCE}/plugins/cache/*.c")), *flags.split())
        self.assertRegex(self.run_in("./contract"), r"^cache/1: \d+ promises, 0 broken\n$")
        flags = self.run_in("pkg-config", "--cflags", "--libs", "cruet").split()
        self.write("hello.c", HELLO)
        self.assertIn("hello.c:10\n", self.run_in("cruet", "routes", "hello.c"))
        os.mkdir(self.path("plugins"))
        self.run_in("cc", "-shared", "-fPIC", "-o", "plugins/maintenance.so",
                    f"{SOURCE}/samples/own_plugin/maintenance.c", *flags)
        os.chmod(self.path("plugins"), 0o755)
        os.chmod(self.path("plugins/maintenance.so"), 0o755)
        out = self.run_in("cruet", "plugins", "list", CRUET_PLUGIN_PATH=self.path("plugins"))
        for name in ("session", "sqlite", "maintenance"):
            self.assertRegex(out, rf"\n{name} +[0-9.]+ +available")
        for args in ([], ["--service", "cache/1"]):
            name = "mine" if args else "hits"
            self.run_in("cruet", "new", "plugin", name, *args)
            for cc in ("gcc", "clang"):
                out = self.run_in("make", "-C", name, "check", f"CC={cc}",
                                  "CFLAGS=-Wall -Wextra -Werror", LD_LIBRARY_PATH="")
                self.assertIn("100%: Checks: 3, Failures: 0, Errors: 0\n", out)
                self.run_in("make", "-C", name, "clean")
            self.run_in("meson", "setup", "--werror", self.path(f"{name}/build"), name)
            self.run_in("meson", "test", "-C", f"{name}/build", LD_LIBRARY_PATH="")
            self.run_in("make", "-C", name, "install")
        out = self.run_in("cruet", "plugins", "list", CRUET_PLUGIN_PATH="")
        for name in ("hits", "mine"):
            self.assertRegex(out, rf"\n{name} +0\.1\.0 +available")
        self.run_in("cruet", "new", "blog")
        self.assertIn("3 tests: 3 passed, 0 failed", self.run_in("cruet", "test", "blog"))
        self.assertIn("nothing found", self.run_in("cruet", "check", "blog", "-D",
                                                   "server.listen=127.0.0.1:0"))
        out = self.run_in("cruet", "version")
        self.assertIn(f"headers     {self.prefix}/include\n", out)
        self.assertIn(f"library     {self.lib}\n", out)


main()
