"""cruet run --debug: code that crashes or hangs becomes a page too, and the next request is
answered."""

import json
import os
import re
import signal

from debug_site import ASKED, BROWSER, CURL, PROGRAM, SCRIPT, DebugSite
from driver import BUILD, main

SITE = r"""#define _GNU_SOURCE
#include <cruet.h>
#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct user { const char *name; int age; };

static volatile int zero;

static size_t name_len(const struct user *u)
{
	return strlen(u->name); /* line:null */
}

static int null(cruet_ctx *c)
{
	struct user ann = {"Ann", 42}, *nobody = NULL;
	const char *secret_word = ann.name;
	__int128 wide = (__int128)1 << 100;
	double _Complex odd = 2;
	size_t n = name_len(nobody) + strlen(secret_word); /* line:caller */
	return cruet_textf(c, "%zu", n + (wide > 0) + (odd == 2));
}

static int divide(cruet_ctx *c)
{
	return cruet_textf(c, "%d", 7 / zero); /* line:divide */
}

static int illegal(cruet_ctx *c)
{
	if (!zero)
		__builtin_trap(); /* line:illegal */
	return cruet_empty(c, 204);
}

static int bus(cruet_ctx *c)
{
	int fd = memfd_create("short", 0);
	char *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	return cruet_textf(c, "%d", p[0]); /* line:bus */
}

static int failed(cruet_ctx *c)
{
	int items = 3;
	assert(items < zero); /* line:failed */
	return cruet_empty(c, 204);
}

static int aborts(cruet_ctx *c)
{
	if (!zero)
		abort(); /* line:aborts */
	return cruet_empty(c, 204);
}

static int twice(cruet_ctx *c)
{
	char *p = malloc(24);
	free(p);
	free(p); /* line:twice */
	return cruet_empty(c, 204);
}

static int constant(cruet_ctx *c)
{
	char *p = (char *)"constant";
	p[zero] = 'C'; /* line:constant */
	return cruet_text(c, p);
}

static int wild(cruet_ctx *c)
{
	int *p = (int *)0x5550000000;
	return cruet_textf(c, "%d", *p); /* line:wild */
}

static int odd(cruet_ctx *c)
{
	int *p = (int *)0x8000000000000000;
	return cruet_textf(c, "%d", *p); /* line:odd */
}

static int deeper(volatile char *above)
{ /* line:overflow */
	volatile char here[512] = {*above};
	return deeper(here) + here[0];
}

static int overflow(cruet_ctx *c)
{
	char top = 0;
	return cruet_textf(c, "%d", deeper(&top));
}

static int call(cruet_ctx *c)
{
	int (*volatile none)(cruet_ctx *) = NULL;
	return none(c); /* line:call */
}

static int hang(cruet_ctx *c)
{
	for (;;)
		usleep(1000); /* line:hang */
	return cruet_empty(c, 204);
}

static int ok(cruet_ctx *c)
{
	return cruet_text(c, "ok");
}

CRUET_APP(app)
{
	cruet_get(app, "/", ok);
	cruet_get(app, "/null", null);
	cruet_post(app, "/null", null);
	cruet_get(app, "/divide", divide);
	cruet_get(app, "/illegal", illegal);
	cruet_get(app, "/bus", bus);
	cruet_get(app, "/failed", failed);
	cruet_get(app, "/aborts", aborts);
	cruet_get(app, "/twice", twice);
	cruet_get(app, "/constant", constant);
	cruet_get(app, "/wild", wild);
	cruet_get(app, "/odd", odd);
	cruet_get(app, "/overflow", overflow);
	cruet_get(app, "/call", call);
	cruet_get(app, "/hang", hang);
}
"""

