"""Plugins that are replaced, added and taken out while the server runs."""

import json
import os
import shutil
import signal
import socket

from driver import BUILD, SOURCE, Cli, Server, main
from swap_site import SITE, SwapSite, Versions

DONE = r"built in \d+\.\d ms, the old requests took \d+ ms to end\n"


class Sample(Cli):
    def test_the_guestbook_is_replaced_with_all_that_it_set(self):
        for part in "schema", "templates", "static":
            shutil.copytree(f"{SOURCE}/samples/guestbook/{part}", self.path(part))
        shutil.copy(f"{SOURCE}/samples/guestbook/cruet.json", self.folder)
        self.write(".env", "GUESTBOOK_SECRET=not a secret at all, but long enough for tests\n")
        s = Server(self, f"{BUILD}/samples/guestbook/guestbook.so", "-w", "0",
                   CRUET_SERVER__LISTEN="127.0.0.1:0", CRUET_PLUGINS__SQLITE__PATH="book.db")
        for plugin in "app", "forms", "jinja", "validate", "app":
            r = self.cruet("reload", plugin)
            self.assertEqual((r.code, r.err), (0, ""), plugin)
            self.assertIn(" app", r.out)
            self.assertIn("Sign the book", s.text())
        code, _, err = s.stop()
        self.assertEqual(code, 0)
        self.assertNotRegex(err, "WARN|ERROR")


class Swaps(SwapSite):
    def test_a_plugin_is_replaced(self):
        for transport in "event", "civetweb":
            for workers in "0", "1":
                with self.subTest(transport=transport, workers=workers):
                    self.transport = transport
                    self.put("1")
                    s = self.serve("-w", workers)
                    self.assertEqual(s.text(), "1")
                    self.assertRegex(self.swap("2"), rf"\Areplaced shift\n{DONE}\Z")
                    self.assertEqual(s.text(), "2")
                    self.assertEqual(s.stop()[0], 0)

    def test_one_that_does_not_start_changes_nothing(self):
        s = self.serve()
        self.put("3")
        self.fails(["reload", "shift"], "cruet: plugin 'shift': start failed: input or output "
                   "failed\n")
        self.assertEqual(s.text(), "1")
        self.install(b"\x7fELF and no more")
        r = self.cruet("reload")
        self.assertEqual(r.code, 1)
        self.assertIn("plugins/shift.so", r.err)
        self.assertEqual(s.text(), "1")
        self.swap("2")
        self.assertEqual(s.text(), "2")
        code, _, err = s.stop()
        self.assertEqual(code, 0)
        self.assertIn("plugins stay as they are: plugin 'shift': start failed", err)

    def test_plugins_come_and_go(self):
        s = self.serve(plugins={})
        self.assertEqual(s.get()[0], 404)
        r = self.cruet("load", "shift")
        self.assertRegex(r.out, rf"\Aadded shift\n{DONE}\Z")
        self.assertEqual(s.text(), "1")
        self.assertRegex(self.cruet("plugins", "list").out, r"(?m)^shift +1 +running")
        self.fails(["load", "shift"], "cruet: plugin 'shift' is attached already: reload it\n")
        self.configure()
        r = self.cruet("unload", "shift")
        self.assertRegex(r.out, rf"\Aremoved shift\n{DONE}\Z")
        self.assertEqual(s.get()[0], 404)
        self.assertRegex(self.cruet("plugins", "list").out, r"(?m)^shift +1 +unloaded")
        self.fails(["unload", "shift"], "cruet: no plugin 'shift' is attached\n")
        self.assertEqual(s.stop()[0], 0)

    def test_names_that_are_none(self):
        s = self.serve()
        self.fails(["reload", "shft"],
                   "cruet: no plugin 'shft' is attached: did you mean 'shift'?\n")
        r = self.cruet("load", "nothing")
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertIn("plugin 'nothing': no nothing.so in", r.err)
        self.assertEqual(s.stop()[0], 0)

    def test_what_carries_requests_stays(self):
        s = self.serve(workers=0)
        r = self.cruet("reload", "event")
        self.assertEqual((r.code, r.out), (1, ""))
        self.assertIn("plugin 'event' cannot be taken out: the program itself is bound to it, so "
                      "this takes a new start", r.err)
        self.assertEqual(s.text(), "1")
        self.assertEqual(s.stop()[0], 0)

    def test_the_application_itself_is_replaced(self):
        s = self.serve(workers=0)
        pid = s.text("/who")
        with open(self.path("site.c")) as f:
            text = f.read()
        self.write("site.c", text.replace('"%d"', '"new %d"'))
        os.unlink(self.path("site.so"))
        self.build("site.c")
        r = self.cruet("reload", "app")
        self.assertEqual((r.code, r.err), (0, ""))
        self.assertEqual(s.text("/who"), "new " + pid)
        self.assertEqual(s.stop()[0], 0)

    def test_an_application_that_was_compiled_stays(self):
        self.configure()
        with open(self.path("cruet.json")) as f:
            text = f.read()
        self.write("cruet.json", text.replace("site.so", "site.c"))
        s = Server(self, "--listen", "127.0.0.1:0", "-w", "0")
        self.assertEqual(self.cruet("reload").out, "nothing has changed\n")
        self.swap("2")
        self.assertEqual(s.text(), "2")
        self.fails(["reload", "app"], "cruet: plugin 'app' cannot be taken out: it was compiled "
                   "when the server started, and is no .so, so this takes a new start\n")
        self.assertEqual(s.stop()[0], 0)

    def test_the_configuration_may_name_another_application(self):
        s = self.serve("-w", "0")
        pid = s.text("/who")
        self.write("other.c", SITE.replace('"%d"', '"other %d"'))
        self.build("other.c")
        with open(self.path("cruet.json")) as f:
            text = f.read()
        self.write("cruet.json", text.replace("site.so", "other.so"))
        self.assertRegex(self.cruet("reload").out, rf"\Areplaced app\n{DONE}\Z")
        self.assertEqual(s.text("/who"), "other " + pid)
        self.assertEqual(s.stop()[0], 0)

    def test_nobody_serves(self):
        self.configure()
        for words in ["reload"], ["load", "shift"], ["unload", "shift"]:
            r = self.cruet(*words)
            self.assertEqual((r.code, r.out), (1, ""))
            self.assertIn("cruet: nothing serves here: there is no ", r.err)


