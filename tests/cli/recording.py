"""`cruet run --record` and `cruet replay`."""

import json
import os
import signal
import sqlite3
import stat
import subprocess

from driver import BUILD, Cli, Result, Server, environment, main

SITE = """#include <cruet.h>
#include <cruet/db.h>
#include <stdlib.h>
#include <string.h>

static int front(cruet_ctx *c)
{
	const char *session = cruet_cookie(c, "session");

	cruet_writef(c, "<p>hello %s\\n<input name=\\"csrf_token\\" value=\\"%d\\">\\n",
		     session ? session : "stranger", rand());
	return cruet_html(c, NULL);
}

static int login(cruet_ctx *c)
{
	const char *password = cruet_form(c, "password"), *name = cruet_form(c, "name");

	if (!password || strcmp(password, "geheim"))
		return cruet_fail(c, 403, "no");
	cruet_set_cookie(c, "session", name, NULL);
	return cruet_redirect(c, 0, "/");
}

static int item(cruet_ctx *c)
{
	cruet_json *o = cruet_object(c);

	/*ORDER*/
	cruet_put_int(o, "id", cruet_arg_int(c, "id"));
	cruet_put_str(o, "api_key", "key-of-the-reply");
	cruet_put_str(o, "name", "NAME");
	return cruet_jsonify(c, o);
}

static int hit(cruet_ctx *c)
{
	if (cruet_db_exec(c, "create table if not exists hit(id integer primary key)") ||
	    cruet_db_exec(c, "insert into hit(id) values(null)"))
		return cruet_err(c);
	return cruet_textf(c, "%lld\\n", (long long)cruet_db_last_id(c));
}

static int add(cruet_ctx *c)
{
	const cruet_json *v = cruet_body_json(c);

	if (!v)
		return cruet_err(c);
	return cruet_textf(c, "%s\\n", cruet_json_str(cruet_json_get(v, "name"), "?"));
}

static int reset(cruet_ctx *c)
{
	return cruet_textf(c, "%d\\n", !strcmp(cruet_arg(c, "token"), "tok/en"));
}

static int bytes(cruet_ctx *c)
{
	return cruet_bytes(c, "application/octet-stream", "\\0\\xff\\1", 3);
}

static int large(cruet_ctx *c)
{
	char *p = cruet_alloc(c, 2 << 20);

	memset(p, 'x', 2 << 20);
	return cruet_bytes(c, "text/plain", p, 2 << 20);
}

CRUET_APP(app)
{
	cruet_get(app, "/", front);
	cruet_post(app, "/login", login);
	cruet_get(app, "/items/<int:id>", item);
	cruet_post(app, "/hits", hit);
	cruet_post(app, "/items", add);
	cruet_get(app, "/reset/<token>", reset);
	cruet_get(app, "/bytes", bytes);
	cruet_get(app, "/large", large);
	cruet_static(app, "/static", "static", NULL);
}
"""
PATHS = """#include <cruet.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int length(cruet_ctx *c)
{
	return cruet_textf(c, "%zu\\n", strlen(cruet_arg(c, "token")));
}

static int take(cruet_ctx *c)
{
	if (cruet_endpoint(c) && !strncmp(cruet_endpoint(c), "take", 4))
		cruet_take_arg(c, "token");
	return 0;
}

static int taken(cruet_ctx *c)
{
	return cruet_text(c, "taken\\n");
}

static int crash(cruet_ctx *c)
{
	raise(SIGKILL);
	return cruet_text(c, "");
}

/* Two files are opened by the test, each when it has come here. */
static int wait_for(cruet_ctx *c)
{
	int here = open("here", O_WRONLY), go;

	close(here);
	go = open("go", O_RDONLY);
	close(go);
	return cruet_text(c, "waited");
}

static int scheme(cruet_ctx *c)
{
	return cruet_text(c, cruet_scheme(c));
}

static int go(cruet_ctx *c)
{
	return cruet_redirect(c, 0, "/take/hush");
}

CRUET_APP(app)
{
	cruet_before(app, take);
	cruet_get(app, "/two/<token>/<key>", length);
	cruet_get(app, "/of/<name>-<token>", length);
	cruet_get(app, "/end/<token>.html", length);
	cruet_get(app, "/path/<path:token>", length);
	cruet_get(app, "/id/<uuid:token>", length);
	cruet_get(app, "/same/<key>-<token>", length);
	cruet_get(app, "/slash/<token>/", length);
	cruet_get(app, "/take/<token>", taken);
	cruet_get(app, "/go", go);
	cruet_get(app, "/scheme", scheme);
	cruet_get(app, "/crash", crash);
	cruet_get(app, "/wait", wait_for);
}
"""
CONFIG = """{"app": "site.c", "log_level": "warn", "plugins": {"sqlite": {"path": "site.db"}},
"server": {"control": "none"}}"""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
SECRETS = ["geheim", "key-of-the-reply", "bearer-of-news", "tok%2Fen", "tok/en", "query-secret",
           "json-secret", "session=Ada", "cookie-of-old", "key-of-header"]