# route: signal, function, cause, a cure
KINDS = {
    "null": ("SIGSEGV", "name_len", "read through NULL pointer `u->name`",
             "Check the pointer for NULL before line "),
    "divide": ("SIGFPE", "divide", "division by zero", "Check the divisor before line "),
    "illegal": ("SIGILL", "illegal", "an instruction that does not exist", None),
    "bus": ("SIGBUS", "bus", "memory that is there on paper alone", "--asan"),
    "failed": ("SIGABRT", "failed", "assertion failed: `items < zero` is not true", None),
    "aborts": ("SIGABRT", "aborts", "abort() was called", "--asan"),
    "twice": ("SIGABRT", "twice", "double free", "--asan"),
    "constant": ("SIGSEGV", "constant", "wrote at address 0x", "--asan"),
    "wild": ("SIGSEGV", "wild", "read at address 0x5550000000, where nothing is", "--asan"),
    "odd": ("SIGSEGV", "odd", "read through a pointer that cannot be one", "--asan"),
    "overflow": ("SIGSEGV", "deeper", "stack overflow", "a function that calls itself"),
    "call": ("SIGSEGV", "call", "called a function through a NULL pointer",
             "Check the pointer for NULL before line "),
    "hang": (None, "hang", "the handler had ", "a loop that does not end"),
}


class Crashes(DebugSite):
    SOURCE = SITE
    CONFIG = {"server": {"transport": "event", "debug_limit": "1s"}}

    def report(self, name):
        """The report of that id, once all of it is there."""
        for file in os.listdir(self.path("var/crashes")):
            if file.endswith(f"-{name}.json"):
                with open(self.path(f"var/crashes/{file}")) as f:
                    text = f.read()
                if text.endswith("\n}\n"):
                    return json.loads(text)
        raise FileNotFoundError(name)

    def answered(self):
        """By the next worker: the one before may still say that it stops."""
        self.eventually(lambda: self.assertEqual(self.ask("/", CURL)[2], "ok"), OSError,
                        AssertionError)

    def test_each_kind_is_a_page_and_the_next_request_is_answered(self):
        for kind, (signal, function, cause, cure) in KINDS.items():
            with self.subTest(kind):
                page = self.data(f"/{kind}?q=1")
                n = self.line_of(kind)
                title = "No reply after 1 s" if kind == "hang" else signal
                self.assertEqual((page["error"], page["signal"], page["status"]),
                                 (f"{title} in {function} (site.c:{n})", signal, 500))
                self.assertIn(cause, page["cause"])
                self.assertIn(cure or "", " ".join(page["cures"]))
                own = [f for f in page["frames"] if not f["foreign"] and f["file"]]
                self.assertEqual((own[0]["func"], own[0]["file"], own[0]["line"]),
                                 (function, self.path("site.c"), n))
                if kind not in ("overflow", "call"):
                    self.assertTrue(any(f["foreign"] for f in page["frames"]))
                self.assertIn(("q", "1"), self.section(page, "Query"))
                self.answered()
                report = self.eventually(lambda: self.report(page["id"]))
                self.assertEqual(report["frames"][0]["address"][:2], "0x")

    def test_each_client_gets_the_form_that_it_can_read(self):
        for headers, kind, begins in ((CURL, "text/plain; charset=utf-8", "500 SIGSEGV in "),
                                      (BROWSER, "text/html; charset=utf-8", "<!doctype html>"),
                                      (PROGRAM, "application/json", "{"),
                                      (SCRIPT, "application/json", "{")):
            with self.subTest(kind):
                status, got, text = self.ask("/null", headers)
                self.assertEqual((status, got["Content-Type"]), (500, kind))
                self.assertTrue(text.startswith(begins), text[:80])
                self.assertIn(f"SIGSEGV in name_len (site.c:{self.line_of('null')})", text)
                self.answered()
        status, headers, text = self.ask("/null", CURL, "HEAD")
        self.assertEqual((status, text), (500, ""))
        self.assertGreater(int(headers["Content-Length"]), 500)
        self.answered()

    def test_arguments_and_variables_have_values(self):
        page = self.data("/null")
        frames = {f["func"]: f for f in page["frames"]}
        self.assertEqual(frames["name_len"]["values"], [["u", "NULL"]])
        self.assertEqual(frames["null"]["line"], self.line_of("caller"))
        values = dict(map(tuple, frames["null"]["values"]))
        self.assertRegex(values["c"], "^0x[0-9a-f]+")
        self.assertRegex(values["ann"], r'^\{name = 0x[0-9a-f]+ "Ann", age = 42\}$')
        self.assertEqual(values["nobody"], "NULL")
        self.assertRegex(values["secret_word"], r'^0x[0-9a-f]+ "Ann"$')
        self.assertEqual((values["wide"], values["odd"]), ("(not shown)", "(not shown)"))
        self.assertNotIn("n", values) # not yet
        self.assertEqual([f["values"] for f in page["frames"] if f["foreign"] and f["values"]], [])
        self.answered()

    def test_the_request_is_all_there(self):
        page = json.loads(self.ask("/null?a=b", {"Cookie": "x=1", "X-Odd": "odd", **PROGRAM},
                                   "POST", "unread")[2])
        asked = dict(self.section(page, "Request"))
        self.assertEqual((asked["method"], asked["endpoint"], asked["plugin"]),
                         ("POST", "null", "app"))
        self.assertEqual(self.section(page, "Query"), [("a", "b")])
        self.assertIn(("X-Odd", "odd"), self.section(page, "Headers"))
        self.assertEqual(self.section(page, "Cookies"), [("x", "1")])
        self.assertRegex(dict(self.section(page, "Build"))["generation"], "^[1-9]")
        self.answered()

    def test_strangers_get_the_plain_reply(self):
        for headers in ({"Host": "evil.example"}, {"X-Forwarded-Proto": "https"}):
            status, _, text = self.ask("/null", {**BROWSER, **headers})
            self.assertEqual(status, 500)
            self.assertRegex(text, r"^500 Internal Server Error\n.*crash [0-9a-f]{8}\.\n$")
            self.answered()


