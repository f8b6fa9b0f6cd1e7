"""How long it takes from a saved source to a reply of what was saved, with cruet run --debug,
while four clients ask without a pause on connections that stay open; and whether one of
their requests is lost, or answered by what never stood in the file."""
import multiprocessing
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

CLIENTS, EDITS = 4, 15
PARTS = re.compile(r'from saved to served: .* ms: ([\d.]+) until all was saved, ([\d.]+) to build '
                   r'it, ([\d.]+) to take it up')

SITE = r'''#include <cruet.h>

static int front(cruet_ctx *c)
{
	return cruet_text(c, "edit %d\n");
}

static int item(cruet_ctx *c)
{
	int64_t id = cruet_arg_int(c, "id");

	if (id > 100)
		return cruet_fail(c, 404, "no item %%lld", (long long)id);
	return cruet_textf(c, "item %%lld\n", (long long)id);
}

CRUET_APP(app)
{
	cruet_get(app, "/", front);
	cruet_get(app, "/items/<int:id>", item);
}
'''
# 20 files of 200 lines: this one, and 19 of functions that handlers of it call.
PART = '''#include <cruet.h>

int part_%(n)d(cruet_ctx *c, int v);

%(functions)s
int part_%(n)d(cruet_ctx *c, int v)
{
	return cruet_path(c) ? %(calls)s : 0;
}
'''
FUNCTION = '''static int step_%d(int v)
{
	int sum = 0;

	for (int i = 0; i < v; i++)
		sum += i * %d;
	return sum;
}
'''


def write(path, text):
    """As an editor saves: beside the file, and then to its place."""
    with open(path + '.new', 'w') as f:
        f.write(text)
    os.rename(path + '.new', path)


def single(folder):
    """A function that saves edit N."""
    return lambda n: write(os.path.join(folder, 'site.c'), SITE % n)


def parts(folder):
    steps = 20
    for n in range(19):
        functions = '\n'.join(FUNCTION % (i, n + i) for i in range(steps))
        text = PART % {'n': n, 'functions': functions,
                       'calls': ' + '.join('step_%d(v)' % i for i in range(steps))}
        write(os.path.join(folder, 'part_%d.c' % n), text + '\n' * (200 - text.count('\n')))

    def save(n):
        text = SITE % n
        write(os.path.join(folder, 'site.c'), text + '\n' * (200 - text.count('\n')))
    return save


class Client:
    """A connection that stays open."""

    REQUEST = b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

    def __init__(self, port):
        self.sock = socket.create_connection(('127.0.0.1', port), 30)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self):
        """The number in the reply."""
        self.sock.sendall(self.REQUEST)
        got = b''
        while True:
            more = self.sock.recv(65536)
            if not more:
                raise EOFError('the connection has ended: %r' % got)
            got += more
            head, end, body = got.partition(b'\r\n\r\n')
            if end and len(body) >= int(re.search(rb'(?i)content-length: (\d+)', head)[1]):
                break
        m = re.fullmatch(rb'edit (\d+)\n', body)
        if not head.startswith(b'HTTP/1.1 200') or not m:
            raise ValueError(repr(got))
        return int(m[1])


def client(port, saved, stop, out):
    """Asks until it is told to stop: how often, and what was wrong."""
    n, last, wrong = 0, 0, None
    try:
        c = Client(port)
        while not stop.value and not wrong:
            edit = c.ask()
            n += 1
            if not last <= edit <= saved.value:
                wrong = 'edit %d after %d, of %d saved' % (edit, last, saved.value)
            last = edit
    except (OSError, EOFError, ValueError) as e:
        wrong = str(e)
    out.put((n, wrong))


def start(build, folder, transport, log):
    env = {**os.environ, 'LD_LIBRARY_PATH': os.path.join(build, 'core'),
           'CRUET_INCLUDE_DIR': os.path.join(os.path.dirname(__file__), '..', 'include'),
           'CRUET_LIB_DIR': os.path.join(build, 'core'),
           'CRUET_PLUGIN_PATH': os.path.join(build, 'plugins')}
    proc = subprocess.Popen([os.path.join(build, 'core', 'cruet'), 'run', '--debug', folder, '-l',
                             '127.0.0.1:0', '-D', 'server.transport=' + transport],
                            stdout=subprocess.PIPE, stderr=log, env=env, text=True)
    line = proc.stdout.readline()
    if not line:
        sys.exit('bench: %s does not serve' % folder)
    return proc, int(line.rsplit(':', 1)[1])


def edit(port, save, saved):
    """Milliseconds of each edit, from the moment before it is saved to the first reply."""
    c, times = Client(port), []
    for n in range(1, EDITS + 1):
        time.sleep(0.3)
        began = time.monotonic()
        saved.value = n
        save(n)
        while c.ask() < n:
            time.sleep(0.001)
        times.append((time.monotonic() - began) * 1e3)
    return times


def under_load(port, save):
    saved, stop = multiprocessing.Value('i', 0), multiprocessing.Value('b', 0)
    out = multiprocessing.Queue()
    clients = [multiprocessing.Process(target=client, args=(port, saved, stop, out))
               for _ in range(CLIENTS)]
    for p in clients:
        p.start()
    began = time.monotonic()
    times = edit(port, save, saved)
    stop.value = 1
    took = time.monotonic() - began
    ended = [out.get(timeout=30) for _ in clients]
    for p in clients:
        p.join()
    wrong = [w for _, w in ended if w]
    if wrong:
        sys.exit('bench: a request was lost or wrong: %s' % '; '.join(wrong))
    return times, sum(n for n, _ in ended), took


def measure(build, name, prepare, transport):
    # In memory: a disk that somebody else keeps busy is no matter of what is measured.
    memory = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
    folder = tempfile.mkdtemp(prefix='cruet-bench-', dir=memory)
    save = prepare(folder)
    save(0)
    with tempfile.TemporaryFile('w+', dir=memory) as log:
        proc, port = start(build, folder, transport, log)
        try:
            times, n, took = under_load(port, save)
        finally:
            proc.terminate()
            proc.wait(30)
            shutil.rmtree(folder)
        log.seek(0)
        found = PARTS.findall(log.read())
    into = [statistics.median(float(f[i]) for f in found) for i in range(3)]
    print('%-22s %-8s %5.1f ms from saved to served (median of %d; %.1f to %.1f): %.1f until all '
          'was saved, %.1f to build, %.1f to take it up; %d requests, %.0f a second, none lost or '
          'wrong' % (name, transport, statistics.median(times), len(times), min(times), max(times),
                     *into, n, n / took), flush=True)


def run(build):
    for transport in 'civetweb', 'event':
        measure(build, '25 lines', single, transport)
    for transport in 'civetweb', 'event':
        measure(build, '20 files, 4,000 lines', parts, transport)
