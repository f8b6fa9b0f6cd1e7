import json
import os
import signal
import socket

from driver import BUILD, HELLO, Cli, Server, main

# Uses what three plugins offer: rows, a session, rules.
VISITS = r"""#include <cruet.h>
#include <cruet/db.h>
#include <cruet/session.h>
#include <cruet/validate.h>

static const cruet_field_rule visit[] = {{"name", "required|string|max:5"}, {NULL, NULL}};

static int count(cruet_ctx *c)
{
	int64_t n = cruet_session_int(c, "n", 0) + 1;
	int64_t rows = 0;
	cruet_session_set_int(c, "n", n);
	int err = cruet_db_exec(c, "insert into hits default values");
	if (!err)
		err = cruet_db_get(c, &rows, "select count(*) from hits");
	return err ? err : cruet_textf(c, "%lld of %lld\n", (long long)n, (long long)rows);
}

static int greet(cruet_ctx *c)
{
	cruet_valid *v = cruet_validate(c, CRUET_FROM_QUERY, visit);

	return v ? cruet_textf(c, "hello %s\n", cruet_valid_str(v, "name")) : cruet_err(c);
}

CRUET_APP(app)
{
	cruet_get(app, "/", count);
	cruet_get(app, "/greet", greet);
}
"""


class Run(Cli):
    def test_serves_a_c_file(self):
        self.write("hello.c", HELLO)
        s = Server(self, "hello.c", "--listen", "127.0.0.1:0")
        self.assertEqual(s.text(), "hello\n")
        self.assertEqual(s.stop(), (0, "", ""))

    def test_serves_a_shared_object_and_a_folder(self):
        self.write("site/hello.c", HELLO)
        s = Server(self, "site", "-l", "0")
        self.assertEqual(s.text(), "hello\n")
        self.assertEqual(s.stop(signal.SIGINT), (0, "", ""))
        self.build("site/hello.c")
        s = Server(self, "site/hello.so", "-l", ":0")
        self.assertEqual((s.host, s.text()), ("127.0.0.1", "hello\n"))

    def test_listen_on_the_command_line_wins(self):
        self.write("hello.c", HELLO)
        self.write("cruet.json", '{"server": {"listen": "203.0.113.7:1"}}')
        self.fails(["run", "hello.c"], "cruet: cannot listen on 203.0.113.7:1: this machine has "
                                       "no such address\n")
        self.fails(["run", "hello.c"], "cruet: cannot listen on 203.0.113.8:1: this machine has "
                                       "no such address\n", CRUET_SERVER__LISTEN="203.0.113.8:1")
        s = Server(self, "hello.c", "-l", "0", CRUET_SERVER__LISTEN="203.0.113.8:1")
        self.assertEqual(s.text(), "hello\n")

    def test_several_addresses(self):
        self.write("hello.c", HELLO)
        s = Server(self, "hello.c", "-l", "127.0.0.1:0,127.0.0.2:0")
        self.assertRegex(s.process.stdout.readline(), r"^serving http://127.0.0.2:[0-9]+\n$")

    def test_port_in_use_is_said_in_words(self):
        self.write("hello.c", HELLO)
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            at = f"127.0.0.1:{other.getsockname()[1]}"
            self.fails(["run", "hello.c", "-l", at],
                       f"cruet: cannot listen on {at}: something else listens there already\n")

    def test_address_that_is_none(self):
        self.write("hello.c", HELLO)
        for at in ("99999", "x", "127.0.0.1:", "1.2.3.4.5:80"):
            r = self.cruet("run", "hello.c", "-l", at)
            self.assertEqual((r.code, r.out), (1, ""), at)
            self.assertTrue(r.err.startswith(f"cruet: cannot listen on {at}: "), r.err)

    def test_a_failed_start_undoes_what_was_started(self):
        self.write("hello.c", HELLO)
        self.write("plugins/first.c", """#include <cruet.h>
#include <stdio.h>
static int start(cruet_app *app) { (void)app; puts("first started"); return CRUET_OK; }
static void stop(cruet_app *app) { (void)app; puts("first stopped"); }
CRUET_PLUGIN(first, .version = "1", .start = start, .stop = stop);
""")
        self.write("plugins/second.c", """#include <cruet.h>
static int start(cruet_app *app) { return cruet_reject(app, "the disk is full"); }
CRUET_PLUGIN(second, .version = "1", .start = start);
""")
        self.build("plugins/first.c")
        self.build("plugins/second.c")
        self.write("cruet.json", '{"server": {"plugin_path": ["plugins"]}, "plugins": '
                                 '{"first": {}, "second": {}}}')
        r = self.cruet("run", "hello.c", "-l", "0")
        self.assertEqual((r.code, r.out, r.err),
                         (1, "first started\nfirst stopped\n",
                          "cruet: plugin 'second': the disk is full\n"))

    def test_plugin_removed_that_another_needs(self):
        self.write("hello.c", HELLO)
        self.write("plugins/visits.c", """#include <cruet.h>
#include <stdio.h>
static int init(cruet_app *app) { (void)app; puts("init ran"); return CRUET_OK; }
static const char *const needs[] = {"db/1", NULL};
CRUET_PLUGIN(visits, .version = "1", .needs = needs, .init = init);
""")
        self.build("plugins/visits.c")
        self.write("cruet.json", '{"server": {"plugin_path": ["plugins"]}, "plugins": '
                                 '{"visits": {}}}')
        self.fails(["run", "hello.c", "-l", "0"],
                   "cruet: plugin 'visits' needs service \"db/1\", which no attached plugin "
                   "provides: add 'sqlite', which does\n")

    def deploy(self, folder, settings):
        """Whoever has a database there goes on with it."""
        self.write(f"{folder}/schema/1.sql", "create table hits(id integer primary key);")
        self.write(f"{folder}/cruet.json", json.dumps({"app": "../site.so", **settings}))
        return Server(self, folder, "-l", "0")

    def stamp(self, name):
        file = os.stat(self.path(name))
        return file.st_ino, file.st_size, file.st_mtime_ns

    def visit_twice(self, server, cookie_name, same_site, rows):
        status, headers, text = server.get()
        cookie = headers["Set-Cookie"]
        self.assertEqual((status, text), (200, f"1 of {rows + 1}\n"))
        self.assertTrue(cookie.startswith(f"{cookie_name}="), cookie)
        self.assertIn(f"SameSite={same_site}", cookie)
        again = server.get(headers={"Cookie": cookie.split(";")[0]})
        self.assertEqual(again[2], f"2 of {rows + 2}\n")

    def test_two_deployments_of_one_program(self):
        """Three plugins from the config: one with another option in the second deployment,
        and a fourth from outside the tree."""
        self.write("site.c", VISITS)
        self.build("site.c")
        db = {"path": "hits.db", "schema": "schema"}
        one = self.deploy("one", {"secret_key": "first of two secrets", "plugins": {
            "sqlite": db, "session": {"name": "one"}, "validate": {}}})
        two = self.deploy("two", {
            "secret_key": "second of two secrets",
            "server": {"plugin_path": [f"{BUILD}/samples/own_plugin"]},
            "plugins": {"sqlite": db, "session": {"name": "two", "same_site": "strict"},
                        "validate": {}, "maintenance": {"file": "closed"}}})
        self.visit_twice(one, "one", "Lax", 0)
        self.visit_twice(two, "two", "Strict", 0)
        for s in (one, two):
            self.assertEqual(s.text("/greet?name=Ada"), "hello Ada\n")
            self.assertEqual(s.get("/greet?name=Augusta")[0], 422)
        self.write("two/closed", "")
        self.assertEqual(two.get()[0], 503)
        self.assertEqual(one.get()[0], 200)
        os.remove(self.path("two/closed"))
        self.assertEqual(two.get()[2], "1 of 3\n")
        for s in (one, two):
            self.assertEqual(s.stop()[0], 0)

    def test_a_deployment_changes_and_the_program_stays(self):
        """A line less, an option changed, a plugin more: the same files otherwise."""
        self.write("site.c", VISITS)
        self.build("site.c")
        program = self.stamp("site.so")
        db = {"path": "hits.db", "schema": "schema"}
        s = self.deploy("one", {"secret_key": "one of the secrets", "plugins": {
            "sqlite": db, "session": {"name": "one"}, "validate": {}}})
        self.visit_twice(s, "one", "Lax", 0)
        self.assertEqual(s.text("/greet?name=Ada"), "hello Ada\n")
        self.assertEqual(s.stop()[0], 0)

        s = self.deploy("one", {
            "secret_key": "one of the secrets",
            "server": {"plugin_path": [f"{BUILD}/samples/own_plugin"]},
            "plugins": {"sqlite": db, "session": {"name": "uno", "same_site": "strict"},
                        "maintenance": {"file": "closed", "retry": 90}}})
        self.visit_twice(s, "uno", "Strict", 2)
        self.assertEqual(s.get("/greet?name=Ada")[0], 500)
        self.write("one/closed", "")
        status, headers, _ = s.get()
        self.assertEqual((status, headers["Retry-After"]), (503, "90"))
        code, out, err = s.stop()
        self.assertEqual((code, out), (0, ""))
        self.assertIn('no plugin provides "validate/1": add one to cruet.json, such as '
                      '"validate"\n', err)
        self.assertEqual(self.stamp("site.so"), program)


main()
