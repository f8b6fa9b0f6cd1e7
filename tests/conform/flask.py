#!/usr/bin/env python3
"""Runs a flask.json against a server under test.  Standard library only.

    flask.py FILE --serve "PROG {app.json} {port}" [--cat RE] [--id RE] [-v]
    flask.py FILE --cmd "PROG" [...]

--serve: PROG is started once for each application; requests go over sockets,
targets exactly as written.  --cmd: PROG reads one JSON line
{"name","app","steps":[{"send"}]} and answers one line {"replies":[{"status",
"headers":[[k,v]],"body_b64"}]}; an application stays the same object (its
trace, too) for lines with the same name.
"""
import argparse
import base64
import email.utils
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time

TIMEOUT = float(os.environ.get("FLASK_RUN_TIMEOUT", "6"))


# ---- files of an application -------------------------------------------------
def lay_out(app, root):
    for name, f in app.get("files", {}).items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(f, str):
            f = {"text": f}
        if "symlink" in f:
            os.symlink(f["symlink"], path)
            continue
        data = base64.b64decode(f["base64"]) if "base64" in f else f.get("text", "").encode()
        if "repeat" in f:
            data *= f["repeat"]
        with open(path, "wb") as h:
            h.write(data)
        t = f.get("mtime", 1704164645)
        os.utime(path, (t, t))


# ---- one request over a socket -----------------------------------------------
def body_of(send):
    if "body_parts" in send:
        return b"".join(t.encode("latin-1") * n for t, n in send["body_parts"])
    if "chunked" in send:
        return "".join(send["chunked"]).encode("latin-1")
    if "body_b64" in send:
        return base64.b64decode(send["body_b64"])
    return send.get("body", "").encode("latin-1")


def raw_request(send):
    """The bytes of a request."""
    heads = [list(h) for h in send.get("headers", [])]
    names = {h[0].lower() for h in heads}
    body = body_of(send)
    if "host" not in names and not send.get("no_host"):
        heads.insert(0, ["Host", "localhost"])
    if "chunked" in send:
        heads.append(["Transfer-Encoding", "chunked"])
        body = b"".join(b"%x\r\n%s\r\n" % (len(c.encode("latin-1")), c.encode("latin-1"))
                        for c in send["chunked"]) + b"0\r\n\r\n"
    elif "content-length" not in names and (body or send.get("method", "GET") in ("POST", "PUT", "PATCH")):
        heads.append(["Content-Length", str(len(body))])
    heads.append(["Connection", "close"])
    top = "%s %s HTTP/1.1\r\n" % (send.get("method", "GET"), send["target"])
    top += "".join("%s: %s\r\n" % (k, v) for k, v in heads) + "\r\n"
    return top.encode("latin-1") + body


def exchange(port, send):
    """{"status","headers","body"}; status 0: no reply; "broken": cut short."""
    s = socket.create_connection(("127.0.0.1", port), TIMEOUT)
    s.settimeout(TIMEOUT)
    if hasattr(socket, "TCP_QUICKACK"):     # a server that writes twice does not wait 40 ms
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    buf = b""
    try:
        try:
            s.sendall(raw_request(send))
        except OSError:
            pass
        f = s.makefile("rb")
        try:
            while True:
                line = f.readline(65536)
                m = re.match(rb"HTTP/1\.[01] (\d{3})", line)
                if not m:
                    return {"status": 0, "headers": [], "body": b"", "broken": True}
                status, heads = int(m.group(1)), []
                while True:
                    line = f.readline(65536)
                    if line in (b"\r\n", b"\n", b""):
                        break
                    k, _, v = line.decode("latin-1").partition(":")
                    heads.append([k.strip(), v.strip()])
                if status >= 200:
                    break
            low = {}
            for k, v in heads:
                low.setdefault(k.lower(), v)
            broken = False
            if send.get("method") == "HEAD" or status in (204, 304):
                s.settimeout(0.5)   # nothing may follow
                try:
                    buf = f.read()
                except OSError:     # still open
                    pass
            elif "chunked" in low.get("transfer-encoding", "").lower():
                while True:
                    n = f.readline().split(b";")[0].strip()
                    if not n:
                        broken = True
                        break
                    n = int(n, 16)
                    if n == 0:
                        break
                    part = f.read(n)
                    buf += part
                    if len(part) < n:
                        broken = True
                        break
                    f.readline()
            elif "content-length" in low:
                n = int(low["content-length"])
                buf = f.read(n)
                broken = len(buf) < n
            else:
                buf = f.read()
            return {"status": status, "headers": heads, "body": buf, "broken": broken}
        except (OSError, ValueError):
            return {"status": 0, "headers": [], "body": buf, "broken": True}
    finally:
        s.close()


