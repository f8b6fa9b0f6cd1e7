"""cruet run --asan: code that damages memory is a page at the place where it does it, and the
process goes on."""

import re

from debug_site import DebugSite
from driver import Server, main

SITE = r"""#include <cruet.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static volatile int n = 40;
static void *volatile kept;

static int over(cruet_ctx *c)
{
	char *p = malloc(n);
	p[n] = 1; /* line:over */
	free(p);
	return cruet_text(c, "over\n");
}

static int after(cruet_ctx *c)
{
	char *volatile p = malloc(n);
	free(p); /* line:freed */
	return cruet_textf(c, "%d\n", p[3]); /* line:after */
}

static int undefined(cruet_ctx *c)
{
	int m = INT_MAX;
	m += n; /* line:undefined */
	return cruet_textf(c, "%d\n", m);
}

static int leak(cruet_ctx *c)
{
	for (int i = 0; i < 4; i++)
		kept = malloc(123); /* line:leak */
	kept = NULL;
	return cruet_text(c, "leak\n");
}

static int pid(cruet_ctx *c)
{
	return cruet_textf(c, "%d", (int)getpid());
}

static int fails(cruet_ctx *c)
{
	return cruet_fail(c, 500, "no more than that");
}

CRUET_APP(app)
{
	cruet_get(app, "/", pid);
	cruet_get(app, "/over", over);
	cruet_get(app, "/after", after);
	cruet_get(app, "/undefined", undefined);
	cruet_get(app, "/leak", leak);
	cruet_get(app, "/fails", fails);
}
"""


class Asan(DebugSite):
    SOURCE = SITE

    @staticmethod
    def serve(self, of):
        self.write("site.c", of.SOURCE)
        return Server(self, "-l", "127.0.0.1:0", "--asan", "site.c", ASAN_OPTIONS=None,
                      UBSAN_OPTIONS=None)

    def test_reports_are_pages_and_the_process_lives(self):
        pid = self.text("/")
        for kind, title, cause in (
                ("over", "heap-buffer-overflow in over",
                 "wrote 1 byte beyond memory from malloc(): 0 bytes "),
                ("after", "heap-use-after-free in after", "read 1 byte in memory that was freed: "),
                ("undefined", "undefined behaviour", "signed integer overflow: 40 + 2147483647 ")):
            with self.subTest(kind):
                page = self.data(f"/{kind}?q=1")
                line = self.line_of(kind)
                self.assertEqual((page["error"], page["status"]), (f"{title} (site.c:{line})", 500))
                self.assertTrue(page["cause"].startswith(cause), page["cause"])
                own = [f for f in page["frames"] if not f["foreign"]]
                self.assertEqual((own[0]["file"], own[0]["line"]), (self.path("site.c"), line))
                self.assertIn("Sanitizer" if kind != "undefined" else "runtime error",
                              self.section(page, "What the sanitizer says"))
                self.assertEqual(self.section(page, "Query"), [("q", "1")])
                if kind == "after":
                    self.assertIn(("it was freed here", self.line_of("freed")),
                                  [(f["says"], f["line"]) for f in page["frames"]])
                self.assertEqual(self.text("/"), pid)
        self.assertIn("heap-buffer-overflow in over", self.text("/over"))

    def test_leaks_are_in_the_log_and_on_the_next_page(self):
        pid = self.text("/")
        self.assertEqual(self.text("/leak"), "leak\n")
        place = f"leak ({self.path('site.c')}:{self.line_of('leak')})"
        said = self.log_line(self.s, f"allocated in {place}, by GET /leak")
        words = re.search(r"leak: (\d+ bytes in [34] objects, .*)\n", said)[1]
        page = self.data("/fails")
        self.assertEqual(self.section(page, "Leaks of requests before"), words)
        self.assertNotIn("Leaks", self.text("/fails")) # it was told
        self.assertEqual(self.text("/"), pid)


main()
