"""`cruet test`: builds and runs the tests of a site."""

import json
import os
import signal
import subprocess
import threading

from driver import BUILD, Cli, environment, main

SITE = """#include <cruet.h>
#include <cruet/db.h>
#include <stdlib.h>

static int greet(cruet_ctx *c)
{
	const char *name = cruet_cookie(c, "name");

	return cruet_textf(c, "Hello, %s!\\n", name ? name : "stranger");
}

static int login(cruet_ctx *c)
{
	cruet_set_cookie(c, "name", cruet_form(c, "name"), NULL);
	cruet_log(cruet_scope(c), CRUET_WARN, "%s is here", cruet_form(c, "name"));
	cruet_tell(c, "site.login", NULL);
	return cruet_redirect(c, 0, "/");
}

static int notes(cruet_ctx *c)
{
	cruet_json *o = cruet_object(c);

	if (cruet_db_exec(c, "create table if not exists note(id integer primary key)") ||
	    cruet_db_exec(c, "insert into note(id) values(null)"))
		return cruet_err(c);
	cruet_put_int(o, "n", cruet_db_last_id(c));
	cruet_put_int(o, "time", cruet_now(cruet_scope(c)) / 1000);
	cruet_put_array(o, "none");
	cruet_push_str(cruet_put_array(o, "some"), "a\\"{b");
	return cruet_jsonify(c, o);
}

static int leave(cruet_ctx *c)
{
	(void)c;
	exit(0);
}

CRUET_APP(app)
{
	cruet_get(app, "/", greet);
	cruet_post(app, "/login", login);
	cruet_get(app, "/notes", notes);
	cruet_get(app, "/leave", leave);
}
"""

CONFIG = """{
	"secret_key": "env:NOBODY_HAS_SET_THIS",
	"plugins": {"sqlite": {"path": "/nowhere/at/all.db"}},
	"settings": {"title": "real"},
	"profiles": {"test": {"settings": {"title": "of the tests"}}}
}
"""

# What all fixtures promise, in tests that pass.
PASSING = """#include <cruet/db.h>
#include <cruet_test.h>
#include <unistd.h>

CRUET_TEST(visitors_have_cookies_of_their_own, t)
{
	cruet_client *ada = cruet_test_client(t), *bob = cruet_test_client(t);

	cruet_client_add_field(ada, "name", "Ada");
	ck_assert_int_eq(cruet_client_submit(ada, "/login"), 303);
	ck_assert_int_eq(cruet_client_follow(ada), 200);
	ck_assert_str_eq(cruet_client_body(ada), "Hello, Ada!\\n");
	cruet_client_get(bob, "/");
	ck_assert_str_eq(cruet_client_body(bob), "Hello, stranger!\\n");
}

CRUET_TEST(log_and_events_are_kept, t)
{
	cruet_test_count(t, "site.login");
	cruet_client *ada = cruet_test_client(t);

	ck_assert_str_eq(cruet_test_log(t), "");
	cruet_client_add_field(ada, "name", "Ada");
	cruet_client_submit(ada, "/login");
	ck_assert_str_eq(cruet_test_log(t), "warning app: Ada is here\\n");
	ck_assert_uint_eq(cruet_test_told(t, "site.login"), 1);
	ck_assert_uint_eq(cruet_test_told(t, "request_finished"), 1);
	ck_assert_uint_eq(cruet_test_told(t, "request_failed"), 0);
}

static void first_note(cruet_test *t)
{
	cruet_client *ada = cruet_test_client(t);

	ck_assert_int_eq(cruet_client_get(ada, "/notes"), 200);
	ck_assert_int_eq(cruet_json_int(cruet_json_get(cruet_client_body_json(ada), "n"), 0), 1);
}

CRUET_TEST(the_database_is_empty, t)
{
	first_note(t);
}

CRUET_TEST(the_database_is_empty_again, t)
{
	first_note(t);
	ck_assert_str_eq(cruet_setting(cruet_test_app(t), "title"), "of the tests");
	ck_assert_int_eq(chdir(cruet_test_folder(t)), 0);
	ck_assert_int_eq(access("sqlite.db", F_OK), 0);
}

CRUET_TEST(the_clock_is_the_tests, t)
{
	cruet_client *ada = cruet_test_client(t);

	cruet_test_clock(t, "2026-11-24 21:31:50");
	ck_assert_int_eq(cruet_now(cruet_test_app(t)), 1795555910000);
	cruet_test_pass(t, 90);
	cruet_client_get(ada, "/notes");
	cruet_test_snapshot(t, ada, "first-note");
	cruet_test_clock(t, "1970-01-02");
	ck_assert_int_eq(cruet_now(cruet_test_app(t)), 86400000);
}
"""

SNAPSHOT = """200
Content-Type: application/json

{
  "n": 1,
  "time": 1795556000,
  "none": [],
  "some": [
    "a\\"{b"
  ]
}
"""

