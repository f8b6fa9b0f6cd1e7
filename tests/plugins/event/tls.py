"""The event transport's TLS over real sockets: curl, openssl s_client, Python's own client,
and some who are up to no good."""

import concurrent.futures
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading

from serving import Cli, Server, main, quiet

SITE = r"""#include <cruet.h>

static int where(cruet_ctx *c)
{
	return cruet_textf(c, "%s\n", cruet_scheme(c));
}

static int peer(cruet_ctx *c)
{
	return cruet_textf(c, "%s %s\n", cruet_scheme(c), cruet_peer(c));
}

static int echo(cruet_ctx *c)
{
	size_t len;
	const void *p = cruet_body(c, &len);
	return p ? cruet_bytes(c, "application/octet-stream", p, len) : cruet_err(c);
}

static int file(cruet_ctx *c)
{
	return cruet_send_file(c, "big.bin", NULL);
}

CRUET_APP(app)
{
	cruet_get(app, "/", where);
	cruet_get(app, "/peer", peer);
	cruet_post(app, "/echo", echo);
	cruet_get(app, "/big", file);
}
"""

CONFIG = """{{
  "app": "site.so",
  "server": {{
    "transport": "event",
    "listen": "127.0.0.1:0",
    "tls": {{ "listen": "127.0.0.1:0", "certificate": "cert.pem", "key": "key.pem"{more} }}
  }}
}}
"""

ECHOED = bytes(range(256)) * 1024  # 256 KiB: many records


PARTS = ("cert.pem", "key.pem")
pairs = {}  # name -> the folder that keeps its certificate and key


class Tls(Cli):
    def setUp(self):
        super().setUp()
        self.write("site.c", SITE)
        self.build("site.c")

    def certify(self, name, cert="cert.pem", key="key.pem"):
        """A pair that signs itself, made once for each name; in place at once, as by rename."""
        pair = (self.path(cert), self.path(key))
        for path in pair:
            if os.path.exists(path):
                os.unlink(path)
        if name not in pairs:
            self.make_pair(name, *pair)
            pairs[name] = tempfile.TemporaryDirectory(prefix="cruet-pair-")
            for path, part in zip(pair, PARTS):
                shutil.copy(path, f"{pairs[name].name}/{part}")
        for path, part in zip(pair, PARTS):
            shutil.copy(f"{pairs[name].name}/{part}", path)

    def make_pair(self, name, cert, key):
        p = quiet("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                  "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                  "-addext", "subjectAltName=DNS:localhost,DNS:site.example,IP:127.0.0.1",
                  "-keyout", key, "-out", cert)
        self.assertEqual(p.returncode, 0, p.stderr)

    def serve(self, more="", addresses=2):
        self.certify("first")
        self.write("cruet.json", CONFIG.format(more=more))
        return self.start(addresses)

    def start(self, addresses=2):
        server = Server(self, addresses)
        server.port = server.ports["https"][0]
        return server

    def curl(self, server, path, *args):
        p = subprocess.run(
            ["curl", "-sS", "--max-time", "30", "--cacert", self.path("cert.pem"), *args,
             f"https://127.0.0.1:{server.port}{path}"], capture_output=True, timeout=60)
        self.assertEqual(p.returncode, 0, p.stderr)
        return p.stdout

    def s_client(self, server, *args, say=""):
        return subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", *args],
            input=say, capture_output=True, text=True, timeout=30)

    def still_serves(self, server):
        self.assertEqual(self.curl(server, "/"), b"https\n")


