"""The event transport beside a raw epoll responder, nginx, h2o and ulfius: each server has
one core and wrk, or the client, another. They are under load at once, but run in turns;
ratios are those of rounds: their median, and the middle half. The control is the reference
against a second copy of itself."""
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import clients
from common import PATHS, ROUNDS_OF_ONE, in_turns, many_files, ratio, rounds, said, two_cores, wrk
from others import Site

IDLE, ACTIVE, SLEEPERS = 10000, 10000, 100
HERE = os.path.dirname(os.path.abspath(__file__))


class Bench:
    def __init__(self, build, pairs, seconds):
        self.build, self.pairs, self.seconds = os.path.abspath(build), pairs, seconds
        self.core, self.client = two_cores()
        self.folder = tempfile.mkdtemp(prefix='cruet-bench-')
        self.site = Site(self.build, self.folder, self.core, many_files())

    def close(self):
        self.site.stop()
        shutil.rmtree(self.folder)

    def loads(self, urls, pairs=None, **more):
        """urls: NAME: (SERVER, URL). CPU a request and requests a second, by name."""
        cpu, rates = rounds({name: (self.site.servers[server], url)
                             for name, (server, url) in urls.items()},
                            pairs or self.pairs, self.seconds, self.client, **more)
        return {name: [ns / 1e3 for ns in runs] for name, runs in cpu.items()}, rates


def say(name, *parts):
    print('%-16s %s' % (name, '  '.join(part for part in parts if part)), flush=True)


def medians(runs, form):
    return '  '.join('%s %s' % (name, form % statistics.median(runs[name]))
                     for name in runs if not name.endswith(' 2'))


def beside(runs, ours, theirs, invert=False):
    """The ratio of two, where both are there."""
    if ours not in runs or theirs not in runs:
        return ''
    a, b = (theirs, ours) if invert else (ours, theirs)
    title = 'control' if ours.endswith(' 2') else 'to ' + theirs
    return '%s %s' % (title, ratio(runs[a], runs[b]))


# --- what a request costs ---------------------------------------------------------------

def request(b, name, kind, servers):
    cpu = {}
    for begun in range(0, b.pairs, ROUNDS_OF_ONE):
        b.site.stop()
        urls = {s: (s, b.site.urls[s] + PATHS[kind]) for s in b.site.need(*servers)}
        some, _ = b.loads(urls, min(ROUNDS_OF_ONE, b.pairs - begun))
        for server, values in some.items():
            cpu.setdefault(server, []).extend(values)
    say(name, 'us a request:', medians(cpu, '%.2f'), beside(cpu, 'cruet', 'raw'),
        beside(cpu, 'cruet', 'nginx'), beside(cpu, 'raw 2', 'raw'))


def plaintext(b, name):
    request(b, name, 'plaintext', ('raw', 'raw 2', 'cruet', 'nginx', 'h2o', 'ulfius', 'civetweb'))


def json(b, name):
    request(b, name, 'json', ('raw', 'raw 2', 'cruet', 'nginx', 'h2o', 'ulfius', 'civetweb'))


def parameter(b, name):
    request(b, name, 'parameter', ('raw', 'raw 2', 'cruet', 'nginx', 'ulfius', 'civetweb'))


def pipeline(b, name):
    urls = {s: (s, b.site.urls[s] + '/')
            for s in b.site.need('raw', 'cruet', 'nginx', 'nginx 2', 'h2o')}
    cpu, rates = b.loads(urls, more=('-s', HERE + '/pipeline.lua'))
    say(name, '1000 requests/s:', medians({k: [r / 1e3 for r in v] for k, v in rates.items()},
                                         '%.0f'),
        beside(rates, 'cruet', 'nginx'), beside(rates, 'nginx 2', 'nginx'),
        'us a request:', medians(cpu, '%.2f'))


def file(b, name, which):
    site = b.site
    # all of a round are under load at once: each name is a server of its own
    urls = {s: (s, '%s/%s/%s' % (site.urls[s], 'cached' if s == 'nginx cached' else 'files', which))
            for s in site.need('cruet', 'nginx', 'nginx 2', 'nginx cached', 'h2o')}
    cpu, _ = b.loads(urls)
    say(name, 'us a request:', medians(cpu, '%.1f'), beside(cpu, 'cruet', 'nginx'),
        beside(cpu, 'cruet', 'nginx cached'), beside(cpu, 'nginx 2', 'nginx'))


def file_1k(b, name):
    file(b, name, '1k')


def file_1m(b, name):
    file(b, name, '1m')


def tls(b, name, what, more):
    site = b.site
    urls = {s: (s, site.urls[s + ' tls'] + '/') for s in site.need('cruet', 'nginx', 'nginx 2')}
    cpu, rates = b.loads(urls, more=more)
    say(name, '%s/s:' % what, medians(rates, '%.0f'), beside(rates, 'cruet', 'nginx'),
        beside(rates, 'nginx 2', 'nginx'), 'us each:', medians(cpu, '%.1f'),
        'for the same CPU', beside(cpu, 'cruet', 'nginx', invert=True))