class Recording(Cli):
    def setUp(self):
        super().setUp()
        self.write("site.c", SITE)
        self.write("cruet.json", CONFIG)
        self.write("static/a.txt", "a file\n")

    def record(self, requests, *args):
        s = Server(self, "--record", "r.jsonl", "-l", "127.0.0.1:0", *args)
        c = self.connect(s)
        replies = []
        for method, target, body, headers in requests:
            c.request(method, target, body=body, headers=headers)
            r = c.getresponse()
            replies.append((r.status, r.read().decode("latin-1"), r.headers))
        code, _, err = s.stop()
        self.assertEqual((code, err), (0, ""))
        return replies

    def lines(self):
        with open(self.path("r.jsonl")) as f:
            return [json.loads(line) for line in f]

    def edit(self, old, new):
        with open(self.path("site.c")) as f:
            text = f.read()
        self.assertIn(old, text)
        self.write("site.c", text.replace(old, new))

    def everything(self):
        cookie = {"Cookie": "session=Ada"}
        return self.record([
            ("GET", "/", None, {}),
            ("POST", "/login", "name=Ada&password=geheim", FORM),
            ("GET", "/", None, cookie),
            ("GET", "/items/12?api_token=query-secret&q=1", None,
             {"Authorization": "Bearer bearer-of-news", "X-Api-Key": "key-of-header"}),
            ("POST", "/hits", None, {"Cookie": "other=cookie-of-old"}),
            ("POST", "/items", '{"name": "tea", "more": {"secret": "json-secret"}}', JSON),
            ("GET", "/reset/tok%2Fen", None, {}),
            ("GET", "/bytes", None, {}),
            ("GET", "/large", None, {}),
            ("GET", "/static/a.txt", None, {}),
            ("GET", "/nobody", None, {}),
        ])

    def test_a_recording_and_its_replay(self):
        """In one test, as each part needs the one before."""
        self.write("r.jsonl", '{"recording":1}\nof yesterday\n')
        os.chmod(self.path("r.jsonl"), 0o644)
        self.everything()
        self.assertEqual(stat.S_IMODE(os.stat(self.path("r.jsonl")).st_mode), 0o600)
        with open(self.path("r.jsonl")) as f:
            text = f.read()
        for secret in SECRETS:
            self.assertNotIn(secret, text)
        head, *kept = self.lines()
        self.assertEqual(head["recording"], 1)
        self.assertEqual(head["application"], os.path.basename(self.folder))
        self.assertEqual([k["masked"] for k in kept],
                         [[], ["form.password"], ["cookie.session"],
                          ["query.api_token", "header.Authorization", "header.X-Api-Key"],
                          ["cookie.other"], ["json.more.secret"], ["path.token"], [], [], [], []])
        self.assertEqual(kept[1]["request"]["body"], "name=Ada&password=********")
        self.assertEqual(kept[3]["request"]["target"], "/items/12?api_token=********&q=1")
        self.assertIn('value="********"', kept[0]["reply"]["body"])
        self.assertEqual(json.loads(kept[3]["reply"]["body"]),
                         {"id": 12, "api_key": "********", "name": "NAME"})
        self.assertEqual(kept[6]["request"]["target"], "/reset/********")
        self.assertEqual(kept[7]["reply"]["hex"], "00ff01")
        self.assertIsNone(kept[8]["reply"]["body"])
        self.assertEqual(kept[9]["reply"]["body"], "a file\n")
        # Who was given a cookie and who came back with it can be told.
        given = dict(map(tuple, kept[1]["reply"]["headers"]))["Set-Cookie"].split(";")[0]
        self.assertEqual(given, dict(map(tuple, kept[2]["request"]["headers"]))["Cookie"])

        # What is missing is told; the database that was written to is not touched.
        before = os.stat(self.path("site.db")).st_mtime_ns
        r = self.cruet("replay", "r.jsonl")
        self.assertEqual(r, Result(1, """skipped  POST /login: without form.password
skipped  GET /: without cookie.session
skipped  GET /items/12?api_token=********&q=1: without query.api_token, \
header.Authorization, header.X-Api-Key
skipped  POST /hits: without cookie.other
skipped  POST /items: without json.more.secret
skipped  GET /reset/********: without path.token
11 requests: 5 the same, 0 different, 6 skipped
What was masked is given by --value PLACE=VALUE.
""", ""), r.out)
        values = [x for v in ("form.password=geheim", "query.api_token=query-secret",
                              "header.Authorization=x", "header.X-Api-Key=x", "cookie.other=x",
                              "json.more.secret=x", "path.token=tok/en")
                  for x in ("--value", v)]
        # The second hit is told to be the first: the recording began without a database.
        differs = "DIFFERS  POST /hits\n  the body differs:\n-1\n+2\n\n"
        self.says(["replay", "r.jsonl", *values], differs +
                  "11 requests: 10 the same, 1 different, 0 skipped\n", 1)
        self.says(["replay", "r.jsonl", *values, "-D", "plugins.sqlite.path=fresh.db"],
                  "11 requests: 11 the same, 0 different, 0 skipped\n")
        self.assertEqual(os.stat(self.path("site.db")).st_mtime_ns, before)
        self.assertFalse(os.path.exists(self.path("fresh.db")))

        self.writes_meanwhile(values)

        # JSON is compared by what it says.
        self.edit("/*ORDER*/", 'cruet_put_str(o, "name", "NAME");')
        self.edit('\tcruet_put_str(o, "name", "NAME");\n\treturn', "\treturn")
        self.edit("hello %s", "good day %s")
        fresh = [*values, "-D", "plugins.sqlite.path=fresh.db"]
        r = self.cruet("replay", "r.jsonl", *fresh)
        self.assertEqual((r.code, r.err), (1, ""))
        self.assertIn("DIFFERS  GET /\n  the body differs:\n-<p>hello stranger\n"
                      "+<p>good day stranger\n", r.out)
        self.assertIn("11 requests: 9 the same, 2 different, 0 skipped\n", r.out)
        self.edit('"NAME"', '"ANOTHER"')
        self.edit("good day %s", "hello %s")
        self.edit('"no"', '"nope"')
        self.edit('return cruet_redirect(c, 0, "/")', 'return cruet_redirect(c, 302, "/x")')
        r = self.cruet("replay", "r.jsonl", "--json", *fresh)
        self.assertEqual((r.code, r.err), (1, ""))
        v = json.loads(r.out)
        self.assertEqual((v["same"], v["different"], v["skipped"]), (9, 2, 0))
        self.assertEqual(v["requests"][3]["differences"], ['name is "ANOTHER": it was "NAME"'])
        self.assertEqual(v["requests"][1]["differences"][:2],
                         ["the status is 302: it was 303", "Location is /x: it was /"])
        r = self.cruet("replay", "r.jsonl", "--json", "--ignore", "name", "--ignore", "location",
                       "--ignore", "body", *fresh)
        v = json.loads(r.out)
        self.assertEqual(v["requests"][1]["differences"], ["the status is 302: it was 303"])
        self.assertEqual(v["different"], 1)

    def writes_meanwhile(self, values):
        """Somebody who writes to the database is waited for."""
        db = sqlite3.connect(self.path("site.db"), isolation_level=None)
        db.execute("begin immediate")
        db.execute("insert into hit(id) values(null)")
        os.mkdir(self.path("other"))
        p = subprocess.Popen([f"{BUILD}/core/cruet", "replay", "r.jsonl", *values],
                             cwd=self.folder, env=environment(TMPDIR=self.path("other")), text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.addCleanup(p.kill)
        self.eventually(lambda: os.listdir(self.path("other"))[0], IndexError)
        db.execute("commit")
        db.close()
        self.assertIn("-1\n+3\n", p.communicate(timeout=60)[0])

    def test_secrets_in_paths(self):
        self.write("site.c", PATHS)
        self.write("cruet.json", CONFIG.replace('"plugins": {"sqlite": {"path": "site.db"}},', ""))
        asked = [
            ("GET", "/two/hush/k%65pt?a=1", "/two/********/********?a=1",
             ["path.token", "path.key"]),
            ("GET", "/of/bob-hush", "/of/bob-********", ["path.token"]),
            ("GET", "/end/hush.html", "/end/********.html", ["path.token"]),
            ("GET", "/take/hush", "/take/********", ["path.token"]),
            # what cannot be told from the rest, and what no rule has taken
            ("GET", "/same/hush-hush?a=1", "/same/********?a=1", ["path.rest"]),
            ("GET", "/slash/hush", "/slash/********", ["path.rest"]),
            ("POST", "/take/hush", "/take/********", ["path.rest"]),
            ("GET", "/two/hush/hush/hush", "/two/********", ["path.rest"]),
            ("GET", "/go", "/go", []),
            ("GET", "/path/hush/more", "/path/********", ["path.token"]),
            ("GET", "/id/ABCDEF01-2345-6789-ABCD-EF0123456789", "/id/********", ["path.token"]),
        ]
        referer = {"Referer": "http://site.example/slash/hush?q=1"}
        self.record([(method, target, None, referer) for method, target, *_ in asked])
        _, *kept = self.lines()
        self.assertEqual([(k["request"]["target"], k["masked"]) for k in kept],
                         [(target, masked) for *_, target, masked in asked])
        with open(self.path("r.jsonl")) as f:
            text = f.read().lower()
        self.assertNotIn("hush", text)
        self.assertNotIn("k%65pt", text)
        self.assertNotIn("abcdef01", text)
        self.assertEqual(text.count("http://site.example/slash/********?q=1"), len(asked))
        r = self.cruet("replay", "r.jsonl", "--value", "path.token=hush", "--value",
                       "path.key=kept", "--value", "path.rest=hush-hush")
        self.assertEqual(r.out.count("DIFFERS"), 2, r.out)
        self.assertIn("DIFFERS  GET /path/********\n  the body differs:\n-9\n+4\n", r.out)
        self.assertIn("11 requests: 9 the same, 2 different, 0 skipped\n", r.out)

        # How it came is told.
        line = {"request": {"method": "GET", "target": "/scheme", "scheme": "https"},
                "reply": {"status": 200, "body": "https",
                          "headers": [["Content-Type", "text/plain; charset=utf-8"]]}}
        self.write("r", '{"recording":1}\n' + json.dumps(line) + "\n")
        self.says(["replay", "r"], "1 request: 1 the same, 0 different, 0 skipped\n")
        self.ends_early(json.dumps(line))

    def ends_early(self, line):
        """A crash, and who has enough of it: what was asked is told, and nothing is left."""
        os.mkdir(self.path("tmp"))
        self.write("r", f'{{"recording":1}}\n{line}\n{line.replace("scheme", "crash", 1)}\n')
        r = self.cruet("replay", "r", TMPDIR=self.path("tmp"), XDG_RUNTIME_DIR=self.folder)
        self.assertEqual(r, Result(1, "1 request: 1 the same, 0 different, 0 skipped\n",
                                   "cruet: r:3: Killed: nothing more was asked\n"))
        self.assertEqual(os.listdir(self.path("tmp")), [])
        for name in ("here", "go"):
            os.mkfifo(self.path(name))
        self.write("r", f'{{"recording":1}}\n{line}\n{line.replace("scheme", "wait", 1)}\n{line}\n')
        p = subprocess.Popen([f"{BUILD}/core/cruet", "replay", "r", "--ignore", "body"],
                             cwd=self.folder, env=environment(TMPDIR=self.path("tmp")), text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, start_new_session=True)
        self.addCleanup(p.kill)
        with open(self.path("here")): # it is there
            os.killpg(p.pid, signal.SIGINT)
        with open(self.path("go"), "w"):
            pass
        self.assertEqual(p.communicate(timeout=60), (
            "note: it was interrupted, and asked no more\n"
            "2 requests: 2 the same, 0 different, 0 skipped\n", ""))
        self.assertEqual(p.returncode, 1)
        self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_a_file_has_a_limit_and_event_records_too(self):
        s = Server(self, "--record", "r.jsonl", "--record-max", "2k", "-l", "127.0.0.1:0",
                   "-D", "server.transport=event",
                   CRUET_PLUGIN_PATH=f"{os.environ['CRUET_BUILD']}/plugins")
        self.assertEqual(s.text("/static/a.txt"), "a file\n")
        with open(self.path("r.jsonl"), "a") as f: # as where a disk was full
            f.write('{"time":')
        for _ in range(20):
            self.assertEqual(s.text("/static/a.txt"), "a file\n")
        code, _, err = s.stop()
        self.assertEqual(code, 0)
        self.assertEqual(err.count("the recording has reached its limit of 2048 bytes and ends: "
                                   "--record-max makes it larger"), 1)
        self.assertLess(os.stat(self.path("r.jsonl")).st_size, 2048 + 200)
        with open(self.path("r.jsonl")) as f:
            *kept, note = f.read().splitlines()
        note = json.loads(note)
        self.assertEqual(kept[2], '{"time":')
        self.assertEqual(note, {"note": "the recording ends here: it has reached its limit of "
                                        "2048 bytes"})
        n = len(kept) - 2
        self.assertGreater(n, 3)
        self.says(["replay", "r.jsonl"], "note: line 3 is broken off and was left out; the "
                  "recording ends here: it has reached its limit "
                  f"of 2048 bytes\n{n} requests: {n} the same, 0 different, 0 skipped\n")

    def test_what_cannot_be_read_or_written(self):
        self.fails(["run", "--record", "no/where"],
                   "cruet: --record no/where: No such file or directory\n")
        for other in ("site.c", "static", "pipe"):
            if other == "pipe":
                os.mkfifo(self.path(other))
            why = ("Is a directory" if other == "static" else
                   "what lies there is no recording, and stays: name another file")
            self.fails(["run", "--record", other], f"cruet: --record {other}: {why}\n")
        with open(self.path("site.c")) as f:
            self.assertEqual(f.read(), SITE)
        self.misused(["run", "--record-max", "1k"],
                     "cruet run: option --record-max needs --record FILE\nTry: cruet run --help\n")
        self.misused(["run", "--record", "r", "--record-max", "much"],
                     'cruet run: option --record-max = "much": expected a size, such as 64k\n'
                     "Try: cruet run --help\n")
        self.fails(["replay", "nothing"], "cruet: nothing: No such file or directory\n")
        self.misused(["replay", "site.c", "--value", "password=x"],
                     "cruet replay: option --value password=x: expected PLACE=VALUE, such as "
                     "form.password=secret or cookie.session=...\nTry: cruet replay --help\n")
        self.fails(["replay", "site.c"], "cruet: site.c:1: column 1: expected a value, found '#'\n")
        self.write("r", '{"recording":2}\n')
        self.fails(["replay", "r"], "cruet: r: it is a recording of version 2, and this cruet "
                                    "reads 1\n")
        # A database that nobody has told of is not written to.
        self.write("own/site.c", SITE.replace("CRUET_APP(app)\n{", "CRUET_APP(app)\n{\n"
                                              '\tcruet_use(app, "sqlite", "path=own.db");'))
        self.write("own/r", '{"recording":1}\n{"request":{"method":"POST","target":"/hits"},'
                   '"reply":{"status":200}}\n')
        os.mkdir(self.path("own/static"))
        self.fails(["replay", "r"], "cruet: the code of the application attaches the plugin sqlite, "
                   "and what is replayed would write into its file own.db: name the plugin in "
                   "cruet.json instead, and a copy is taken\n", cwd="own")
        self.assertEqual(sorted(os.listdir(self.path("own"))), ["r", "site.c", "static"])
        # What was asked until then is told.
        self.write("r", '{"recording":1}\n{"request":{"method":"GET","target":'
                   '"/?token=********"},"reply":{"status":200},"masked":["query.token"]}\n'
                   '{"request":{}}\n')
        r = self.cruet("replay", "r")
        self.assertEqual((r.code, r.err), (1, "cruet: r:3: expected a request and its reply, as "
                                              "`cruet run --record` writes them\n"))
        self.assertIn("1 request: 0 the same, 0 different, 1 skipped\n", r.out)
        self.write("r", '{"recording":1}\n{"request":{}}\n')
        self.fails(["replay", "r"], "cruet: r:2: expected a request and its reply, as `cruet run "
                                    "--record` writes them\n")


main()
