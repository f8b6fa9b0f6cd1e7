"""`cruet shell`: lines of C within an application, from a pipe and from a terminal."""

import os
import pty
import re
import select
import signal
import subprocess
import time

from driver import BUILD, Cli, environment, main

SITE = """#include "site.h"

static int front(cruet_ctx *c)
{
	return cruet_textf(c, "hello %s\\n", cruet_form(c, "name") ? cruet_form(c, "name") : "you");
}

int twice(int n)
{
	return n * 2;
}

CRUET_APP(app)
{
	cruet_get(app, "/", front);
	cruet_post(app, "/", front);
}
"""
HEADER = """#include <cruet.h>

struct point {
	int x;
	unsigned char y;
	char name[8];
	const char *text;
	double d;
	struct point *next;
	bool b;
	enum color { RED, BLUE } color;
	int list[3];
};

int twice(int n);
"""

# What is typed, and what comes of it.
SESSION = [
    ("1 + 2", "3\n"),
    ('"a\\n\\"b\\""', '"a\\n\\"b\\""\n'),
    ("(char)120", "'x'\n"),
    ("(bool)(1 < 2)", "true\n"),
    ("10 / 4.0", "2.5\n"),
    ("(void *)0", "NULL\n"),
    ("(const char *)1", "0x1, which cannot be read\n"),
    ("-1UL", "18446744073709551615\n"),
    ("int n = 5, *at = &n;", ""),
    ("n = n + 2;", ""),
    ("*at", "7\n"),
    ("int f(int x)\n{\n\treturn x + n;\n}", ""),
    ("f(1)", "8\n"),
    ("int f(int x) { return x * n; }", ""),
    ("f(2) +\n1", "15\n"),
    ("auto half = n / 2.0", ""),
    ("half", "3.5\n"),
    ("#include <ctype.h>", ""),
    ("toupper('a')", "65\n"),
    ("for (int i = 0; i < 3; i++) printf(\"%d \", i); puts(\"\");", "0 1 2 \n"),
    ("puts(cruet_strdup(c, \"kept\"));", "kept\n"),
    # the application
    ('get("/")', "200\nContent-Type: text/plain; charset=utf-8\nContent-Length: 10\n"
                 "X-Content-Type-Options: nosniff\nDate: ...\n\nhello you\n"),
    ('strcmp(cruet_client_body(post("/", "name=Ada")), "hello Ada\\n")', "0\n"),
    ("cruet_json *o = cruet_object(c);", ""),
    ('cruet_put_int(o, "n", 12345678901234)', ""),
    ("o", '{\n  "n": 12345678901234\n}\n'),
    ('#include "site.h"', ""),
    ("twice(21)", "42\n"),
]
STRUCTS = [
    ('struct point p = {1, 2, "ab", "c", 0.5, NULL, true, BLUE, {1, 2, 3}};', ""),
    ("p", '{\n  x = 1,\n  y = 2,\n  name = "ab",\n  text = "c",\n  d = 0.5,\n  next = NULL,\n'
          "  b = true,\n  color = BLUE,\n  list = {1, 2, 3},\n}\n"),
    ("struct point q = p; q.next = &p;", ""),
    ("&q.x", "(int *) 0x... 1\n"),
    ("(enum color)0", "RED\n"),
    ("&q", "(struct point *) 0x... {\n  x = 1,\n...  next = (struct point *) 0x...,\n...}\n"),
    ("(struct point *)8", "(struct point *) 0x8 which cannot be read\n"),
    ("app", "(cruet_app *) 0x...\n"),
]


def shown(text):
    """"..." stands for any text."""
    return ".*?".join(map(re.escape, text.split("...")))