def tls_handshakes(b, name):
    tls(b, name, 'handshakes', ('-H', 'Connection: close'))


def tls_requests(b, name):
    tls(b, name, 'requests', ())


# --- many connections -------------------------------------------------------------------

def idle(b, name):
    grown = []
    for server in b.site.need('raw 3', 'cruet 3', 'nginx 3'):  # fresh ones
        port = b.site.port(server)
        with clients.connect(port) as s:
            clients.ask(s)
        before = b.site.servers[server].resident_kib()
        held = clients.idle(port, IDLE)
        after = b.site.servers[server].resident_kib()
        for s in held:
            s.close()
        b.site.stop(server)
        grown.append('%s %.1f' % (server.split()[0], (after - before) / 1024))
    say(name, 'MiB for %d connections:' % IDLE, *grown)


UNITS = {'us': 1e-3, 'ms': 1, 's': 1e3, 'm': 6e4}


def p99_ms(out):
    word = next(line for line in out.splitlines() if line.split()[:1] == ['99%']).split()[1]
    unit = word.lstrip('0123456789.')
    ms = float(word[:len(word) - len(unit)]) * UNITS[unit]
    if not ms:
        raise SystemExit('bench: wrk had no reply in time: %s' % out)
    return ms


def active(b, name):
    """wrk tells nothing of connections that are never served: a crowd does."""
    names = b.site.need('raw', 'raw 2', 'cruet', 'nginx')
    runs = in_turns(names, max(2, b.pairs // 4), lambda s: p99_ms(said(wrk(
        b.site.urls[s] + '/', b.seconds + 4, b.client, ACTIVE,
        ('--latency', '--timeout', '30s')))))
    served = clients.crowd(b.site.port('cruet'), ACTIVE)
    say(name, 'p99 in ms, %d connections:' % ACTIVE, medians(runs, '%.0f'),
        beside(runs, 'cruet', 'raw'), beside(runs, 'raw 2', 'raw'),
        '%d of %d at once were served' % (served, ACTIVE))


# --- handlers that block ----------------------------------------------------------------

def sleepers(port, core, count, stop):
    os.sched_setaffinity(0, {core})
    asleep = clients.Sleepers(port, SLEEPERS)
    while not stop.is_set():
        asleep.turn(0.1)
        count.value = asleep.replies
    asleep.close()


def sleep(b, name):
    b.site.start_cruet('sleepy', threads=128)
    port = b.site.port('sleepy')
    os.sched_setaffinity(0, {b.client})
    calm = clients.times(port, b.seconds + 2)
    count, stop = multiprocessing.Value('i', 0), multiprocessing.Event()
    other = multiprocessing.Process(target=sleepers, args=(port, b.client, count, stop),
                                    daemon=True)
    other.start()
    clients.times(port, 2)  # the first ones are taken over
    replies = count.value
    taken = clients.times(port, b.seconds + 4)
    replies = count.value - replies
    stop.set()
    other.join()
    os.sched_setaffinity(0, {b.core, b.client})
    b.site.stop('sleepy')
    if not replies:
        raise SystemExit('bench: the sleeping handlers did not answer')
    ordered = sorted(taken)
    say(name, 'ms of a plain route while %d handlers sleep 1 s:' % SLEEPERS,
        'median %.2f  p99 %.2f  max %.1f' % (1e3 * statistics.median(taken),
                                             1e3 * ordered[len(ordered) * 99 // 100],
                                             1e3 * ordered[-1]),
        'median alone %.2f' % (1e3 * statistics.median(calm)),
        '%d of them answered meanwhile' % replies)


MEASURES = {
    'event-plaintext': plaintext,
    'event-json': json,
    'event-parameter': parameter,
    'event-pipeline': pipeline,
    'event-file-1k': file_1k,
    'event-file-1m': file_1m,
    'event-idle': idle,
    'event-active': active,
    'event-tls-new': tls_handshakes,
    'event-tls-keep': tls_requests,
    'event-sleep': sleep,
}


def run(build, names, pairs, seconds):
    programs = ['bench_plain', 'bench_site', 'bench_raw']
    listed = subprocess.run(['ninja', '-C', build, '-t', 'targets', 'all'], capture_output=True,
                            text=True, check=True).stdout
    programs += ['bench_ulfius'] if 'bench/bench_ulfius:' in listed else []
    subprocess.run(['ninja', '-C', build, '--quiet', 'plugins/event/event.so',
                    *['bench/' + p for p in programs]], check=True, stdout=sys.stderr)
    b = Bench(build, pairs, seconds)
    try:
        for name in names:
            MEASURES[name](b, name)
    finally:
        b.close()
