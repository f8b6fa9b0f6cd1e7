"""Code that crashes: what the client gets, what the report says, and what goes on."""

import glob
import http.client
import json
import os
import re
import signal
import socket
import subprocess

from driver import BUILD, SOURCE, Cli, Server, main
from load import Load

# What a sanitizer would take is left to us.
ASKED = {"ASAN_OPTIONS": "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:"
                         "handle_abort=0:use_sigaltstack=0:detect_leaks=0",
         "UBSAN_OPTIONS": "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:"
                          "handle_abort=0"}

SITE = r"""#include <cruet.h>
#include <fcntl.h>
#include <unistd.h>

static int who(cruet_ctx *c)
{
	return cruet_textf(c, "%d\n", (int)getpid());
}

/* Says that it has begun, and ends when it is told to. */
static int wait(cruet_ctx *c)
{
	char byte;
	int fd = open("begun", O_WRONLY);
	close(fd);
	fd = open("go", O_RDONLY);
	ssize_t n = read(fd, &byte, 1);
	close(fd);
	return n == 1 ? who(c) : CRUET_EIO;
}

static int deep(cruet_ctx *c)
{
	return who(c); /* and what crashes here is the application */
}

CRUET_APP(app)
{
	cruet_get(app, "/", who);
	cruet_get(app, "/wait", wait);
	cruet_get(app, "/deep", deep);
}
"""

# Each route crashes in a way of its own; the line is what the report has to name.
BOOM = r"""#define _GNU_SOURCE
#include <cruet.h>
#include <cruet/ws.h>
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile int zero;
static int *volatile nowhere;
static int (*volatile none)(cruet_ctx *c);

static int null(cruet_ctx *c)
{
	*nowhere = 1; /* line:null */
	return cruet_empty(c, 204);
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
	assert(zero); /* line:failed */
	return cruet_empty(c, 204);
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
	return none(c); /* line:call */
}

/* The address is in the C library; the plugin called it. */
static int library(cruet_ctx *c)
{
	return cruet_textf(c, "%zu", strlen((const char *)nowhere + zero)); /* line:library */
}

static int late(cruet_ctx *c)
{
	return cruet_textf(c, "it is said\n");
}

static void after_all(cruet_ctx *c, int err)
{
	(void)err;
	if (!strcmp(cruet_path(c), "/late"))
		*nowhere = 1; /* line:late */
}

/* The first piece comes, the second one does not. */
static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	(void)c;
	(void)cap;
	if (++*(int *)self > 1)
		*nowhere = 1; /* line:half */
	memcpy(buf, "first", 5);
	return 5;
}

static int half(cruet_ctx *c)
{
	return cruet_stream(c, &(cruet_source){.size = sizeof(cruet_source), .mime = "text/plain",
					       .length = -1, .pull = pull},
			    cruet_alloc(c, sizeof(int)));
}

/* What the handler of the signal reads is spoilt too. */
static int spoilt(cruet_ctx *c)
{
	memset((void *)c, 0x41, 1024);
	*nowhere = 1; /* line:spoilt */
	return cruet_empty(c, 204);
}

static pthread_barrier_t both;

static int together(cruet_ctx *c)
{
	pthread_barrier_wait(&both);
	*nowhere = 1; /* line:together */
	return cruet_empty(c, 204);
}

static int said(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	(void)w;
	(void)c;
	(void)kind;
	(void)p;
	*nowhere = (int)len; /* line:said */
	return CRUET_OK;
}

static int in_a_child(cruet_ctx *c)
{
	pid_t pid = fork();
	if (!pid)
		*nowhere = 1;
	return cruet_textf(c, "%d\n", (int)pid);
}

static void tick(cruet_ctx *c, void *arg)
{
	(void)c;
	(void)arg;
	if (!access("tick", F_OK)) {
		unlink("tick");
		*nowhere = 1; /* line:tick */
	}
}

static int maybe(cruet_app *app, const char *step)
{
	const char *wanted = cruet_setting(app, "step");
	if (wanted && !strcmp(wanted, step))
		*nowhere = 1; /* line:step */
	return CRUET_OK;
}

static int configure(cruet_app *app)
{
	return maybe(app, "configure");
}

static int init(cruet_app *app)
{
	cruet_get(app, "/null", null);
	cruet_post(app, "/null", null);
	cruet_get(app, "/divide", divide);
	cruet_get(app, "/illegal", illegal);
	cruet_get(app, "/bus", bus);
	cruet_get(app, "/failed", failed);
	cruet_get(app, "/overflow", overflow);
	cruet_get(app, "/call", call);
	cruet_get(app, "/library", library);
	cruet_get(app, "/late", late);
	cruet_get(app, "/half", half);
	cruet_get(app, "/spoilt", spoilt);
	cruet_get(app, "/together", together);
	cruet_get(app, "/in_a_child", in_a_child);
	cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule), .path = "/talk",
					      .name = "talk", .message = said,
					      .here = CRUET_HERE});
	pthread_barrier_init(&both, NULL, 2);
	cruet_teardown(app, after_all);
	cruet_every(app, 20, tick, NULL);
	return maybe(app, "init");
}

static int start(cruet_app *app)
{
	return maybe(app, "start");
}

static void stop(cruet_app *app)
{
	maybe(app, "stop");
}

static void fini(cruet_app *app)
{
	maybe(app, "fini");
}

struct config {
	const char *code, *colour;
};

static const cruet_option options[] = {
	CRUET_OPTION(struct config, code, STR, .def = "", .flags = CRUET_OPT_SECRET),
	CRUET_OPTION(struct config, colour, STR, .def = ""),
	{NULL},
};

CRUET_PLUGIN(boom, .version = "1.2.3", .options = options, .config_size = sizeof(struct config),
	     .configure = configure, .init = init, .start = start,
	     .stop = stop, .fini = fini);
"""


