"""The pages of --debug in a browser: nothing of what a client sends runs there."""

import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.parse

from debug_site import BROWSER, DebugSite
from driver import main
from xss import MARKUP

CHROMIUM = shutil.which("chromium")

ALL = " ".join(MARKUP)

FRAMES = """<!doctype html>
<html data-hits="">
<script>
onmessage = (e) => {
	const own = (w) => w === top || w.parent === top ? w : own(w.parent);
	const frame = [...document.getElementsByTagName("iframe")].find(
		(f) => f.contentWindow === own(e.source));
	document.documentElement.dataset.hits += " " + (frame ? frame.name : "unknown");
};
</script>
"""

SITE = r"""#include <cruet.h>
#include <cruet/db.h>
#include <cruet/session.h>

static int fails(cruet_ctx *c)
{
	const char *said = cruet_form(c, "said");
	said = said ? said : cruet_query(c, "said");
	cruet_session_set_str(c, said, said);
	cruet_note(c, CRUET_WARN, "%s", said);
	cruet_db_rows *rows = cruet_db_query_v(c, said, 0, NULL);
	(void)rows;
	cruet_err_clear(c);
	return cruet_fail(c, 500, "%s", said);
}

static int crashes(cruet_ctx *c)
{
	const char *said = cruet_query(c, "said");
	struct { const char *said; char text[2000]; } both = {said, ""};
	int *volatile nowhere = NULL;
	snprintf(both.text, sizeof both.text, "%s", said);
	cruet_session_set_str(c, said, said);
	*nowhere = 1;
	return cruet_text(c, both.text);
}

CRUET_APP(app)
{
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/fails/<path:what>",
				       .name = "fails", .methods = "GET,POST", .fn = fails,
				       .here = CRUET_HERE});
	cruet_get(app, "/crashes/<path:what>", crashes);
}
"""


def quoted(text):
    return urllib.parse.quote(text, safe="")


@unittest.skipUnless(CHROMIUM, "chromium is not installed")
class Browser(DebugSite):
    SOURCE = SITE.replace("#include <cruet.h>", "#include <cruet.h>\n#include <stdio.h>", 1)
    CONFIG = {"secret_key": "0123456789abcdef0123456789abcdef", "settings": {"said": ALL},
              "plugins": {"session": {}, "sqlite": {"path": "site.db"}},
              "server": {"head_max": "256k"}}

    def html(self, path, method="GET", body=None, **headers):
        status, _, text = self.ask(path, {**BROWSER, **headers}, method, body)
        self.assertIn(status, (404, 405, 500))
        self.assertTrue(text.startswith("<!doctype html>"), text[:200])
        return text

    def pages(self):
        """Each field of a page has all of the corpus in one of them."""
        head = {"X-Said": ALL.replace("\t", " ").encode(), "Cookie": f"said={quoted(ALL)}".encode()}
        form = {"Content-Type": "application/x-www-form-urlencoded", **head}
        path = quoted(ALL)
        yield "form", self.html(f"/fails/{path}?{path}={path}", "POST",
                                f"said={path}&{path}={path}", **form)
        yield "body", self.html(f"/fails/x?said={path}", "POST", ALL.encode(), **head,
                                **{"Content-Type": "text/plain"})
        yield "method", self.html("/fails/x", "DELETE", **head)
        yield "missing", self.html(f"/{path}", **head)
        yield "crash", self.html(f"/crashes/{path}?said={path}", **head)

    def hits(self, pages):
        """The names of those pages of which a script has spoken, in one browser for all."""
        frames = ""
        for name, text in pages.items():
            self.write(f"pages/{name}.html", text)
            frames += f'<iframe name={name} src="{name}.html"></iframe>\n'
        index = self.write("pages/index.html", FRAMES + frames)
        with tempfile.TemporaryDirectory() as profile:
            dom = subprocess.run(
                [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                 "--disable-dev-shm-usage", f"--user-data-dir={profile}",
                 "--virtual-time-budget=5000", "--dump-dom", f"file://{index}"],
                capture_output=True, text=True, check=True, timeout=120).stdout
        self.assertEqual(dom.count("<iframe"), len(pages))
        return set(re.search('data-hits="([^"]*)"', dom)[1].split())

    def test_nothing_of_the_corpus_runs(self):
        pages = dict(self.pages())
        for name, text in pages.items():
            self.assertGreater(text.count("postMessage"), 100, name)
        # so that it is known that they would be noticed
        for n in (0, 7, 8, 13):
            pages[f"control{n}"] = f"<!doctype html><html><body>{MARKUP[n]}</body></html>"
        self.assertEqual(self.hits(pages), {"control0", "control7", "control8", "control13"})


main()
