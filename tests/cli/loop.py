"""cruet run --debug: what is saved is served, and what is wrong is shown."""

import html
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import unittest

from driver import BUILD, Cli, Server, main

SITE = r"""#include <cruet.h>

static int front(cruet_ctx *c)
{
	return cruet_text(c, "one");
}

static int page(cruet_ctx *c)
{
	return cruet_html(c, "<!doctype html><title>one</title><body><p>one</p></body>\n");
}

CRUET_APP(app)
{
	cruet_get(app, "/", front);
	cruet_get(app, "/page", page);
}
"""
WORDS = r"""#include <cruet.h>
#include <cruet/validate.h>

static const cruet_field_rule rules[] = {{"name", "required"}, {NULL, NULL}};

static int front(cruet_ctx *c)
{
	return cruet_validate(c, CRUET_FROM_QUERY, rules) ? cruet_text(c, "") : cruet_err(c);
}

CRUET_APP(app)
{
	cruet_validate_rules(app, rules);
	cruet_validate_message(app, "name.required", "Who?");
	cruet_get(app, "/", front);
}
"""
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SERVED = "to take it up"  # how the log line ends that tells of a change
SCRIPT = '<script src="/__cruet__/reload.js" data-since="'


class Loop(Cli):
    transport = "civetweb"

    def run_debug(self, *args, **env):
        args = args or ("site.c",)
        self.server = Server(self, "--debug", *args, "-l", "127.0.0.1:0", "-D",
                             f"server.transport={self.transport}", **env)
        return self.server

    def save(self, text, name="site.c", until=SERVED):
        """As an editor does that writes beside the file and moves it there."""
        self.write(name + ".new", text)
        os.rename(self.path(name + ".new"), self.path(name))
        return self.log_line(self.server, until) if until else None

    def change(self, *pair, name="site.c", until=SERVED):
        with open(self.path(name)) as f:
            text = f.read()
        self.assertIn(pair[0], text)
        return self.save(text.replace(*pair), name, until)

    def trouble(self, s, **headers):
        """What a client is told while nothing newer can be served."""
        return self.eventually(lambda: self.is_trouble(s.get("/", headers)), AssertionError)

    def is_trouble(self, got):
        self.assertEqual(got[0], 503)
        return got

    def shows(self, page, text):
        self.assertTrue(text in html.unescape(page), f"{text!r} is not shown")

    def shows_soon(self, s, text):
        self.eventually(lambda: self.shows(self.trouble(s, **BROWSER)[2], text), AssertionError)

    def mended(self, s, text):
        self.eventually(lambda: self.is_served(s, text), AssertionError)

    def is_served(self, s, text):
        status, headers, got = s.get()
        self.assertEqual((status, headers["Cruet-Build"], got), (200, None, text))
        self.assertEqual(s.get("/", BROWSER)[0], 200)

    def ends_well(self, s):
        code, out, err = s.stop()
        self.assertEqual((code, out), (0, ""))
        self.assertNotIn("Sanitizer", err)
        return err


