import os
import signal
import subprocess

from driver import BUILD, HELLO, Cli, environment, main

HEAD = "METHODS  RULE  ENDPOINT  WHERE\n"


def routes(where):
    return HEAD + f"GET      /     hello     {where}:10\n"


class Targets(Cli):
    def test_c_file(self):
        self.write("hello.c", HELLO)
        self.says(["routes", "hello.c"], routes("hello.c"))

    def test_what_surrounds_a_compiler(self):
        """What CFLAGS makes it leave is removed; who starts us may ignore how children end."""
        self.write("hello.c", HELLO)
        os.mkdir(self.path("run"))
        usual = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        try:
            p = subprocess.Popen([f"{BUILD}/core/cruet", "routes", "hello.c"], cwd=self.folder,
                                 env=environment(XDG_RUNTIME_DIR=self.path("run"),
                                                 CFLAGS="-save-temps=obj"),
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        finally:
            signal.signal(signal.SIGCHLD, usual)
        self.assertEqual(p.communicate(timeout=60), (routes("hello.c"), ""))
        self.assertEqual(os.listdir(self.path("run")), [])

    def test_shared_object(self):
        self.write("site.c", HELLO)
        so = self.build("site.c")
        os.remove(self.path("site.c"))
        self.says(["routes", "site.so"], routes(self.path("site.c")))
        self.says(["routes", so], routes(self.path("site.c")), cwd=".")

    def test_folder_with_a_config_that_names_the_application(self):
        self.write("shop/src/site.c", HELLO)
        self.write("shop/cruet.json", '{"app": "src/site.c"}')
        self.says(["routes", "shop"], routes("shop/src/site.c"))
        self.says(["routes"], routes("src/site.c"), cwd="shop")
        self.write("shop/cruet.json", '{"app": "src"}')
        self.says(["routes", "shop"], routes("shop/src/site.c"))

    def test_folder_without_a_config_is_one_application(self):
        self.write("two/a.c", HELLO.replace('cruet_get', 'other(app);\n\tcruet_get')
                   .replace("CRUET_APP", "void other(cruet_app *app);\n\nCRUET_APP"))
        self.write("two/b.c", '#include <cruet.h>\nvoid other(cruet_app *app);\n'
                              'static int page(cruet_ctx *c) { return cruet_text(c, ""); }\n'
                              'void other(cruet_app *app) { cruet_post(app, "/b", page); }\n')
        self.says(["routes", "two"],
                  "METHODS  RULE  ENDPOINT  WHERE\n"
                  "POST     /b    page      two/b.c:4\n"
                  "GET      /     hello     two/a.c:13\n")

    def test_file_takes_the_config_here_then_the_one_beside_it(self):
        self.write("x/hello.c", HELLO)
        self.write("x/cruet.json", '{"settings": {"from": "beside"}}')
        r = self.cruet("config", "x/hello.c")
        self.assertRegex(r.out, r"settings.from +beside +cruet.json:1:23\n")
        self.write("cruet.json", '{"settings": {"from": "here"}}')
        r = self.cruet("config", "x/hello.c")
        self.assertRegex(r.out, r"settings.from +here +cruet.json:1:23\n")

    def test_config_option(self):
        self.write("x/hello.c", HELLO)
        self.write("deploy/a.json", '{"app": "../x/hello.c"}')
        self.says(["routes", "--config", "deploy/a.json"], routes("deploy/../x/hello.c"))
        self.fails(["routes", "-c", "b.json"],
                   "cruet: b.json cannot be read: No such file or directory\n")

    def test_paths_start_at_the_folder_of_the_config(self):
        self.write("x/site.c", HELLO.replace(
            "cruet_get", '(void)(access("marker", F_OK) ? cruet_reject(app, "not here") : 0);'
                         "\n\tcruet_get").replace("<cruet.h>", "<cruet.h>\n#include <unistd.h>"))
        self.write("x/cruet.json", "{}")
        self.write("x/marker", "")
        self.assertEqual(self.cruet("routes", "x").code, 0)
        self.fails(["routes", "x/site.c", "-c", self.write("cruet.json", "{}")],
                   "cruet: not here\n")

    def test_options_of_the_compiler(self):
        self.write("hello.c", HELLO.replace('"/"', "PATH"))
        r = self.cruet("routes", "hello.c", CFLAGS="  -DPATH='\"/x\"'  -O1 ".replace("'", ""))
        self.assertEqual(r.out, "METHODS  RULE  ENDPOINT  WHERE\nGET      /x    hello     "
                                "hello.c:10\n", r.err)

    def test_compiler_errors_are_shown_as_they_are(self):
        self.write("bad.c", "#include <cruet.h>\nint x = ;\n")
        r = self.cruet("run", "bad.c")
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertIn("bad.c:2:9: error: expected expression before ‘;’ token", r.err)
        self.assertTrue(r.err.endswith(
            "\ncruet: bad.c does not compile: see what cc says above\n"), r.err)

    def test_missing_function_is_an_error_of_the_linker(self):
        self.write("bad.c", HELLO.replace('cruet_text(c, "hello\\n")', "nowhere(c)")
                   .replace("static int", "int nowhere(cruet_ctx *c);\nstatic int"))
        r = self.cruet("routes", "bad.c")
        self.assertEqual(r.code, 1)
        self.assertIn("undefined reference to `nowhere'", r.err)

    def test_compiler_that_is_not_there(self):
        self.write("hello.c", HELLO)
        self.fails(["routes", "hello.c"],
                   "cruet: cannot run the compiler 'nocc': No such file or directory: install "
                   "gcc, or name another in CC\n", CC="nocc")

    def test_source_that_is_no_application(self):
        self.write("plain.c", "int main(void) { return 0; }\n")
        self.fails(["routes", "plain.c"],
                   "cruet: plain.c exports no cruet_plugin_app: an application says "
                   "CRUET_APP(app) { ... }\n")

    def test_plugin_that_is_no_application(self):
        self.write("p.c", '#include <cruet.h>\nCRUET_PLUGIN(p, .version = "1");\n')
        self.build("p.c")
        for name in ("p.c", "p.so"):
            self.fails(["routes", name],
                       f"cruet: {name} is the plugin 'p' and no application: name it under "
                       '"plugins" in cruet.json\n')

    def test_application_whose_setup_fails(self):
        self.write("bad.c", HELLO.replace('"/"', '"/<nosuch:x>"'))
        r = self.cruet("routes", "bad.c")
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertIn("bad.c:10", r.err)

    def test_target_that_is_not_there(self):
        self.fails(["routes", "x.c"], "cruet: x.c cannot be read: No such file or directory\n")
        self.fails(["routes", "x"], "cruet: x: No such file or directory: expected a .c file, a "
                                    ".so file or a folder\n")
        self.write("readme.txt", "")
        self.fails(["routes", "readme.txt"],
                   "cruet: readme.txt: expected a .c file, a .so file or a folder\n")

    def test_folder_without_an_application(self):
        self.fails(["routes"], "cruet: . holds no application: expected .c files, or a "
                               "cruet.json that names one in \"app\"\n")

    def test_application_that_the_config_names_is_not_there(self):
        self.write("cruet.json", '{\n  "app": "site.so"\n}')
        self.fails(["routes"], 'cruet: cruet.json:2:10: app = "site.so": site.so: '
                               'No such file or directory\n')
        self.write("cruet.json", '{\n  "app": "cruet.json"\n}')
        self.fails(["routes"], 'cruet: cruet.json:2:10: app = "cruet.json": expected a .c file, '
                               'a .so file or a folder\n')

    def test_nothing_is_left_of_what_was_compiled(self):
        self.write("hello.c", HELLO)
        os.mkdir(self.path("tmp"))
        self.says(["routes", "hello.c"], routes("hello.c"), TMPDIR=self.path("tmp"),
                  XDG_RUNTIME_DIR=None)
        self.write("bad.c", "int x = ;\n")
        self.assertEqual(self.cruet("routes", "bad.c", TMPDIR=self.path("tmp")).code, 1)
        self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_umask_of_a_group_is_no_hindrance(self):
        self.write("hello.c", HELLO)
        before = os.umask(0o002)
        self.addCleanup(os.umask, before)
        self.says(["routes", "hello.c"], routes("hello.c"))


main()
