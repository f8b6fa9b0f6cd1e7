"""browser.py CRUET PLUGINS NO_POLICY APP: what somebody writes into the book who wants a script
to run, and what pages of others send, in Chromium."""
import json
import os
import sqlite3
import sys
import tempfile
import urllib.parse

from devtools import Browser
from forgery import Stranger, answers, send
from served import Site
from xss import CORPUS, EVERYTHING, HIT, Witness

# Names of at most 80 characters, for text, titles and quoted attributes.
NAMES = (f"\"><img src=x onerror={HIT}>", f"</title><script>{HIT}</script>",
         f"<svg onload={HIT}>")


class Visitor(Witness):
    def token(self):
        return self.run("document.querySelector('[name=_csrf]').value")

    def sign(self, name, message):
        fields = {"name": name, "message": message}
        self.load(lambda: self.run(f"""
            for (const [name, value] of Object.entries({json.dumps(fields)}))
                document.querySelector('.form').elements[name].value = value;
            document.querySelector('.form').submit()"""))


def plant(path):
    """Entries of that name with that text, longer than the form would take; the last has it
    all."""
    with sqlite3.connect(path) as db:
        db.executemany("insert into entries(written, name, message) values(0, ?, ?)",
                       [(text, text) for text in [*CORPUS, EVERYTHING]])
        return db.execute("select max(id) from entries").fetchone()[0]


def nothing_runs(visitor, last):
    """No script that was written into names and messages does, in any page."""
    for name in NAMES:
        visitor.sign(name, name)
        visitor.nothing_runs({})
        for selector, what in ((".note", "innerText"), (".tagline", "innerText"),
                               (".letter + .who", "innerText"), ("[name=name]", "value")):
            visitor.finds(None, selector, what, name)

    everywhere = urllib.parse.quote(EVERYTHING, safe="")
    visitor.nothing_runs({
        **{f"entry {n}": f"/entries/{last - len(CORPUS) + n}" for n in range(len(CORPUS) + 1)},
        **{f"book {n}": f"/?before={last + 1 - 20 * n}" for n in range(2)},
        "refused": ("/", {"_csrf": visitor.token(), "name": EVERYTHING, "message": EVERYTHING}),
        "list": f"/api/entries?limit=100&before={last + 1}", "one": f"/api/entries/{last}",
        "limit": "/api/entries?limit=" + everywhere, "page": "/?before=" + everywhere,
        "missing": "/" + everywhere, "missing in the API": "/api/" + everywhere})
    for n, text in enumerate([*CORPUS, EVERYTHING]):
        for selector, what in (("title", "text"), (".who", "innerText"), (".words", "innerText")):
            visitor.finds(f"entry {n}", selector, what, text)
    for page, selector, what in (
            ("book 0", ".who", "innerText"), ("book 0", ".words", "innerText"),
            ("refused", "[name=name]", "value"), ("refused", "[name=message]", "value")):
        visitor.finds(page, selector, what, EVERYTHING)
    for page in "list", "one":
        visitor.finds(page, "body", "innerText", HIT)


def contents(path):
    with sqlite3.connect(path) as db:
        return list(db.iterdump())


# Of the same site a form needs its token, which a text is not read for; the API takes
# JSON alone.
OWN = {"/": {**dict.fromkeys(("form", "multipart form", "fetch", "multipart fetch"), 303),
             **dict.fromkeys(("text form", "sandboxed form", "text fetch", "JSON fetch"), 403)},
       "/api/entries": {**dict.fromkeys(("form", "multipart form", "fetch", "multipart fetch",
                                         "text form", "text fetch"), 415),
                        "JSON fetch": 201, "sandboxed form": 403}}


def nothing_is_forged(visitor, url, stranger, path):
    """The requests that pages of others send change nothing; those of our own do."""
    visitor.go(url)
    take_back = visitor.run("document.querySelector('.take-back').action")
    entry = {"_csrf": visitor.token(), "name": "Forged", "message": "Forged"}
    own = dict.fromkeys(OWN, entry)
    forged = {**own, take_back.removeprefix(url): entry}
    before = contents(path)
    stranger.tries(visitor, url, forged)
    assert contents(path) == before
    visitor.go(url)
    visitor.load(lambda: visitor.run("document.querySelector('.take-back button').click()"))
    visitor.finds(None, ".note", "innerText", "Taken back.")
    send(visitor, url, "own", own)

    def proof(log):
        stranger.failed(log, forged)
        for sent, how in OWN.items():
            got = answers(log, "own", sent)
            assert got == how, f"{sent}: {got}"

    return proof


def main():
    built = map(os.path.abspath, sys.argv[1:])
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = folder + "/book.db"
        site = Site(folder, *built, here, CRUET_PLUGINS__SQLITE__PATH=path,
                    GUESTBOOK_SECRET="not a secret at all, but long enough for tests")
        browser, stranger = Browser(folder), Stranger()
        try:
            last = plant(path)
            visitor = browser.window(site.url, Visitor)
            nothing_runs(visitor, last)
            proof = nothing_is_forged(visitor, site.url, stranger, path)
        finally:
            browser.close()
            stranger.close()
            site.close()
        proof(site.ended())


main()