# ---- cookies -----------------------------------------------------------------
def parse_set_cookie(v):
    parts = v.split(";")
    name, _, value = parts[0].strip().partition("=")
    c = {"name": name, "value": value}
    for p in parts[1:]:
        k, eq, x = p.strip().partition("=")
        k = {"max-age": "Max-Age", "httponly": "HttpOnly", "samesite": "SameSite"}.get(k.lower(), k.capitalize())
        c[k] = x if eq else True
    return c


class Jar:
    def __init__(self):
        self.c = {}

    def take(self, reply):
        for k, v in reply["headers"]:
            if k.lower() == "set-cookie":
                c = parse_set_cookie(v)
                gone = str(c.get("Max-Age")) == "0"
                if "Expires" in c:
                    d = email.utils.parsedate_tz(c["Expires"])
                    gone = gone or (d is not None and email.utils.mktime_tz(d) < 86400)
                if gone:
                    self.c.pop(c["name"], None)
                else:
                    self.c[c["name"]] = c["value"]

    def header(self):
        return "; ".join("%s=%s" % x for x in self.c.items())


def flip(v):
    """Another value of the same length: one character in the middle changed."""
    i = max(0, len(v) - 5)
    return v[:i] + ("A" if v[i:i + 1] != "A" else "B") + v[i + 1:]


def fill(text, jar, last):
    def sub(m):
        kind, _, name = m.group(1).partition(":")
        if kind == "cookie":
            return jar.c.get(name, "")
        if kind == "flip":
            return flip(jar.c.get(name, ""))
        if kind == "header":
            for k, v in (last or {"headers": []})["headers"]:
                if k.lower() == name.lower():
                    return v
        return ""
    return re.sub(r"\$\{([^}]*)\}", sub, text)


# ---- comparing ---------------------------------------------------------------
def same(a, b):
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return a == b


def values(reply, name):
    return [v for k, v in reply["headers"] if k.lower() == name.lower()]


def tokens(lines):
    return sorted({t.strip().lower() for v in lines for t in v.split(",") if t.strip()})


def seconds(date):
    d = email.utils.parsedate_tz(date) if date else None
    return email.utils.mktime_tz(d) if d else None


def check(expect, reply):
    """A list of differences."""
    bad = []
    if "status" in expect:
        want = expect["status"] if isinstance(expect["status"], list) else [expect["status"]]
        if reply["status"] not in want:
            bad.append("status %s, expected %s" % (reply["status"], expect["status"]))
    now = seconds((values(reply, "Date") or [None])[0]) or int(time.time())
    for name, want in expect.get("headers", {}).items():
        got = values(reply, name)
        if want is None:
            ok = not got
        elif isinstance(want, list):
            ok = got == want
        elif isinstance(want, dict) and "set" in want:
            ok = bool(got or not want["set"]) and tokens(got) == tokens(want["set"])
        elif isinstance(want, dict) and "has" in want:
            ok = all(t.lower() in tokens(got) for t in want["has"])
        elif isinstance(want, dict) and "match" in want:
            ok = len(got) == 1 and re.fullmatch(want["match"], got[0]) is not None
        elif isinstance(want, dict) and "in" in want:
            t = seconds(got[0]) if got else None
            ok = t is not None and abs(t - now - want["in"]) <= 3
        elif name.lower() == "content-type":
            ok = len(got) == 1 and re.sub(r"\s*;\s*", "; ", got[0]).lower() == want.lower()
        else:
            ok = bool(got) and ", ".join(got) == want
        if not ok:
            bad.append("%s: %r, expected %r" % (name, got, want))
    sets = {}
    for v in values(reply, "Set-Cookie"):
        c = parse_set_cookie(v)
        sets.setdefault(c["name"], []).append(c)
    for name, want in expect.get("cookies", {}).items():
        got = sets.get(name)
        if want is None:
            if got:
                bad.append("cookie %s set: %r" % (name, got))
            continue
        if not got:
            bad.append("cookie %s not set" % name)
            continue
        c = got[-1]
        for k, x in want.items():
            if k == "deleted":
                t = seconds(c.get("Expires"))
                ok = (str(c.get("Max-Age")) == "0" or (t is not None and t < now)) == x
            elif isinstance(x, dict) and "in" in x:
                t = seconds(c.get(k))
                ok = t is not None and abs(t - now - x["in"]) <= 3
            elif x is None or x is False:
                ok = k not in c
            elif x is True:
                ok = k in c
            elif k == "Expires":
                ok = seconds(c.get(k)) == seconds(x)
            else:
                ok = str(c.get(k)) == str(x)
            if not ok:
                bad.append("cookie %s %s: %r, expected %r" % (name, k, c.get(k), x))
    body = reply["body"]
    if expect.get("absent_body") and body:
        bad.append("body of %d bytes, expected none" % len(body))
    if "body" in expect and body != expect["body"].encode():
        bad.append("body %r, expected %r" % (body[:200], expect["body"][:200]))
    if "body_b64" in expect and body != base64.b64decode(expect["body_b64"]):
        bad.append("body %r, expected %r" % (body[:200], base64.b64decode(expect["body_b64"])[:200]))
    if "contains" in expect and expect["contains"].encode() not in body:
        bad.append("body %r does not contain %r" % (body[:200], expect["contains"]))
    if "lacks" in expect and expect["lacks"].encode() in body:
        bad.append("body contains %r" % expect["lacks"])
    if "max_body" in expect and len(body) > expect["max_body"]:
        bad.append("body of %d bytes, at most %d expected" % (len(body), expect["max_body"]))
    if "json" in expect:
        try:
            got = json.loads(body)
            if not same(got, expect["json"]):
                bad.append("json %s, expected %s" % (json.dumps(got)[:300], json.dumps(expect["json"])[:300]))
        except ValueError:
            bad.append("body %r is not JSON, expected %s" % (body[:200], json.dumps(expect["json"])[:200]))
    if "broken" in expect:
        if bool(reply.get("broken")) != expect["broken"]:
            bad.append("reply %s" % ("cut short" if reply.get("broken") else "not cut short"))
    elif reply.get("broken") and reply["status"] not in (0,):
        bad.append("reply cut short")
    return bad