class Saving(Loop):
    def go_round(self, transport, *workers):
        self.transport = transport
        self.write("site.c", SITE)
        s = self.run_debug("site.c", "-w", *workers)
        self.assertEqual(s.text(), "one")
        self.change('"one"', '"two"')  # moved to its place
        self.assertEqual(s.text(), "two")
        with open(self.path("site.c"), "r+") as f:  # written in place
            text = f.read().replace('"two"', '"six"')
            f.seek(0)
            f.write(text)
        self.log_line(s, SERVED)
        self.assertEqual(s.text(), "six")
        self.break_and_mend(s)
        self.ends_well(s)

    def break_and_mend(self, s):
        self.change('"six");', '"six")', until="error: expected ‘;’ before ‘}’ token")
        self.log_line(s, "cruet: site.c:5: expected ‘;’ before ‘}’ token")
        status, headers, page = self.trouble(s, **BROWSER)
        self.shows(page, "<title>site.c:5: expected ‘;’ before ‘}’ token</title>")
        self.shows(page, '5 |         return cruet_text(c, "six")\n')  # the compiler's lines
        self.shows(page, "|                                    ^\n")
        self.shows(page, SCRIPT)
        # Who asks for no page has what was built before, and is told.
        for accept in "*/*", "application/json":
            status, headers, text = s.get("/", {"Accept": accept})
            self.assertEqual((status, headers["Cruet-Build"], text),
                             (200, "failed; site.c:5:36", "six"))
        self.change('"six")', '"ten");')
        self.is_served(s, "ten")

    def test_in_the_process_itself(self):
        self.go_round("civetweb", "0")

    def test_with_a_parent(self):
        self.go_round("event", "1")

    def test_one_worker_of_civetweb(self):
        self.go_round("civetweb", "1")

    def test_several_workers(self):
        self.transport = "event"
        self.write("site.c", SITE)
        s = self.run_debug("site.c", "-w", "2")
        self.change('"one"', '"two"')
        self.log_line(s, SERVED)  # the other one
        self.assertEqual({s.text() for _ in range(20)}, {"two"})
        self.ends_well(s)


    def test_what_was_set_for_a_plugin_is_set_anew(self):
        self.write("cruet.json", '{"plugins": {"validate": {}}}')
        self.write("site.c", WORDS)
        s = self.run_debug("site.c", "-w", "0")
        for was, now in ("Who?", "Say who."), ("Say who.", "Your name?"):
            self.assertIn(was, s.get("/", {"Accept": "application/json"})[2])
            self.change(was, now)
        self.assertIn("Your name?", s.get("/", {"Accept": "application/json"})[2])
        self.ends_well(s)


class First(Loop):
    def test_a_first_build_that_fails_is_shown(self):
        for transport, workers in ("civetweb", "0"), ("event", "1"):
            with self.subTest(transport=transport):
                self.transport = transport
                self.write("site.c", SITE.replace('"one")', "one)"))
                s = self.run_debug("site.c", "-w", workers)
                self.shows(self.trouble(s, **BROWSER)[2], "<title>site.c:5: ")
                status, headers, text = s.get("/", {"Accept": "application/json"})
                self.assertEqual((status, headers["Content-Type"]), (503, "application/json"))
                self.assertIn("site.c:5: ", json.loads(text)["error"])
                status, headers, text = s.get("/any", {"Accept": "*/*"})
                self.assertEqual((status, headers["Content-Type"], headers["Cruet-Build"]),
                                 (503, "text/plain; charset=utf-8", "failed; site.c:5:30"))
                self.assertIn("site.c:5: ", text)
                self.change("one)", '"one")')
                self.mended(s, "one")
                self.ends_well(s)

    def test_a_page_says_how_it_was_compiled(self):
        self.write("site.c", SITE.replace('cruet_text(c, "one")', 'cruet_fail(c, 500, "no")'))
        s = self.run_debug("site.c", "-w", "0", CFLAGS="-DODD=1")
        page = s.get("/", {"Accept": "application/json"})[2]
        self.assertRegex(page, r"cc -c -fPIC -g -O0 [^\"]* -DODD=1\"")
        self.ends_well(s)

    def test_a_plugin_that_is_missing(self):
        self.write("site.c", SITE)
        self.write("cruet.json", '{"plugins": {"nothing": {}}}')
        s = self.run_debug("site.c", "-w", "0")
        self.shows(self.trouble(s, **BROWSER)[2], "plugin 'nothing': no nothing.so in")
        self.save("{}", "cruet.json")
        self.mended(s, "one")
        self.ends_well(s)


CRASH = 'cruet_get(app, "/", front);\n\t*(volatile int *)0 = 1;'


class Crashes(Loop):
    """What crashes the process that takes it up. A sanitizer is to leave that to cruet."""

    ASAN = {"ASAN_OPTIONS": "handle_segv=0:" + os.environ.get("ASAN_OPTIONS", "")}

    def crashed(self, s):
        """The next process serves, and says so; the one that crashes may cut off requests."""
        self.eventually(lambda: self.shows(
            s.get("/", BROWSER)[2],
            "<title>the application crashed when it was taken up: a report in the log says where"),
            AssertionError, OSError, http.client.HTTPException)

    def test_what_was_good_goes_on(self):
        self.transport = "event"
        self.write("site.c", SITE)
        s = self.run_debug("site.c", "-w", "1", **self.ASAN)
        self.change('cruet_get(app, "/", front);', CRASH, until=None)
        self.crashed(s)
        status, headers, text = s.get()
        self.assertEqual((status, headers["Cruet-Build"], text), (200, "failed", "one"))
        self.change(CRASH, 'cruet_get(app, "/", front);', until=None)
        self.mended(s, "one")
        self.ends_well(s)

    def test_the_first_one(self):
        self.transport = "event"
        self.write("site.c", SITE.replace('cruet_get(app, "/", front);', CRASH))
        s = self.run_debug("site.c", "-w", "1", **self.ASAN)
        self.crashed(s)
        self.assertEqual(s.get()[0], 503)
        self.change(CRASH, 'cruet_get(app, "/", front);', until=None)
        self.mended(s, "one")
        self.ends_well(s)