class Shell(Cli):
    def setUp(self):
        super().setUp()
        self.write("site.c", SITE)
        self.write("site.h", HEADER)

    def pipe(self, text):
        for folder in ("tmp", "run"):
            os.makedirs(self.path(folder), exist_ok=True)
        r = subprocess.run([f"{BUILD}/core/cruet", "shell"], cwd=self.folder, input=text,
                           env=environment(TMPDIR=self.path("tmp"),
                                           XDG_RUNTIME_DIR=self.path("run")),
                           capture_output=True, text=True, timeout=120)
        for folder in ("tmp", "run"):
            self.assertEqual(os.listdir(self.path(folder)), [])
        return r

    def test_lines_from_a_pipe(self):
        lines = SESSION
        if os.path.exists(f"{BUILD}/tools/cruet-types"):
            lines = lines + STRUCTS
        r = self.pipe("".join(line + "\n" for line, _ in lines))
        self.assertEqual(r.stderr, "")
        self.assertRegex(r.stdout, re.compile("".join(shown(out) for _, out in lines) + r"\Z", re.S))
        self.assertEqual(r.returncode, 0)

    def test_a_line_that_fails_leaves_all_as_it_was(self):
        long = "int big[] = {\n" + "1,\n" * 30000 + "};\n"
        r = self.pipe(long + "int n = 1;\nn = 2; *(volatile int *)0 = 1;\nn\nn = 3; exit(4);\nn\n"
                      "nobody(1)\nint m = ;\nint missing(void);\nmissing()\n"
                      "cruet_fail(c, 404, \"no note\")\nquit\nn\n")
        self.assertEqual(r.returncode, 1)
        self.assertEqual(r.stdout, "1\n1\n404\n")
        self.assertRegex(r.stderr, re.compile(
            r"\Acruet: a line of more than 60000 bytes\n"
            r"Segmentation fault: all is as it was before that line\n"
            r"the line called exit\(4\): all is as it was before it\n"
            r"line:1:1: error: implicit declaration of function .nobody.[^\n]*\n"
            r"    1 \| nobody\(1\)\n[^\n]*\n"
            r"line:1:9: error: expected expression before .;. token\n[^\n]*\n[^\n]*\n"
            r"nothing here defines missing\nfailed: no note\n\Z", re.S))

    def test_a_site_that_does_not_start(self):
        self.write("site.c", '#include <cruet.h>\nCRUET_APP(app) { cruet_need(app, "db/1"); }\n')
        r = self.pipe("1\n")
        self.assertEqual((r.returncode, r.stdout), (1, ""))
        self.assertIn("db/1", r.stderr)

    def test_a_terminal(self):
        if not os.path.exists(f"{BUILD}/tools/cruet-prompt"):
            self.skipTest("built without readline")
        pid = self.terminal()
        self.expect("cruet> ")
        # Editing: what was mistyped is taken back, and the line before comes back.
        self.type("1 + 40\x08\x082\n", "3\r\ncruet> ")
        self.type("\x10\x01(\x05) * 7\n", "21\r\ncruet> ")
        self.type("f(\n", "...> ")
        self.type("\n", "\r\ncruet> ")
        self.assertNotIn("error", self.seen)
        self.type("int n = 1;\n", "cruet> ")
        self.type("half a line\x03", "^C")
        self.type("n = 2; printf(\"on\\n\"); fflush(stdout); for (;;) ;\n", "\non\r\n")
        self.type("\x03", "interrupted: all is as it was before that line\r\ncruet> ")
        self.type("n\n", "1\r\ncruet> ")
        self.type("f(\n", "...> ")
        self.type("\x04", "error: ")
        self.assertEqual(self.outcome(pid), 0)
        with open(self.path("state/cruet/history")) as f:
            self.assertIn("(1 + 2) * 7\n", f.read())

    def test_a_terminal_without_the_program_that_edits(self):
        self.write("bin/cruet-prompt", "#!/nobody/has/this\n")
        os.chmod(self.path("bin/cruet-prompt"), 0o700)
        pid = self.terminal(CRUET_LIBEXEC_DIR=self.path("bin"))
        self.expect(f"cruet: {self.path('bin')}/cruet-prompt cannot be run: it reads lines from "
                    "the terminal\r\n")
        self.assertEqual(self.outcome(pid), 1)
        pid = self.terminal(CRUET_LIBEXEC_DIR=self.folder)
        self.expect("cruet> ")
        self.type("1 +\n", "...> ")
        self.type("\n", "cruet> ")
        self.type("1 + 2\n", "3\r\ncruet> ")
        self.hang_up()
        self.assertEqual(self.outcome(pid), 128 + signal.SIGHUP)

    def terminal(self, **env):
        """A shell on a terminal of its own."""
        os.makedirs(self.path("tmp"), exist_ok=True)
        pid, fd = pty.fork()
        if not pid:
            os.chdir(self.folder)
            os.execve(f"{BUILD}/core/cruet", ["cruet", "shell"],
                      environment(TERM="dumb", XDG_STATE_HOME=self.path("state"),
                                  TMPDIR=self.path("tmp"), **env))
        self.addCleanup(os.close, fd)
        self.fd, self.seen = fd, ""
        return pid

    def hang_up(self):
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, self.fd)
        os.close(nothing)

    def outcome(self, pid):
        """How it has ended; it leaves nothing."""
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.assertEqual(os.listdir(self.path("tmp")), [])
        return code

    def type(self, keys, answer):
        self.seen = ""
        os.write(self.fd, keys.encode())
        self.expect(answer)

    def expect(self, text):
        end = time.monotonic() + 60
        while text not in self.seen:
            self.assertTrue(select.select([self.fd], [], [], max(0, end - time.monotonic()))[0],
                            f"no {text!r} in {self.seen!r}")
            self.seen += os.read(self.fd, 4096).decode()


main()
