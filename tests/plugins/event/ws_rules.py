"""ws_rules.py CRUET PLUGINS APP: the rules of RFC 6455 (5 and 7) and RFC 7692 over raw
sockets, each with the client's bytes at once, one by one, and cut in two at every byte of
its first frame."""
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import zlib

PATIENCE = 60  # seconds, for a machine with much else to do
TEXT, BINARY, CLOSE, PING, PONG = 0x81, 0x82, 0x88, 0x89, 0x8A
RSV1 = 0x40
MASK = b"\x37\xfa\x21\x3d"
MORE = {"compress": True}


def frame(first, payload=b"", length=None, size=None, mask=MASK):
    """length: what is announced, if that is another; size: bytes of the length."""
    n = len(payload) if length is None else length
    size = size if size is not None else 0 if n < 126 else 2 if n < 65536 else 8
    head = bytes([first, (0x80 if mask else 0) | (n if not size else 126 if size == 2 else 127)])
    head += n.to_bytes(size, "big") if size else b""
    if not mask:
        return head + payload
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


def close(code, reason=b""):
    return frame(CLOSE, struct.pack(">H", code) + reason)


def deflated(payload, bits=15, level=9):
    z = zlib.compressobj(level, zlib.DEFLATED, -bits)
    return (z.compress(payload) + z.flush(zlib.Z_SYNC_FLUSH))[:-4]


def ends(code, reason):
    return (CLOSE, struct.pack(">H", code) + reason.encode())


BYE = close(1000)
GOODBYE = (CLOSE, b"\x03\xe8")
KOSME = "κόσμε".encode()
BROKEN = "the compressed data is broken"