FAILING = """#include <cruet_test.h>

CRUET_TEST(an_assertion, t)
{
	cruet_client *ada = cruet_test_client(t);

	cruet_client_add_field(ada, "name", "Ada");
	ck_assert_int_eq(cruet_client_submit(ada, "/login"), 200);
}

CRUET_TEST(a_crash, t)
{
	cruet_test_client(t);
	*(volatile int *)0 = 1;
}

CRUET_TEST(an_exit, t)
{
	cruet_client_get(cruet_test_client(t), "/leave");
}

CRUET_TEST(a_bad_moment, t)
{
	cruet_test_clock(t, "tomorrow");
}

CRUET_TEST(a_clock_that_runs, t)
{
	cruet_test_pass(t, 1);
}

CRUET_TEST(an_event_that_nobody_counts, t)
{
	cruet_test_told(t, "site.login");
}

CRUET_TEST(an_application_that_is_broken, t)
{
	cruet_need(cruet_test_app(t), "nothing/1");
	cruet_test_client(t);
}
"""

ONE = """#include <cruet_test.h>

CRUET_TEST(greets, t)
{
	cruet_client *ada = cruet_test_client(t);

	cruet_client_get(ada, "/");
	cruet_test_snapshot(t, ada, "greeting");
}
"""


HANGING = """#include <cruet_test.h>
#include <fcntl.h>
#include <unistd.h>

CRUET_TEST(hangs, t)
{
	cruet_client_get(cruet_test_client(t), "/notes");
	open("here", O_WRONLY);
	pause();
}
"""


