"""browser.py CRUET PLUGINS APP: the chat in two windows of Chromium, which talk to each
other."""
import json
import os
import subprocess
import sys
import tempfile

from devtools import PATIENCE, Browser, Window


class Visitor(Window):
    def submit(self, form, field, text):
        self.run(f"document.getElementById('{field}').value = {json.dumps(text)};"
                 f"document.getElementById('{form}').requestSubmit()")

    def come_in(self, name):
        self.submit("come", "name", name)

    def say(self, text):
        self.submit("speak", "words", text)

    def leave(self):
        self.go("about:blank")

    def sees_people(self, *names):
        self.until("[...document.querySelectorAll('#here li')].map((e) => e.textContent)"
                   f".join() === {json.dumps(','.join(names))}")

    def reads(self, text):
        self.until("[...document.querySelectorAll('#talk p')].some((e) => e.textContent "
                   f"=== {json.dumps(text)})")


def talk(browser, url):
    ada, bob = browser.window(url, Visitor), browser.window(url, Visitor)
    ada.come_in("Ada")
    ada.sees_people("Ada")
    bob.come_in("Ada")
    bob.until("document.getElementById('trouble').textContent "
              "=== 'Somebody called Ada is here already.'")
    bob.come_in("Bob")
    ada.sees_people("Ada", "Bob")
    bob.sees_people("Ada", "Bob")
    bob.say("<img src=x onerror=\"document.title='broken'\"> κόσμε")
    for window in ada, bob:
        window.reads("<img src=x onerror=\"document.title='broken'\"> κόσμε")
        assert window.run("document.title") == "Chat"
    ada.say("x" * 2000)
    bob.reads("x" * 2000)
    bob.leave()
    ada.sees_people("Ada")
    late = browser.window(url, Visitor)
    late.come_in("Cleo")
    late.reads("x" * 2000)
    ada.sees_people("Ada", "Cleo")


def main():
    cruet, plugins, app = map(os.path.abspath, sys.argv[1:])
    env = {**os.environ, "CRUET_PLUGIN_PATH": plugins, "CRUET_SERVER__TRANSPORT": "event",
           "CRUET_SERVER__LISTEN": "127.0.0.1:0"}
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    server = subprocess.Popen([cruet, "run", app], env=env, cwd=here, stdout=subprocess.PIPE,
                              text=True)
    url = server.stdout.readline().split()[-1]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(folder)
        try:
            talk(browser, url)
        finally:
            browser.close()
            server.terminate()
    assert server.wait(PATIENCE) == 0, server.returncode


main()
