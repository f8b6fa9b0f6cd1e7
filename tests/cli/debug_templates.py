"""cruet run --debug: mistakes in templates become pages with their lines; what is saved is read."""

from debug_site import DebugSite
from driver import main

SITE = r"""#include <cruet.h>
#include <cruet/template.h>

static int page(cruet_ctx *c)
{
	return cruet_render(c, cruet_arg(c, "name"), NULL); /* line:render */
}

CRUET_APP(app)
{
	cruet_get(app, "/<name>", page);
}
"""

PAGES = {
    "page.html": "<h1>{{ title }}</h1>\n\n{% include 'part.html' %}\n",
    "part.html": "one\ntwo {{ tilte }}\nthree {{ user.name }}\nfour\n",
    "broken.html": "\n\n{% if a %}\n",
    "bare.html": "{% include 'link.html' %}",
    "link.html": "\n<a href={{ a }}>a</a>",
}


class Templates(DebugSite):
    SOURCE = SITE
    CONFIG = {"plugins": {"jinja": {}}}

    @staticmethod
    def serve(self, of):
        for name, text in PAGES.items():
            self.write(f"templates/{name}", text)
        return DebugSite.serve(self, of)

    def places(self, page):
        return [(f["file"], f["line"], f["says"]) for f in page["frames"] if not f["foreign"]][:3]

    def test_the_lines_and_how_they_came_to_be_read(self):
        page = self.data("/page.html")
        says = "UndefinedError: 'user' is undefined"
        self.assertEqual(page["error"], "Internal Server Error in part.html:3")
        self.assertTrue(page["cause"].startswith(says), page["cause"])
        self.assertTrue(page["cause"].endswith("undefined before: title, tilte"), page["cause"])
        self.assertEqual(self.places(page), [
            (self.path("templates/part.html"), 3, says),
            (self.path("templates/page.html"), 3, "included from here"),
            (self.path("site.c"), self.line_of("render"), None)])
        text = self.text("/page.html")
        for line in ("       2 | two {{ tilte }}\n", "  >    3 | three {{ user.name }}\n",
                     "       4 | four\n", "  >    3 | {% include 'part.html' %}\n"):
            self.assertIn(line, text)

    def test_what_does_not_compile(self):
        page = self.data("/broken.html")
        self.assertEqual(page["error"], "Internal Server Error in broken.html:3")
        self.assertIn("TemplateSyntaxError: Unexpected end of template", page["cause"])

    def test_warnings_are_logged(self):
        self.assertIn("\n<a href=>a</a>", self.text("/bare.html"))
        self.log_line(self.s, "link.html:2: a variable in an attribute without quotes: write "
                              "quotes around it")

    def test_what_is_saved_is_read(self):
        self.write("templates/saved.txt", "first")
        self.assertEqual(self.text("/saved.txt"), "first")
        self.write("templates/saved.txt", "the second")
        self.assertEqual(self.text("/saved.txt"), "the second")


main()
