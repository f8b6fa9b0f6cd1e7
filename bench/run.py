#!/usr/bin/env python3
"""run.py --build FOLDER [--pairs N] [--seconds S] [--only KIND]

What a request costs the server in CPU time, beside civetweb alone: both servers run
pinned to one core, wrk to another, and only one of them runs at a time, for a moment, so
that whatever else the machine does meets both alike. The ratio of each round is taken, and
the median of the ratios is the result. The control is the baseline against a second copy
of itself: what it shows is noise. "start": how long an application with 300 routes and 10
plugins takes until it answers, and what it holds in memory then. "hooks": what ten plugins
with a before- and an after-hook each add to a request, and what it costs one to stand on a
generation. "save": from a source that is saved to its reply, with cruet run --debug.
"templates": what rendering costs beside Jinja2 and nunjucks. "event": the event transport
beside a raw epoll responder and other servers; or one of its measures, such as
"event-plaintext".

CPU time is the kernel's own count of what the server's threads ran, in nanoseconds."""
import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import event
import save
import templates
from common import PATHS, ROUNDS_OF_ONE, THREADS, Server, free_port, ratio, rounds, two_cores


def measure_some(build, kind, pairs, seconds):
    """Rounds of servers that are started for them."""
    core, client = two_cores()
    servers = {}
    for name, program in (('bare', 'bench_plain'), ('control', 'bench_plain'),
                          ('cruet', 'bench_site')):
        port = free_port()
        servers[name] = (Server([os.path.join(build, 'bench', program), str(port), str(THREADS)],
                                core).wait(port), 'http://127.0.0.1:%d%s' % (port, PATHS[kind]))
    runs = rounds(servers, pairs, seconds, client)
    for server, _ in servers.values():
        server.stop()
    return runs


def measure(build, what, pairs, seconds):
    for kind in what:
        cpu, rates = {}, {}
        for begun in range(0, pairs, ROUNDS_OF_ONE):
            some = measure_some(build, kind, min(ROUNDS_OF_ONE, pairs - begun), seconds)
            for runs, more in zip((cpu, rates), some):
                for name, values in more.items():
                    runs.setdefault(name, []).extend(values)
        print('%-10s bare %5.2f us  cruet %5.2f us  ratio %s  control %s  '
              '%.0f and %.0f requests/s, %d pairs'
              % (kind, statistics.median(cpu['bare']) / 1e3,
                 statistics.median(cpu['cruet']) / 1e3, ratio(cpu['cruet'], cpu['bare']),
                 ratio(cpu['control'], cpu['bare']), statistics.median(rates['bare']),
                 statistics.median(rates['cruet']), pairs),
              flush=True)


def start(build, rounds=15):
    """Milliseconds from exec to the first reply, and KiB resident then."""
    folder = tempfile.mkdtemp(prefix='cruet-bench-')
    os.mkdir(os.path.join(folder, 'plugins'))
    for source, target in (('empty.so', 'plugins/empty.so'), ('many.so', 'site.so')):
        shutil.copy(os.path.join(build, 'bench', source), os.path.join(folder, target))
        os.chmod(os.path.join(folder, target), 0o755)
    os.chmod(os.path.join(folder, 'plugins'), 0o755)
    plugins = {'e%d' % i: {'plugin': 'empty', 'prefix': '/e%d' % i, 'word': 'w%d' % i}
               for i in range(10)}
    times, sizes = [], []
    for _ in range(rounds):
        port = free_port()
        with open(os.path.join(folder, 'cruet.json'), 'w') as f:
            json.dump({'app': 'site.so', 'plugins': plugins,
                       'server': {'listen': '127.0.0.1:%d' % port, 'plugin_path': ['plugins']}}, f)
        began = time.monotonic()
        env = {**os.environ, 'LD_LIBRARY_PATH': os.path.join(build, 'core')}
        server = Server([os.path.join(build, 'core', 'cruet'), 'run', folder], 0, env=env)
        server.wait(port)
        times.append((time.monotonic() - began) * 1e3)
        sizes.append(server.resident_kib())
        server.stop()
    shutil.rmtree(folder)
    print('start      300 routes, 10 plugins: %.1f ms to the first reply (median of %d), '
          '%.1f MiB resident' % (statistics.median(times), rounds, max(sizes) / 1024))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument('--build', required=True)
    ap.add_argument('--pairs', type=int, default=20)
    ap.add_argument('--seconds', type=int, default=1, help='of each run of wrk; whole ones')
    ap.add_argument('--only',
                    choices=[*PATHS, 'start', 'router', 'hooks', 'save', 'event', 'templates',
                             *event.MEASURES])
    a = ap.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers are stopped then too
    subprocess.run(['ninja', '-C', a.build, '--quiet', 'bench/bench_plain', 'bench/bench_site',
                    'bench/bench_router', 'bench/bench_hooks', 'bench/bench_pin',
                    'bench/bench_templates',
                    'bench/empty.so', 'bench/many.so'],
                   check=True, stdout=sys.stderr)
    kinds = [a.only] if a.only in PATHS else [] if a.only else list(PATHS)
    if kinds:
        measure(a.build, kinds, a.pairs, a.seconds)
    if a.only in (None, 'start'):
        start(a.build)
    if a.only in (None, 'router'):
        subprocess.run([os.path.join(a.build, 'bench', 'bench_router')], check=True)
    if a.only in (None, 'hooks'):
        for name in ('bench_hooks', 'bench_pin'):
            subprocess.run([os.path.join(a.build, 'bench', name)], check=True)
    if a.only in (None, 'save'):
        save.run(os.path.abspath(a.build))
    if a.only in (None, 'templates'):
        templates.run(a.build)
    if a.only in (None, 'event'):
        event.run(a.build, list(event.MEASURES), a.pairs, a.seconds)
    if a.only in event.MEASURES:
        event.run(a.build, [a.only], a.pairs, a.seconds)


main()