class Slow(DebugSite):
    """The page takes longer to make than a request may: that is no hang of the thread that has
    crashed, which waits for it."""

    SOURCE = SITE
    ARGS = ("--debug", "-w", "0")
    CONFIG = {"server": {"debug_limit": "300ms"}}

    @staticmethod
    def serve(self, of):
        self.write("slow/cruet-lines", f'#!/bin/sh\nsleep 0.7\nexec {BUILD}/tools/cruet-lines "$@"\n')
        os.chmod(self.path("slow/cruet-lines"), 0o755)
        of.ENV = {**ASKED, "CRUET_LIBEXEC_DIR": self.path("slow")}
        return DebugSite.serve(self, of)

    def test_the_page_comes_and_the_process_ends(self):
        self.assertIn(f"in name_len (site.c:{self.line_of('null')})", self.text("/null"))
        self.s.process.communicate(timeout=30)
        self.assertEqual(self.s.process.returncode, -signal.SIGSEGV)


class Civetweb(Crashes):
    CONFIG = {"server": {"debug_limit": "1s"}}


class Alone(DebugSite):
    """Without a parent somebody else makes the page too; then the process ends."""

    SOURCE = SITE
    ARGS = ("--debug", "-w", "0")

    def test_a_page_and_a_report_with_lines(self):
        text = self.text("/null")
        n = self.line_of("null")
        self.assertIn(f"500 SIGSEGV in name_len (site.c:{n})\nread through NULL pointer `u->name`\n",
                      text)
        _, err = self.s.process.communicate(timeout=30)
        self.assertEqual(self.s.process.returncode, -11)
        found = re.search(r"the application crashed: SIGSEGV at address 0x0 \(a NULL pointer\), in "
                          rf"name_len \(site\.c:{n}\), while it answered GET /null; report: (\S+)\n$",
                          err)
        self.assertTrue(found, err)
        with open(self.path(found[1])) as f:
            self.assertIn(f"ID: {json.load(f)['id']}\n", text)


main()
