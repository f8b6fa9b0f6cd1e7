#!/usr/bin/env python3
"""run.py --build FOLDER [--pairs N] [--seconds S] [--only plaintext|json|parameter|start]

What a request costs the server in CPU time, beside civetweb alone: both servers run
pinned to one core, wrk to another, and are measured in turns, so that whatever else the
machine does meets both alike. The ratio of each pair is taken, and the median of the
ratios is the result. The control is the baseline against a second copy of itself: what
it shows is noise. "start": how long an application with 300 routes and 10 plugins takes
until it answers, and what it holds in memory then.

CPU time is the kernel's own count of what the server's threads ran
(/proc/PID/task/*/schedstat, nanoseconds)."""
import argparse
import glob
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PATHS = {'plaintext': '/', 'json': '/json', 'parameter': '/section250/4711'}
THREADS, CONNECTIONS = 64, 64


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def answers(port):
    try:
        with socket.create_connection(('127.0.0.1', port), 1) as s:
            s.sendall(b'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
            return bool(s.recv(1))
    except OSError:
        return False


class Server:
    """A server of its own process, pinned to one core."""

    def __init__(self, command, core, **more):
        self.proc = subprocess.Popen(command, preexec_fn=lambda: os.sched_setaffinity(0, {core}),
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)

    def wait(self, port):
        end = time.monotonic() + 10
        while not answers(port):
            if self.proc.poll() is not None or time.monotonic() > end:
                sys.exit('bench: %s does not serve' % self.proc.args[0])
        return self

    def cpu_ns(self):
        total = 0
        for path in glob.glob('/proc/%d/task/*/schedstat' % self.proc.pid):
            try:
                with open(path) as f:
                    total += int(f.read().split()[0])
            except OSError:
                pass  # a thread that has just ended
        return total

    def resident_kib(self):
        with open('/proc/%d/status' % self.proc.pid) as f:
            return next(int(line.split()[1]) for line in f if line.startswith('VmRSS'))

    def stop(self):
        self.proc.send_signal(signal.SIGTERM)
        self.proc.wait(20)


def load(server, port, path, seconds, core):
    """Nanoseconds of the server's CPU for each request, and requests a second."""
    before = server.cpu_ns()
    out = subprocess.run(['taskset', '-c', str(core), 'wrk', '-t1', '-c%d' % CONNECTIONS,
                          '-d%ds' % seconds, 'http://127.0.0.1:%d%s' % (port, path)],
                         capture_output=True, text=True, check=True).stdout
    cpu = server.cpu_ns() - before
    if 'Non-2xx' in out or 'Socket errors' in out:
        sys.exit('bench: %s: %s' % (path, out))
    words = next(line for line in out.splitlines() if ' requests in ' in line).split()
    rate = next(line for line in out.splitlines() if line.startswith('Requests/sec')).split()[1]
    return cpu / int(words[0]), float(rate)


def measure(build, what, pairs, seconds):
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit('bench: needs two cores')
    servers, ports = {}, {}
    for name, program in (('bare', 'bench_plain'), ('control', 'bench_plain'),
                          ('cruet', 'bench_site')):
        ports[name] = free_port()
        servers[name] = Server([os.path.join(build, 'bench', program), str(ports[name]),
                                str(THREADS)], cores[0]).wait(ports[name])
    for kind in what:
        runs = {name: [] for name in servers}
        rates = {name: [] for name in servers}
        for name in servers:  # warm
            load(servers[name], ports[name], PATHS[kind], 1, cores[1])
        for i in range(pairs):
            order = list(servers)
            for name in order[i % 3:] + order[:i % 3]:
                cpu, rate = load(servers[name], ports[name], PATHS[kind], seconds, cores[1])
                runs[name].append(cpu)
                rates[name].append(rate)
        ratio = [c / b for c, b in zip(runs['cruet'], runs['bare'])]
        control = [c / b for c, b in zip(runs['control'], runs['bare'])]
        print('%-10s bare %5.2f us  cruet %5.2f us  ratio %.3f [%.3f..%.3f]  '
              'control %.3f [%.3f..%.3f]  %.0f and %.0f requests/s, %d pairs'
              % (kind, statistics.median(runs['bare']) / 1e3,
                 statistics.median(runs['cruet']) / 1e3, *spread(ratio), *spread(control),
                 statistics.median(rates['bare']), statistics.median(rates['cruet']), pairs),
              flush=True)
    for server in servers.values():
        server.stop()


def spread(values):
    """The median and the middle half."""
    values = sorted(values)
    n = len(values)
    return statistics.median(values), values[n // 4], values[-1 - n // 4]


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
    ap.add_argument('--seconds', type=int, default=1)
    ap.add_argument('--only', choices=[*PATHS, 'start', 'router'])
    a = ap.parse_args()
    subprocess.run(['ninja', '-C', a.build, '--quiet', 'bench/bench_plain', 'bench/bench_site',
                    'bench/bench_router', 'bench/empty.so', 'bench/many.so'], check=True)
    kinds = [a.only] if a.only in PATHS else [] if a.only else list(PATHS)
    if kinds:
        measure(a.build, kinds, a.pairs, a.seconds)
    if a.only in (None, 'start'):
        start(a.build)
    if a.only in (None, 'router'):
        subprocess.run([os.path.join(a.build, 'bench', 'bench_router')], check=True)


main()
