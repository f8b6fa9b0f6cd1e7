"""Runs the built `cruet` in a folder of its own and compares what it says.

A test is a method of a class that derives from Cli; main() runs a file's tests.
"""

import collections
import http.client
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BUILD = os.environ["CRUET_BUILD"]
SOURCE = os.environ["CRUET_SOURCE"]

workshop = tempfile.TemporaryDirectory(prefix="cruet-built-")
compiled = {} # what was built in it: source, text and flags -> path

Result = collections.namedtuple("Result", "code out err")

HELLO = """#include <cruet.h>

static int hello(cruet_ctx *c)
{
	return cruet_text(c, "hello\\n");
}

CRUET_APP(app)
{
	cruet_get(app, "/", hello);
}
"""


def environment(**more):
    """What a user's shell has, and where the built cruet is; nothing else."""
    keep = ("PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS")
    env = {k: os.environ[k] for k in keep if k in os.environ}
    env.update(
        LC_ALL="C.UTF-8",
        LD_LIBRARY_PATH=f"{BUILD}/core",
        LIBRARY_PATH=f"{BUILD}/testing",
        CRUET_INCLUDE_DIR=f"{SOURCE}/include",
        CRUET_LIB_DIR=f"{BUILD}/core",
        CRUET_LIBEXEC_DIR=f"{BUILD}/tools",
        CRUET_PLUGIN_PATH=f"{BUILD}/plugins",
    )
    env.update(more)
    return {k: v for k, v in env.items() if v is not None}


class Cli(unittest.TestCase):
    maxDiff = None
    longMessage = True

    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="cruet-test-"))
        os.chmod(self.folder, 0o700)
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        """A file below the test's folder, with the folders it needs."""
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as f:
            f.write(text)
        return self.path(name)

    def cruet(self, *args, cwd=".", **env):
        p = subprocess.run(
            [f"{BUILD}/core/cruet", *args],
            cwd=self.path(cwd),
            env=environment(**env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Result(p.returncode, p.stdout, p.stderr)

    def says(self, args, out, code=0, cwd=".", **env):
        """The command succeeds and writes exactly this."""
        r = self.cruet(*args, cwd=cwd, **env)
        self.assertEqual(r, Result(code, out, ""))

    def fails(self, args, err, code=1, cwd=".", **env):
        """It says exactly this on standard error, nothing on standard output."""
        r = self.cruet(*args, cwd=cwd, **env)
        self.assertEqual(r, Result(code, "", err))

    def misused(self, args, err, cwd=".", **env):
        self.fails(args, err, 2, cwd, **env)

    def build(self, source, *flags, to=None, anew=False):
        """Compiles a plugin or an application: source, a file that includes none of its folder,
        to .so, or to what is named. What was compiled before is copied, with the paths in its
        debug information, unless it is to be built anew."""
        so = self.path(to or os.path.splitext(source)[0] + ".so")
        with open(self.path(source)) as f:
            key = (source, f.read(), flags)
        if anew or key not in compiled:
            compiled[key] = f"{workshop.name}/{len(compiled)}"
            subprocess.run(
                ["cc", "-shared", "-fPIC", f"-I{SOURCE}/include", *flags, "-o", compiled[key],
                 self.path(source), f"-L{BUILD}/core", "-lcruet"],
                check=True,
            )
        shutil.copyfile(compiled[key], so)
        os.chmod(so, 0o700)
        return so

    def connect(self, s):
        c = http.client.HTTPConnection(s.host, s.port, timeout=30)
        self.addCleanup(c.close)
        return c

    def ends(self, pid):
        """Waits until there is no such process, which need not be a child of this one."""
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        self.addCleanup(os.close, fd)
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        self.assertTrue(poll.poll(30000), f"{pid} does not end")

    def eventually(self, call, *errors):
        """What it gives once it raises none of these (OSError) any more."""
        end = time.monotonic() + 30
        while True:
            try:
                return call()
            except errors or OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.005)

    def log_line(self, s, ending):
        """The log up to a line that ends so."""
        while True:
            line = s.process.stderr.readline()
            self.assertNotEqual(line, "", f"no line {ending!r}")
            if line.rstrip("\n").endswith(ending):
                return line


class Server:
    """A `cruet run`, or a program, that has said where it serves."""

    def __init__(self, test, *args, program=None, cwd=".", start_new_session=False, **env):
        command = [program] if program else [f"{BUILD}/core/cruet", "run"]
        self.process = subprocess.Popen(
            [*command, *args], cwd=test.path(cwd), env=environment(**env),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=start_new_session)
        test.addCleanup(self.kill)
        line = self.process.stdout.readline()
        at = re.fullmatch(r"serving http://([0-9.]+):([0-9]+)\n", line)
        if not at:
            self.process.stdout.close()
            raise AssertionError(f"{line!r} {self.process.stderr.read()}")
        self.host, self.port = at[1], int(at[2])

    def get(self, path="/", headers=()):
        """Status, headers and text."""
        c = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            c.request("GET", path, headers=dict(headers))
            r = c.getresponse()
            return r.status, r.headers, r.read().decode()
        finally:
            c.close()

    def text(self, path="/"):
        return self.get(path)[2]

    def stop(self, sig=signal.SIGTERM):
        """What it still said, and its exit code."""
        self.process.send_signal(sig)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err

    def kill(self):
        if self.process.returncode is None:
            self.process.kill()
        self.process.communicate()


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=1)
