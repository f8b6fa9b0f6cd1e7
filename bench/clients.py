"""Clients that wrk cannot be: many that do nothing, and many that wait."""
import selectors
import socket
import time

REQUEST = b'GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n'


def connect(port):
    return socket.create_connection(('127.0.0.1', port), 30)


def ask(s, path=b'/'):
    """One request, to the end of its reply, which has a Content-Length."""
    s.sendall(REQUEST % path)
    data = b''
    while b'\r\n\r\n' not in data:
        got = s.recv(65536)
        if not got:
            raise ConnectionError('the server hung up')
        data += got
    head, body = data.split(b'\r\n\r\n', 1)
    if not head.startswith(b'HTTP/1.1 200'):
        raise ConnectionError(head.decode(errors='replace'))
    length = next(int(line.split(b':')[1]) for line in head.split(b'\r\n')
                  if line.lower().startswith(b'content-length:'))
    while len(body) < length:
        got = s.recv(65536)
        if not got:
            raise ConnectionError('the server hung up')
        body += got


def idle(port, n):
    """n connections that have made a request each, and stay."""
    held = []
    for _ in range(n):
        held.append(connect(port))
        ask(held[-1])
    return held


def crowd(port, n):
    """n connections that all ask before anybody reads; how many were answered."""
    held = [connect(port) for _ in range(n)]
    for s in held:
        s.sendall(REQUEST % b'/')
    served = 0
    for s in held:
        with s:
            served += s.recv(65536).startswith(b'HTTP/1.1 200')
    return served


def times(port, seconds, path=b'/'):
    """Seconds that each of many requests took, one after the other, with small pauses."""
    taken = []
    end = time.monotonic() + seconds
    with connect(port) as s:
        while time.monotonic() < end:
            began = time.monotonic()
            ask(s, path)
            taken.append(time.monotonic() - began)
            time.sleep(0.002)
    return taken


class Sleepers:
    """n connections on which a handler sleeps, again and again."""

    def __init__(self, port, n, path=b'/sleep'):
        self.request = REQUEST % path
        self.replies = 0
        self.selector = selectors.DefaultSelector()
        self.socks = [connect(port) for _ in range(n)]
        for s in self.socks:
            s.sendall(self.request)
            self.selector.register(s, selectors.EVENT_READ)

    def turn(self, seconds=0):
        """Reads what has come, and asks again."""
        for key, _ in self.selector.select(seconds):
            data = key.fileobj.recv(65536)
            if not data.startswith(b'HTTP/1.1 200'):
                raise ConnectionError('a sleeping handler: %r' % data[:80])
            self.replies += 1
            key.fileobj.sendall(self.request)

    def close(self):
        self.selector.close()
        for s in self.socks:
            s.close()