class Kinds(Loop):
    """Each kind of change, in one site."""

    def setUp(self):
        super().setUp()
        self.transport = "event"
        self.write("site.c", r"""#include <cruet.h>
#include "word.h"

static int front(cruet_ctx *c)
{
	return cruet_textf(c, "%s %s %s", WORD, cruet_setting(cruet_scope(c), "name"),
			   cruet_setting(cruet_scope(c), "more"));
}

CRUET_APP(app)
{
	cruet_get(app, "/", front);
	cruet_static(app, "/files", "files", NULL);
}
""")
        self.write("word.h", '#define WORD "word"\n')
        self.write("files/a.html", "<p>one</p>\n")
        self.write("cruet.json", '{"app": "site.c", "settings": {"name": "ink", "more": "env:MORE"}}')
        self.write(".env", "MORE=less\n")
        os.chmod(self.path(".env"), 0o600)

    def listen(self, s, since):
        c = self.connect(s)
        c.request("GET", f"/__cruet__/reload?since={since}")
        return c.getresponse()

    def next_token(self, events):
        """What the next event that tells something says."""
        while True:
            line = events.readline().decode()
            self.assertNotEqual(line, "")
            m = re.fullmatch(r"data: (\S+)\n", line)
            if m:
                return m[1]

    def token(self, s):
        return re.search(r'data-since="([^"]+)"', s.get("/files/a.html")[2])[1]

    def test_each(self):
        s = self.run_debug(".")
        self.assertEqual(s.text(), "word ink less")
        self.save('#define WORD "sentence"\n', "word.h")
        self.assertEqual(s.text(), "sentence ink less")
        self.save("MORE=all\n", ".env")
        self.assertEqual(s.text(), "sentence ink all")
        self.save('{"app": "site.c", "settings": {"name": "pen", "more": "none"}}', "cruet.json")
        self.assertEqual(s.text(), "sentence pen none")
        self.wrong_config(s)
        self.shown(s)
        self.another_app(s)
        self.ends_well(s)

    def wrong_config(self, s):
        self.save('{"app": "site.c", "settins": {}}', "cruet.json", "?")
        self.shows(self.trouble(s, **BROWSER)[2], 'unknown key "settins": did you mean "settings"?')
        status, headers, text = s.get()
        self.assertEqual((status, headers["Cruet-Build"], text), (200, "failed", "sentence pen none"))
        self.save('{"app": "site.c", "settings": {"name": "pen", "more": "some"}}', "cruet.json")
        self.mended(s, "sentence pen some")

    def shown(self, s):
        """Files that are only looked at: the page is loaded anew, and nothing else happens."""
        for name in "files/a.html", "files/new/deep/b.css", "templates/front.html":
            token = self.token(s)
            events = self.listen(s, token)
            self.save("<p>two</p>\n", name, None)
            new = self.next_token(events)
            self.assertNotEqual(new, token)
        self.assertIn("<p>two</p>", s.text("/files/a.html"))

    def another_app(self, s):
        self.write("other.c", SITE.replace('"one"', '"other"'))
        self.save('{"app": "other.c"}', "cruet.json")
        self.mended(s, "other")

    def test_times_of_files_where_nobody_tells(self):
        s = self.run_debug(".", "--poll")
        self.save('#define WORD "sentence"\n', "word.h")
        self.assertEqual(s.text(), "sentence ink less")
        self.ends_well(s)

    def test_a_page_that_listens_hears_at_once_or_comes_again(self):
        for self.transport in "event", "civetweb":
            with self.subTest(transport=self.transport):
                s = self.run_debug(".", "-w", "0")
                events = self.listen(s, self.token(s))
                first = events.readline(), events.readline(), events.readline()
                wait = b"100" if self.transport == "event" else b"500"
                self.assertEqual(first, (b"retry: " + wait + b"\n", b"data: \n", b"\n"))
                if self.transport == "civetweb":  # no thread is held
                    self.assertEqual(events.read(), b"")
                self.assertEqual(self.next_token(self.listen(s, "old")), self.token(s))
                self.ends_well(s)  # whoever listens does not keep it


