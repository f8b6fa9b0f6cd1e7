"""Chromium without a screen, driven by its DevTools."""
import base64
import json
import os
import shutil
import socket
import subprocess

PATIENCE = 60  # seconds, for a machine with much else to do


class Socket:
    """The little of a WebSocket client that DevTools need."""

    def __init__(self, port, path):
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall((f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                           "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                           f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
                           ).encode())
        self.file = self.sock.makefile("rb")
        assert b" 101 " in self.file.readline()
        while self.file.readline() != b"\r\n":
            pass

    def send(self, text):
        data = text.encode()
        size = (bytes([0x80 | len(data)]) if len(data) < 126
                else b"\xfe" + len(data).to_bytes(2, "big"))
        self.sock.sendall(b"\x81" + size + b"\0\0\0\0" + data)

    def receive(self):
        text = b""
        while True:
            first, size = self.file.read(2)
            if size >= 126:
                size = int.from_bytes(self.file.read(2 if size == 126 else 8), "big")
            text += self.file.read(size)
            if first & 0x80:
                return text.decode()


class Browser:
    def __init__(self, folder):
        program = shutil.which("chromium")
        assert program, "this test needs Chromium: ./dev test installs it"
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage",
             "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if line.startswith("DevTools listening on ws://127.0.0.1:"):
                port, path = line.split("127.0.0.1:")[1].strip().split("/", 1)
                self.socket = Socket(int(port), "/" + path)
                break
        self.number = 0
        self.frames = {}  # of each session, the frame of its page,
        self.documents = {}  # the request that brought it,
        self.loaded = {}  # and which of its documents has been loaded

    def receive(self):
        message = json.loads(self.socket.receive())
        session, what = message.get("sessionId"), message.get("params")
        if message.get("method") == "Network.responseReceived" and what["type"] == "Document":
            self.documents[session] = what["requestId"]
        if (message.get("method") == "Page.lifecycleEvent" and what["name"] == "load"
                and what["frameId"] == self.frames[session]):
            self.loaded[session] = what["loaderId"]
        return message

    def call(self, method, session=None, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self.socket.send(json.dumps(message))
        while True:
            reply = self.receive()
            if reply.get("id") == self.number:
                assert "error" not in reply, reply
                return reply["result"]

    def window(self, url, kind=None):
        """A window of its own, which shares no cookies; kind: a class made of Window."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank",
                           browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.frames[session] = target
        self.call("Page.enable", session)
        self.call("Page.setLifecycleEventsEnabled", session, enabled=True)
        self.call("Network.enable", session)
        window = (kind or Window)(self, session)
        window.go(url)
        return window

    def close(self):
        self.process.kill()
        self.process.wait()


class Window:
    def __init__(self, browser, session):
        self.browser, self.session = browser, session

    def run(self, script):
        result = self.browser.call("Runtime.evaluate", self.session, expression=script,
                                   awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def until(self, condition):
        ok = self.run(f"""new Promise((done) => {{
            const end = Date.now() + {PATIENCE * 1000 // 2};
            const look = () => ({condition}) ? done(true)
                : Date.now() > end ? done(false) : setTimeout(look, 10);
            look();
        }})""")
        assert ok, f"never came true: {condition}\n" + self.run("document.body.innerText")

    def load(self, act):
        """Does what brings another page, and waits for it. Not for any: what is still told
        of the one before is not of this."""
        tree = self.browser.call("Page.getFrameTree", self.session)["frameTree"]
        before = tree["frame"]["loaderId"]
        act()
        while self.browser.loaded.get(self.session) in (None, before):
            self.browser.receive()

    def go(self, url):
        self.load(lambda: self.browser.call("Page.navigate", self.session, url=url))

    def source(self):
        """The page as it was sent."""
        reply = self.browser.call("Network.getResponseBody", self.session,
                                  requestId=self.browser.documents[self.session])
        assert not reply["base64Encoded"]
        return reply["body"]
