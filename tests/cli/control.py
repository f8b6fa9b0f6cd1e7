"""The control socket of a server that runs, and `cruet status`, which asks through it."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time

from driver import BUILD, Cli, HELLO, Server, environment, main

TRANSPORTS = ("civetweb", "event")
SOCKET = "var/run/control.sock"


class Site(Cli):
    def setUp(self):
        super().setUp()
        self.write("site.c", HELLO)
        self.build("site.c")
        self.configure()

    def configure(self, transport="event", **more):
        server = {"transport": transport, **more}
        self.write("cruet.json", json.dumps({"app": "site.so", "server": server}))

    def serve(self, *args, **more):
        return Server(self, "--listen", "127.0.0.1:0", *args, **more)

    def connect(self, path=SOCKET):
        s = socket.socket(socket.AF_UNIX)
        self.addCleanup(s.close)
        s.settimeout(30)
        s.connect(self.path(path))
        return s

    def lines(self, s):
        """What comes until the server hangs up."""
        return [json.loads(line) for line in s.makefile("rb")]

    def ask(self, text, path=SOCKET):
        """The answers to what one client sends."""
        s = self.connect(path)
        s.sendall(text if isinstance(text, bytes) else json.dumps(text).encode())
        s.shutdown(socket.SHUT_WR)
        return self.lines(s)

    def status(self, path=SOCKET):
        answers = self.ask({"command": "status"}, path)
        self.assertEqual(len(answers), 1)
        return answers[0]


class Status(Site):
    def test_a_server_says_what_it_is(self):
        for transport in TRANSPORTS:
            with self.subTest(transport):
                self.configure(transport)
                s = self.serve("-w", "0")
                r = self.cruet("status")
                self.assertEqual((r.code, r.err), (0, ""))
                name = os.path.basename(self.folder)
                self.assertRegex(r.out, re.compile(
                    rf"\Aapplication  {name}\ncruet        0\.\d+\.\d+\n"
                    rf"process      {s.process.pid}\nrunning for  \d+ s\ngeneration   1\n"
                    rf"transport    {transport}\naddresses    http://127\.0\.0\.1:{s.port}\n"
                    r"connections  0 open, 0 in all\n"
                    r"requests     0 running, 0 in all, 0 on a connection used before\n"
                    r"replies      0 2xx, 0 3xx, 0 4xx, 0 5xx\nbytes        0 in, 0 out\n"
                    r"timeouts     0 head, 0 body, 0 idle, 0 write\nthreads      [1-9]\d* in all\n\Z"))
                self.assertEqual(s.stop(), (0, "", ""))

    def test_json_is_for_programs(self):
        s = self.serve()
        r = self.cruet("status", "--json", ".")
        self.assertEqual((r.code, r.err), (0, ""))
        answer = json.loads(r.out)
        self.assertEqual(answer["ok"], True)
        self.assertEqual(answer["pid"], s.process.pid)
        self.assertEqual(answer["addresses"], [f"http://127.0.0.1:{s.port}"])
        self.assertLess(answer["uptime_ms"], 600000)

    def counters(self, until):
        """Those of the server, once until(counters) holds."""
        deadline = time.monotonic() + 60
        while not until(n := self.status()["counters"]):
            self.assertLess(time.monotonic(), deadline, n)
        return n

    def test_what_it_counts_is_shown(self):
        for transport in TRANSPORTS:
            with self.subTest(transport):
                self.configure(transport)
                s = self.serve()
                for path in ("/", "/", "/none"):
                    s.get(path)
                with socket.create_connection((s.host, s.port)) as c:
                    c.sendall(b"GET / HTTP/1.1\r\nHost : x\r\n\r\n")
                    self.assertIn(b" 400 ", c.recv(100))
                n = self.counters(lambda n: n["replies_4xx"] == 2 and not n["connections_open"])
                self.assertEqual([n[k] for k in ("requests", "connections", "replies_2xx",
                                                 "refused_4xx")], [3, 4, 2, 1])
                out = self.cruet("status").out
                self.assertIn("\nconnections  0 open, 4 in all\n", out)
                self.assertIn("\nrefused      1 with 4xx\n", out)
                self.assertEqual(s.stop(), (0, "", ""))

    def test_connections_that_are_refused_are_counted(self):
        self.write("cruet.json", json.dumps({
            "app": "site.so", "server": {"transport": "event"},
            "plugins": {"event": {"connections": 2}}}))
        s = self.serve()
        two = [socket.create_connection((s.host, s.port)) for _ in range(2)]
        self.counters(lambda n: n["connections_open"] == 2)
        with socket.create_connection((s.host, s.port)) as c:
            self.assertEqual(c.recv(1), b"")
        n = self.counters(lambda n: n["refused_crowded"] == 1)
        self.assertEqual((n["connections"], n["refused_client"]), (2, 0))
        for c in two:
            c.close()
        self.assertIn("\nrefused      1 as too many were open\n", self.cruet("status").out)
        s.stop()
        self.write("cruet.json", json.dumps({
            "app": "site.so", "server": {"transport": "event"},
            "plugins": {"event": {"per_client": 1}}}))
        s = self.serve()
        with socket.create_connection((s.host, s.port)):
            self.counters(lambda n: n["connections_open"] == 1)
            with socket.create_connection((s.host, s.port)) as c:
                self.assertEqual(c.recv(1), b"")
            n = self.counters(lambda n: n["refused_client"] == 1)
            self.assertEqual((n["connections"], n["refused_crowded"]), (1, 0))

    def test_metrics_show_what_it_counts(self):
        for transport in TRANSPORTS:
            with self.subTest(transport):
                self.write("cruet.json", json.dumps({
                    "app": "site.so", "server": {"transport": transport, "workers": 0},
                    "plugins": {"metrics": {}}}))
                s = self.serve()
                s.get()
                text = s.text("/metrics")
                self.assertIn("\n# TYPE cruet_server_connections_total counter\n"
                              "cruet_server_connections_total 2\n", text)
                self.assertIn("\n# TYPE cruet_server_timeouts_total counter\n"
                              'cruet_server_timeouts_total{of="head"} 0\n'
                              'cruet_server_timeouts_total{of="body"} 0\n', text)
                self.assertIn('\ncruet_server_refused_total{why="proxy"} 0\n', text)
                openmetrics = s.get("/metrics", {"Accept": "application/openmetrics-text"})[2]
                self.assertIn("\n# TYPE cruet_server_timeouts counter\n"
                              'cruet_server_timeouts_total{of="head"} 0\n', openmetrics)
                self.assertEqual(s.stop(), (0, "", ""))

    def test_it_is_asked_from_anywhere(self):
        s = self.serve()
        os.mkdir(self.path("else"))
        for args in (["status", self.folder, "--json"], ["status", "--json", "..", ],
                     ["status", "--json", "-c", "../cruet.json"]):
            r = self.cruet(*args, cwd="else")
            self.assertEqual((r.code, r.err), (0, ""))
            self.assertEqual(json.loads(r.out)["pid"], s.process.pid)

    def test_nothing_runs(self):
        self.fails(["status"], "cruet: nothing serves here: there is no "
                               f"{self.folder}/{SOCKET}\n")
        self.serve().kill()
        self.fails(["status"], "cruet: nothing serves here: nobody listens at "
                               f"{self.folder}/{SOCKET}\n")

    def test_there_is_no_socket_to_ask(self):
        self.configure(control="none")
        self.fails(["status"], "cruet: there is no control socket: cruet.json:1:64: "
                               "server.control = \"none\"\n")
        os.remove(self.path("cruet.json"))
        self.fails(["status"], "cruet: there is no control socket without a cruet.json in "
                               f"{self.folder}: name its folder, or the socket with -D "
                               "server.control=PATH\n")

    def test_what_answers_is_no_server(self):
        os.makedirs(self.path("var/run"))
        for says, err in ((b"", "the server ended before it answered"),
                          (b"hello\n", "the answer is not understood")):
            s = socket.socket(socket.AF_UNIX)
            s.bind(self.path(SOCKET))
            s.listen()

            def answer():
                c = s.accept()[0]
                c.recv(100)
                c.sendall(says)
                c.close()
            t = threading.Thread(target=answer)
            t.start()
            self.fails(["status"], f"cruet: {self.folder}/{SOCKET}: {err}\n")
            t.join()
            s.close()
            os.remove(self.path(SOCKET))


class Place(Site):
    def test_the_socket_is_for_this_user_and_goes_at_the_end(self):
        for transport in TRANSPORTS:
            with self.subTest(transport):
                self.configure(transport)
                s = self.serve()
                for name, mode in (("var", 0o700), ("var/run", 0o700), (SOCKET, 0o600)):
                    self.assertEqual(stat.S_IMODE(os.stat(self.path(name)).st_mode), mode, name)
                self.assertEqual(s.stop(), (0, "", ""))
                self.assertEqual(os.listdir(self.path("var/run")), [])

    def test_without_a_configuration_there_is_none_unless_it_is_asked_for(self):
        os.remove(self.path("cruet.json"))
        before = sorted(os.listdir(self.folder))
        self.assertEqual(self.serve("site.so").stop(), (0, "", ""))
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        s = self.serve("site.so", "-D", "server.control=here.sock")
        self.assertEqual(self.status("here.sock")["pid"], s.process.pid)
        r = self.cruet("status", "--json", "-D", "server.control=here.sock")
        self.assertEqual(json.loads(r.out)["pid"], s.process.pid)

    def test_it_can_be_switched_off(self):
        for off in ("", "none"):
            self.configure(control=off)
            self.assertEqual(self.serve().stop(), (0, "", ""))
            self.assertFalse(os.path.exists(self.path("var")))

    def test_a_path_may_be_long(self):
        folder = "/".join(["a" * 60] * 4)
        self.configure(control=f"{folder}/site.sock")
        s = self.serve()
        r = self.cruet("status", "--json")
        self.assertEqual(json.loads(r.out)["pid"], s.process.pid)
        self.assertEqual(s.stop(), (0, "", ""))
        self.assertEqual(os.listdir(self.path(folder)), [])

    def test_what_cannot_be_its_name_is_refused(self):
        for name, says in (("run/", "the path of a file, such as var/run/control.sock"),
                           ("n" * 81, "a file name of at most 80 bytes")):
            self.configure(control=name)
            err = f"cruet: cruet.json:1:64: server.control = \"{name}\": expected {says}\n"
            self.fails(["run", "-l", "127.0.0.1:0"], err)
            self.fails(["status"], err)

    def test_what_lies_there_is_not_removed_if_it_is_no_socket(self):
        self.write("mine", "precious")
        self.configure(control="mine")
        self.fails(["run", "-l", "127.0.0.1:0"],
                   f"cruet: {self.folder}/mine is there already and is no socket: set "
                   "server.control to another path, or to none\n")
        with open(self.path("mine")) as f:
            self.assertEqual(f.read(), "precious")

    def test_a_folder_that_cannot_be_made_is_a_warning_where_nobody_asked(self):
        self.write("var", "a file")
        s = self.serve()
        self.assertEqual(s.text(), "hello\n")
        code, out, err = s.stop()
        self.assertEqual((code, out), (0, ""))
        self.assertRegex(err, rf"\A\S+ \S+ WARN  \S+: there is no control socket, so no 'cruet "
                              rf"status': {self.folder}/{SOCKET} cannot be made: its folder: "
                              r"Not a directory\n\Z")
        self.configure(control=SOCKET)
        self.fails(["run", "-l", "127.0.0.1:0"],
                   f"cruet: {self.folder}/{SOCKET} cannot be made: its folder: Not a directory\n")

    def test_a_second_server_serves_and_leaves_the_socket_to_the_first(self):
        first, second = self.serve(), self.serve()
        self.assertEqual(second.text(), "hello\n")
        self.assertEqual(self.status()["pid"], first.process.pid)
        code, out, err = second.stop()
        self.assertEqual((code, out), (0, ""))
        self.assertIn(f"process {first.process.pid} listens at {self.folder}/{SOCKET} already: "
                      "set server.control to another path, or to none\n", err)
        self.assertEqual(self.status()["pid"], first.process.pid)

    def test_a_second_server_does_not_start_where_the_socket_was_asked_for(self):
        self.configure(control="s.sock")
        first = self.serve()
        self.fails(["run", "-l", "127.0.0.1:0"],
                   f"cruet: process {first.process.pid} listens at {self.folder}/s.sock already: "
                   "set server.control to another path, or to none\n")
        self.assertEqual(self.status("s.sock")["pid"], first.process.pid)

    def test_the_socket_of_a_dead_process_is_replaced(self):
        first = self.serve()
        first.kill()
        self.assertTrue(os.path.exists(self.path(SOCKET)))
        second = self.serve()
        self.assertEqual(self.status()["pid"], second.process.pid)
        self.assertEqual(second.stop(), (0, "", ""))

    def test_a_file_that_is_another_ones_by_now_stays(self):
        s = self.serve()
        os.remove(self.path(SOCKET))
        self.write(SOCKET, "")
        self.assertEqual(s.stop(), (0, "", ""))
        self.assertTrue(os.path.exists(self.path(SOCKET)))


class Clients(Site):
    def test_malformed_commands_have_a_sentence(self):
        self.serve()
        for text, says in (
                (b"\n", "the command is not understood: column 1: expected a value, found the "
                        "end of the text"),
                (b"status\n", "the command is not understood: column 1: expected a value, found "
                              "'s'"),
                (b"\0\xff\n", "the command is not understood: column 1: expected a value, found "
                              "byte 0x00"),
                (b"[" * 100, "the command is not understood: column 17: nested deeper than 16"),
                ([], "expected an object, such as {\"command\": \"status\"}"),
                ({}, "expected \"command\" with a name, such as {\"command\": \"status\"}"),
                ({"command": 1}, "expected \"command\" with a name, such as {\"command\": "
                                 "\"status\"}"),
                ({"command": "stats"}, "unknown command 'stats': did you mean 'status'?"),
                ({"command": "xyzzy"}, "unknown command 'xyzzy'"),
                ({"command": "status", "all": 1}, "status takes no \"all\""),
        ):
            with self.subTest(text):
                self.assertEqual(self.ask(text), [{"ok": False, "error": says}])

    def test_one_client_may_send_several_commands(self):
        s = self.serve()
        answers = self.ask(b'{"command": "status"}\nx\n{"command": "status"}')
        self.assertEqual([a["ok"] for a in answers], [True, False, True])
        self.assertEqual(answers[2]["pid"], s.process.pid)

    def test_a_line_without_an_end_is_refused(self):
        s = self.serve()
        c = self.connect()
        try:
            c.sendall(b"a" * (1 << 20))
        except OSError:
            pass # it hangs up before all is sent
        said = c.recv(1000)
        self.assertEqual(json.loads(said), {"ok": False, "error": "the command is longer than "
                                                                  "16384 bytes"})
        self.assertEqual(self.status()["pid"], s.process.pid)

    def test_who_says_nothing_keeps_nobody_waiting_and_is_sent_away(self):
        s = self.serve()
        silent = self.connect()
        slow = self.connect()
        slow.sendall(b'{"comm')
        deaf = self.connect() # asks and asks, and reads no answer
        deaf.setblocking(False)
        try:
            while True:
                deaf.send(b'{"command": "status"}\n' * 100)
        except OSError:
            pass
        self.assertEqual(self.status()["pid"], s.process.pid)
        self.assertEqual(s.text(), "hello\n")
        for c in silent, slow:
            self.assertEqual(self.lines(c), [{"ok": False,
                                              "error": "no command came within 10 s"}])

    def test_of_very_many_clients_some_are_refused(self):
        s = self.serve()
        many = [self.connect() for _ in range(40)]
        many[-1].settimeout(30)
        self.assertEqual(self.lines(many[-1]), [{"ok": False,
                                                 "error": "too many ask at once: try again"}])
        for c in many:
            c.close()
        self.assertEqual(s.text(), "hello\n")
        while not (answer := self.status())["ok"]: # until it has noticed
            self.assertEqual(answer["error"], "too many ask at once: try again")
        self.assertEqual(s.stop(), (0, "", ""))

    def test_a_server_ends_although_clients_are_connected(self):
        for transport in TRANSPORTS:
            with self.subTest(transport):
                self.configure(transport)
                s = self.serve()
                silent, half = self.connect(), self.connect()
                half.sendall(b'{"comm')
                self.assertEqual(self.status()["pid"], s.process.pid)
                self.assertEqual(s.stop(), (0, "", ""))
                self.assertEqual(self.lines(silent), [])

    if os.geteuid() == 0:
        def test_another_user_is_sent_away(self):
            s = self.serve()
            for name in (".", "var", "var/run"):
                os.chmod(self.path(name), 0o755)
            os.chmod(self.path(SOCKET), 0o666)
            r, w = os.pipe()
            pid = os.fork()
            if not pid:
                try:
                    os.setgroups([])
                    os.setgid(65534)
                    os.setuid(65534)
                    os.write(w, json.dumps(self.lines(self.connect())).encode())
                finally:
                    os._exit(0)
            os.waitpid(pid, 0)
            os.close(w)
            with os.fdopen(r) as f:
                self.assertEqual(json.load(f), [{"ok": False, "error": "only root and the user "
                                                 "of the server may ask it"}])
            self.assertEqual(self.status()["pid"], s.process.pid)

        def test_root_may_ask_the_server_of_another_user(self):
            os.chmod(self.folder, 0o755)
            os.mkdir(self.path("var"))
            os.chown(self.path("var"), 65534, 65534)
            os.chown(self.path("site.so"), 65534, 65534)
            own = self.path("own")  # that user may not get at those of the build
            os.mkdir(own)
            for name in ("core/cruet", "core/libcruet.so.0", "plugins/event/event.so"):
                shutil.copy(f"{BUILD}/{name}", own)
            env = environment(LD_LIBRARY_PATH=own, CRUET_PLUGIN_PATH=own)
            s = subprocess.Popen([f"{own}/cruet", "run", "-l", "127.0.0.1:0"],
                                 cwd=self.folder, env=env, user=65534, group=65534,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.addCleanup(s.communicate)
            self.addCleanup(s.kill)
            self.assertRegex(s.stdout.readline(), "^serving ")
            self.assertEqual(self.status()["pid"], s.pid)


class Workers(Site):
    def workers(self, answer):
        return {w["worker"]: w for w in answer["workers"]}

    def freeze(self, pid):
        """Until the test ends, or the process is told to go on or to die."""
        os.kill(pid, signal.SIGSTOP)
        fd = os.pidfd_open(pid)
        self.addCleanup(os.close, fd)

        def go_on():
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(fd, signal.SIGCONT)
        self.addCleanup(go_on)
        for task in os.listdir(f"/proc/{pid}/task"):
            while True:
                with open(f"/proc/{pid}/task/{task}/stat") as f:
                    if f.read().rpartition(")")[2].split()[0] == "T":
                        break

    def test_all_workers_are_asked(self):
        s = self.serve("-w", "3")
        answer = self.status()
        self.assertEqual((answer["ok"], answer["pid"]), (True, s.process.pid))
        self.assertEqual(answer["addresses"], [f"http://127.0.0.1:{s.port}"])
        workers = self.workers(answer)
        self.assertEqual(list(workers), [1, 2, 3])
        self.assertEqual({w["ok"] for w in workers.values()}, {True})
        self.assertEqual(len({w["pid"] for w in workers.values()} | {s.process.pid}), 4)
        out = self.cruet("status").out
        self.assertIn("\nWORKER  PROCESS  RUNNING FOR  GENERATION  CONNECTIONS  REQUESTS\n1 ", out)
        for n, w in workers.items():
            self.assertRegex(out, rf"\n{n}       {w['pid']} +\d+ s +1 +0 +0\n")
        self.assertEqual(s.stop(), (0, "", ""))
        self.assertEqual(os.listdir(self.path("var/run")), [])

    def test_what_workers_count_is_summed(self):
        s = self.serve("-w", "2")
        for _ in range(20):
            s.get()
        answer = self.status()
        self.assertEqual(answer["counters"]["requests"], 20)
        for name in ("requests", "threads", "bytes_in"):
            self.assertEqual(answer["counters"][name],
                             sum(w["counters"][name] for w in answer["workers"]))

    def test_a_worker_that_does_not_answer_is_named(self):
        s = self.serve("-w", "2")
        pid = self.workers(self.status())[2]["pid"]
        self.freeze(pid)
        r = self.cruet("status")
        self.assertEqual((r.code, r.err), (1, f"cruet: worker 2 (process {pid}): it did not "
                                              "answer in time\n"))
        self.assertIn(f"process      {s.process.pid}\n", r.out)
        self.assertRegex(r.out, rf"\n2       {pid} +- +- +- +-\n")
        os.kill(pid, signal.SIGCONT)
        self.assertTrue(self.status()["ok"]) # the answer to the first question is late

    def two_workers(self):
        """Both, once they serve."""
        while len(workers := self.workers(self.status())) < 2:
            pass
        return workers

    def test_a_worker_that_dies_meanwhile_is_named(self):
        self.serve("-w", "2")
        ok = True
        while ok: # it may die before it was asked: then nobody asks it
            pid = self.two_workers()[1]["pid"]
            self.freeze(pid)
            c = self.connect()
            c.sendall(b'{"command": "status"}\n')
            self.assertTrue(self.ask(b"x")) # a client after this one was heard
            os.kill(pid, signal.SIGKILL)
            answer = json.loads(c.makefile("rb").readline())
            ok = answer["ok"]
        self.assertIn(answer["error"], (
            f"worker 1 (process {pid}): it ended before it answered",
            f"worker 1 (process {pid}): it takes no commands"))

    def test_malformed_commands_do_not_reach_workers(self):
        self.serve("-w", "1")
        self.assertEqual(self.ask({"command": "stats"}),
                         [{"ok": False, "error": "unknown command 'stats': did you mean "
                                                 "'status'?"}])

    def test_the_socket_stays_when_workers_are_started_anew(self):
        s = self.serve("-w", "2")
        old = {w["pid"] for w in self.status()["workers"]}
        s.process.send_signal(signal.SIGUSR2)
        while old & {w["pid"] for w in self.status()["workers"]}:
            pass
        self.assertEqual(self.status()["pid"], s.process.pid)

    def test_a_parent_ends_while_it_waits_for_an_answer(self):
        s = self.serve("-w", "2")
        pid = self.workers(self.status())[1]["pid"]
        self.freeze(pid)
        c = self.connect()
        c.sendall(b'{"command": "status"}\n')
        self.assertTrue(self.ask(b"x"))
        s.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.lines(c), [{"ok": False, "error": "the server ends"}])
        os.kill(pid, signal.SIGCONT)
        self.assertEqual(s.process.wait(timeout=30), 0)


class Successor(Site):
    """Of a process that serves itself."""

    def serve(self, *args, **more):
        return super().serve("-w", "0", *args, **more)

    def take_care_of(self, pid):
        """A process that is no child of this one ends with the test."""
        fd = os.pidfd_open(pid)

        def end():
            signal.pidfd_send_signal(fd, signal.SIGKILL)
            os.close(fd)
        self.addCleanup(end)

    def test_no_command_is_lost_while_a_new_process_takes_over(self):
        s = self.serve()
        pids, lost, done = [], [], threading.Event()

        def ask():
            while not done.is_set():
                try:
                    pids.append(self.status()["pid"])
                except Exception as e:
                    lost.append(repr(e))
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for t in threads:
            t.start()
        s.process.send_signal(signal.SIGUSR2)
        code = s.process.wait(timeout=60)
        done.set()
        for t in threads:
            t.join()
        new = self.status()["pid"]
        self.take_care_of(new)
        self.assertEqual((code, lost), (0, []))
        self.assertEqual(set(pids) | {new}, {s.process.pid, new})
        self.assertEqual(os.listdir(self.path("var/run")), ["control.sock"])
        os.kill(new, signal.SIGTERM)
        while os.path.exists(self.path(SOCKET)):
            pass

    def test_a_client_that_has_not_spoken_yet_is_heard(self):
        s = self.serve()
        c = self.connect()
        self.assertEqual(self.status()["pid"], s.process.pid) # so c was accepted
        s.process.send_signal(signal.SIGUSR2)
        while (new := self.status()["pid"]) == s.process.pid:
            pass
        self.take_care_of(new)
        c.sendall(b'{"command": "status"}\n')
        self.assertEqual([a["pid"] for a in self.lines(c)], [s.process.pid])

    def test_a_new_path_is_taken_and_the_old_one_is_gone(self):
        s = self.serve()
        self.configure(control="other.sock")
        s.process.send_signal(signal.SIGUSR2)
        self.assertEqual(s.process.wait(timeout=60), 0)
        new = self.status("other.sock")["pid"]
        self.take_care_of(new)
        self.assertNotEqual(new, s.process.pid)
        self.assertEqual(os.listdir(self.path("var/run")), [])

    def test_a_path_that_was_removed_is_there_again(self):
        s = self.serve()
        os.remove(self.path(SOCKET))
        s.process.send_signal(signal.SIGUSR2)
        self.assertEqual(s.process.wait(timeout=60), 0)
        self.take_care_of(self.status()["pid"])

    def test_one_that_does_not_serve_leaves_the_socket_alone(self):
        s = self.serve()
        self.write("cruet.json", "{")
        s.process.send_signal(signal.SIGUSR2)
        while "does not serve" not in s.process.stderr.readline():
            pass
        self.assertEqual(self.status()["pid"], s.process.pid)

    def test_what_a_process_is_told_is_checked(self):
        for value in ("", "x", "1:/tmp/x", "99:/tmp/x", "5:x", "9" * 99 + ":/x"):
            self.fails(["run", "-l", "127.0.0.1:0"],
                       f"cruet: CRUET_CONTROL = \"{value}\": expected a socket that listens and "
                       "its path\n", CRUET_CONTROL=value)


main()