class Configured(SwapSite):
    def test_sighup_and_reload_read_the_configuration(self):
        for transport in "event", "civetweb":
            for workers in "0", "1":
                with self.subTest(transport=transport, workers=workers):
                    self.transport = transport
                    s = self.serve("-w", workers)
                    self.assertEqual(s.text("/word"), "none")
                    self.configure({"shift": {"word": "ink"}})
                    s.process.send_signal(signal.SIGHUP)
                    self.log_line(s, "; replaced shift")
                    self.assertEqual(s.text("/word"), "ink")
                    self.configure({"shift": {"word": "wood"}})
                    self.says_changed("replaced shift")
                    self.assertEqual(s.text("/word"), "wood")
                    self.configure({})
                    self.says_changed("removed shift")
                    self.assertEqual(s.get("/word")[0], 404)
                    self.configure({"shift": {"word": "red"}})
                    self.says_changed("added shift")
                    self.assertEqual(s.text("/word"), "red")
                    self.assertEqual(self.cruet("reload").out, "nothing has changed\n")
                    self.assertEqual(s.stop()[0], 0)

    def says_changed(self, what):
        self.assertRegex(self.cruet("reload").out, rf"\A{what}\n{DONE}\Z")

    def test_one_that_is_wrong_changes_nothing(self):
        s = self.serve()
        self.write("cruet.json", "{")
        s.process.send_signal(signal.SIGHUP)
        line = self.log_line(s, "")  # the first that comes
        self.assertIn("plugins stay as they are: ", line)
        self.assertIn("cruet.json", line)
        self.assertEqual(s.text(), "1")
        self.configure({"shift": {"wrod": "ink"}})
        s.process.send_signal(signal.SIGHUP)
        self.assertIn("unknown option wrod: did you mean word?", self.log_line(s, ""))
        self.assertEqual(s.text("/word"), "none")
        self.assertEqual(s.stop()[0], 0)

    def test_what_takes_a_new_start_is_said(self):
        s = self.serve()
        self.configure(idle_timeout="7s")
        r = self.cruet("reload")
        self.assertEqual((r.code, r.out), (0, "nothing has changed\n"))
        self.assertEqual(r.err, "cruet: server.idle_timeout differs, and takes a new start of "
                                "the server\n")
        self.assertEqual(s.stop()[0], 0)

    def test_json_is_for_programs(self):
        s = self.serve("-w", "2")
        self.put("2")
        r = self.cruet("reload", "--json", "shift")
        answer = json.loads(r.out)
        self.assertEqual((r.code, answer["ok"], answer["replaced"], answer["added"],
                          answer["removed"], answer["left"], answer["fixed"]),
                         (0, True, ["shift"], [], [], [], []))
        self.assertEqual([w["generation"] for w in answer["workers"]], [2, 2])
        self.assertGreaterEqual(answer["build_us"], 0)
        self.assertEqual(s.stop()[0], 0)