def line_of(mark):
    for number, text in enumerate(BOOM.split("\n"), 1):
        if f"/* line:{mark} */" in text:
            return number
    raise KeyError(mark)


class Crashing(Cli):
    transport = "event"

    def site(self, *args, settings=None, **server):
        if not os.path.exists(self.path("site.so")):
            self.write("site.c", SITE)
            self.write("plugins/boom.c", BOOM)
            self.build("site.c", "-g")
            self.build("plugins/boom.c", "-g", "-fno-inline", "-Wno-infinite-recursion")
        self.configure(settings, **server)
        return Server(self, "-l", "127.0.0.1:0", *args, **ASKED)

    def configure(self, settings=None, **server):
        self.write("cruet.json", json.dumps({
            "app": "site.so", "settings": settings or {}, "plugins": {"boom": {"code": "hidden", "colour": "blue"}},
            "server": {"transport": self.transport, "plugin_path": ["plugins"], **server}}))

    def crash(self, s, path, method="GET", **more):
        """The reply to a request that crashes: status, headers, text."""
        c = http.client.HTTPConnection(s.host, s.port, timeout=30)
        self.addCleanup(c.close)
        c.request(method, path, **more)
        r = c.getresponse()
        return r.status, r.headers, r.read().decode()

    def report(self, n=1):
        """The n-th report, and its name."""
        names = sorted(glob.glob(self.path("var/crashes/*.json")), key=os.path.getmtime)
        self.assertEqual(len(names), n, names)
        name = os.path.relpath(names[-1], self.folder)
        with open(names[-1]) as f:
            return json.load(f), name

    def said(self, s):
        """The line in the log about a crash, without what stands before it."""
        while True:
            line = s.process.stderr.readline()
            self.assertNotEqual(line, "", "nothing is said")
            found = re.search(r"worker [0-9]+ \(process [0-9]+\): (.* crashed.*)\n", line)
            if found:
                return found[1]

    def serves_again(self, s):
        return int(self.eventually(s.text))