class Folder(Loop):
    def test_files_come_and_go(self):
        self.write("site/site.c", SITE.replace("static int front(cruet_ctx *c)\n{",
                                               "const char *word(void);\n"
                                               "static int front(cruet_ctx *c)\n{")
                   .replace('cruet_text(c, "one")', "cruet_text(c, word())"))
        self.write("site/word.c", "const char *word(void);\n"
                                  'const char *word(void) { return "one"; }\n')
        s = self.run_debug("site")
        self.assertEqual(s.text(), "one")
        self.change('"one"', '"two"', name="site/word.c")
        self.assertEqual(s.text(), "two")
        os.rename(self.path("site/word.c"), self.path("site/other.c"))
        self.log_line(s, SERVED)
        self.assertEqual(s.text(), "two")
        os.unlink(self.path("site/other.c"))
        self.log_line(s, "undefined reference to `word'")
        status, headers, _ = self.trouble(s, **BROWSER)
        self.assertEqual(headers["Cruet-Build"], "failed; site.c:6")
        self.save('const char *word(void);\nconst char *word(void) { return "new"; }\n',
                  "site/new.c")
        self.mended(s, "new")
        self.ends_well(s)


class Script(Loop):
    PAGES = r"""#include <cruet.h>

#define HTML "<body>text</body>"

static int plain(cruet_ctx *c) { return cruet_html(c, HTML); }
static int open_end(cruet_ctx *c) { return cruet_html(c, "<p>text"); }
static int data(cruet_ctx *c) { return cruet_text(c, HTML); }

static int packed(cruet_ctx *c)
{
	int err = cruet_set_header(c, "Content-Encoding", "gzip");
	return err ? err : cruet_html(c, HTML);
}

static int policy(cruet_ctx *c)
{
	int err = cruet_set_header(c, "Content-Security-Policy", cruet_query(c, "is"));
	return err ? err : cruet_html(c, HTML);
}

static int tagged(cruet_ctx *c)
{
	int err = cruet_set_header(c, "ETag", "\"1\"");
	return err ? err : cruet_html(c, HTML);
}

static ptrdiff_t pull(cruet_ctx *c, void *self, void *out, size_t cap)
{
	(void)c; (void)self; (void)out; (void)cap;
	return 0;
}

static int streamed(cruet_ctx *c)
{
	static const cruet_source source = {
		.size = sizeof source, .mime = "text/html", .length = -1, .pull = pull};
	return cruet_stream(c, &source, NULL);
}

static int gone(cruet_ctx *c) { return cruet_fail(c, 410, "gone"); }

CRUET_APP(app)
{
	cruet_get(app, "/", plain);
	cruet_get(app, "/open", open_end);
	cruet_get(app, "/data", data);
	cruet_get(app, "/packed", packed);
	cruet_get(app, "/policy", policy);
	cruet_get(app, "/tagged", tagged);
	cruet_get(app, "/streamed", streamed);
	cruet_get(app, "/gone", gone);
}
"""

    def test_where_it_stands_and_where_not(self):
        self.write("site.c", self.PAGES)
        s = self.run_debug("site.c", "-w", "0")
        script = re.escape(SCRIPT) + r'[^"]+"></script>\n'
        self.assertRegex(s.text(), rf"\A<body>text{script}</body>\Z")
        self.assertRegex(s.text("/open"), rf"\A<p>text{script}\Z")
        self.assertRegex(s.get("/gone", BROWSER)[2], script)
        for path in "/data", "/packed", "/streamed":
            self.assertNotIn("script", s.text(path), path)
        for headers in ({"X-Requested-With": "fetch"}, {"Sec-Fetch-Dest": "empty"}):
            self.assertNotIn("script", s.get("/", headers)[2], headers)
        _, headers, text = s.get("/tagged")
        self.assertEqual((headers["ETag"], headers["Cache-Control"]), (None, "no-store"))
        self.head(s)
        self.policies(s, script)
        status, headers, text = s.get("/__cruet__/reload.js")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/javascript; charset=utf-8"))
        self.assertIn("location.reload()", text)
        self.ends_well(s)

    def head(self, s):
        c = self.connect(s)
        c.request("HEAD", "/")
        self.assertEqual(c.getresponse().headers["Content-Length"], "17")

    def policies(self, s, script):
        allowed = "default-src%20'self'"
        self.assertRegex(s.text("/policy?is=" + allowed), script)
        self.assertIn(' nonce="abc"></script>',
                      s.text("/policy?is=script-src%20'nonce-abc'"))
        self.assertNotIn("script", s.text("/policy?is=script-src%20'none'"))

    def test_nothing_of_it_without_debug(self):
        self.write("site.c", self.PAGES)
        s = Server(self, "site.c", "-l", "0", "-w", "0")
        self.assertEqual(s.text(), "<body>text</body>")
        for path in "/__cruet__/reload", "/__cruet__/reload.js":
            self.assertEqual(s.get(path)[0], 404)
        _, headers, _ = s.get("/tagged")
        self.assertEqual((headers["ETag"], headers["Cruet-Build"]), ('"1"', None))
        self.save(SITE, until=None)
        self.assertEqual(s.text(), "<body>text</body>")
        self.assertEqual(s.stop(), (0, "", ""))
        self.misused(["run", "--poll", "site.c"], "cruet run: option --poll needs --debug\n"
                                                  "Try: cruet run --help\n")


