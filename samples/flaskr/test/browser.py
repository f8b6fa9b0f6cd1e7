"""browser.py CRUET PLUGINS APP [FOLDER]: the blog in Chromium, on a desktop and on a phone,
without JavaScript, and what somebody writes who wants a script to run; with FOLDER pictures
of its pages go there."""
import base64
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

from devtools import PATIENCE, Browser, Window
from xss import CORPUS

SIZES = {"desktop": (1280, 800, False), "phone": (390, 844, True)}


class Reader(Window):
    pictures = None

    def becomes(self, device, url):
        width, height, mobile = SIZES[device]
        self.device, self.url = device, url
        self.browser.call("Emulation.setDeviceMetricsOverride", self.session, width=width,
                          height=height, deviceScaleFactor=1, mobile=mobile)
        self.browser.call("Emulation.setScriptExecutionDisabled", self.session, value=True)

    def visit(self, path):
        self.go(self.url + path)

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText")

    def click(self, selector):
        self.load(lambda: self.run(f"document.querySelector({json.dumps(selector)}).click()"))

    def send(self, **fields):
        for name, value in fields.items():
            self.run(f"document.querySelector('.form [name={name}]').value = "
                     + json.dumps(value))
        self.run("document.querySelector('.form').noValidate = true")
        self.click(".form button")

    def look(self, name):
        """The page is HTML, and nothing of it sticks out."""
        source = self.source()
        tidy = subprocess.run(["tidy", "-q", "-e", "-utf8"], input=source, text=True,
                              capture_output=True, check=False)
        assert tidy.returncode == 0, f"{name}: {tidy.stderr}\n{source}"
        assert self.run("document.documentElement.scrollWidth"
                        " <= document.documentElement.clientWidth"), f"{name} is too wide"
        if self.pictures:
            png = self.browser.call("Page.captureScreenshot", self.session,
                                    captureBeyondViewport=True)["data"]
            with open(f"{self.pictures}/{self.device}-{name}.png", "wb") as file:
                file.write(base64.b64decode(png))


def write(reader):
    """Registers, logs in, writes, edits, deletes, logs out."""
    name = "ann-" + reader.device
    reader.visit("/create")
    assert reader.text(".note") == "Please log in to see this page."
    reader.look("login")
    reader.click(".aside a")
    reader.send(username="", password="secret words")
    assert reader.text(".error") == "Username is required."
    reader.look("register-wrong")
    reader.send(username=name, password="secret words")
    assert reader.text(".note") == "You are registered. Log in to write."
    reader.send(username=name, password="wrong")
    assert reader.text(".summary").strip() == "Incorrect username or password."
    reader.look("login-wrong")
    reader.send(username=name, password="secret words")
    assert reader.text(".who") == name

    reader.click(".top .button")
    reader.send(title="", body="It was further than the map says.")
    assert reader.text(".error") == "Title is required."
    reader.look("create-wrong")
    reader.send(title="A walk to the sea")
    assert reader.text("article h2") == "A walk to the sea"
    assert reader.text("article .body") == "It was further than the map says."
    reader.click(".top .button")
    reader.send(title="<b>&", body="x" * 500 + "</textarea><script>document.title = 1</script>")
    reader.look("index")
    reader.click("article .about a")
    reader.look("edit")
    reader.send(title="Second")
    assert reader.text("article h2") == "Second"
    assert "<script>" in reader.text("article .body")
    reader.click("article .about a")
    reader.click(".danger")
    assert reader.text("article h2") == "A walk to the sea"
    reader.visit("/99/update")
    assert reader.text("main p") == "Post id 99 does not exist."
    reader.look("error")
    reader.click(".quiet")
    assert reader.text(".who") is None
    reader.look("index-for-all")


def plant(path):
    """Posts whose title and text are all that, of a user of that name, and Eve's."""
    with sqlite3.connect(path) as db:
        db.execute("insert into user(username, password) select 'eve', password from user"
                   " where username = 'ann-phone'")
        eve, = db.execute("select id from user where username = 'eve'").fetchone()
        for text in [*CORPUS, " ".join(CORPUS)]:
            db.execute("insert into user(username, password) select ?, password from user"
                       " where username = 'eve'", (text,))
            db.execute("insert into post(title, body, author_id) values(?, ?, ?)",
                       (text, text, eve))
            db.execute("insert into post(title, body, author_id)"
                       " select ?, ?, id from user where username = ?", (text, text, text))


def nothing_runs(reader, url):
    """No script that was written into names, titles and texts does, in any page."""
    reader.browser.call("Page.addScriptToEvaluateOnNewDocument", reader.session,
                        source="window.hits = 0; onmessage = () => { ++hits; }")
    reader.url = url
    everything = " ".join(CORPUS)
    for name in "eve", everything:
        reader.visit("/auth/login")
        reader.send(username=name, password="wrong")
        assert reader.run("document.querySelector('[name=username]').value") == name
        assert reader.run("hits") == 0, f"{name} in the form"
        reader.send(username=name, password="secret words")
        assert reader.text(".who"), name
        assert reader.run("document.querySelectorAll('article').length") > 2 * len(CORPUS)
        assert reader.run("hits") == 0, f"the index for {name}"
        # all posts of this user, each in a frame whose messages come here
        edited = reader.run("""new Promise((done) => {
            const links = [...document.querySelectorAll('.about a')];
            let left = links.length;
            for (const link of links) {
                const frame = document.createElement('iframe');
                frame.onload = () => --left || setTimeout(() => done(links.length), 100);
                frame.src = link.href;
                document.body.append(frame);
            }
        })""")
        assert edited >= 1, name
        assert reader.run("hits") == 0, f"the posts of {name}"
        reader.click(".quiet")


def main():
    cruet, plugins, app = map(os.path.abspath, sys.argv[1:4])
    Reader.pictures = sys.argv[4] if len(sys.argv) > 4 else None
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        env = {**os.environ, "CRUET_PLUGIN_PATH": plugins,
               "CRUET_SERVER__LISTEN": "127.0.0.1:0", "CRUET_SERVER__CONTROL": "none",
               "CRUET_PLUGINS__SQLITE__PATH": folder + "/blog.db",
               "CRUET_PLUGINS__LOGIN__MEMORY": "1m",
               "CRUET_PLUGINS__SECURE__CSP": "", # pages are to be safe without it
               "FLASKR_SECRET": "not a secret at all, but long enough for tests"}
        server = subprocess.Popen([cruet, "run", app], env=env, cwd=here,
                                  stdout=subprocess.PIPE, text=True)
        url = server.stdout.readline().split()[-1]
        browser = Browser(folder)
        try:
            for device in SIZES:
                reader = browser.window(url, Reader)
                reader.becomes(device, url)
                write(reader)
            plant(folder + "/blog.db")
            nothing_runs(browser.window(url, Reader), url)
        finally:
            browser.close()
            server.terminate()
        assert server.wait(PATIENCE) == 0, server.returncode


main()
