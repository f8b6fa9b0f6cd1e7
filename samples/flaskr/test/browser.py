"""browser.py CRUET PLUGINS NO_POLICY APP [FOLDER]: the blog in Chromium, on a desktop and on a phone,
without JavaScript, and what somebody writes who wants a script to run; with FOLDER pictures
of its pages go there."""
import base64
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse

from devtools import Browser, Window
from forgery import Stranger, answers, send
from served import Site
from xss import ADDRESSES, CORPUS, EVERYTHING, Witness

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
        for text in [*CORPUS, EVERYTHING]:
            db.execute("insert into user(username, password) select ?, password from user"
                       " where username = 'eve'", (text,))
            db.execute("insert into post(title, body, author_id) values(?, ?, ?)",
                       (text, text, eve))
            db.execute("insert into post(title, body, author_id)"
                       " select ?, ?, id from user where username = ?", (text, text, text))


def token(window):
    return window.run("document.querySelector('[name=_csrf]').value")


def nothing_runs(witness, url):
    """No script that was written into names, titles and texts does, in any page."""
    everywhere = urllib.parse.quote(EVERYTHING, safe="")
    strange = {"_csrf": token(witness), "username": EVERYTHING, "password": "wrong"}
    witness.nothing_runs({
        "login": ("/auth/login", strange), "register": ("/auth/register", strange),
        "next": "/auth/login?next=" + everywhere, "query": "/?page=" + everywhere,
        "missing": "/" + everywhere})
    witness.finds("login", "[name=username]", "value", EVERYTHING)
    witness.finds("register", "[name=username]", "value", EVERYTHING)

    witness.enter(url, "eve", next=ADDRESSES[0])
    pages = list(witness.pages())
    assert len(pages) > 2
    witness.nothing_runs({**{f"page {n}": path for n, path in enumerate(pages)},
                          **witness.own_posts()})
    for n, text in enumerate(CORPUS):
        witness.finds(f"post {n}", "[name=body]", "value", text)
    witness.enter(url, EVERYTHING)
    (own, edit), = witness.own_posts().items()
    long = {"_csrf": token(witness), "title": EVERYTHING, "body": EVERYTHING}
    witness.nothing_runs({"index": "/", own: edit, "create": ("/create", long),
                          "update": (edit, long)})
    for page, selector, what in (
            ("index", ".who", "innerText"), ("index", "article h2", "innerText"),
            ("index", ".about", "innerText"), ("index", ".body", "innerText"),
            ("index", ".about a", "ariaLabel"), (own, "title", "text"), (own, "h1", "innerText"),
            (own, "[name=title]", "value"), (own, "[name=body]", "value"),
            ("create", "[name=title]", "value"), ("create", "[name=body]", "value"),
            ("update", "h1", "innerText"), ("update", "[name=title]", "value")):
        witness.finds(page, selector, what, EVERYTHING)


# Of the same site, a form that has a token is taken as such, and nothing else.
OWN = {**dict.fromkeys(("form", "multipart form", "fetch", "multipart fetch"), 303),
       **dict.fromkeys(("text form", "sandboxed form", "text fetch", "JSON fetch"), 403)}


def contents(path):
    with sqlite3.connect(path) as db:
        return list(db.iterdump())


def nothing_is_forged(author, url, stranger, path):
    """The requests that pages of others send change nothing; those of our own do."""
    author.enter(url, "eve")
    edit = list(author.own_posts().values())[0]
    author.go(url + edit)
    post = {"_csrf": token(author), "title": "Forged", "body": ""}
    forged = {"/create": post, edit: post, edit.replace("update", "delete"): post,
              "/auth/logout": post, "/auth/login": {**post, "username": "eve", "password": "secret words"},
              "/auth/register": {**post, "username": "mallory", "password": "secret words"}}
    before = contents(path)
    stranger.tries(author, url, forged)
    assert contents(path) == before
    author.go(url)
    assert author.run("document.querySelector('.who').innerText") == "eve"
    own = {"/create": post, edit: post}
    send(author, url, "own", own)
    assert "Forged" in "".join(contents(path))

    def proof(log):
        stranger.failed(log, forged)
        for sent in own:
            got = answers(log, "own", sent)
            assert got == OWN, f"{sent}: {got}"

    return proof


class Author(Witness):
    def enter(self, url, name, **query):
        """Logs in as somebody else than before."""
        self.go(f"{url}/auth/login?{urllib.parse.urlencode(query)}")
        self.load(lambda: self.run(
            "document.querySelector('[name=username]').value = " + json.dumps(name)
            + "; document.querySelector('[name=password]').value = 'secret words';"
            "document.querySelector('.form').submit()"))
        assert self.run("document.querySelector('.who') && location.pathname") == "/", name

    def pages(self):
        """Turns all pages of the blog, from new to old."""
        path = "/"
        while path:
            self.go(self.run("location.origin") + path)
            yield path
            path = self.run("((a) => a && a.pathname + a.search)"
                            "(document.querySelector('[rel=next]'))")

    def own_posts(self):
        edit = [path for _ in self.pages() for path in
                self.run("[...document.querySelectorAll('.about a')].map((a) => a.pathname)")]
        return {f"post {n}": path for n, path in enumerate(reversed(edit))}


def main():
    built = map(os.path.abspath, sys.argv[1:5])
    Reader.pictures = sys.argv[5] if len(sys.argv) > 5 else None
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        site = Site(folder, *built, here,
                    CRUET_PLUGINS__SQLITE__PATH=folder + "/blog.db",
                    CRUET_PLUGINS__LOGIN__MEMORY="1m", CRUET_SERVER__HEAD_MAX="64k",
                    FLASKR_SECRET="not a secret at all, but long enough for tests")
        browser, stranger = Browser(folder), Stranger()
        try:
            for device in SIZES:
                reader = browser.window(site.url, Reader)
                reader.becomes(device, site.url)
                write(reader)
            plant(folder + "/blog.db")
            author = browser.window(site.url + "/auth/login", Author)
            nothing_runs(author, site.url)
            proof = nothing_is_forged(author, site.url, stranger, folder + "/blog.db")
        finally:
            browser.close()
            stranger.close()
            site.close()
        proof(site.ended())


main()
