"""cruet run --debug: requests that fail become pages that say where, why and what to do."""

import base64
import hashlib
import json
import os
import re
import signal

from debug_site import ASKED, BROWSER, CURL, PROGRAM, SCRIPT, DebugSite
from driver import Cli, Server, main

SITE = r"""#include <cruet.h>
#include <cruet/db.h>
#include <cruet/session.h>
#include <stdint.h>

static int home(cruet_ctx *c)
{
	return cruet_text(c, "home\n");
}

static int fails(cruet_ctx *c)
{
	cruet_form(c, "user");
	cruet_session_set_str(c, "colour", "blue");
	cruet_session_set_real(c, "price", -3.05);
	cruet_session_set_real(c, "far", 1e300);
	cruet_session_set_int(c, "n", 42);
	cruet_note(c, CRUET_WARN, "about to fail");
	return cruet_fail(c, 503, "the <shelf> is empty"); /* line:fails */
}

static int bare(cruet_ctx *c)
{ /* line:bare */
	(void)c;
	return CRUET_EIO;
}

static int nothing(cruet_ctx *c)
{
	(void)c;
	return CRUET_OK;
}

static int link_to(cruet_ctx *c)
{
	const char *u = cruet_url(c, "hoem", NULL); /* line:link */
	return u ? cruet_text(c, u) : cruet_err(c);
}

static int table(cruet_ctx *c)
{
	int err = cruet_db_exec(c, "CREATE TABLE IF NOT EXISTS here (n)");
	if (err)
		return err;
	cruet_db_rows *rows = cruet_db_query(c, "SELECT n FROM guests WHERE n > ?", 1); /* line:table */
	return rows ? cruet_empty(c, 204) : cruet_err(c);
}

static int memory(cruet_ctx *c)
{
	return cruet_alloc(c, SIZE_MAX / 2) ? cruet_empty(c, 204) : CRUET_ENOMEM; /* line:memory */
}

static int own_404(cruet_ctx *c)
{
	return cruet_fail(c, 404, "no such note");
}

static int teapot(cruet_ctx *c)
{
	return cruet_fail(c, 507, "full");
}

static int on_507(cruet_ctx *c)
{
	return cruet_text(c, "my own page\n");
}

static int on_500(cruet_ctx *c)
{
	return cruet_text(c, "sorry\n");
}

CRUET_APP(app)
{
	cruet_get(app, "/", home);
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/fails/<int:id>",
				       .name = "fails", .methods = "GET,POST", .fn = fails,
				       .here = CRUET_HERE});
	cruet_get(app, "/bare", bare);
	cruet_get(app, "/nothing", nothing);
	cruet_get(app, "/link", link_to);
	cruet_get(app, "/table", table);
	cruet_get(app, "/memory", memory);
	cruet_get(app, "/own_404", own_404);
	cruet_get(app, "/teapot", teapot);
	cruet_on_error(app, 507, on_507);
	cruet_on_error(app, 500, on_500);
}
"""

CONFIG = {
    "secret_key": "0123456789abcdef-hidden-0123456789abcdef",
    "settings": {"smtp": {"password": "hidden", "url": "smtp://ann:hidden@mail", "from": "me"}},
    "plugins": {"sqlite": {"path": "site.db"}, "session": {}},
}