# name: what the client sends, what it is sent, and whether it offers compression.
# Everything ends with a close frame of the server and then the end of the connection.
CASES = {
    # 5.2: the base framing
    "text": (frame(TEXT, b"Hello") + BYE, [(TEXT, b"Hello"), GOODBYE]),
    "binary": (frame(BINARY, b"\0\xff") + BYE, [(BINARY, b"\0\xff"), GOODBYE]),
    "empty": (frame(TEXT) + BYE, [(TEXT, b""), GOODBYE]),
    "125 bytes": (frame(TEXT, b"x" * 125) + BYE, [(TEXT, b"x" * 125), GOODBYE]),
    "126 bytes": (frame(TEXT, b"x" * 126) + BYE, [(TEXT, b"x" * 126), GOODBYE]),
    "65535 bytes": (frame(BINARY, b"x" * 65535) + BYE, [(BINARY, b"x" * 65535), GOODBYE]),
    "65536 bytes": (frame(BINARY, b"x" * 65536) + BYE, [(BINARY, b"x" * 65536), GOODBYE]),
    "a length in two bytes too many": (
        frame(TEXT, b"x", size=2),
        [ends(1002, "a length that is not written in its shortest form")]),
    "a length in eight bytes too many": (
        frame(TEXT, b"x" * 200, size=8),
        [ends(1002, "a length that is not written in its shortest form")]),
    "a length of 64 bits": (
        frame(TEXT, b"", length=1 << 63), [ends(1002, "a length beyond 63 bits")]),
    "RSV1": (frame(TEXT | RSV1, b"x"), [ends(1002, "compression was not agreed on")]),
    "RSV2": (frame(TEXT | 0x20, b"x"), [ends(1002, "a reserved bit is set")]),
    "RSV3": (frame(TEXT | 0x10, b"x"), [ends(1002, "a reserved bit is set")]),
    **{f"opcode {n}": (frame(0x80 | n, b"x"), [ends(1002, "an unknown opcode")])
       for n in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    # 5.1 and 5.3: masks
    "no mask": (frame(TEXT, b"x", mask=None), [ends(1002, "a client must mask its frames")]),
    "a mask of zeros": (frame(TEXT, b"x", mask=b"\0\0\0\0") + BYE, [(TEXT, b"x"), GOODBYE]),
    # 5.4: fragments
    "fragments": (
        frame(0x01, b"one ") + frame(0x00, b"") + frame(0x80, b"two") + BYE,
        [(TEXT, b"one two"), GOODBYE]),
    "a ping among fragments": (
        frame(0x02, b"one ") + frame(PING, b"p") + frame(0x80, b"two") + BYE,
        [(PONG, b"p"), (BINARY, b"one two"), GOODBYE]),
    "a close among fragments": (frame(0x01, b"one ") + BYE, [GOODBYE]),
    "a message among fragments": (
        frame(0x01, b"one ") + frame(TEXT, b"two"),
        [ends(1002, "a new message before the last one has ended")]),
    "a continuation of nothing": (
        frame(0x80, b"x"), [ends(1002, "a continuation without a message")]),
    "a continuation of what has ended": (
        frame(TEXT, b"x") + frame(0x00, b"y"),
        [(TEXT, b"x"), ends(1002, "a continuation without a message")]),
    # 5.5: control frames
    "a ping": (frame(PING, b"x" * 125) + BYE, [(PONG, b"x" * 125), GOODBYE]),
    "a pong": (frame(PONG, b"nobody asked") + BYE, [GOODBYE]),
    "a long ping": (
        frame(PING, b"x" * 126), [ends(1002, "a control frame holds 125 bytes at most")]),
    "a ping in fragments": (
        frame(0x09, b"x"), [ends(1002, "a control frame cannot be fragmented")]),
    "a close in fragments": (
        frame(0x08, b"x"), [ends(1002, "a control frame cannot be fragmented")]),
    # 5.6 and 8.1: text
    "UTF-8": (frame(TEXT, KOSME) + BYE, [(TEXT, KOSME), GOODBYE]),
    "UTF-8 cut by fragments": (
        frame(0x01, KOSME[:3]) + frame(0x80, KOSME[3:]) + BYE, [(TEXT, KOSME), GOODBYE]),
    "a surrogate": (frame(TEXT, b"a\xed\xa0\x80"), [ends(1007, "the text is not UTF-8")]),
    "an overlong form": (frame(TEXT, b"\xc0\xaf"), [ends(1007, "the text is not UTF-8")]),
    "beyond Unicode": (frame(TEXT, b"\xf4\x90\x80\x80"), [ends(1007, "the text is not UTF-8")]),
    "half a character": (
        frame(TEXT, KOSME[:1]), [ends(1007, "the text ends within a character")]),
    "no UTF-8 in a frame that has not ended": (
        frame(TEXT, b"\xff", length=1000), [ends(1007, "the text is not UTF-8")]),
    # 7.4 and 10.4
    "too large": (
        frame(BINARY, b"", length=100001), [ends(1009, "the message is too large")]),
    "too large by fragments": (
        frame(0x02, b"x" * 60000) + frame(0x80, b"", length=40001),
        [ends(1009, "the message is too large")]),
    # 5.5.1 and 7: closing
    "a close without a code": (frame(CLOSE), [(CLOSE, b"")]),
    "a close with a reason": (close(1001, "gehe fort, adé".encode()), [(CLOSE, b"\x03\xe9")]),
    "nothing after a close": (BYE + frame(TEXT, b"late") + frame(PING), [GOODBYE]),
    "half a close code": (frame(CLOSE, b"\x03"), [ends(1002, "a close code has two bytes")]),
    "a reason that is no UTF-8": (
        close(1000, b"\xff"), [ends(1007, "the close reason is not UTF-8")]),
    **{f"close {code}": (close(code), [(CLOSE, struct.pack(">H", code))])
       for code in (1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999)},
    **{f"close {code}": (close(code), [ends(1002, "this close code cannot be sent")])
       for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535)},
    # RFC 7692
    "compressed": (
        frame(TEXT | RSV1, bytes.fromhex("f248cdc9c90700")) + BYE,
        [(TEXT, b"Hello"), GOODBYE], MORE),
    "compressed in two frames": (
        frame(0x41, bytes.fromhex("f248cd")) + frame(0x80, bytes.fromhex("c9c90700")) + BYE,
        [(TEXT, b"Hello"), GOODBYE], MORE),
    "compressed, with a last block": (
        frame(TEXT | RSV1, bytes.fromhex("f348cdc9c9070000")) + BYE,
        [(TEXT, b"Hello"), GOODBYE], MORE),
    "compressed and empty": (
        frame(TEXT | RSV1, b"\0") + BYE, [(TEXT, b""), GOODBYE], MORE),
    "not compressed": (frame(TEXT, b"plain") + BYE, [(TEXT, b"plain"), GOODBYE], MORE),
    "compressed both ways": (
        frame(TEXT | RSV1, deflated(b"again " * 500)) + BYE,
        [(TEXT | RSV1, b"again " * 500), GOODBYE], MORE),
    "RSV1 in a continuation": (
        frame(0x41, b"\0") + frame(0x80 | RSV1, b"\0"),
        [ends(1002, "only a message's first frame says that it is compressed")], MORE),
    "RSV1 in a ping": (
        frame(PING | RSV1), [ends(1002, "a control frame cannot be compressed")], MORE),
    "broken": (frame(BINARY | RSV1, b"\xff"), [ends(1007, BROKEN)], MORE),
    "cut short": (
        frame(BINARY | RSV1, bytes.fromhex("f248cd")), [ends(1007, BROKEN)], MORE),
    "no UTF-8 when it is decompressed": (
        frame(TEXT | RSV1, deflated(b"\xff")), [ends(1007, "the text is not UTF-8")], MORE),
    "a bomb": (
        frame(BINARY | RSV1, deflated(bytes(10000000))),
        [ends(1009, "the message is too large")], MORE),
}