class Replies(Crashing):
    KINDS = {
        "null": ("SIGSEGV", r"SIGSEGV at address 0x0 \(a NULL pointer\)"),
        "divide": ("SIGFPE", r"SIGFPE \(a division by zero\)"),
        "illegal": ("SIGILL", "SIGILL"),
        "bus": ("SIGBUS", "SIGBUS at address 0x[0-9a-f]+"),
        "failed": ("SIGABRT", "SIGABRT"),
        "overflow": ("SIGSEGV", r"SIGSEGV at address 0x[0-9a-f]+ \(the stack is full\)"),
        "call": ("SIGSEGV", r"SIGSEGV at address 0x0 \(a NULL pointer\)"),
        "library": ("SIGSEGV", r"SIGSEGV at address 0x0 \(a NULL pointer\)"),
    }

    def test_each_signal_is_one_reply_and_one_report(self):
        for n, (kind, (name, says)) in enumerate(self.KINDS.items(), 1):
            with self.subTest(kind):
                s = self.site()
                before = int(s.text())
                status, headers, text = self.crash(s, f"/{kind}?page=2&api_token=hidden")
                said = self.said(s)
                report, path = self.report(n)
                self.assertEqual((status, headers["Connection"]), (500, "close"))
                self.assertRegex(text, f"^500 Internal Server Error\n.* It is noted as crash "
                                       f"{report['id']}\\.\n$")
                function = {"overflow": "deeper"}.get(kind, kind)
                self.assertRegex(said, rf"^plugin 'boom' crashed: {says}, "
                                       rf"in {function} \(boom\.c:{line_of(kind)}\), while it "
                                       rf"answered GET /{kind}; report: {path}$")
                self.assertEqual(
                    (report["signal"], report["plugin"], report["version"], report["request"],
                     report["route"], report["answered"], report["step"], report["lost"]),
                    (name, "boom", "1.2.3", f"GET /{kind}?page=2&api_token=********",
                     f"boom.{kind}", True, None, 0))
                frames = [f for f in report["frames"] if f["function"] == function]
                self.assertTrue(frames, report["frames"])
                self.assertEqual((os.path.basename(frames[0]["file"]), frames[0]["line"]),
                                 ("boom.c", line_of(kind)))
                self.assertEqual(os.path.realpath(self.path(frames[0]["module"])),
                                 self.path("plugins/boom.so"))
                self.assertIn({"name": "boom", "version": "1.2.3"}, report["plugins"])
                self.assertNotIn("hidden", json.dumps(report))
                self.assertIn(["plugins.boom.colour", '"blue"'], report["configuration"])
                self.assertNotEqual(self.serves_again(s), before)
                self.assertEqual(s.stop(), (0, "", ""))

    def test_what_was_on_its_way_gets_there(self):
        s = self.site()
        self.assertEqual(self.crash(s, "/late")[::2], (200, "it is said\n"))
        self.assertIn(f"in after_all (boom.c:{line_of('late')})", self.said(s))
        self.assertEqual((self.report()[0]["answered"]), False)

    def test_a_reply_that_has_begun_is_cut_off(self):
        s = self.site()
        c = self.connect(s)
        c.request("GET", "/half")
        with self.assertRaises(http.client.IncompleteRead) as cut:
            c.getresponse().read()
        self.assertEqual(cut.exception.partial, b"first")
        self.assertIn(f"in pull (boom.c:{line_of('half')}), while it answered GET /half;",
                      self.said(s))
        report, _ = self.report()
        self.assertEqual((report["route"], report["answered"]), ("boom.half", False))

    def test_what_is_damaged_ends_neither_the_report_nor_the_restart(self):
        s = self.site()
        self.assertRaises((OSError, http.client.HTTPException), self.crash, s, "/spoilt")
        self.assertIn(f"in spoilt (boom.c:{line_of('spoilt')})", self.said(s))
        report, _ = self.report()
        self.assertEqual((report["plugin"], report["signal"], report["answered"]),
                         ("boom", "SIGSEGV", False))
        self.serves_again(s)

    def test_two_at_once_are_two_replies_and_one_report(self):
        s = self.site()
        asks = [self.connect(s) for _ in range(2)]
        for c in asks:
            c.request("GET", "/together")
        texts = [c.getresponse().read().decode() for c in asks]
        self.said(s)
        report, _ = self.report()
        for text in texts:
            self.assertIn(f"crash {report['id']}", text)
        self.assertEqual(report["lost"], 0)
        self.serves_again(s)

    def test_head_and_post(self):
        s = self.site()
        status, headers, text = self.crash(s, "/null", "HEAD")
        self.assertEqual((status, text), (500, ""))
        self.assertGreater(int(headers["Content-Length"]), 0)
        self.said(s)
        self.serves_again(s)
        status, _, text = self.crash(s, "/null", "POST", body=b"x" * 100000)
        self.assertEqual((status, text[:4]), (500, "500 "))

    def test_requests_that_wait_are_given_a_moment_and_then_counted(self):
        s = self.site()
        os.mkfifo(self.path("begun"))
        os.mkfifo(self.path("go"))
        waits = self.connect(s)
        waits.request("GET", "/wait")
        with open(self.path("begun"), "rb") as f:
            f.read()
        self.assertEqual(self.crash(s, "/null")[0], 500)
        self.assertIn("; other requests that were lost: 1; report: ", self.said(s))
        self.assertEqual(self.report()[0]["lost"], 1)
        self.assertRaises((OSError, http.client.HTTPException), waits.getresponse)

    def test_a_process_that_was_forked_is_not_the_server(self):
        s = self.site()
        before = s.text()
        self.assertGreater(int(s.text("/in_a_child")), 0)
        self.assertEqual(s.text(), before)
        self.assertEqual(s.stop(), (0, "", ""))

    def test_a_signal_from_outside_is_no_crash(self):
        s = self.site()
        pid = int(s.text())
        os.kill(pid, signal.SIGSEGV)
        self.log_line(s, f"(process {pid}): it was ended by signal 11 (Segmentation fault)")
        self.serves_again(s)
        self.assertFalse(os.path.exists(self.path("var/crashes")))

    def test_threads_of_a_plugin(self):
        s = self.site()
        self.write("tick", "")
        self.assertRegex(self.said(s), rf"^plugin 'boom' crashed: SIGSEGV at address 0x0 \(a NULL "
                                       rf"pointer\), in tick \(boom\.c:{line_of('tick')}\); report: ")
        report, _ = self.report()
        self.assertEqual((report["request"], report["answered"]), (None, False))
        self.serves_again(s)


