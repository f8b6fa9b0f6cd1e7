"""cruet routes: filters, what is asked of the router, JSON."""

import json

from driver import Cli, main

SITE = """#include <cruet.h>

static int front(cruet_ctx *c) { return cruet_text(c, "x"); }
static int show(cruet_ctx *c) { return cruet_text(c, "x"); }
static int save(cruet_ctx *c) { return cruet_text(c, "x"); }
static int talk(cruet_ws *ws, cruet_ctx *c, int kind, const void *p, size_t n)
{
	(void)c, (void)ws, (void)kind, (void)p, (void)n;
	return 0;
}

/* even numbers */
static bool parse(void *self, const void *prepared, cruet_ctx *c, const char *s, size_t n,
		  const char **out)
{
	(void)self, (void)prepared, (void)out;
	return cruet_alloc(c, n) && n && !((s[n - 1] - '0') % 2);
}

CRUET_APP(app)
{
	cruet_app *admin = cruet_blueprint(app, "admin", "/admin");
	cruet_convert(app, &(cruet_converter){.size = sizeof(cruet_converter), .name = "even",
					      .weight = 90, .parse = parse});
	cruet_get(app, "/", front);
	cruet_get(app, "/n/<int:id>", show);
	cruet_put(app, "/n/<int:id>", save);
	cruet_get(app, "/n/<name>/", front);
	cruet_get(app, "/even/<even:n>", front);
	cruet_get(admin, "/", front);
	cruet_route(admin, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/old", .name = "old",
					 .flags = CRUET_BUILD_ONLY, .here = "site.c:40"});
	cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule), .path = "/chat",
					      .message = talk, .name = "talk",
					      .here = "site.c:43"});
	cruet_route(app, &(cruet_rule){.size = sizeof(cruet_rule), .path = "/", .fn = front,
				       .name = "api", .subdomain = "api", .here = "site.c:46"});
}
"""


class Routes(Cli):
    def setUp(self):
        super().setUp()
        self.write("site.c", SITE)
        self.build("site.c")
        self.write("cruet.json", '{"app": "site.so", "server": {"name": "example.com", '
                                 '"subdomains": true}, "plugins": {"health": {}}}')

    def endpoints(self, *args):
        r = self.cruet("routes", "--json", *args)
        self.assertEqual((r.code, r.err), (0, ""))
        return [rule["endpoint"] for rule in json.loads(r.out)]

    def match(self, request, *args, code=0):
        """The answer, and of each rule what is said of it."""
        r = self.cruet("routes", "--match", request, "--of", "app", "--json", *args)
        self.assertEqual((r.code, r.err), (code, ""))
        got = json.loads(r.out)
        return got["answer"], {(x["methods"], x["rule"], x["domain"]): (x["match"], x["why"])
                               for x in got["rules"]}

    def test_filters(self):
        own = ["admin.front", "admin.old", "front", "show", "save", "front", "front", "talk", "api"]
        self.assertEqual(self.endpoints(), ["health.live", "health.ready", *own])
        self.assertEqual(self.endpoints("--of", "app"), own)
        self.assertEqual(self.endpoints("--of", "health"), ["health.live", "health.ready"])
        self.assertEqual(self.endpoints("-e", "admin.*"), ["admin.front", "admin.old"])
        self.assertEqual(self.endpoints("--path", "/n/*"), ["show", "save", "front"])
        self.assertEqual(self.endpoints("--path", "/n/*", "--method", "put"), ["save"])
        self.assertEqual(self.endpoints("--method", "HEAD", "-e", "s*"), ["show"])
        self.assertEqual(self.endpoints("--method", "WS"), ["talk"])
        self.assertEqual(self.endpoints("--method", "PU"), [])
        self.says(["routes", "--of", "nobody"], "no routes\n")

    def test_json_has_what_the_table_has(self):
        r = self.cruet("routes", "--json", "-e", "api")
        self.assertEqual(json.loads(r.out), [{"methods": "GET", "rule": "/", "endpoint": "api",
                                              "where": "site.c:46", "domain": "api"}])

    def test_each_rule_says_why(self):
        answer, why = self.match("GET /n/7")
        self.assertEqual((answer["kind"], answer["endpoint"], answer["arguments"]),
                         ("found", "show", {"id": "7"}))
        self.assertEqual(why, {
            ("GET", "/", None): ("no", 'the rule ends before "n"'),
            ("GET", "/n/<int:id>", None): ("yes", "it answers"),
            ("PUT", "/n/<int:id>", None):
                ("no", "the path fits, the method does not: OPTIONS, PUT"),
            ("GET", "/n/<name>/", None):
                ("late", "it redirects to /n/7/"),
            ("GET", "/even/<even:n>", None): ("no", '"n" is not "even"'),
            ("GET", "/admin/", None): ("no", '"n" is not "admin"'),
            ("-", "/admin/old", None): ("no", "it is there to build URLs alone"),
            ("WS", "/chat", None): ("no", '"n" is not "chat"'),
            ("GET", "/", "api"): ("no", '"" is not its domain'),
        })

    def test_code_of_converters_is_asked(self):
        answer, why = self.match("/even/8")
        self.assertEqual(answer["arguments"], {"n": "8"})
        answer, why = self.match("/even/7", code=1)
        self.assertEqual((answer["kind"], why["GET", "/even/<even:n>", None]),
                         ("not_found", ("no", '"7" is not <even:n>')))

    def test_other_answers(self):
        answer, _ = self.match("DELETE /n/7", code=1)
        self.assertEqual((answer["kind"], answer["allow"]), ("method", "GET, HEAD, OPTIONS, PUT"))
        answer, _ = self.match("/n/x?q=1")
        self.assertEqual((answer["kind"], answer["location"]), ("redirect", "/n/x/?q=1"))
        answer, why = self.match("WS /chat")
        self.assertEqual((answer["kind"], answer["endpoint"]), ("found", "talk"))
        answer, why = self.match("GET /chat", code=1)
        self.assertEqual((answer["kind"], why["WS", "/chat", None]),
                         ("websocket", ("no", "the path fits, but it is a WebSocket")))
        answer, why = self.match("GET http://api.example.com/")
        self.assertEqual((answer["endpoint"], why["GET", "/", None][1]),
                         ("api", "it is of the site itself, not of a domain"))

    def test_as_text(self):
        where = self.path("site.c") + ":27"
        self.says(["routes", "--match", "PUT /n/x", "--path", "/n/*", "--method", "PUT"],
                  f"MATCH  METHODS  RULE         ENDPOINT  {'WHERE'.ljust(len(where))}  WHY\n"
                  f'no     PUT      /n/<int:id>  save      {where}  "x" is not <int:id>\n'
                  "\nPUT /n/x: 405, Allow: GET, HEAD, OPTIONS\n", code=1)

    def test_what_is_no_request(self):
        for text in ("", "GET", "GET notes", "notes"):
            self.misused(["routes", "--match", text],
                         f'cruet routes: option --match "{text}": expected a method and a path, '
                         'such as "GET /notes/7"\nTry: cruet routes --help\n')
        self.misused(["routes", "--match", "GET /%zz"],
                     "cruet routes: option --match \"GET /%zz\": A '%' in the path is not followed "
                     "by two hex digits.\nTry: cruet routes --help\n")


main()
