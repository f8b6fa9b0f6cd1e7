"""A site that fails in many ways, and what its tests share: one server for all of a class."""

import http.client
import json

from driver import Cli, Server

# What a sanitizer would take is left to us.
ASKED = {"ASAN_OPTIONS": "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:"
                         "handle_abort=0:use_sigaltstack=0:detect_leaks=0:"
                         "allocator_may_return_null=1",
         "UBSAN_OPTIONS": "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:"
                          "handle_abort=0"}

CURL = {"Accept": "*/*", "User-Agent": "curl/7.88.1"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "User-Agent": "Mozilla/5.0"}
PROGRAM = {"Accept": "application/json"}
SCRIPT = {"Accept": "*/*", "X-Requested-With": "XMLHttpRequest", "User-Agent": "Mozilla/5.0"}


class DebugSite(Cli):
    """Derive from it with SOURCE (the text of site.c), CONFIG and ARGS."""

    CONFIG = {}
    ARGS = ("--debug",)
    ENV = ASKED

    @classmethod
    def setUpClass(cls):
        cls.keeper = DebugSite("prepare")
        cls.keeper.setUp()
        cls.addClassCleanup(cls.keeper.doCleanups)
        cls.keeper.prepare(cls)

    def setUp(self):
        if "keeper" in type(self).__dict__:
            self.folder, self.s = self.keeper.folder, self.keeper.s
        else:
            super().setUp()

    def prepare(self, of):
        self.s = of.serve(self, of)

    @staticmethod
    def serve(self, of):
        """The server of a class, in the folder of its keeper."""
        self.write("site.c", of.SOURCE)
        self.build("site.c", "-g", "-O0", "-fno-omit-frame-pointer", "-Wno-infinite-recursion",
                   "-Wno-div-by-zero", anew=True)
        self.write("cruet.json", json.dumps({"app": "site.so", **of.CONFIG}))
        return Server(self, "-l", "127.0.0.1:0", *of.ARGS, **of.ENV)

    def line_of(self, mark):
        """The line of site.c that ends with /* line:MARK */."""
        for number, text in enumerate(self.SOURCE.split("\n"), 1):
            if text.endswith(f"/* line:{mark} */"):
                return number
        raise KeyError(mark)

    def ask(self, path, headers, method="GET", body=None):
        """Status, headers and text."""
        c = http.client.HTTPConnection(self.s.host, self.s.port, timeout=60)
        try:
            c.request(method, path, body=body, headers=headers)
            r = c.getresponse()
            return r.status, r.headers, r.read().decode()
        finally:
            c.close()

    def text(self, path, **more):
        """The page as curl has it."""
        return self.ask(path, CURL, **more)[2]

    def data(self, path, **more):
        return json.loads(self.ask(path, PROGRAM, **more)[2])

    def section(self, page, title):
        """The pairs of a section of a JSON page."""
        found = [s for s in page["sections"] if s["title"] == title]
        self.assertEqual(len(found), 1, f"{title}: {[s['title'] for s in page['sections']]}")
        return [tuple(pair) for pair in found[0]["pairs"]] or found[0]["text"]
