#!/usr/bin/env python3
"""train.py BUILD SAMPLES

Uses the samples as people and programs would, over both transports, so that a build that
counts what runs (meson's b_pgo=generate) learns what is usual. Fails if anything is not
answered as it should be."""
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse

from common import answers, free_port
import time

ROUNDS = 400
FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
JSON = {'Content-Type': 'application/json', 'Accept': 'application/json'}
BROWSER = {
    'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    'Accept': 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'Accept-Language': 'en-US,en;q=0.5',
    'Accept-Encoding': 'gzip, deflate, br',
}


class Client:
    def __init__(self, port):
        self.to, self.cookie = http.client.HTTPConnection('127.0.0.1', port, timeout=20), None

    def ask(self, status, method, path, body=None, headers=None):
        headers = {**(headers or {}), **({'Cookie': self.cookie} if self.cookie else {})}
        self.to.request(method, path, body, headers)
        reply = self.to.getresponse()
        data = reply.read()
        if reply.status != status:
            sys.exit('train: %s %s: %d, expected %d' % (method, path, reply.status, status))
        if reply.getheader('Set-Cookie'):
            self.cookie = reply.getheader('Set-Cookie').split(';')[0]
        return data


def guestbook(port):
    person, program, monitor = Client(port), Client(port), Client(port)
    for i in range(ROUNDS):
        monitor.ask(200, 'GET', '/api/entries/1' if i else '/api/entries')
        monitor.ask(200, 'GET', '/static/style.css')
        if i % 4:
            continue
        page = person.ask(200, 'GET', '/', headers=BROWSER).decode()
        if i % 16 == 0:
            token = page.split('name="_csrf" value="')[1].split('"')[0]
            form = urllib.parse.urlencode({'name': 'Ada', 'message': 'Entry %d' % i,
                                           '_csrf': token})
            person.ask(303, 'POST', '/', form, {**FORM, **BROWSER})
            entry = json.dumps({'name': 'Grace', 'message': 'Entry \u00e4 %d' % i})
            program.ask(201, 'POST', '/api/entries', entry, JSON)
        program.ask(200, 'GET', '/api/entries?limit=5', headers=JSON)
        monitor.ask(404, 'GET', '/nowhere/%d' % i)
        monitor.ask(200, 'HEAD', '/entries/1')


def hello(port):
    client = Client(port)
    for _ in range(4 * ROUNDS):
        client.ask(200, 'GET', '/')


def names(port):
    client = Client(port)
    for i in range(4 * ROUNDS):
        client.ask(200, 'GET', '/hello/name%d' % i)


def serve(command, transport, use, folder):
    """Runs a server until all of its use was counted."""
    port = free_port()
    env = {**os.environ, 'CRUET_SERVER__TRANSPORT': transport, 'GUESTBOOK_SECRET': 'k' * 64,
           'CRUET_SERVER__LISTEN': '127.0.0.1:%d' % port, 'CRUET_SERVER__THREADS': '4'}
    server = subprocess.Popen(command, env=env, cwd=folder)
    end = time.monotonic() + 60
    while not answers(port):
        if server.poll() is not None or time.monotonic() > end:
            sys.exit('train: %s does not serve' % ' '.join(command))
        time.sleep(0.05)
    use(port)
    server.send_signal(signal.SIGTERM)
    if server.wait(30):
        sys.exit('train: %s ended with %d' % (' '.join(command), server.returncode))


def main():
    build, samples = map(os.path.abspath, sys.argv[1:])
    cruet = os.path.join(build, 'core', 'cruet')
    program = os.path.join(build, 'samples', 'hello', 'hello_program')
    for transport in ('civetweb', 'event'):
        folder = tempfile.mkdtemp(prefix='cruet-train-')
        for sample in ('guestbook', 'hello'):
            shutil.copytree(os.path.join(samples, sample), os.path.join(folder, sample))
        serve([cruet, 'run', 'guestbook'], transport, guestbook, folder)
        serve([cruet, 'run', 'hello'], transport, hello, folder)
        serve([program], transport, names, folder)
        shutil.rmtree(folder)


main()