class Serving(Tls):
    def test_curl_gets_and_posts(self):
        server = self.serve()
        self.still_serves(server)
        with open(self.path("body"), "wb") as f:
            f.write(ECHOED)
        self.assertEqual(
            self.curl(server, "/echo", "--data-binary", "@" + self.path("body")), ECHOED)
        self.assertEqual(
            self.curl(server, "/echo", "-H", "Transfer-Encoding: chunked", "-H", "Expect:",
                      "--data-binary", "@" + self.path("body")), ECHOED)
        self.assertEqual(server.stop(), 0)

    def test_files_arrive_whole(self):
        with open(self.path("big.bin"), "wb") as f:
            f.write(ECHOED * 20)
        server = self.serve()
        self.assertEqual(self.curl(server, "/big"), ECHOED * 20)
        self.assertEqual(self.curl(server, "/big", "-r", "1000000-1000255"),
                         (ECHOED * 20)[1000000:1000256])

    def test_a_reader_that_pauses_gets_it_all(self):
        with open(self.path("big.bin"), "wb") as f:
            f.write(ECHOED * 20)
        server = self.serve()
        with self.connect(server, rcvbuf=4096) as s:
            s.sendall(b"GET /big HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            self.still_serves(server)  # others need not wait
            got = b""
            while piece := s.recv(65536):
                got += piece
        self.assertEqual(got.partition(b"\r\n\r\n")[2], ECHOED * 20)

    def test_requests_may_come_byte_by_byte_and_many_at_once(self):
        server = self.serve()
        one = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with self.connect(server) as s:
            for i in range(len(one)):
                s.sendall(one[i:i + 1])
            s.sendall(one * 20)
            s.sendall(one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            got = b""
            while piece := s.recv(65536):
                got += piece
        self.assertEqual(got.count(b"HTTP/1.1 200 OK\r\n"), 22)
        self.assertEqual(got.count(b"https\n"), 22)

    def connect(self, server, context=None, rcvbuf=None, name="localhost"):
        raw = socket.socket()
        raw.settimeout(30)
        if rcvbuf:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        raw.connect(("127.0.0.1", server.port))
        context = context or ssl.create_default_context(cafile=self.path("cert.pem"))
        return context.wrap_socket(raw, server_hostname=name)

    def test_a_session_is_resumed(self):
        server = self.serve()
        for version in ("-tls1_2", "-tls1_3"):
            session = self.path("session")
            request = "GET / HTTP/1.0\r\n\r\n"
            p = self.s_client(server, version, "-ign_eof", "-sess_out", session, say=request)
            self.assertIn("New, TLSv1", p.stdout)
            p = self.s_client(server, version, "-ign_eof", "-sess_in", session, say=request)
            self.assertIn("Reused, TLSv1", p.stdout)


    def test_a_proxy_tells_whose_connection_it_brings(self):
        """Its header comes before the handshake, in one piece with it or byte by byte."""
        self.certify("first")
        self.write("cruet.json", CONFIG.format(more="").replace(
            '{ "listen": "127', '{ "listen": "proxy:127'))
        server = self.start()
        header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes((192, 0, 2, 1, 0, 0, 0, 0, 0, 1, 0, 2))
        context = ssl.create_default_context(cafile=self.path("cert.pem"))
        for size in (1, 7, len(header)):
            raw = socket.create_connection(("127.0.0.1", server.port), timeout=30)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for i in range(0, len(header), size):
                raw.sendall(header[i:i + size])
            with context.wrap_socket(raw, server_hostname="localhost") as s:
                s.sendall(b"GET /peer HTTP/1.0\r\n\r\n")
                got = b""
                while piece := s.recv(4096):
                    got += piece
            self.assertTrue(got.endswith(b"\r\n\r\nhttps 192.0.2.1\n"), got)
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
            with self.assertRaises(OSError):  # no header, no handshake
                context.wrap_socket(raw, server_hostname="localhost")
        self.assertEqual(server.stop(), 0)
        self.assertIn("127.0.0.1 sends no good header of the PROXY protocol",
                      server.process.stderr.read())


class Resuming(Tls):
    """By whichever process a client comes to."""

    REQUEST = "GET / HTTP/1.0\r\n\r\n"

    def begin(self, workers):
        self.certify("first")
        self.write("cruet.json", CONFIG.format(more=""))
        server = Server(self, 2, ["--workers", workers, self.folder])
        server.port = server.ports["https"][0]
        p = self.s_client(server, "-ign_eof", "-sess_out", self.path("session"),
                          say=self.REQUEST)
        self.assertIn("New, TLSv1", p.stdout)
        return server

    def is_resumed(self, server, times):
        for _ in range(times):
            p = self.s_client(server, "-ign_eof", "-sess_in", self.path("session"),
                              say=self.REQUEST)
            self.assertIn("Reused, TLSv1", p.stdout, p.stderr)

    def test_workers(self):
        server = self.begin("3")
        self.is_resumed(server, 12)
        server.process.send_signal(signal.SIGUSR2)
        server.says("the new workers serve")
        self.is_resumed(server, 6)
        self.assertEqual(server.stop(), 0)

    def test_a_process_that_takes_the_place_of_another(self):
        server = self.begin("0")
        server.process.send_signal(signal.SIGUSR2)
        successor = int(re.search(r"process (\d+) serves", server.says("this one ends"))[1])
        try:
            server.process.wait(timeout=30)
            self.is_resumed(server, 1)
        finally:
            os.kill(successor, signal.SIGTERM)


class Refusing(Tls):
    def refused(self, server, alert, *args):
        p = self.s_client(server, *args)
        self.assertNotEqual(p.returncode, 0)
        self.assertIn(alert, p.stderr)

    def test_old_versions(self):
        server = self.serve()
        for version in ("-tls1", "-tls1_1"):
            self.refused(server, "alert protocol version", version, "-cipher",
                         "ALL:@SECLEVEL=0")
        self.still_serves(server)

    def test_names_that_nobody_has(self):
        server = self.serve(', "strict_sni": true')
        self.refused(server, "unrecognized name", "-servername", "other.example")
        self.refused(server, "unrecognized name", "-noservername")
        p = self.s_client(server, "-servername", "site.example")
        self.assertEqual(p.returncode, 0, p.stderr)

    def test_other_protocols(self):
        server = self.serve()
        self.refused(server, "no application protocol", "-alpn", "h2")
        p = self.s_client(server, "-alpn", "h2,http/1.1")
        self.assertIn("ALPN protocol: http/1.1", p.stdout)

    def test_renegotiation(self):
        server = self.serve()
        with subprocess.Popen(
                ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_2"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True) as p:
            out = ""
            for line in p.stdout:  # up to the last line before it reads commands
                out += line
                if line.startswith("    Extended master secret"):
                    break
            p.stdin.write("R\n")
            p.stdin.flush()
            out += p.stdout.read()
        self.assertIn("RENEGOTIATING", out)
        self.assertIn("no renegotiation", out)
        self.still_serves(server)

    def test_clients_without_a_certificate(self):
        self.certify("client", "client.pem", "client.key")
        server = self.serve(', "client_ca": "client.pem"')
        p = quiet("curl", "-sS", "--cacert", self.path("cert.pem"),
                  f"https://127.0.0.1:{server.port}/")
        self.assertIn("certificate required", p.stderr)
        self.assertEqual(
            self.curl(server, "/", "--cert", self.path("client.pem"), "--key",
                      self.path("client.key")), b"https\n")


def resident(server):
    with open(f"/proc/{server.process.pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])


class Telling(Tls):
    def kinds(self, server):
        """What the log tells of handshakes, once the server has stopped."""
        self.assertEqual(server.stop(), 0)
        return re.findall(r"TLS with 127\.0\.0\.1 failed: (.+)\n", server.process.stderr.read())

    def plain(self, server, sends):
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as s:
            s.sendall(sends)
            got = b""
            while piece := s.recv(4096):
                got += piece
        return got.decode()

    def garbage(self, server):
        """What was not read is thrown away: then the end is a reset."""
        try:
            self.assertEqual(self.plain(server, b"\0not TLS at all"), "")
        except ConnectionResetError:
            pass

    def test_a_plain_request_is_answered_plainly(self):
        server = self.serve()
        for sends in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                      b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n" + b"x" * 9999,
                      b"G"):
            got = self.plain(server, sends)
            self.assertTrue(got.startswith("HTTP/1.1 400 Bad Request\r\n"), got)
            self.assertIn("\r\nConnection: close\r\n", got)
            self.assertIn("A plain request came to a port that speaks TLS: use https.", got)
        self.still_serves(server)
        self.assertEqual(self.kinds(server), ["http: plain HTTP where TLS is spoken"])

    def test_each_kind_of_fault_is_told(self):
        server = self.serve(', "strict_sni": true')
        self.s_client(server, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
        self.s_client(server, "-servername", "other.example")
        self.s_client(server, "-servername", "localhost", "-alpn", "h2")
        self.s_client(server, "-servername", "localhost", "-tls1_2", "-cipher", "AES128-SHA")
        self.garbage(server)
        self.certify("someone else", "other.pem", "other.key")
        # This one turns away when it has seen the certificate.
        self.s_client(server, "-servername", "localhost", "-verify_return_error",
                      "-CAfile", self.path("other.pem"))
        self.assertEqual(sorted(line.split(":")[0] for line in self.kinds(server)),
                         ["alert", "alpn", "cipher", "garbage", "name", "version"])

    def test_a_flood_of_faults_is_no_flood_of_lines(self):
        server = self.serve()
        for _ in range(200):
            self.garbage(server)
        self.assertLess(len(self.kinds(server)), 20)


class Enduring(Tls):
    def raw(self, server, sends):
        s = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        self.addCleanup(s.close)
        s.sendall(sends)
        return s

    def test_garbage(self):
        server = self.serve()
        for sends in (b"\0" * 100, b"\xff" * 20000, os.urandom(5000).replace(b"\x16", b"x"),
                      b"\x16\x03\x01\x00\x05hello", b"SSH-2.0-x\r\n", b"\x80\x2e\x01\x03\x01"):
            s = self.raw(server, b"")
            try:
                s.sendall(sends)
                while s.recv(4096):  # an alert, perhaps; and then the end
                    pass
            except (ConnectionResetError, BrokenPipeError):
                pass
        self.still_serves(server)

    def test_half_handshakes_hold_no_memory(self):
        server = self.serve()
        half = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
        self.still_serves(server)
        before = resident(server)
        held = [self.raw(server, half) for _ in range(500)]
        self.still_serves(server)
        self.assertLess(resident(server) - before, 4096)
        del held

    def test_half_handshakes_end_in_time(self):
        self.certify("first")
        text = CONFIG.format(more="").replace('"listen": "127.0.0.1:0",\n',
                                              '"listen": "127.0.0.1:0",\n'
                                              '    "head_timeout": "500ms",\n')
        self.write("cruet.json", text)
        server = self.start()
        silent = [self.raw(server, sends) for sends in (b"", b"\x16", b"\x16\x03\x01\x02\x00")]
        for s in silent:
            try:
                self.assertEqual(s.recv(100), b"")
            except ConnectionResetError:  # what was never read was thrown away
                pass
        self.still_serves(server)

    def test_clients_that_vanish_in_the_middle_of_a_reply(self):
        with open(self.path("big.bin"), "wb") as f:
            f.write(ECHOED * 40)
        server = self.serve()
        context = ssl.create_default_context(cafile=self.path("cert.pem"))
        plain = server.ports["http"][0]
        for i in range(20):
            s = socket.create_connection(("127.0.0.1", plain if i % 2 else server.port))
            if i % 2 == 0:
                s = context.wrap_socket(s, server_hostname="localhost")
            s.sendall(b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n")
            s.recv(10)
            s = socket.socket(fileno=s.detach())
            # An end and then a reset: what is written to such a socket is a broken pipe.
            s.shutdown(socket.SHUT_WR)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.close()
        self.still_serves(server)
        self.assertEqual(server.stop(), 0)

    def test_a_certificate_replaced_under_load_fails_no_request(self):
        server = self.serve()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        seen, over = set(), threading.Event()

        def client():
            n = 0
            while not over.is_set() or n < 5:
                raw = socket.create_connection(("127.0.0.1", server.port), timeout=30)
                with context.wrap_socket(raw) as s:
                    seen.add(s.getpeercert(True))
                    for _ in range(3):
                        s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        got = b""
                        while not got.endswith(b"https\n"):
                            piece = s.recv(4096)
                            if not piece:
                                raise AssertionError(f"the reply ends after {got!r}")
                            got += piece
                n += 1
            return n

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            clients = [pool.submit(client) for _ in range(4)]
            try:
                for i in range(10):
                    self.certify(f"number {i}", "new.pem", "new.key")
                    # Key first: a pair that does not fit is refused, and all stays as it was.
                    os.replace(self.path("new.key"), self.path("key.pem"))
                    os.replace(self.path("new.pem"), self.path("cert.pem"))
                    server.process.send_signal(signal.SIGHUP)
                    server.says("read anew")
            finally:
                over.set()
            self.assertGreater(sum(c.result(60) for c in clients), 20)
        self.assertGreater(len(seen), 2)
        self.still_serves(server)  # with the last one
        self.assertEqual(server.stop(), 0)

    def test_a_certificate_that_is_no_good_changes_nothing(self):
        server = self.serve()
        with open(self.path("cert.pem")) as f:
            good = f.read()
        self.write("cert.pem", "half of a")
        server.process.send_signal(signal.SIGHUP)
        self.assertIn("certificate 'cert.pem' has no certificate in it", server.says("stay as they were"))
        self.write("cert.pem", good)
        self.still_serves(server)


class Starting(Tls):
    def test_adhoc(self):
        self.write("cruet.json", CONFIG.format(more="").replace(
            '"certificate": "cert.pem", "key": "key.pem"', '"certificate": "adhoc"'))
        server = self.start()
        p = quiet("curl", "-sS", "--insecure", f"https://localhost:{server.port}/")
        self.assertEqual((p.stdout, p.stderr), ("https\n", ""))

    def run_with(self, *args, cwd=None):
        server = Server(self, 1, args, cwd)
        server.port = server.ports["https"][0]
        return server

    def test_the_command_line_makes_a_certificate(self):
        server = self.run_with("--cert", "adhoc", "-l", "127.0.0.1:0", self.path("site.so"))
        p = quiet("curl", "-sS", "--insecure", f"https://localhost:{server.port}/")
        self.assertEqual((p.stdout, p.stderr), ("https\n", ""))
        self.assertEqual(server.stop(), 0)

    def test_the_command_line_brings_a_certificate(self):
        """Its files are found where the command was typed, and the configuration's do not
        count."""
        os.mkdir(self.path("here"))
        self.certify("first", "here/cert.pem", "here/key.pem")
        self.certify("both", "cert.pem", "both.key")
        with open(self.path("cert.pem"), "a") as cert, open(self.path("both.key")) as key:
            cert.write(key.read())
        os.chmod(self.path("cert.pem"), 0o600)
        self.write("cruet.json", CONFIG.format(more=', "client_ca": "none.pem"'))
        for args, ca in ((("--cert", "cert.pem", "--key", "key.pem"), "here/cert.pem"),
                         (("--cert", "../cert.pem"), "cert.pem")):
            server = self.run_with(*args, self.folder, cwd=self.path("here"))
            p = quiet("curl", "-sS", "--cacert", self.path(ca),
                      f"https://127.0.0.1:{server.port}/")
            self.assertEqual((p.stdout, p.stderr), ("https\n", ""))
            self.assertEqual(server.stop(), 0)

    def test_a_command_line_that_makes_no_sense(self):
        for args, err in ((["--key", "k"], "option --key needs --cert FILE"),
                          (["--cert", "adhoc", "--key", "k"],
                           "option --key: an adhoc certificate brings its own key: leave it out")):
            self.misused(["run", *args, "site.so"],
                         f"cruet run: {err}\nTry: cruet run --help\n")
        r = self.cruet("run", "--cert", "none.pem", "-l", "0", "site.so")
        self.assertEqual((r.code, r.out, r.err), (
            1, "", f"cruet: certificate '{self.folder}/none.pem' cannot be opened: No such file "
                   "or directory\n"))

    def test_all_addresses_speak_tls_where_tls_has_none_of_its_own(self):
        self.write("cruet.json", CONFIG.format(more="").replace(
            '"listen": "127.0.0.1:0", "certificate": "cert.pem"', '"certificate": "cert.pem"'))
        self.certify("first")
        self.still_serves(self.start(1))

    def test_a_setting_below_tls_may_come_from_anywhere(self):
        self.certify("first")
        self.write("cruet.json", CONFIG.format(more=""))
        server = self.run_with("-D", "server.listen=", "-D", "server.tls.min_version=1.3",
                               self.folder)
        p = self.s_client(server, "-tls1_2")
        self.assertIn("alert protocol version", p.stderr)
        self.assertEqual(self.s_client(server, "-tls1_3").returncode, 0)

    def test_mistakes_end_the_start(self):
        self.write("cruet.json", CONFIG.format(more=""))
        self.assertIn("certificate 'cert.pem' cannot be opened: No such file or directory",
                      self.cruet("run", self.folder).err)
        self.certify("first")
        self.write("cruet.json", CONFIG.format(more=', "strict_snl": true'))
        self.assertIn("tls.strict_snl: there is no such key; did you mean strict_sni?",
                      self.cruet("run", self.folder).err)

    def test_redirects(self):
        server = self.serve(', "redirect": "127.0.0.1:0"', addresses=3)
        plain, sends = server.ports["http"]
        for path in ("/", "/a%20b?c=d&e"):
            p = quiet("curl", "-sS", "-o", self.path("body"), "-w",
                      "%{http_code} %{redirect_url}", f"http://127.0.0.1:{sends}{path}")
            self.assertEqual(p.stdout, f"308 https://127.0.0.1:{server.port}{path}", p.stderr)
        p = quiet("curl", "-sS", "-L", "--cacert", self.path("cert.pem"),
                  f"http://127.0.0.1:{sends}/")
        self.assertEqual((p.stdout, p.stderr), ("https\n", ""))
        p = quiet("curl", "-sS", f"http://127.0.0.1:{plain}/")
        self.assertEqual((p.stdout, p.stderr), ("http\n", ""))


if __name__ == "__main__":
    main()
