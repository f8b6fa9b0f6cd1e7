"""Connections that come all at once."""

import json
import signal
import socket

from serving import HELLO, Cli, Server, main

CROWD = 300  # more than a loop takes in one go

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Accepting(Cli):
    def test_a_crowd_that_came_while_nobody_looked_is_served(self):
        self.write("site.c", HELLO)
        self.build("site.c")
        self.write("cruet.json", json.dumps({
            "app": "site.so",
            "server": {"transport": "event", "listen": "127.0.0.1:0"},
            "plugins": {"event": {"loops": 1}}}))
        server = Server(self)
        server.process.send_signal(signal.SIGSTOP)
        crowd = []
        for _ in range(CROWD):
            s = socket.create_connection(("127.0.0.1", server.ports["http"][0]), timeout=30)
            self.addCleanup(s.close)
            s.sendall(REQUEST)
            crowd.append(s)
        server.process.send_signal(signal.SIGCONT)
        for s in crowd:
            self.assertEqual(s.recv(12), b"HTTP/1.1 200")
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    main()