class Workers(SwapSite):
    def pids(self, s, old=frozenset()):
        found = set()
        while len(found) < 2:
            found |= {int(s.text("/who"))} - old
        return found

    def kill_all(self, s):
        """Both, and waits for those that follow."""
        old = self.pids(s)
        for pid in old:
            os.kill(pid, signal.SIGKILL)
            self.log_line(s, f"(process {pid}): it was ended by signal 9 (Killed)")
        self.eventually(lambda: self.pids(s, old))

    def everywhere(self, s, path="/"):
        """What it says in each worker: a connection each reaches either."""
        return {s.get(path)[0] for _ in range(30)}

    def test_all_of_them_change(self):
        s = self.serve("-w", "2")
        self.swap("2")
        self.assertEqual({s.text() for _ in range(30)}, {"2"})
        self.assertEqual(s.stop()[0], 0)

    def test_those_that_come_later_have_the_same_plugins(self):
        s = self.serve("-w", "2", plugins={})
        self.assertEqual(self.cruet("load", "shift").code, 0)
        self.kill_all(s)
        self.assertEqual(self.everywhere(s), {200})
        self.configure({"shift": {}})
        self.assertEqual(self.cruet("unload", "shift").code, 0)
        self.kill_all(s)
        self.assertEqual(self.everywhere(s), {404})
        self.assertEqual(self.cruet("reload").code, 0) # what the configuration names is back
        self.assertEqual(self.everywhere(s), {200})
        self.kill_all(s)
        self.assertEqual(self.everywhere(s), {200})
        self.assertEqual(s.stop()[0], 0)


class Long(SwapSite):
    """Replies that go on while what they stand on is replaced."""

    def ask(self, s, path):
        c = self.connect(s)
        c.request("GET", path)
        r = c.getresponse()
        self.assertEqual(r.status, 200)
        return r

    def test_events_end_well_and_may_be_asked_for_again(self):
        for self.transport in "event", "civetweb":
            with self.subTest(self.transport):
                self.put("1")
                s = self.serve()
                r = self.ask(s, "/events")
                self.assertEqual(r.readline(), b"data: 1\n")
                self.swap("2")
                self.assertEqual(r.read(), b"\n") # no IncompleteRead
                self.assertEqual(self.ask(s, "/events").readline(), b"data: 2\n")
                self.assertEqual(s.stop()[0], 0)

    def test_a_server_ends_although_a_change_waits_for_a_request(self):
        for self.transport in "event", "civetweb":
            with self.subTest(self.transport):
                self.put("1")
                s = self.serve("-w", "0", drain="5min")
                os.mkfifo(self.path("go"))
                c = self.connect(s)
                c.request("GET", "/hold")
                self.eventually(lambda: self.assertIn("1 running", self.cruet("status").out),
                                AssertionError)
                self.put("2")
                swap = self.begin("reload", "shift")
                self.eventually(lambda: self.assertEqual(s.text(), "2"), AssertionError)
                s.process.send_signal(signal.SIGTERM)
                self.assertEqual(swap.wait(60), 0) # it has changed, and waits no longer
                with open(self.path("go"), "w"):
                    pass
                self.assertEqual(c.getresponse().read(), b"1")
                self.assertEqual(s.process.wait(60), 0)
                os.unlink(self.path("go"))

    def test_a_stream_without_an_end_is_told(self):
        for self.transport in "event", "civetweb":
            with self.subTest(self.transport):
                self.put("1")
                s = self.serve()
                r = self.ask(s, "/endless")
                self.assertEqual(r.readline(), b"tick\n")
                self.put("2")
                swap = self.begin("reload", "shift")
                rest = r.read()
                self.assertEqual(rest[-5:], b"tick\n")
                self.assertEqual(swap.wait(60), 0)
                self.assertEqual(s.text(), "2")
                self.assertEqual(s.stop()[0], 0)