class Plugins(Loop):
    SHIFT = r"""#include <cruet.h>
#include <cruet/plugin.h>
static int shift(cruet_ctx *c) { return cruet_text(c, "one"); }
static int init(cruet_app *app) { return cruet_get(app, "/shift", shift); }
CRUET_PLUGIN(shift, .version = "1", .init = init, .flags = CRUET_UNLOADABLE);
"""

    OTHER = """#include <cruet/plugin.h>
int other_count(void);
int other_count(void) { return 1; }
static int init(cruet_app *app) { (void)app; return 0; }
CRUET_PLUGIN(other, .version = "1", .init = init, .flags = CRUET_UNLOADABLE);
"""

    def install(self, text):
        self.write("src/shift.c", text)
        self.build("src/shift.c")
        os.rename(self.path("src/shift.so"), self.path("plugins/shift.so"))

    def test_a_plugin_that_is_built_is_taken_up(self):
        self.write("site.c", SITE)
        self.write("plugins/README", "")
        self.install(self.SHIFT)
        self.write("cruet.json", '{"app": "site.c", "server": {"plugin_path": ["plugins"]}, '
                                 '"plugins": {"shift": {}}}')
        s = self.run_debug(".", "-w", "0")
        self.assertEqual(s.text("/shift"), "one")
        self.install(self.SHIFT.replace('"one"', '"two"'))
        self.log_line(s, SERVED)
        self.assertEqual(s.text("/shift"), "two")
        self.install(self.SHIFT.replace("return cruet_get", "cruet_get").replace(
            "shift); }\nCRUET", 'shift); return cruet_reject(app, "no"); }\nCRUET'))
        self.shows(self.trouble(s, **BROWSER)[2], "<title>plugin 'shift': no</title>")
        self.assertEqual(s.text("/shift"), "two")
        self.install(self.SHIFT.replace("static int shift", "int other_count(void);\nstatic int shift")
                     .replace('"one"', 'other_count() ? "some" : "none"'))
        self.shows_soon(s, "No plugin on the path has other_count(): add")
        self.write("src/other.c", self.OTHER)
        self.build("src/other.c")
        os.rename(self.path("src/other.so"), self.path("plugins/other.so"))
        self.shows_soon(s, "other_count() is the plugin other's own")
        self.ends_well(s)

    def test_state_is_handed_over(self):
        self.write("site.c", r"""#include <cruet.h>
#include <cruet/plugin.h>
struct state { long n; };
static int front(cruet_ctx *c)
{
	struct state *s = cruet_state(cruet_scope(c));
	return cruet_textf(c, "n %ld", ++s->n);
}
static int init(cruet_app *app) { return cruet_get(app, "/", front); }
static int migrate(cruet_app *app, const cruet_predecessor *old)
{
	*(struct state *)cruet_state(app) = *(const struct state *)old->state;
	return CRUET_OK;
}
CRUET_PLUGIN(app, .state_size = sizeof(struct state), .init = init, .migrate = migrate);
""")
        s = self.run_debug("site.c", "-w", "0")
        self.assertEqual((s.text(), s.text()), ("n 1", "n 2"))
        self.change("n %ld", "number %ld")
        self.assertEqual(s.text(), "number 3")
        self.ends_well(s)


