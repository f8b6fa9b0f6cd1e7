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
PATHS = {'plaintext': '/', 'json': '/json', 'parameter': '/section250/4711'}


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

    def stop(self):
        self.proc.send_signal(signal.SIGTERM)
        try:
            self.proc.wait(20)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()


def wrk(url, seconds, core, connections=CONNECTIONS, more=()):
    """What wrk says, run on one core; ends the program where a request failed."""
    done = subprocess.run(['taskset', '-c', str(core), 'wrk', '-t1', '-c%d' % connections,
                           '-d%ds' % seconds, *more, url], capture_output=True, text=True)
    out = done.stdout
    if done.returncode or 'Non-2xx' in out or 'Socket errors' in out:
        sys.exit('bench: %s: %s%s' % (url, out, done.stderr))
    return out


def requests(out):
    return int(next(line for line in out.splitlines() if ' requests in ' in line).split()[0])


def rate(out):
    return float(next(line for line in out.splitlines() if line.startswith('Requests/sec'))
                 .split()[1])


def load(server, url, seconds, core, **more):
    """Nanoseconds of the server's CPU for each request, and requests a second."""
    before = server.cpu_ns()
    out = wrk(url, seconds, core, **more)
    return (server.cpu_ns() - before) / max(1, requests(out)), rate(out)


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
