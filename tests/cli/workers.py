"""Processes that come and go while their sockets stay: workers, SIGUSR2, systemd."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess

from driver import BUILD, Cli, Server, environment, main
from load import Load

# Says who answers; /count also leaves a byte in a file, /slow waits until a FIFO is
# written.
SITE = r"""#include <cruet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int who(cruet_ctx *c)
{
	return cruet_textf(c, "%d\n", (int)getpid());
}

static int count(cruet_ctx *c)
{
	int fd = open("count", O_WRONLY | O_APPEND | O_CREAT, 0600);
	ssize_t n = write(fd, "x", 1);
	close(fd);
	return n == 1 ? who(c) : CRUET_EIO;
}

static int slow(cruet_ctx *c)
{
	char byte;
	int fd = open("begun", O_WRONLY);
	close(fd);
	fd = open("go", O_RDONLY);
	ssize_t n = read(fd, &byte, 1);
	close(fd);
	return n == 1 ? who(c) : CRUET_EIO;
}

static int stop(cruet_ctx *c)
{
	cruet_stop(cruet_scope(c));
	return cruet_text(c, "bye\n");
}

static int variables(cruet_ctx *c)
{
	static const char *const names[] = {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
					    "CRUET_SOCKETS", "CRUET_CHANNEL", "CRUET_WORKER",
					    "CRUET_LISTEN", "CRUET_MEMORY"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (getenv(names[i]))
			return cruet_text(c, names[i]);
	return cruet_text(c, "none");
}

CRUET_APP(app)
{
	cruet_get(app, "/", who);
	cruet_get(app, "/count", count);
	cruet_get(app, "/slow", slow);
	cruet_get(app, "/stop", stop);
	cruet_get(app, "/variables", variables);
}
"""


class Site(Cli):
    def site(self, *args, **config):
        self.write("site.c", SITE)
        if not os.path.exists(self.path("site.so")):
            self.build("site.c")
        self.configure(**config)
        return Server(self, "--listen", "127.0.0.1:0", *args)

    def configure(self, **more):
        server = {"transport": "event", **more}
        self.write("cruet.json", json.dumps({"app": "site.so", "server": server}))

    def pids(self, s, n, old=frozenset()):
        """Those that answer, n of them; old ones may still do so for a moment."""
        found = set()
        while len(found) < n:
            found |= {int(s.text())} - old
        return found


class Workers(Site):
    def test_several_processes_serve_one_address_and_end_with_their_parent(self):
        s = self.site("--workers", "2")
        pids = self.pids(s, 2)
        self.assertNotIn(s.process.pid, pids)
        self.assertEqual(s.text("/variables"), "none")
        self.assertEqual(s.stop(), (0, "", ""))
        for pid in pids:
            self.assertRaises(ProcessLookupError, os.kill, pid, 0)

    def test_ctrl_c_ends_all(self):
        self.site().stop()
        s = Server(self, "--listen", "127.0.0.1:0", "-w", "2", start_new_session=True)
        self.pids(s, 2)
        os.killpg(s.process.pid, signal.SIGINT)
        out, err = s.process.communicate(timeout=30)
        self.assertEqual((s.process.returncode, out, err), (0, "", ""))

    def test_all_may_be_told_to_end_at_once_as_systemd_does(self):
        self.site().stop()
        s = Server(self, "--listen", "127.0.0.1:0", "-w", "2", start_new_session=True)
        self.pids(s, 2)
        os.killpg(s.process.pid, signal.SIGTERM)
        out, err = s.process.communicate(timeout=30)
        self.assertEqual((s.process.returncode, out, err), (0, "", ""))

    def test_a_worker_that_is_killed_is_replaced_and_nobody_is_refused(self):
        s = self.site("-w", "2")
        old = self.pids(s, 2)
        load = Load(s, "/", Connection="close") # each may reach any worker
        load.more(200)
        for pid in old:
            load.more(50)
            os.kill(pid, signal.SIGKILL)
            self.log_line(s, f"(process {pid}): it was ended by signal 9 (Killed)")
            load.more(200)
        load.wait(lambda load: len(load.pids - old) == 2)
        load.stop()
        self.assertEqual((load.refused, load.other), ([], []))
        # each of four threads has one request under way, in either of two accidents
        self.assertLessEqual(len(load.broken), 8, load.broken)
        self.assertEqual(s.stop()[0], 0)

    def test_workers_end_when_their_parent_is_killed(self):
        s = self.site("-w", "2")
        pids = self.pids(s, 2)
        s.process.kill()
        for pid in pids:
            self.ends(pid)

    def test_a_worker_that_cannot_serve_says_why_and_that_is_it(self):
        self.write("site.c", SITE)
        self.build("site.c")
        self.configure(tls={"listen": "127.0.0.1:0", "certificate": "missing.pem"})
        r = self.cruet("run", "-w", "2", "-l", "127.0.0.1:0")
        self.assertEqual((r.code, r.out, len(r.err.splitlines())), (1, "", 1), r.err)
        self.assertIn("missing.pem", r.err)

    def test_workers_that_are_killed_before_they_serve_are_given_up(self):
        self.write("site.c", """#include <cruet.h>
#include <signal.h>
CRUET_APP(app) { (void)app; raise(SIGKILL); }
""")
        self.build("site.c")
        self.configure()
        r = self.cruet("run", "-l", "127.0.0.1:0")
        self.assertEqual((r.code, r.out), (1, ""))
        lines = r.err.splitlines()
        self.assertEqual(len(lines), 4, r.err)
        for line in lines[:3]:
            self.assertRegex(line, r"worker 1 \(process [0-9]+\): it was ended by signal 9 "
                                   r"\(Killed\)$")
        self.assertEqual(lines[3], "cruet: the workers do not start: 3 ended before all of them "
                                   "served")

    def test_one_worker_is_looked_after_unless_told_otherwise(self):
        for transport in "event", "civetweb":
            s = self.site(transport=transport)
            pid = self.pids(s, 1).pop()
            self.assertNotEqual(pid, s.process.pid)
            os.kill(pid, signal.SIGKILL)
            self.log_line(s, f"(process {pid}): it was ended by signal 9 (Killed)")
            new = self.eventually(lambda s=s: int(s.text()))
            self.assertNotEqual(new, pid) # at the same port
            self.assertEqual(s.stop(), (0, "", ""))

    def test_one_that_dies_again_and_again_is_tried_again(self):
        s = self.site()
        os.remove(self.path("site.so"))
        os.kill(self.pids(s, 1).pop(), signal.SIGKILL)
        for _ in range(4): # each says what is missing, and then the parent that it ended
            self.log_line(s, ": it ended with exit code 1")
        self.build("site.c")
        self.eventually(s.text)
        self.assertEqual(s.stop()[0], 0)

    def test_an_application_that_calls_stop_ends_all(self):
        for workers in "0", "1", "2":
            s = self.site("-w", workers)
            self.assertEqual(s.text("/stop"), "bye\n")
            out, err = s.process.communicate(timeout=30)
            self.assertEqual((s.process.returncode, out, err), (0, "", ""))

    def test_another_server_on_the_port_is_told_before_a_worker_starts(self):
        s = self.site("-w", "1")
        self.fails(["run", "-w", "2", "-l", f"127.0.0.1:{s.port}"],
                   f"cruet: cannot listen on 127.0.0.1:{s.port}: something else listens there "
                   "already\n")

    def test_civetweb_has_one_worker(self):
        self.write("site.c", SITE)
        self.fails(["run", "site.c", "-w", "2"],
                   "cruet: more than one of server.workers needs a transport that takes sockets over, which "
                   "'civetweb' does not: \"server.transport\": \"event\" does\n")

    def test_workers_are_a_number_up_to_64(self):
        self.write("site.c", SITE)
        self.fails(["run", "site.c", "-w", "65"],
                   "cruet: command line: server.workers = \"65\": expected a whole number from 0 "
                   "(this process serves) to 64\n")


class Restart(Site):
    def test_new_workers_take_over_under_load_and_no_request_is_lost(self):
        s = self.site("-w", "2")
        old = self.pids(s, 2)
        load = Load(s, "/count")
        for _ in range(3):
            load.more(200)
            s.process.send_signal(signal.SIGUSR2)
            self.log_line(s, "the new workers serve, the old ones end")
            new = self.pids(s, 2, old)
            for pid in old:
                self.ends(pid)
            old = new
        load.more(200)
        load.stop()
        self.assertEqual((load.refused, load.broken, load.other), ([], [], []))
        self.assertEqual(load.answered, os.path.getsize(self.path("count")))
        self.assertEqual(s.stop()[0], 0)

    def test_a_single_process_is_followed_by_a_new_one_under_load(self):
        s = self.site("-w", "0")
        old = s.process.pid
        self.assertEqual(self.pids(s, 1), {old})
        load = Load(s, "/count")
        load.more(200)
        s.process.send_signal(signal.SIGUSR2)
        self.assertEqual(s.process.wait(timeout=30), 0)
        load.more(200)
        load.stop()
        new = self.pids(s, 1).pop()
        self.addCleanup(self.ends, new)
        self.addCleanup(os.kill, new, signal.SIGTERM)
        self.assertNotEqual(new, old)
        self.assertEqual((load.refused, load.broken, load.other), ([], [], []))
        self.assertEqual(load.answered, os.path.getsize(self.path("count")))

    def test_requests_under_way_are_answered_by_the_old(self):
        s = self.site("-w", "1")
        old = self.pids(s, 1)
        os.mkfifo(self.path("begun"))
        os.mkfifo(self.path("go"))
        c = self.connect(s)
        c.request("GET", "/slow")
        with open(self.path("begun"), "rb") as f:
            f.read()
        s.process.send_signal(signal.SIGUSR2)
        self.log_line(s, "the new workers serve, the old ones end")
        new = self.pids(s, 1, old)
        with open(self.path("go"), "wb") as f:
            f.write(b"x")
        r = c.getresponse()
        self.assertEqual((r.status, {int(r.read())}), (200, old))
        self.ends(old.pop())
        self.assertEqual(self.pids(s, 1), new)

    def test_a_connection_that_is_idle_ends_and_one_that_asks_is_answered_last(self):
        s = self.site("-w", "1")
        old = self.pids(s, 1)
        idle, asks = self.connect(s), self.connect(s)
        for c in idle, asks:
            c.request("GET", "/")
            self.assertEqual({int(c.getresponse().read())}, old)
        s.process.send_signal(signal.SIGUSR2)
        self.log_line(s, "the new workers serve, the old ones end")
        closes = None
        while closes != "close": # until the signal has arrived
            asks.request("GET", "/")
            r = asks.getresponse()
            closes = r.headers["Connection"]
            self.assertEqual((r.status, {int(r.read())}), (200, old))
        self.assertEqual(idle.sock.recv(1), b"")

    def test_a_configuration_that_is_wrong_leaves_the_old_workers(self):
        s = self.site("-w", "2")
        old = self.pids(s, 2)
        self.write("cruet.json", "{")
        s.process.send_signal(signal.SIGUSR2)
        self.log_line(s, "the new workers are not taken, the old ones go on: it ended with exit "
                         "code 1")
        self.assertEqual(self.pids(s, 2), old)
        self.configure()
        s.process.send_signal(signal.SIGUSR2)
        self.log_line(s, "the new workers serve, the old ones end")
        self.pids(s, 2, old)

    def test_a_configuration_that_is_wrong_leaves_the_single_process(self):
        s = self.site(workers=0)
        self.write("cruet.json", "{")
        s.process.send_signal(signal.SIGUSR2)
        self.log_line(s, "the new process does not serve, this one goes on: it ended with exit "
                         "code 1")
        self.assertEqual(self.pids(s, 1), {s.process.pid})
        self.assertEqual(s.stop()[0], 0)

    def test_a_single_process_may_be_followed_by_workers(self):
        s = self.site(workers=0)
        self.configure(workers=2)
        s.process.send_signal(signal.SIGUSR2)
        line = self.log_line(s, "serves, this one ends")
        parent = int(re.search("process ([0-9]+) serves", line)[1])
        self.addCleanup(self.ends, parent)
        self.addCleanup(os.kill, parent, signal.SIGTERM)
        self.assertEqual(s.process.wait(timeout=30), 0)
        self.assertNotIn(parent, self.pids(s, 2))

    def test_workers_take_no_address_that_their_parent_has_not(self):
        s = self.site("-D", "server.listen=127.0.0.1:0", "-w", "1")
        old = self.pids(s, 1)
        self.configure(tls={"listen": "127.0.0.1:1", "certificate": "adhoc"})
        s.process.send_signal(signal.SIGUSR2)
        self.log_line(s, "cruet: no socket was handed over for https://127.0.0.1:1: a new address "
                         "takes a new start")
        self.log_line(s, "the old ones go on: it ended with exit code 1")
        self.assertEqual(self.pids(s, 1), old)

    def test_civetweb_stays(self):
        for workers in 0, 1:
            s = self.site(transport="civetweb", workers=workers)
            old = self.pids(s, 1)
            s.process.send_signal(signal.SIGUSR2)
            self.log_line(s, "SIGUSR2: this transport cannot hand its sockets over")
            self.assertEqual(self.pids(s, 1), old)
            self.assertEqual(s.stop()[0], 0)

    def test_a_unix_socket_stays_for_the_successor_and_goes_with_the_last(self):
        s = self.site("-w", "0", "-D", "server.listen=127.0.0.1:0,unix:site.sock")
        s.process.send_signal(signal.SIGUSR2)
        self.assertEqual(s.process.wait(timeout=30), 0)
        c = socket.socket(socket.AF_UNIX)
        self.addCleanup(c.close)
        c.settimeout(30)
        c.connect(self.path("site.sock"))
        c.sendall(b"GET / HTTP/1.0\r\n\r\n")
        new = int(c.makefile("rb").read().split(b"\r\n\r\n")[1])
        os.kill(new, signal.SIGTERM)
        self.ends(new)
        self.assertFalse(os.path.exists(self.path("site.sock")))


class Activation(Site):
    def start(self, *args, address=("127.0.0.1", 0), **env):
        """As systemd does it: a socket as descriptor 3. Gives the socket's port too."""
        self.site().stop()
        listening = socket.socket()
        listening.bind(address)
        listening.listen()
        self.port = listening.getsockname()[1]
        self.addCleanup(listening.close)
        # the variables name the process that is to have the sockets
        script = 'exec 3<&"$1"; shift; export LISTEN_PID=$$; exec "$@"'
        command = ["sh", "-c", script, "sh", str(listening.fileno()), f"{BUILD}/core/cruet", "run",
                   "-l", f"127.0.0.1:{self.port}", *args]
        p = subprocess.Popen(command, cwd=self.folder, pass_fds=[listening.fileno()],
                             env=environment(LISTEN_FDS="1", LISTEN_FDNAMES="site", **env),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        self.addCleanup(p.communicate)
        self.addCleanup(p.kill)
        return p

    def get(self, path="/"):
        with contextlib.closing(
                http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as c:
            c.request("GET", path)
            return c.getresponse().read().decode()

    def test_a_socket_of_systemd_is_served(self):
        p = self.start("-w", "0")
        self.assertEqual(p.stdout.readline(), f"serving http://127.0.0.1:{self.port}\n")
        self.assertEqual(self.get(), f"{p.pid}\n")
        self.assertEqual(self.get("/variables"), "none")
        p.send_signal(signal.SIGTERM)
        self.assertEqual((p.wait(timeout=30), p.stderr.read()), (0, ""))

    def test_workers_share_it(self):
        for workers in "1", "2":
            p = self.start("-w", workers)
            self.assertEqual(p.stdout.readline(), f"serving http://127.0.0.1:{self.port}\n")
            self.assertNotEqual(self.get(), f"{p.pid}\n")
            p.send_signal(signal.SIGTERM)
            self.assertEqual((p.wait(timeout=30), p.stderr.read()), (0, ""))

    def test_a_socket_at_another_address_is_refused(self):
        p = self.start("-l", "127.0.0.1:1")
        self.assertEqual(p.stderr.read(),
                         "cruet: a socket was handed over that listens on "
                         f"127.0.0.1:{self.port}, and no address of server.listen is that one: "
                         "write it there, or do not hand it over\n")
        self.assertEqual(p.wait(timeout=30), 1)

    def test_civetweb_refuses_it(self):
        p = self.start("-D", "server.transport=civetweb")
        self.assertEqual(p.stderr.read(),
                         "cruet: a socket that is handed over needs a transport that takes "
                         "sockets over, which 'civetweb' does not: \"server.transport\": "
                         "\"event\" does\n")
        self.assertEqual(p.wait(timeout=30), 1)

    def test_variables_that_are_for_another_process_are_ignored(self):
        s = self.site()
        s.stop()
        s = Server(self, "-l", "127.0.0.1:0", LISTEN_FDS="1", LISTEN_PID="1")
        self.assertEqual(s.text("/variables"), "none")

    def test_strange_variables_are_told(self):
        self.site().stop()
        for name, value, says in [
                ("CRUET_SOCKETS", "0", "CRUET_SOCKETS: descriptor 0 is no socket that listens"),
                ("CRUET_SOCKETS", "99", "CRUET_SOCKETS: descriptor 99 is no socket that listens"),
                ("CRUET_SOCKETS", "x", "CRUET_SOCKETS: descriptor -1 is no socket that listens"),
                ("CRUET_SOCKETS", ",", "CRUET_SOCKETS: descriptor -1 is no socket that listens"),
                ("CRUET_SOCKETS", "9" * 99,
                 "CRUET_SOCKETS: descriptor 999999999999999 is no socket that listens"),
                ("CRUET_CHANNEL", "1", "CRUET_CHANNEL = \"1\": expected a socket of packets"),
                ("CRUET_MEMORY", "x", "CRUET_MEMORY = \"x\": expected memory of a cruet"),
                ("CRUET_MEMORY", "1", "CRUET_MEMORY = \"1\": expected memory of a cruet"),
                ("CRUET_MEMORY", "99", "CRUET_MEMORY = \"99\": expected memory of a cruet"),
                ("CRUET_WORKER", "1/2", "CRUET_WORKER = \"1/2\": expected what a parent of "
                                        "workers says")]:
            self.fails(["run", "-l", "127.0.0.1:0"], f"cruet: {says}\n", **{name: value})


main()
