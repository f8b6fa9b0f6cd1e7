"""Threads that ask a server without pause, and keep count of what becomes of it."""

import http.client
import threading


class Load:
    """Threads that ask until they are told to stop, each over connections that it keeps
    for as long as the server does."""

    def __init__(self, server, path, threads=4, **headers):
        self.server, self.path, self.headers = server, path, headers
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.answered, self.refused, self.broken, self.other = 0, [], [], []
        self.pids = set()
        self.news = threading.Condition(self.lock)
        self.threads = [threading.Thread(target=self.run) for _ in range(threads)]
        for t in self.threads:
            t.start()

    def run(self):
        c = None
        while not self.stopping.is_set():
            try:
                c = c or http.client.HTTPConnection(self.server.host, self.server.port,
                                                    timeout=30)
                c.request("GET", self.path, headers=self.headers)
                r = c.getresponse()
                body = r.read().decode()
                self.note(r, body)
                if r.will_close:
                    c.close()
                    c = None
            except ConnectionRefusedError as e:
                self.refused.append(e)
                c = None
            except (OSError, http.client.HTTPException) as e:
                self.broken.append(repr(e))
                c.close()
                c = None
        if c:
            c.close()

    def note(self, r, body):
        with self.lock:
            self.answered += 1
            if self.expected(r, body):
                self.pids.add(int(body))
            else:
                self.other.append((r.status, body))
            self.news.notify_all()

    def expected(self, r, body):
        """Whether this reply is none of the others."""
        return r.status == 200

    def wait(self, until):
        """Until until(self) holds."""
        with self.lock:
            if not self.news.wait_for(lambda: until(self), timeout=60):
                self.stopping.set()
                raise AssertionError(f"{self.answered} {self.pids} {self.broken}")

    def more(self, n):
        goal = self.answered + n
        self.wait(lambda load: load.answered >= goal)

    def stop(self):
        self.stopping.set()
        for t in self.threads:
            t.join()