class Sockets(SwapSite):
    def open(self, s):
        c = socket.create_connection((s.host, s.port), 30)
        self.addCleanup(c.close)
        c.sendall(b"GET /ws HTTP/1.1\r\nHost: " + s.host.encode() + b"\r\nUpgrade: websocket\r\n"
                  b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += c.recv(1)
        self.assertTrue(head.startswith(b"HTTP/1.1 101 "), head)
        return c

    def take(self, c, n):
        got = b""
        while len(got) < n:
            piece = c.recv(n - len(got))
            self.assertTrue(piece, "the connection has ended")
            got += piece
        return got

    def frame(self, c):
        head = self.take(c, 2)
        return head[0] & 15, self.take(c, head[1])

    def say(self, c, text, opcode=1):
        data = text if isinstance(text, bytes) else text.encode()
        c.sendall(bytes([0x80 | opcode, 0x80 | len(data), 0, 0, 0, 0]) + data)

    def test_a_connection_moves_to_the_new_one(self):
        s = self.serve()
        c = self.open(s)
        for version in "1", "2", "1", "2":
            self.swap(version)
            self.say(c, "hi")
            self.assertEqual(self.frame(c), (1, f"hi {version}".encode()))
        self.say(c, b"\x03\xe8", 8)
        self.assertEqual(self.frame(c)[0], 8)
        self.log_line(s, "2 is left with 1000")
        self.assertEqual(s.stop()[0], 0)

    def test_one_whose_rule_is_gone_is_closed(self):
        s = self.serve()
        c = self.open(s)
        gone = self.begin("unload", "shift")
        self.assertEqual(self.frame(c), (8, b"\x03\xf4this address is gone"))
        self.say(c, b"\x03\xf4", 8)
        self.assertEqual(gone.wait(60), 0)
        self.log_line(s, "1 is left with 1012") # the old one heard it, and then went
        self.assertEqual(self.cruet("plugins", "list").code, 0)
        self.assertEqual(s.stop()[0], 0)


class Loaded(SwapSite):
    swaps = 60

    def test_no_request_is_lost_and_none_sees_two_versions(self):
        for self.transport in "event", "civetweb":
            with self.subTest(self.transport):
                self.put("1")
                s = self.serve("-w", "0")
                load = Versions(s, "/")
                for i in range(self.swaps):
                    if i % 20 == 10:
                        self.put("3")
                        self.assertFalse(self.command(reload="shift")["ok"])
                    self.put("2" if i % 2 == 0 else "1")
                    self.assertTrue(self.command(reload="shift")["ok"])
                load.more(20)
                load.stop()
                self.assertEqual((load.refused, load.broken, load.other), ([], [], []))
                self.assertEqual(s.stop()[0], 0)

    def command(self, **what):
        (name, plugin), = what.items()
        c = socket.socket(socket.AF_UNIX)
        c.settimeout(60)
        c.connect(self.path("var/run/control.sock"))
        c.sendall(json.dumps({"command": name, "plugin": plugin}).encode() + b"\n")
        answer = json.loads(c.makefile("rb").readline())
        c.close()
        return answer


if __name__ == "__main__":
    main()
