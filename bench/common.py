"""What all benchmarks share: servers of their own processes, load, and figures."""
import atexit
import glob
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time

THREADS, CONNECTIONS = 64, 64
SLICE = 0.05  # seconds that one of several servers runs, before the next one does
PATHS = {'plaintext': '/', 'json': '/json', 'parameter': '/section250/4711'}

# Where a process lies in memory makes up to two percent, for as long as it lives: so servers
# are started anew for every few rounds.
ROUNDS_OF_ONE = 4


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def two_cores():
    """The core of the server, and the one of the client."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit('bench: needs two cores')
    return cores[0], cores[1]


def many_files():
    """As many descriptors as the system allows; returns how many."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def answers(port):
    try:
        with socket.create_connection(('127.0.0.1', port), 1) as s:
            s.sendall(b'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
            return bool(s.recv(1))
    except OSError:
        return False


class Server:
    """A server of its own process, or of several, pinned to one core."""

    def __init__(self, command, core, **more):
        self.proc = subprocess.Popen(command, preexec_fn=lambda: os.sched_setaffinity(0, {core}),
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
        atexit.register(self.stop)  # whatever ends this program

    def wait(self, port):
        end = time.monotonic() + 10
        while not answers(port):
            if self.proc.poll() is not None or time.monotonic() > end:
                sys.exit('bench: %s does not serve' % self.proc.args[0])
        return self

    def pids(self):
        """The process, and those that it started."""
        found, left = [], [self.proc.pid]
        while left:
            pid = left.pop()
            found.append(pid)
            for path in glob.glob('/proc/%d/task/*/children' % pid):
                try:
                    with open(path) as f:
                        left += map(int, f.read().split())
                except OSError:
                    pass  # a thread that has just ended
        return found

    def cpu_ns(self):
        """Of all its threads, also those that have ended (clock_getcpuclockid(3))."""
        return sum(time.clock_gettime_ns(~pid << 3 | 2) for pid in self.pids())

    def resident_kib(self):
        total = 0
        for pid in self.pids():
            with open('/proc/%d/status' % pid) as f:
                total += next(int(line.split()[1]) for line in f if line.startswith('VmRSS'))
        return total

    def signal(self, number):
        for pid in self.pids():
            os.kill(pid, number)

    def stop(self):
        self.proc.send_signal(signal.SIGTERM)
        try:
            self.proc.wait(20)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()


def wrk(url, seconds, core, connections=CONNECTIONS, more=()):
    """wrk, run on one core and started."""
    return subprocess.Popen(['taskset', '-c', str(core), 'wrk', '-t1', '-c%d' % connections,
                             '-d%ds' % seconds, *more, url], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def said(client):
    """What wrk says at its end; ends the program where a request failed."""
    out, err = client.communicate()
    if client.returncode or 'Non-2xx' in out or 'Socket errors' in out:
        sys.exit('bench: %s: %s%s' % (client.args[-1], out, err))
    return out


def requests(out):
    return int(next(line for line in out.splitlines() if ' requests in ' in line).split()[0])


def rotate(sides):
    """Lets one server and its client run at a time, until all clients have ended. Returns
    the seconds that each has had."""
    ran = dict.fromkeys(sides, 0)
    for server, client in sides.values():
        client.send_signal(signal.SIGSTOP)
        server.signal(signal.SIGSTOP)
    while any(client.poll() is None for _, client in sides.values()):
        for name, (server, client) in sides.items():
            began = time.monotonic()
            server.signal(signal.SIGCONT)
            client.send_signal(signal.SIGCONT)
            time.sleep(SLICE)
            if client.poll() is None:
                ran[name] += time.monotonic() - began
            client.send_signal(signal.SIGSTOP)
            server.signal(signal.SIGSTOP)
    return ran


def load(targets, seconds, core, **more):
    """One round: targets, NAME: (SERVER, URL), are all under load, each of them for that
    long, but only one runs at a time, and each for so short a time that whatever else the
    machine does meets all alike. Returns NAME: (nanoseconds of the server's CPU for each
    request, requests a second)."""
    before = {name: server.cpu_ns() for name, (server, _) in targets.items()}
    sides = {name: (server, wrk(url, seconds * len(targets), core, **more))
             for name, (server, url) in targets.items()}
    try:
        ran = rotate(sides)
    except BaseException:
        for _, client in sides.values():
            client.kill()
        raise
    finally:
        for server, _ in sides.values():
            server.signal(signal.SIGCONT)
    done = {name: requests(said(client)) for name, (_, client) in sides.items()}
    return {name: ((targets[name][0].cpu_ns() - before[name]) / max(1, done[name]),
                   done[name] / ran[name]) for name in targets}


def rounds(targets, pairs, seconds, core, **more):
    """NAME: CPU of a request and NAME: requests a second, as often as there are pairs."""
    load(targets, 1, core, **more)  # warm
    runs = [load(targets, seconds, core, **more) for _ in range(pairs)]
    return tuple({name: [run[name][which] for run in runs] for name in targets}
                 for which in (0, 1))


def in_turns(names, pairs, shot):
    """shot(NAME) for each, pairs times, each round beginning with another one."""
    runs = {name: [] for name in names}
    for name in names:  # warm
        shot(name)
    for i in range(pairs):
        k = i % len(names)
        for name in names[k:] + names[:k]:
            runs[name].append(shot(name))
    return runs


def spread(values):
    """The median and the middle half."""
    values = sorted(values)
    n = len(values)
    return statistics.median(values), values[n // 4], values[-1 - n // 4]


def ratio(these, those):
    """Of each pair: the median and the middle half, as text."""
    return '%.3f [%.3f..%.3f]' % spread([a / b for a, b in zip(these, those)])