# ---- cases -------------------------------------------------------------------
def is_trace(send):
    return send["target"] == "/__trace"


def run_case(case, ask, wait=True):
    """[(reply, differences)] for the steps of a case; ask(send) -> reply."""
    jar, last, out = Jar(), None, []
    if any(is_trace(st["send"]) for st in case["steps"]):
        if wait:
            time.sleep(0.02)
        ask({"method": "GET", "target": "/__trace"})
    for st in case["steps"]:
        send = dict(st["send"])
        send["target"] = fill(send["target"], jar, last)
        send["headers"] = [[k, fill(v, jar, last)] for k, v in send.get("headers", [])]
        if case.get("jar") and jar.c and not any(k.lower() == "cookie" for k, _ in send["headers"]):
            send["headers"].append(["Cookie", jar.header()])
        if st.get("sleep"):
            time.sleep(st["sleep"])
        if is_trace(send) and wait:
            time.sleep(0.04)
        reply = ask(send)
        want = st.get("expect", {}).get("json")
        if is_trace(send) and wait and isinstance(want, list):
            # work after the reply (teardown) may still be going on
            for _ in range(10):
                try:
                    got = json.loads(reply["body"])
                except ValueError:
                    break
                if not isinstance(got, list) or len(got) >= len(want):
                    break
                time.sleep(0.06)
                more = ask(send)
                try:
                    reply["body"] = json.dumps(got + json.loads(more["body"])).encode()
                except ValueError:
                    break
        if not is_trace(send):
            jar.take(reply)
            last = reply
        out.append((reply, check(st.get("expect", {}), reply)))
    return out


class Server:
    def __init__(self, prog, name, app):
        self.dir = tempfile.mkdtemp(prefix="flaskrun.")
        root = os.path.join(self.dir, "root")
        os.mkdir(root)
        lay_out(app, root)
        path = os.path.join(self.dir, "app.json")
        with open(path, "w") as f:
            json.dump({**app, "name": name, "root": root}, f)
        s = socket.socket()
        s.bind(("127.0.0.1", 0))
        self.port = s.getsockname()[1]
        s.close()
        if "{port}" not in prog:
            prog += " {app.json} {port}"
        cmd = prog.replace("{app.json}", shlex.quote(path)).replace("{app}", shlex.quote(path))
        self.cmd = shlex.split(cmd.replace("{port}", str(self.port)))
        self.start()

    def start(self):
        self.proc = subprocess.Popen(self.cmd, stdin=subprocess.DEVNULL, stdout=sys.stderr)

    def ready(self):
        end = time.time() + 15
        while time.time() < end:
            if self.proc.poll() is not None:
                return False
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                time.sleep(0.02)
        return False

    def ask(self, send):
        try:
            return exchange(self.port, send)
        except OSError:
            return {"status": 0, "headers": [], "body": b"", "broken": True}

    def stop(self):
        if self.proc.poll() is None:
            self.proc.terminate()
            try:
                self.proc.wait(3)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