class Building(Loop):
    """A compiler that takes its time: it waits for the other end of a pipe."""

    def setUp(self):
        super().setUp()
        os.mkfifo(self.path("gate"))
        self.write("slow", f"#!/bin/sh\necho $$ >{self.path('gate')}\nread x <{self.path('gate')}\n"
                           'exec cc "$@"\n')
        os.chmod(self.path("slow"), 0o755)
        self.write("tmp/x", "")

    def start(self, *args):
        """The server and the compiler that it has begun to run."""
        process = subprocess.Popen(
            [f"{BUILD}/core/cruet", "run", "--debug", "site.c", "-l", "0", *args],
            cwd=self.folder, env=self.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process, self.compiler()

    def env(self):
        from driver import environment
        return environment(CC=self.path("slow"), TMPDIR=self.path("tmp"),
                           XDG_RUNTIME_DIR=self.path("tmp"))

    def compiler(self):
        with open(self.path("gate")) as f:
            return int(f.read())

    def test_a_signal_ends_it_and_the_compiler(self):
        self.write("site.c", SITE)
        for workers in "0", "1":
            for sig in signal.SIGTERM, signal.SIGINT:
                with self.subTest(workers=workers, sig=sig):
                    process, compiler = self.start("-w", workers)
                    process.send_signal(sig)
                    self.assertEqual(process.wait(30), 0)
                    self.ends(compiler)
                    self.assertEqual(os.listdir(self.path("tmp")), ["x"])

    def test_a_signal_to_read_anew_does_no_harm(self):
        self.write("site.c", SITE)
        process, _ = self.start("-w", "0")
        process.send_signal(signal.SIGHUP)
        with open(self.path("gate"), "w") as f:
            f.write("go\n")
        at = re.fullmatch(r"serving http://127.0.0.1:([0-9]+)\n", process.stdout.readline())
        c = http.client.HTTPConnection("127.0.0.1", int(at[1]), timeout=30)
        self.addCleanup(c.close)

        def text():
            c.request("GET", "/")
            return c.getresponse().read().decode()

        self.save(SITE.replace('"one"', '"two"'), until=None)
        self.compiler()
        self.assertEqual(text(), "one")  # what was built before, while it builds
        os.symlink(shutil.which("cc"), self.path("quick"))
        os.rename(self.path("quick"), self.path("slow"))
        process.send_signal(signal.SIGHUP)
        self.save(SITE.replace('"one"', '"six"'), until=None)  # that is built in its place
        while not process.stderr.readline().endswith(SERVED + "\n"):
            pass
        self.assertEqual(text(), "six")
        process.terminate()
        self.assertEqual(process.wait(30), 0)
        self.assertEqual(os.listdir(self.path("tmp")), ["x"])


@unittest.skipUnless(shutil.which("meson"), "there is no meson")
class Project(Loop):
    def test_a_meson_project_is_built_by_ninja(self):
        self.write("site.c", SITE)
        self.write("meson.build", "project('site', 'c')\n"
                                  "shared_module('site', 'site.c', name_prefix: '', "
                                  f"include_directories: include_directories('{self.include()}'))\n")
        self.write("cruet.json", '{"app": "build/site.so"}')
        s = self.run_debug(".", "-w", "0")
        self.assertEqual(s.text(), "one")
        self.change('"one"', '"two"')
        self.assertEqual(s.text(), "two")
        self.change('"two");', '"two")', until="cruet: ../site.c:5: expected ‘;’ before ‘}’ token")
        self.shows(self.trouble(s, **BROWSER)[2], 'return cruet_text(c, "two")')
        self.change('"two")', '"six");')
        self.mended(s, "six")
        self.ends_well(s)

    def include(self):
        os.symlink(os.environ["CRUET_SOURCE"] + "/include", self.path("cruet-include"))
        return "cruet-include"


main()