class Failures(DebugSite):
    SOURCE = SITE
    CONFIG = CONFIG

    def test_each_client_gets_the_form_that_it_can_read(self):
        for headers, kind, begins in ((CURL, "text/plain; charset=utf-8", "503 "),
                                      (BROWSER, "text/html; charset=utf-8", "<!doctype html>"),
                                      (PROGRAM, "application/json", "{"),
                                      (SCRIPT, "application/json", "{")):
            with self.subTest(kind):
                status, got, text = self.ask("/fails/7", headers)
                self.assertEqual((status, got["Content-Type"], got["Cache-Control"]),
                                 (503, kind, "no-store"))
                self.assertTrue(text.startswith(begins), text[:80])
                self.assertIn(f"in fails (site.c:{self.line_of('fails')})", text)

    def test_the_place_where_it_failed_with_its_source(self):
        page = self.data("/fails/7")
        n = self.line_of("fails")
        self.assertEqual((page["error"], page["cause"], page["status"], page["signal"]),
                         (f"Service Unavailable in fails (site.c:{n})", "the <shelf> is empty",
                          503, None))
        own = [f for f in page["frames"] if not f["foreign"]]
        self.assertEqual([(f["func"], f["file"], f["line"]) for f in own],
                         [("fails", self.path("site.c"), n)])
        self.assertTrue(any(f["foreign"] for f in page["frames"]))
        text = self.text("/fails/7")
        lines = SITE.split("\n")
        for number in range(n - 5, n + 6):
            mark = ">" if number == n else " "
            self.assertIn(f"  {mark} {number:4} | {lines[number - 1]}\n", text)
        self.assertNotIn(f" {n - 6:4} | ", text)
        self.assertIn(f'href="vscode://file{self.path("site.c")}:{n}:1"',
                      self.ask("/fails/7", BROWSER)[2])

    def test_what_only_returned_a_number_is_shown_by_its_function(self):
        page = self.data("/bare")
        self.assertEqual((page["error"], page["cause"]),
                         (f"Internal Server Error in bare (site.c:{self.line_of('bare')})",
                          "input or output failed"))
        self.assertIn("ended without a reply", self.data("/nothing")["cause"])

    def test_the_request_is_all_there(self):
        headers = {"Cookie": "a=1; b=two", "X-Odd": "odd",
                   "Content-Type": "application/x-www-form-urlencoded", **PROGRAM}
        page = json.loads(self.ask("/fails/7?page=2&q=a%20b", headers, "POST", "user=ann&x=y")[2])
        asked = dict(self.section(page, "Request"))
        self.assertEqual(
            (asked["URL"], asked["method"], asked["endpoint"], asked["route"], asked["plugin"]),
            (f"http://127.0.0.1:{self.s.port}/fails/7?page=2&q=a%20b", "POST", "fails",
             "/fails/<int:id>", "app"))
        self.assertEqual(self.section(page, "Arguments of the path"), [("id", "7")])
        self.assertEqual(self.section(page, "Query"), [("page", "2"), ("q", "a b")])
        self.assertEqual(self.section(page, "Form"), [("user", "ann"), ("x", "y")])
        self.assertEqual(self.section(page, "Body"), "user=ann&x=y")
        self.assertIn(("X-Odd", "odd"), self.section(page, "Headers"))
        self.assertEqual(self.section(page, "Cookies"), [("a", "1"), ("b", "two")])
        self.assertEqual(self.section(page, "Session"),
                         [("colour", "blue"), ("price", "-3.05"), ("far", "10^18 or more"),
                          ("n", "42")])
        self.assertRegex(self.section(page, "Log"), "WARN app: .*: about to fail\n")
        body = json.dumps({"a": [1]})
        page = json.loads(self.ask("/fails/7", {"Content-Type": "application/json", **PROGRAM},
                                   "POST", body)[2])
        self.assertEqual(self.section(page, "JSON"), '{\n  "a": [\n    1\n  ]\n}')

    def test_the_site_is_told_without_its_secrets(self):
        page = self.data("/fails/7")
        shown = dict(self.section(page, "Configuration"))
        self.assertRegex(shown["secret_key"], r"^\*\*\*\*\*\*\*\*  \(cruet\.json:")
        self.assertRegex(shown["settings.smtp.password"], r"^\*\*\*\*\*\*\*\*  ")
        self.assertRegex(shown["settings.smtp.url"], r"^\"smtp://ann:\*\*\*\*\*\*\*\*@mail\"")
        self.assertRegex(shown["settings.smtp.from"], r'^"me"  \(cruet\.json:1:\d+\)$')
        self.assertNotIn("hidden", json.dumps(page))
        built = dict(self.section(page, "Build"))
        self.assertEqual(built["generation"], "2")
        self.assertIn("plugin sqlite", built)

    def test_the_command_sends_the_same_again(self):
        text = self.ask("/fails/7?a=1", {**BROWSER, "X-Odd": "it's"}, "POST", "a='b'")[2]
        self.assertIn("curl -i -X &#39;POST&#39;", text)
        command = re.search(r"<textarea id=as-curl hidden readonly>\n(.*)</textarea>", text)[1]
        self.assertIn("-H &#39;X-Odd: it&#39;\\&#39;&#39;s&#39;", command)

    def test_statements_of_the_request_with_times(self):
        page = self.data("/table")
        n = self.line_of("table")
        self.assertEqual(page["error"], f"Internal Server Error in table (site.c:{n})")
        self.assertIn("no such table: guests", page["cause"])
        said = self.section(page, "SQL of this request")
        self.assertEqual([sql for _, sql in said], ["CREATE TABLE IF NOT EXISTS here (n)",
                                                    "SELECT n FROM guests WHERE n > ?"])
        for ms, _ in said:
            self.assertRegex(ms, r"^\d+\.\d\d ms$")
        self.assertEqual(page["cures"], [
            'Create it: put CREATE TABLE guests (...) into a file schema/001_guests.sql, and set '
            '"schema": "schema" in the options of sqlite.'])
        self.write("schema/002_guests.sql", "CREATE TABLE guests (n);\n")
        self.assertRegex(self.data("/table")["cures"][0],
                         r"^schema/002_guests.sql creates it: sqlite3 site.db < ")

    def test_memory_that_was_not_there(self):
        page = self.data("/memory")
        self.assertIn("out of memory", page["cause"])
        self.assertIn("An allocation failed", page["cures"][0])
        self.assertIn(f"in memory (site.c:{self.line_of('memory')})", page["error"])

    def test_an_unknown_endpoint_has_a_neighbour(self):
        page = self.data("/link")
        self.assertIn(f"in link_to (site.c:{self.line_of('link')})", page["error"])
        self.assertIn("The nearest endpoint is 'home'.", page["cures"])

    def test_a_page_that_is_not_there_lists_the_rules(self):
        status, _, text = self.ask("/fials/7", CURL)
        self.assertEqual(status, 404)
        self.assertIn("No rule matches /fials/7.\n", text)
        self.assertIn("-> The nearest rule is GET,POST", text)
        page = self.data("/fials/7")
        self.assertEqual(page["status"], 404)
        rules = self.section(page, "Rules, in the order in which they are tried")
        self.assertIn("GET,POST,OPTIONS /fails/<int:id>", [rule for rule, _ in rules])
        self.assertEqual([where for _, where in rules if "(the nearest)" in where],
                         [where for rule, where in rules if "/fails/" in rule])

    def test_a_method_that_is_not_taken_lists_those_that_are(self):
        status, headers, text = self.ask("/", CURL, "DELETE")
        self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD, OPTIONS"))
        self.assertIn("/ does not take DELETE. It takes: GET, HEAD, OPTIONS\n", text)

    def test_what_the_application_answers_itself_stays(self):
        self.assertEqual(self.ask("/teapot", CURL)[::2], (507, "my own page\n"))
        status, _, text = self.ask("/own_404", CURL)
        self.assertEqual(status, 404)
        self.assertIn("no such note", text)
        self.assertNotIn("site.c", text)

    def test_strangers_see_the_plain_page(self):
        for headers in ({"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example"},
                        {"X-Forwarded-For": "10.0.0.1"}, {"Forwarded": "for=10.0.0.1"},
                        {"Via": "1.1 proxy"}, {"X-Forwarded-Proto": "https"},
                        {"X-Forwarded-Host": "site.example"}, {"Origin": "http://evil.example"},
                        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}):
            with self.subTest(headers):
                status, _, text = self.ask("/fails/7", {**BROWSER, **headers})
                self.assertEqual(status, 503)
                self.assertNotIn("site.c", text)
                self.assertLess(len(text), 500)
        self.assertIn("site.c", self.ask("/fails/7", {**BROWSER, "Sec-Fetch-Site": "cross-site",
                                                      "Sec-Fetch-Mode": "navigate"})[2])
        for host in ("localhost", "site.localhost:80", "127.0.0.1", "[::1]:8000"):
            with self.subTest(host):
                self.assertIn("site.c", self.ask("/fails/7", {**BROWSER, "Host": host})[2])