class CivetwebReplies(Replies):
    transport = "civetweb"


class EventReplies(Crashing):
    def test_what_was_asked_before_in_one_go_is_answered(self):
        s = self.site()
        with socket.create_connection((s.host, s.port), timeout=30) as c:
            c.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /null HTTP/1.1\r\nHost: x\r\n\r\n"
                      b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            said = c.makefile("rb").read()
        self.assertEqual(re.findall(rb"HTTP/1.1 [0-9]+", said), [b"HTTP/1.1 200", b"HTTP/1.1 500"])
        self.assertTrue(self.report_of(s)["answered"])

    def report_of(self, s):
        self.said(s)
        return self.report()[0]

    def test_a_message_of_a_websocket(self):
        s = self.site()
        with socket.create_connection((s.host, s.port), timeout=30) as c:
            c.sendall(b"GET /talk HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket"
                      b"\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                      b"dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            self.assertIn(b"101 Switching", c.recv(4096))
            c.sendall(b"\x81\x82\0\0\0\0hi")
            self.assertEqual(c.recv(4096), b"")
        self.assertIn(f", in said (boom.c:{line_of('said')}), at a message of boom.talk;",
                      self.said(s))

    def test_by_tls_there_is_a_reply_only_where_the_kernel_encrypts(self):
        s = self.site(tls={"listen": "127.0.0.1:0", "certificate": "adhoc"})
        port = int(s.process.stdout.readline().rsplit(":", 1)[1])
        r = subprocess.run(["curl", "-sk", f"https://127.0.0.1:{port}/null"], capture_output=True,
                           text=True)
        answered = self.report_of(s)["answered"]
        self.assertEqual((r.returncode == 0, r.stdout[:4]), (answered, "500 " * answered))
        self.serves_again(s)


class Closing(Crashing):
    SAYS = ("plugin 'boom' has crashed 3 times within 60 s: it is quarantined, and what needs it "
            "answers 503, until: cruet plugins clear boom")

    def crash_thrice(self, s):
        for n in range(1, 4):
            # a worker that dies again and again is not replaced at once
            reply = self.eventually(lambda: self.crash(s, "/null"))
            self.assertEqual(reply[0], 500)
            if n == 3:
                self.log_line(s, self.SAYS)
            self.said(s)

    def closed(self, s):
        status, headers, _ = self.eventually(lambda: self.crash(s, "/null"))
        self.assertEqual((status, headers["Retry-After"]), (503, "60"))


class Quarantined:
    """For each transport."""

    def test_after_the_third_its_routes_are_closed_and_the_rest_serves(self):
        s = self.site()
        self.crash_thrice(s)
        for _ in range(3):
            self.closed(s)
        self.serves_again(s)
        self.write("tick", "")
        for _ in range(20): # its timer does not run
            s.text()
        self.assertTrue(os.path.exists(self.path("tick")))
        self.report(3)
        self.assertEqual(s.stop()[0], 0)

    def states(self):
        """What `cruet plugins list` says of those that are attached."""
        lines = self.cruet("plugins", "list").out.splitlines()[1:]
        return {line.split()[0]: line.split()[2] for line in lines
                if line.split()[0] == "boom"}

    def test_it_is_shown_and_lifted(self):
        self.site().stop()
        self.assertEqual(self.states(), {"boom": "attached"})
        s = self.site()
        self.assertEqual(self.states(), {"boom": "running"})
        r = self.cruet("plugins", "clear", "boom")
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertTrue(r.err.endswith(": plugin 'boom' is not quarantined\n"), r.err)
        self.crash_thrice(s)
        self.closed(s)
        self.serves_again(s)
        self.assertEqual(self.states(), {"boom": "quarantined"})
        r = self.cruet("plugins", "clear", "bom")
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertRegex(r.err, r"^cruet: no plugin 'bom' is attached: did you mean 'boom'\?\n$")
        self.says(["plugins", "clear", "boom"], "")
        self.assertEqual(self.states(), {"boom": "running"})
        self.write("tick", "") # its timer runs again, and this is the first of three
        self.said(s)
        self.serves_again(s)
        self.assertEqual(self.crash(s, "/null")[0], 500)
        self.said(s)
        self.serves_again(s)
        self.assertEqual(self.states(), {"boom": "running"})

    def test_the_application_is_not_quarantined(self):
        s = self.site()
        self.write("site.c", SITE.replace("return who(c); /* and", "raise(SIGSEGV); /* and")
                   .replace("#include <fcntl.h>", "#include <fcntl.h>\n#include <signal.h>"))
        s.stop()
        self.build("site.c", "-g")
        s = self.site()
        for _ in range(4):
            reply = self.eventually(lambda: self.crash(s, "/deep"))
            self.assertEqual(reply[0], 500)
            self.assertTrue(self.said(s).startswith("the application crashed: SIGSEGV"))


class CivetwebQuarantine(Quarantined, Closing):
    transport = "civetweb"


class EventQuarantine(Quarantined, Closing):
    def test_starting_anew_lifts_it(self):
        s = self.site()
        self.crash_thrice(s)
        self.closed(s)
        self.serves_again(s)
        s.process.send_signal(signal.SIGUSR2)
        self.log_line(s, "the new workers serve, the old ones end")
        status = 503
        while status == 503: # until the old one is gone
            status = self.crash(s, "/null")[0]
        self.assertEqual(status, 500)

    def test_it_holds_for_all_workers(self):
        s = self.site("-w", "2")
        self.crash_thrice(s)
        pids = set()
        while len(pids) < 2:
            pids.add(self.serves_again(s))
            self.closed(s)
        self.assertEqual(s.stop()[0], 0)


class UnderLoad(Closing):
    def test_others_hear_nothing_of_it(self):
        s = self.site("-w", "2")
        load = Load(s, "/", Connection="close") # each may reach any worker
        load.more(200)
        lost = 0
        for n in range(1, 4):
            status, _, text = self.eventually(lambda: self.crash(s, "/null"))
            self.assertEqual(status, 500)
            if n == 3:
                self.log_line(s, self.SAYS)
            self.said(s)
            report, _ = self.report(n)
            self.assertIn(f"crash {report['id']}", text)
            lost += report["lost"]
            load.more(200)
        self.closed(s)
        load.more(200)
        load.stop()
        self.assertEqual(load.refused, [])
        # what began after the crash is sent away, or meets the end of its connection
        self.assertLessEqual({status for status, _ in load.other}, {503})
        self.assertLessEqual(len(load.broken), 12 + lost, load.broken)
        self.assertEqual(s.stop()[0], 0)


class Steps(Crashing):
    STEPS = ("configure", "init", "start", "stop", "fini")

    def test_each_is_named(self):
        for n, step in enumerate(self.STEPS, 1):
            with self.subTest(step):
                if step in ("stop", "fini"):
                    s = self.site(settings={"step": step})
                    code, out, err = s.stop()
                else:
                    self.site().stop()
                    self.configure({"step": step})
                    r = self.cruet("run", "-l", "127.0.0.1:0", **ASKED)
                    code, out, err = r.code, r.out, r.err
                self.assertEqual((code, out), (1, ""))
                self.assertEqual(len(err.splitlines()), 1, err)
                report, name = self.report(n)
                self.assertRegex(err, rf"plugin 'boom' crashed in its {step}: SIGSEGV at address "
                                      rf"0x0 \(a NULL pointer\), in maybe "
                                      rf"\(boom\.c:{line_of('step')}\); report: {name}\n$")
                self.assertEqual((report["plugin"], report["step"], report["step_of"]),
                                 ("boom", step, "boom"))


class Alone(Crashing):
    """A process without a parent."""

    def test_it_writes_the_report_itself_and_ends_by_the_signal(self):
        s = self.site("-w", "0")
        self.assertEqual(self.crash(s, "/null")[0], 500)
        out, err = s.process.communicate(timeout=30)
        report, name = self.report()
        self.assertEqual((s.process.returncode, out), (-signal.SIGSEGV, ""))
        offset = report["frames"][0]["offset"]
        self.assertEqual(err, "cruet: plugin 'boom' crashed: SIGSEGV at address 0x0 (a NULL "
                              f"pointer), in boom.so+{offset}, while it answered GET /null; "
                              f"report: {name}\n")
        found = subprocess.run(["addr2line", "-e", self.path("plugins/boom.so"), offset],
                               capture_output=True, text=True, check=True)
        self.assertTrue(found.stdout.endswith(f"boom.c:{line_of('null')}\n"), found.stdout)

    def test_an_assertion_that_failed_ends_it_as_usual(self):
        s = self.site("-w", "0")
        self.assertEqual(self.crash(s, "/failed")[0], 500)
        s.process.communicate(timeout=30)
        self.assertEqual(s.process.returncode, -signal.SIGABRT)

    def test_only_so_many_reports_are_kept(self):
        for i in range(120):
            self.write(f"var/crashes/20200101-{i:06}-00000000.json", "{}")
        self.write("var/crashes/mine.json", "{}")
        s = self.site()
        self.assertEqual(self.crash(s, "/null")[0], 500)
        self.said(s)
        s.stop()
        names = sorted(os.listdir(self.path("var/crashes")))
        self.assertEqual((len(names), names[0], names[-1]),
                         (101, "20200101-000021-00000000.json", "mine.json"))


class Program(Crashing):
    """With a main of its own, and a plugin that is linked in."""

    MAIN = r"""#include <cruet.h>

static int *volatile nowhere;

static int crash(cruet_ctx *c)
{
	*nowhere = 1;
	return cruet_empty(c, 204);
}

static int front(cruet_ctx *c)
{
	return cruet_text(c, "open\n");
}

static int init(cruet_app *app)
{
	cruet_get(app, "/crash", crash);
	return CRUET_OK;
}

CRUET_PLUGIN(inside, .version = "7", .init = init);

int main(void)
{
	cruet_app *app = cruet_new("own");

	cruet_get(app, "/", front);
	cruet_get(app, "/crash_of_mine", crash);
	cruet_use_static(app, &cruet_plugin_inside, NULL);
	int code = cruet_run(app, "127.0.0.1:0");
	cruet_free(app);
	return code;
}
"""

    def serve(self, **server):
        self.write("own.c", self.MAIN)
        subprocess.run(["cc", "-g", f"-I{SOURCE}/include", "-o", self.path("own"),
                        self.path("own.c"), f"-L{BUILD}/core", "-lcruet"], check=True)
        self.write("cruet.json", json.dumps({"server": server}))
        return Server(self, program=self.path("own"), **ASKED)

    def test_alone_it_ends_by_the_signal(self):
        s = self.serve()
        self.assertEqual(self.crash(s, "/crash")[0], 500)
        out, err = s.process.communicate(timeout=30)
        self.assertEqual((s.process.returncode, out), (-signal.SIGSEGV, ""))
        report, name = self.report()
        self.assertRegex(err, r"^cruet: plugin 'inside' crashed: SIGSEGV at address 0x0 \(a NULL "
                              r"pointer\), in own\+0x[0-9a-f]+, while it answered GET /crash; "
                              rf"report: {name}\n$")
        self.assertEqual((report["plugin"], report["version"], report["because"]),
                         ("inside", "7", "a function of it was being run"))

    def test_as_its_own_parent_it_goes_on(self):
        for n, transport in enumerate(("civetweb", "event"), 1):
            s = self.serve(workers=1, transport=transport)
            self.assertEqual(self.crash(s, "/crash_of_mine")[0], 500)
            self.assertRegex(self.said(s), r"^the program crashed: SIGSEGV at address 0x0 \(a NULL "
                                           r"pointer\), in crash \(own.c:7\), while it answered "
                                           r"GET /crash_of_mine; report: ")
            self.report(n)
            self.assertEqual(self.eventually(s.text), "open\n")
            self.assertEqual(s.stop()[0], 0)


class Settings(Crashing):
    def test_without_reports_signals_do_as_they_always_did(self):
        s = self.site(crashes="")
        pid = int(s.text())
        self.assertRaises((OSError, http.client.HTTPException), self.crash, s, "/null")
        self.log_line(s, f"(process {pid}): it was ended by signal 11 (Segmentation fault)")
        self.serves_again(s)

    def test_a_report_that_cannot_be_written(self):
        self.write("full", "")
        s = self.site(crashes="full/crashes")
        self.assertEqual(self.crash(s, "/null")[0], 500)
        self.assertTrue(self.said(s).endswith("; no report could be written to full/crashes: Not a "
                                              "directory"))
        self.serves_again(s)


main()