class Command:
    """One process for all applications, JSON lines."""

    def __init__(self, prog):
        self.proc = subprocess.Popen(shlex.split(prog), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.dir = tempfile.mkdtemp(prefix="flaskrun.")

    def use(self, name, app):
        root = os.path.join(self.dir, re.sub(r"\W", "_", name))
        os.makedirs(root)
        lay_out(app, root)
        self.name, self.app = name, {**app, "name": name, "root": root}

    def ask(self, send):
        send = {"method": send.get("method", "GET"), "target": send["target"], "headers": send.get("headers", []),
                "body_b64": base64.b64encode(body_of(send)).decode(), **{k: send[k] for k in ("no_host", "chunked") if k in send}}
        line = {"name": self.name, "app": self.app, "steps": [{"send": send}]}
        try:
            self.proc.stdin.write(json.dumps(line) + "\n")
            self.proc.stdin.flush()
            r = json.loads(self.proc.stdout.readline())["replies"][0]
            return {"status": r["status"], "headers": r["headers"], "body": base64.b64decode(r.get("body_b64", "")),
                    "broken": r.get("broken", False)}
        except (OSError, ValueError, KeyError, IndexError):
            return {"status": 0, "headers": [], "body": b"", "broken": True}

    def stop(self):
        self.proc.stdin.close()
        self.proc.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("file", nargs="+")
    ap.add_argument("--serve")
    ap.add_argument("--cmd")
    ap.add_argument("--cat")
    ap.add_argument("--id")
    ap.add_argument("--not", dest="leave", help="leave out the cases whose ids match")
    ap.add_argument("--app")
    ap.add_argument("--no-deviations", action="store_true", help="leave out the cases marked deviation")
    ap.add_argument("--flask", action="store_true", help="compare deviations with what Flask did")
    ap.add_argument("-v", action="store_true")
    ap.add_argument("-q", action="store_true", help="no line for each failure")
    a = ap.parse_args()
    if bool(a.serve) == bool(a.cmd):
        ap.error("one of --serve and --cmd")
    apps, cases = {}, []
    for name in a.file:
        with open(name) as f:
            d = json.load(f)
        apps.update(d["apps"])
        cases += d["cases"]
    todo = {}
    for c in cases:
        if (a.cat and not re.search(a.cat, c["cat"])) or (a.id and not re.search(a.id, c["id"])) \
                or (a.leave and re.search(a.leave, c["id"])) \
                or (a.app and not re.search(a.app, c["app"])) or (a.no_deviations and "deviation" in c):
            continue
        if a.flask and "deviation" in c:
            c = {**c, "steps": [{**st, "expect": st.get("flask", st.get("expect", {}))} for st in c["steps"]]}
        todo.setdefault(c["app"], []).append(c)
    count, failed = {}, []
    command = Command(a.cmd) if a.cmd else None
    names = list(todo)
    nxt = Server(a.serve, names[0], apps[names[0]]) if a.serve and names else None
    for i, name in enumerate(names):
        if command:
            command.use(name, apps[name])
            ask, up = command.ask, True
        else:
            srv = nxt       # the next one starts while this one works
            nxt = Server(a.serve, names[i + 1], apps[names[i + 1]]) if i + 1 < len(names) else None
            ask, up = srv.ask, srv.ready()
            if not up:
                print("%s: the server did not start" % name)
        for c in todo[name]:
            n = count.setdefault(c["cat"], [0, 0])
            bad = []
            if not up:
                bad = ["server did not start"]
            else:
                for k, (reply, diff) in enumerate(run_case(c, ask, not command)):
                    s = c["steps"][k]["send"]
                    bad += ["step %d (%s %s): %s" % (k + 1, s.get("method", "GET"), s["target"][:80], d) for d in diff]
                if not command and srv.proc.poll() is not None:
                    bad.append("the server ended with %s; started again" % srv.proc.returncode)
                    srv.start()
                    up = srv.ready()
            n[1 if bad else 0] += 1
            if bad:
                failed.append(c)
            if (bad and not a.q) or a.v:
                print("%s %s%s" % ("FAIL" if bad else "ok", c["id"],
                                   " [%s]" % c["deviation"] if "deviation" in c else ""))
                for b in bad:
                    print("     " + b)
        if not command:
            srv.stop()
    if command:
        command.stop()
    for cat in sorted(count):
        print("%-24s %4d passed %4d failed" % (cat, *count[cat]))
    print("%d passed, %d failed" % (sum(n[0] for n in count.values()), len(failed)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