class Plain(DebugSite):
    """Without --debug nothing of it is there."""

    SOURCE = SITE
    CONFIG = CONFIG
    ARGS = ()

    def test_pages_are_plain(self):
        for path in ("/fails/7", "/link", "/table", "/nope"):
            for headers in (CURL, BROWSER, PROGRAM, SCRIPT):
                _, got, text = self.ask(path, headers)
                self.assertNotIn("site.c", text + str(got))
                self.assertNotIn("hidden", text + str(got))
        self.assertEqual(self.ask("/bare", CURL)[2], "sorry\n")


class Remote(Cli):
    def test_other_machines_are_not_served(self):
        self.write("site.c", SITE)
        self.fails(["run", "--debug", "-l", "0.0.0.0:0", "site.c"],
                   "cruet: server.listen = 0.0.0.0:0: with --debug, expected an address of this "
                   "machine alone, such as 127.0.0.1:8000; or give --allow-remote-debug: then "
                   "others see errors who know a PIN\n")
        self.misused(["run", "--allow-remote-debug"],
                     "cruet run: option --allow-remote-debug needs --debug\nTry: cruet run --help\n")

    def test_with_a_pin(self):
        self.write("site.c", SITE)
        s = Server(self, "--debug", "--allow-remote-debug", "-l", "127.0.0.1:0", "site.c",
                   CRUET_PIN="", **ASKED)
        said = s.process.stderr.readline()
        pin = re.search(r"PIN for pages of --debug on other machines: (\d{3}-\d{3}-\d{3})\n", said)[1]
        far = {"X-Forwarded-For": "10.0.0.1", **BROWSER}

        def ask(headers, path="/bare"):
            return s.get(path, {**far, **headers}.items())[2]

        def worker():
            pid = s.process.pid
            with open(f"/proc/{pid}/task/{pid}/children") as f:
                return int(f.read())

        _, headers, text = s.get("/bare", far.items())
        self.assertIn("<input id=pin", text)
        self.assertNotIn("site.c", text)
        script = re.search("<script>(.*)</script>", text, re.DOTALL)[1].encode()
        named = base64.b64encode(hashlib.sha256(script).digest()).decode()
        self.assertIn(f"script-src 'sha256-{named}'; ", headers["Content-Security-Policy"])
        self.assertRegex(headers["Set-Cookie"], "^cruet-pin=; Path=/; Max-Age=0")
        self.assertNotIn("<h2>Where</h2>", ask({"Cookie": "cruet-pin="}))
        with open(f"/proc/{worker()}/environ") as f:
            self.assertNotIn(pin, f.read())
        self.assertIn("<h2>Where</h2>", ask({"Cookie": f"cruet-pin={pin}"}))
        self.assertNotIn("<input", ask({"Cookie": f"cruet-pin={pin}", "Host": "evil.example"}))
        self.assertIn("<h2>Where</h2>", s.get("/bare", BROWSER.items())[2])
        for n in range(20):
            if n == 10: # who comes next has the same tries
                os.kill(worker(), signal.SIGKILL)
                self.eventually(lambda: s.get("/"), OSError)
            self.assertIn("<input id=pin", ask({"Cookie": f"cruet-pin=000-000-{n:03}"}))
        self.assertNotIn("<h2>Where</h2>", ask({"Cookie": f"cruet-pin={pin}"}))
        self.assertIn("<h2>Where</h2>", s.get("/bare", BROWSER.items())[2])
        self.log_line(s, "20 wrong PINs: pages of --debug are shown to this machine alone until "
                         "the next start")


main()
