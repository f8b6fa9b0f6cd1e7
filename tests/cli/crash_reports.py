"""Reports of crashes: what they keep of a request, `cruet crashes`, and what a visitor of a site
in production never sees."""

import json
import re

from debug_site import BROWSER, CURL, PROGRAM, SCRIPT, DebugSite
from driver import main

SITE = r"""#include <cruet.h>
#include <stdlib.h>

static int *volatile nowhere;

static int crash(cruet_ctx *c)
{
	const char *password = cruet_form(c, "password");
	if (password && *password == 'k')
		return cruet_textf(c, "kept: %s %s %s\n", password, cruet_cookie(c, "session"),
				   cruet_query(c, "token"));
	cruet_note(c, CRUET_WARN, "it is about to happen");
	*nowhere = 1; /* line:crash */
	return cruet_empty(c, 204);
}

static int json(cruet_ctx *c)
{
	const cruet_json *j = cruet_body_json(c);
	*nowhere = j != NULL;
	return cruet_empty(c, 204);
}

static int fails(cruet_ctx *c)
{
	(void)c;
	return CRUET_EIO;
}

static int aborts(cruet_ctx *c)
{
	(void)c;
	abort();
}

static int ok(cruet_ctx *c)
{
	return cruet_text(c, "ok");
}

CRUET_APP(app)
{
	cruet_get(app, "/", ok);
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/crash/<int:id>",
				       .name = "crash", .methods = "GET,POST", .fn = crash,
				       .here = CRUET_HERE});
	cruet_post(app, "/json", json);
	cruet_post(app, "/reset/<token>", json);
	cruet_get(app, "/fails", fails);
	cruet_get(app, "/aborts", aborts);
}
"""

HIDDEN = ("hidden-key", "hidden-mail", "hidden-token", "hidden-password", "hidden-cookie",
          "hidden-bearer", "hidden-path")


class Production(DebugSite):
    SOURCE = SITE
    ARGS = ()
    CONFIG = {"secret_key": "hidden-key-0123456789abcdef0123456789",
              "settings": {"smtp": {"password": "hidden-mail"}, "colour": "turquoise"},
              "server": {"transport": "event"}}

    def again(self):
        self.eventually(lambda: self.assertEqual(self.ask("/", CURL)[2], "ok"), OSError,
                        AssertionError)

    def crash(self, path="/crash/7?page=2&token=hidden-token", body="user=ann&password=hidden-password",
              type="application/x-www-form-urlencoded"):
        """The id of a crash, once its report is there."""
        _, _, text = self.ask(path, {**CURL, "Cookie": "session=hidden-cookie", "Content-Type": type,
                                     "Authorization": "Bearer hidden-bearer"}, "POST", body)
        found = re.search(r"crash ([0-9a-f]{8})\.\n$", text)
        self.assertTrue(found, text)
        self.log_line(self.s, f"-{found[1]}.json")
        self.again()
        return found[1]

    def shown(self, name):
        r = self.cruet("crashes", "show", name, "--json")
        self.assertEqual((r.code, r.err), (0, ""))
        return json.loads(r.out)

    def test_the_report_has_the_request_without_its_secrets(self):
        report = self.shown(self.crash())
        self.assertEqual((report["method"], report["target"], report["arguments"]),
                         ("POST", "/crash/7?page=2&token=********", [["id", "7"]]))
        self.assertEqual(report["body"], "user=ann&password=********")
        headers = dict(report["headers"])
        self.assertEqual((headers["Cookie"], headers["User-Agent"]),
                         ("session=********", "curl/7.88.1"))
        self.assertIn("WARN app: ", "".join(report["log"]))
        settings = dict(report["configuration"])
        self.assertEqual((settings["secret_key"], settings["settings.colour"]),
                         ("********", '"turquoise"'))
        self.assertEqual(dict(report["build"])["generation"], "1")
        report = self.shown(self.crash("/json", '{"user": {"password": "hidden-password"}, "n": 1}',
                                       "application/json"))
        self.assertEqual(json.loads(report["body"]), {"user": {"password": "********"}, "n": 1})
        for secret in HIDDEN:
            self.assertNotIn(secret, json.dumps(report))

    def test_a_secret_in_the_path_is_in_no_part_of_it(self):
        name = self.crash("/reset/hidden-path?page=2", "plain", "text/plain")
        report = self.shown(name)
        self.assertEqual((report["request"], report["target"]),
                         ("POST /reset/<token>?page=2", "/reset/********?page=2"))
        self.assertNotIn("hidden-path", json.dumps(report))
        r = self.cruet("crashes", "replay", name)
        self.assertIn("\n  --value 'path=...'\n", r.err)
        self.assertIn(f"cruet: crash {name}: the body is sent without what the report lacks: "
                      f"{report['body_missing']}\n", r.err)

    def test_they_are_listed_and_shown(self):
        name = self.crash()
        out = self.cruet("crashes", "list").out
        n = self.line_of("crash")
        self.assertRegex(out, rf"(?m)^{name}  \S+Z  SIGSEGV  app +crash \(site\.c:{n}\) +POST "
                              rf"/crash/7\?page=2&token=\*\*\*\*\*\*\*\*$")
        listed = json.loads(self.cruet("crashes", "list", "--json").out)
        self.assertIn(name, [r["id"] for r in listed])
        out = self.cruet("crashes", "show", name[:7]).out
        self.assertTrue(out.startswith(f"500 SIGSEGV in crash (site.c:{n})\na NULL pointer\n"), out)
        self.assertIn(f"  >   {n} | \t*nowhere = 1;", out)
        for secret in HIDDEN:
            self.assertNotIn(secret, out)
        self.fails(["crashes", "show", "zz"], "cruet: crash zz: there is no report of that id: `cruet "
                                              "crashes list` shows them\n")

    def test_they_are_replayed_with_what_was_masked(self):
        name = self.crash()
        to = ("--to", f"127.0.0.1:{self.s.port}")
        r = self.cruet("crashes", "replay", name, *to, "--value", "form.password=keep")
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertEqual(r.err, f"cruet: crash {name}: these values were masked in the report, and "
                                "have to be given:\n  --value 'query.token=...'\n  --value "
                                "'cookie.session=...'\n  --value 'header.Authorization=...'\n")
        given = ("--value", "form.password=keep", "--value", "query.token=t", "--value",
                 "header.Authorization=Bearer x", "--value", "cookie.session=c")
        r = self.cruet("crashes", "replay", name, *to, *given)
        self.assertEqual((r.code, r.err), (0, ""))
        self.assertTrue(r.out.endswith("kept: keep c t\n"), r.out)

    def test_a_visitor_sees_nothing_of_what_is_inside(self):
        said = ""
        for headers in (CURL, BROWSER, PROGRAM, SCRIPT):
            for path in ("/fails", "/nope", "/crash/x"):
                for method in ("GET", "POST", "DELETE", "HEAD"):
                    status, got, text = self.ask(path, headers, method)
                    self.assertGreaterEqual(status, 400)
                    said += f"{got}{text}"
            status, got, text = self.ask("/aborts" if headers is CURL else "/crash/7", headers)
            self.assertEqual(status, 500)
            said += f"{got}{text}"
            self.again()
        for inside in (self.folder, "site.c", "site.so", "nowhere", "turquoise", "0x", "libcruet",
                       "SIGSEGV", "SIGABRT", *HIDDEN):
            self.assertNotIn(inside, said)
        self.assertRegex(said, r"crash [0-9a-f]{8}\.")


main()