class SiteTests(Cli):
    def site(self, config=None, at=".", **tests):
        self.write(f"{at}/site.c", SITE)
        if config:
            self.write(f"{at}/cruet.json", config)
        for name, text in tests.items():
            self.write(f"{at}/tests/{name}.c", text)

    def read(self, name):
        with open(self.path(name)) as f:
            return f.read()

    def test_fixtures(self):
        self.site(CONFIG, passing=PASSING)
        self.write("tests/snapshots/first-note.txt", SNAPSHOT)
        r = self.cruet("test", "--json", "--coverage")
        self.assertEqual((r.code, r.err), (0, ""), r.out)
        v = json.loads(r.out)
        self.assertEqual((v["passed"], v["failed"]), (5, 0))
        self.assertEqual([t["name"] for t in v["tests"]],
                         ["visitors_have_cookies_of_their_own", "log_and_events_are_kept",
                          "the_database_is_empty", "the_database_is_empty_again",
                          "the_clock_is_the_tests"])
        self.assertEqual(v["tests"][0]["file"], "tests/passing.c")
        # All but leave() and a failure of the database.
        c = v["coverage"]
        self.assertEqual(c["files"], [{"file": "site.c", "lines": c["lines"], "hit": c["hit"]}])
        self.assertEqual(c["lines"] - c["hit"], 3)
        self.assertIn("cruet_put_array", self.read("coverage/" + os.path.join(*self.page())))

    def page(self):
        for at, _, files in os.walk(self.path("coverage")):
            if "site.c.gcov.html" in files:
                return os.path.relpath(at, self.path("coverage")), "site.c.gcov.html"
        self.fail("no page of site.c")

    def test_what_fails_says_why(self):
        # In a folder with a blank, and with files far below: each part of that path is a folder.
        self.site(at="my site", failing=FAILING)
        self.write("my site/shared.h", "")
        self.write("my site/tests/failing.c", '#include "shared.h"\n' + FAILING)
        os.makedirs(self.path("t/" * 40))
        r = self.cruet("test", "--json", "-j", "2", cwd="my site", TMPDIR=self.path("t/" * 40))
        self.assertEqual((r.code, r.err), (1, ""))
        v = json.loads(r.out)
        self.assertEqual((v["passed"], v["failed"]), (0, 7))
        said = {t["name"]: (t["line"], t["message"], t["log"]) for t in v["tests"]}
        line, message, log = said["an_assertion"]
        self.assertEqual((line, log), (9, "warning app: Ada is here\n"))
        self.assertIn("cruet_client_submit(ada, \"/login\") == 303, 200 == 200", message)
        self.assertIn("Segmentation fault", said["a_crash"][1])
        self.assertEqual(said["an_exit"][1], "its process ended by exit(), in the middle")
        self.assertEqual(said["a_bad_moment"][:2], (23,
                         'cruet_test_clock: "tomorrow": expected a moment such as '
                         "2026-11-24 21:31:50"))
        self.assertEqual(said["a_clock_that_runs"][1],
                         "cruet_test_pass: the clock runs: stop it first by cruet_test_clock()")
        self.assertEqual(said["an_event_that_nobody_counts"][1],
                         'cruet_test_told: "site.login" is not counted: ask for it by '
                         "cruet_test_count() before the first client")
        self.assertIn('the application does not start: ', said["an_application_that_is_broken"][1])

    def test_snapshots(self):
        self.site(one=ONE)
        r = self.cruet("test", "--update")
        self.assertEqual((r.code, r.err), (0, ""))
        self.assertRegex(r.out, r"^passed  one\.c  greets  \d+ ms\n"
                                r"1 test: 1 passed, 0 failed, in \d\.\d\d s\n$")
        kept = self.read("tests/snapshots/greeting.txt")
        self.assertEqual(kept, "200\nContent-Type: text/plain; charset=utf-8\n\n"
                               "Hello, stranger!\n")
        self.write("tests/snapshots/greeting.txt", kept.replace("stranger", "you"))
        r = self.cruet("test", "--only", "one")
        self.assertEqual(r.code, 1)
        self.assertIn("tests/one.c:8: this reply differs from tests/snapshots/greeting.txt: if it "
                      "is right, keep it by `cruet test --update`\n"
                      " 200\n Content-Type: text/plain; charset=utf-8\n \n"
                      "-Hello, you!\n+Hello, stranger!\n", r.out)
        os.remove(self.path("tests/snapshots/greeting.txt"))
        r = self.cruet("test", "--only", "greets")
        self.assertEqual(r.code, 1)
        self.assertIn("there is no tests/snapshots/greeting.txt to compare this reply with", r.out)
        self.assertFalse(os.path.exists(self.path("tests/snapshots/greeting.txt")))
        # A database that nobody has told of is not written to.
        self.write("site.c", SITE.replace("CRUET_APP(app)\n{", "CRUET_APP(app)\n{\n"
                                          '\tcruet_use(app, "sqlite", "path=own.db");'))
        r = self.cruet("test")
        self.assertEqual(r.code, 1)
        self.assertIn("the code of the application attaches the plugin sqlite, and tests would "
                      "write into its file own.db: name the plugin in cruet.json instead, and each "
                      "test has a file of its own\n", r.out)
        self.assertFalse(os.path.exists(self.path("own.db")))

    def test_watching(self):
        self.site(one=ONE)
        p = subprocess.Popen([f"{BUILD}/core/cruet", "test", "--watch"], cwd=self.folder,
                             env=environment(), stdin=subprocess.DEVNULL, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(p.communicate)
        self.addCleanup(p.kill)
        self.until(p, "1 test: 0 passed, 1 failed")
        self.write("tests/snapshots/greeting.txt", "200\nContent-Type: text/plain; "
                   "charset=utf-8\n\nHello, stranger!\n")
        self.until(p, "1 test: 1 passed, 0 failed")
        self.write("site.c", SITE.replace("stranger", "you"))
        self.until(p, "1 test: 0 passed, 1 failed")
        self.write("site.c", "int x = ;\n")
        self.until(p, "cruet: a test or the application does not compile")
        # What a site writes all the time is nothing to wait for.
        done = threading.Event()
        busy = threading.Thread(target=self.write_often, args=(done,))
        busy.start()
        try:
            self.write("site.c", SITE)
            self.until(p, "1 test: 1 passed, 0 failed")
        finally:
            done.set()
            busy.join()

    def write_often(self, done):
        while not done.wait(0.005):
            self.write("site.log", "a line\n")

    def until(self, p, beginning):
        """Reads up to where it waits, and there was a line like that."""
        lines = []
        for line in iter(p.stdout.readline, ""):
            lines.append(line)
            if line.startswith("waiting for a file of . to be saved"):
                self.assertTrue([x for x in lines if x.startswith(beginning)], "".join(lines))
                return
        self.fail("".join(lines))

    def test_interrupted(self):
        self.site(CONFIG, hanging=HANGING)
        os.mkfifo(self.path("here"))
        os.mkdir(self.path("tmp"))
        p = subprocess.Popen([f"{BUILD}/core/cruet", "test"], cwd=self.folder,
                             env=environment(TMPDIR=self.path("tmp"), XDG_RUNTIME_DIR=self.folder),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.addCleanup(p.kill)
        with open(self.path("here")):
            self.assertEqual(len(os.listdir(self.path("tmp"))), 2)
            os.killpg(p.pid, signal.SIGINT)
        self.assertEqual(p.communicate(timeout=60)[0], "")
        self.assertEqual(p.returncode, 128 + signal.SIGINT)
        self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_what_is_missing(self):
        self.write("site.c", SITE)
        self.fails(["test"], "cruet: there is no folder tests: tests are .c files there, with "
                             "CRUET_TEST(name, t)\n")
        os.mkdir(self.path("tests"))
        self.fails(["test"], "cruet: tests holds no tests: expected .c files with "
                             "CRUET_TEST(name, t)\n")
        self.write("bin/gcov", "")
        os.chmod(self.path("bin/gcov"), 0o700)
        self.fails(["test", "--coverage"], "cruet: --coverage needs the program lcov: install the "
                                           "package lcov\n", PATH=self.path("bin"))
        self.fails(["test", "--coverage"], "cruet: --coverage needs the program gcov: install the "
                                           "package gcc\n", PATH=self.path("tests"))
        self.write("tests/one.c", ONE)
        self.fails(["test"], "cruet: tests need Check: install the packages check and "
                             "pkg-config\n", PATH=self.path("bin"))
        r = self.cruet("test", "--only", "nobody")
        self.assertEqual(r, (2, "", "tests: nobody: no test and no file of tests is called so\n"))


main()
