#!/usr/bin/env python3
"""http.py PROGRAM FILE [--level LEVEL] [--least PERCENT] [--id ID]: starts the echo
server PROGRAM, sends it the cases of FILE as raw bytes and prints those that fail with
what was allowed and what came, then "N passed, M failed". --least: exit code 0 if at
least so many in a hundred pass."""
import argparse
import collections
import json
import re
import socket
import subprocess
import sys
import tempfile
import time

IDLE = 1.5   # seconds without a byte after which a connection counts as left open
QUIET = 0.4  # the same once something has come


class Wire:
    """One connection: what came, and how it ended."""

    def __init__(self, address):
        self.sock = socket.create_connection(address, 5)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = bytearray()
        self.end = None

    def put(self, data):
        self.sock.settimeout(5)
        try:
            self.sock.sendall(data)
        except OSError:
            pass  # it hung up: what came tells

    def listen(self, seconds, until=None, quiet=None):
        stop = time.monotonic() + seconds
        while self.end is None and not (until and until in self.data):
            left = stop - time.monotonic()
            if left <= 0:
                return
            self.sock.settimeout(left)
            try:
                got = self.sock.recv(65536)
            except socket.timeout:
                return
            except ConnectionError:
                self.end = 'reset'
                return
            if not got:
                self.end = 'closed'
            self.data += got
            if quiet:
                stop = time.monotonic() + quiet

    def play(self, step):
        if isinstance(step, str):
            self.put(step.encode('latin-1'))
        elif 'sleep' in step:
            self.listen(step['sleep'])
        elif 'wait' in step:
            self.listen(step.get('max', 3), step['wait'].encode())
        elif 'shutdown' in step:
            try:
                self.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        elif 'bytewise' in step:
            for byte in step['bytewise'].encode('latin-1'):
                self.put(bytes([byte]))
                time.sleep(0.001)
        elif 'repeat' in step:
            for _ in range(step['n']):
                self.put(step['repeat'].encode('latin-1'))

    def finish(self):
        self.listen(IDLE, quiet=QUIET)
        self.sock.close()
        return bytes(self.data), self.end or 'open'


def unchunk(rest):
    body = b''
    while rest:
        size, _, rest = rest.partition(b'\r\n')
        try:
            n = int(size.split(b';')[0], 16)
        except ValueError:
            break
        if n == 0:
            return body, rest[2:]
        body, rest = body + rest[:n], rest[n + 2:]
    return body, rest


def split_replies(data, head_first):
    """The replies in data, and the codes of interim ones."""
    replies, interim = [], []
    while data:
        line = re.match(rb'HTTP/1\.[01] (\d{3})[^\r\n]*\r?\n', data)
        if not line:
            replies.append({'status': 'junk', 'headers': {}})
            break
        head, _, rest = data.partition(b'\r\n\r\n')
        headers = {}
        for field in head.decode('latin-1').split('\r\n')[1:]:
            name, _, value = field.partition(':')
            headers.setdefault(name.strip().lower(), value.strip())
        status = int(line.group(1))
        if status < 200:
            interim.append(status)
            data = rest
            continue
        if (head_first and not replies) or status in (204, 304):
            pass
        elif 'chunked' in headers.get('transfer-encoding', ''):
            _, rest = unchunk(rest)
        elif headers.get('content-length', '').isdigit():
            rest = rest[int(headers['content-length']):]
        else:
            rest = b''
        replies.append({'status': status, 'headers': headers})
        data = rest
    return replies, interim


def is_status(pattern, status):
    return str(status) == pattern or (pattern.endswith('xx') and str(status)[0] == pattern[0])


def is_outcome(pattern, replies, end):
    if pattern in ('close', 'wait'):
        return not replies and (end == 'open') == (pattern == 'wait')
    parts = pattern.split()
    if len(parts) > 1:
        return len(parts) == len(replies) and all(
            is_status(p.rstrip('c'), r['status']) for p, r in zip(parts, replies))
    if not replies:
        return False
    if pattern.endswith('c'):
        return (is_status(pattern[:-1], replies[0]['status']) and len(replies) == 1
                and end != 'open')
    return is_status(pattern, replies[0]['status'])


def judge(case, data, end):
    """What is wrong with an answer, as a list; and the answer in a few words."""
    replies, interim = split_replies(data, case.get('head_first'))
    good = bool(replies) and replies[0]['status'] == 200
    wrong = []
    if not any(is_outcome(p, replies, end) for p in case['allow']):
        wrong.append('not allowed')
    wrong += ['forbidden: ' + f for f in case['forbid'] if f.encode('latin-1') in data]
    if good or '200' in case['allow'][0]:
        wrong += ['missing: ' + n for n in case['need'] if n.encode() not in data]
    if good:
        wrong += ['wrong: not ' + n for n in case.get('if200', []) if n.encode() not in data]
        wrong += ['no header ' + h for h in case.get('need_header', [])
                  if h not in replies[0]['headers']]
        said = 'keep-alive' in replies[0]['headers'].get('connection', '').lower()
        if case.get('keepalive10') and end == 'open' and not said:
            wrong.append('kept open without saying so')
    refused = replies and replies[0]['status'] == 417
    wrong += ['no %d' % n for n in case.get('need_1xx', []) if n not in interim and not refused]
    wrong += ['sent %d' % n for n in case.get('forbid_1xx', []) if n in interim]
    places = [data.find(text.encode()) for text in case.get('order', [])]
    if places != sorted(places) or -1 in places:
        wrong.append('not in order')
    if any(r['status'] == 'junk' for r in replies):
        wrong.append('bytes that are no reply')
    return wrong, ' '.join([str(r['status']) for r in replies] + [end])


def serve(program, folder):
    server = subprocess.Popen([program, folder], stdout=subprocess.PIPE, text=True)
    address = re.match(r'serving http://([\d.]+):(\d+)', server.stdout.readline())
    if not address:
        sys.exit('the server did not start')
    return server, (address.group(1), int(address.group(2)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('file')
    parser.add_argument('--level')
    parser.add_argument('--id')
    parser.add_argument('--least', type=float, default=100)
    args = parser.parse_args()
    with open(args.file, encoding='utf-8') as f:
        cases = [c for c in json.load(f)['cases']
                 if args.level in (None, c['level']) and args.id in (None, c['id'])]
    tally = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        server, address = serve(args.program, folder)
        for case in cases:
            wire = Wire(address)
            for step in case['send']:
                wire.play(step)
            wrong, got = judge(case, *wire.finish())
            if server.poll() is not None:
                sys.exit('the server ended at %s' % case['id'])
            tally[case['level'], not wrong] += 1
            if wrong:
                print(case['id'], case['level'], case['group'], '|', case['name'], '| want',
                      ' or '.join(case['allow']), '| got', got, '|', '; '.join(wrong))
        server.terminate()
        if server.wait(20) != 0:
            sys.exit('the server ended with %d' % server.returncode)
    for level in sorted({c['level'] for c in cases}):
        print('%s: %d of %d' % (level, tally[level, True],
                                tally[level, True] + tally[level, False]))
    passed = sum(n for (_, good), n in tally.items() if good)
    print('%d passed, %d failed' % (passed, len(cases) - passed))
    sys.exit(passed * 100 < args.least * len(cases))


main()