class Client:
    def __init__(self, port, compress=False, path="/echo"):
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if compress else ""
        self.sock.sendall((f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
                           "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                           f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{offer}\r\n"
                           ).encode())
        self.file = self.sock.makefile("rb")
        assert self.file.readline() == b"HTTP/1.1 101 Switching Protocols\r\n"
        head = b"".join(iter(self.file.readline, b"\r\n"))
        assert b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head, head
        assert (b"Sec-WebSocket-Extensions: permessage-deflate" in head) == compress, head

    def send(self, pieces):
        try:
            for piece in pieces:
                self.sock.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough

    def frame(self):
        head = self.file.read(2)
        if not head:
            return None
        first, n = head
        assert n < 128, "a server does not mask"
        if n >= 126:
            n = int.from_bytes(self.file.read(2 if n == 126 else 8), "big")
        payload = self.file.read(n)
        if first & RSV1:
            payload = zlib.decompressobj(-15).decompress(payload + b"\0\0\xff\xff")
        return first, payload

    def frames(self):
        """All up to the end of the connection."""
        got = list(iter(self.frame, None))
        self.sock.close()
        return got


def ways(sent):
    yield [sent]
    if len(sent) > 2000:
        yield [sent[:1], sent[1:5], sent[5:1000], sent[1000:]]
        return
    yield [bytes([b]) for b in sent]
    for i in range(1, min(len(sent), 20)):
        yield [sent[:i], sent[i:]]


def check(port, name, sent, wanted, compress=False):
    for pieces in ways(sent):
        client = Client(port, compress)
        client.send(pieces)
        got = client.frames()
        assert got == wanted, f"{name}: in {len(pieces)} pieces: {got}, expected {wanted}"


def check_plain_request(port):
    """Who does not ask for a WebSocket is told what to ask for."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as s:
        s.sendall(b"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head = b"".join(iter(lambda: s.recv(65536), b"")).split(b"\r\n\r\n")[0]
    assert head.startswith(b"HTTP/1.1 426 "), head
    assert b"\r\nUpgrade: websocket" in head, head
    assert b"\r\nConnection: Upgrade, close" in head, head


def check_restart(port, server):
    """Others serve from now on: clients are told, and those whose message is thought about
    once that is done."""
    idle, busy = Client(port), Client(port, path="/slow")
    busy.send([frame(TEXT, b"hm")])
    server.send_signal(signal.SIGUSR2)
    assert idle.frame() == ends(1001, "the server restarts")
    got = [busy.frame() for _ in range(3)]
    assert got == [(TEXT, b"wait"), (TEXT, b"hm"), ends(1001, "the server restarts")], got
    for client in idle, busy:
        client.send([close(1001)])
        assert client.frames() == []


def check_farewell(port, server):
    """The server stops: clients are told, and may say goodbye. It does not wait for ever
    for one that does not."""
    polite, silent = Client(port), Client(port)
    server.terminate()
    for client in polite, silent:
        got = client.frame()
        assert got == ends(1001, "the server stops"), got
    assert not select.select([polite.sock, silent.sock], [], [], 0.2)[0], "it does not wait"
    polite.send([close(1001)])
    assert polite.frames() == []
    assert silent.frames() == []


def main():
    cruet, plugins, app = map(os.path.abspath, sys.argv[1:])
    env = {**os.environ, "CRUET_PLUGIN_PATH": plugins, "CRUET_SERVER__TRANSPORT": "event",
           "CRUET_SERVER__LISTEN": "127.0.0.1:0"}
    with subprocess.Popen([cruet, "run", app], env=env, stdout=subprocess.PIPE,
                          text=True) as server:
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        try:
            check_plain_request(port)
            for name, (sent, wanted, *more) in CASES.items():
                check(port, name, sent, wanted, **(more[0] if more else {}))
            check_restart(port, server)
            check_farewell(port, server)
        except BaseException:
            server.kill()
            raise
    assert server.returncode == 0, server.returncode
    print(len(CASES), "rules")


main()
