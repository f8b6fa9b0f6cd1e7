"""ws_crowd.py CRUET PLUGINS APP [READERS STALLED MESSAGES SIZE PAUSE]: many connections hear one, some
of which take nothing: everybody else hears all of it in order, those are cut off. Prints
how long messages took."""
import asyncio
import os
import resource
import socket
import struct
import subprocess
import sys
import time

PATIENCE = 120  # seconds, for a machine with much else to do
# Bytes enough to fill what the kernel takes for others; seconds between two messages.
USUAL = (20, 5, 200, 60000, 0.01)
PING = 0x89
AHEAD = 3 # messages that the slowest of those who read may be behind: fewer than are queued


def masked(payload):
    return b"\x82\xfe" + struct.pack(">H", len(payload)) + b"\0\0\0\0" + payload


async def dial(port, stalled=False):
    sock = socket.socket()
    if stalled:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    # One that stalls reads no further than its buffer goes.
    reader, writer = await asyncio.open_connection(sock=sock, limit=4096 if stalled else 65536)
    writer.write((f"GET /crowd HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
                  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 "), head
    return reader, writer


async def take(reader):
    """A message; None at the end of the connection, or a close code. Pings are not answered:
    what they ask for has a minute."""
    first = PING
    try:
        while first == PING:
            first, n = await reader.readexactly(2)
            if n >= 126:
                n = int.from_bytes(await reader.readexactly(2 if n == 126 else 8), "big")
            payload = await reader.readexactly(n)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return payload if first == 0x82 else int.from_bytes(payload[:2], "big")


class Pace:
    """Nobody is spoken to faster than everybody reads: how fast that is, is the machine's."""

    def __init__(self, readers):
        self.heard = [0] * readers
        self.change = asyncio.Event()

    def step(self, reader):
        self.heard[reader] += 1
        self.change.set()

    async def until(self, count, tasks):
        while min(self.heard) < count and not any(t.done() for t in tasks):
            self.change.clear()
            await asyncio.wait_for(self.change.wait(), PATIENCE)


async def hear(reader, messages, late, step):
    for i in range(messages):
        payload = await take(reader)
        assert isinstance(payload, bytes), f"ended with {payload} before message {i}"
        number, sent = struct.unpack_from(">Id", payload)
        assert number == i, f"message {number} instead of {i}"
        late.append(time.monotonic() - sent)
        step()


async def hear_in_vain(reader, messages):
    """Began to read when all was over: a part, in order, then the end."""
    for i in range(messages):
        payload = await take(reader)
        if not isinstance(payload, bytes):
            assert payload in (None, 1013), payload
            return
        assert struct.unpack_from(">I", payload)[0] == i
    raise AssertionError("one that did not read has missed nothing")


async def crowd(port, readers, stalled, messages, size, pause):
    late = []
    stuck = [await dial(port, True) for _ in range(stalled)]
    heard = [await dial(port) for _ in range(readers)]
    pace = Pace(readers)
    tasks = [asyncio.ensure_future(hear(r, messages, late, lambda i=i: pace.step(i)))
             for i, (r, _) in enumerate(heard)]
    speaker = heard[0][1]
    begun = time.monotonic()
    for i in range(messages):
        await asyncio.sleep(max(0, begun + i * pause - time.monotonic()))
        now = time.monotonic()
        speaker.write(masked(struct.pack(">Id", i, now).ljust(size, b".")))
        await speaker.drain()
        await pace.until(i - AHEAD + 1, tasks)
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
    for reader, _ in stuck:
        await asyncio.wait_for(hear_in_vain(reader, messages), PATIENCE)
    late.sort()
    print(f"{len(late)} messages: half within {late[len(late) // 2] * 1000:.1f} ms, 99 % within "
          f"{late[len(late) * 99 // 100] * 1000:.1f} ms, all within {late[-1] * 1000:.1f} ms")


def main():
    cruet, plugins, app = map(os.path.abspath, sys.argv[1:4])
    numbers = [type(n)(arg) for n, arg in zip(USUAL, sys.argv[4:] or USUAL)]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384), hard))
    env = {**os.environ, "CRUET_PLUGIN_PATH": plugins, "CRUET_SERVER__TRANSPORT": "event",
           "CRUET_SERVER__LISTEN": "127.0.0.1:0"}
    with subprocess.Popen([cruet, "run", app], env=env, stdout=subprocess.PIPE,
                          text=True) as server:
        try:
            port = int(server.stdout.readline().rsplit(":", 1)[1])
            asyncio.run(crowd(port, *numbers))
        finally:
            server.terminate()
    assert server.returncode == 0, server.returncode


main()
