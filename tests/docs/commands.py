"""Running what documents show: commands with their output, and the server that
they talk to."""

import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

TIMEOUT = 30
PORT = 8000  # the one that documents write


def environment(build, source):
    """The one of ./dev exec: this tree's cruet, headers, library and plugins."""
    env = dict(os.environ)

    def prepend(name, value):
        env[name] = value + (":" + env[name] if env.get(name) else "")

    prepend("PATH", os.path.join(build, "core"))
    prepend("PKG_CONFIG_PATH", os.path.join(build, "meson-uninstalled"))
    prepend("LD_LIBRARY_PATH", os.path.join(build, "core"))
    prepend("LIBRARY_PATH", os.path.join(build, "testing"))
    prepend("CRUET_PLUGIN_PATH", plugin_path(build))
    env["CRUET_INCLUDE_DIR"] = os.path.join(source, "include")
    env["CRUET_LIB_DIR"] = os.path.join(build, "core")
    env["CRUET_LIBEXEC_DIR"] = os.path.join(build, "tools")
    env["LC_ALL"] = "C.UTF-8"
    for name in list(env):
        if name.startswith("CRUET_") and "__" in name:
            del env[name]
    return env


def plugin_path(build):
    plugins = os.path.join(build, "plugins")
    return ":".join([plugins] + sorted(
        os.path.join(plugins, d) for d in os.listdir(plugins)
        if os.path.isdir(os.path.join(plugins, d))))


def matches(expected, got):
    """Compares line by line. "..." in a line stands for any text, and a line that is
    "..." alone for any number of lines."""
    want = [ln.rstrip() for ln in expected.rstrip("\n").split("\n")]
    have = [ln.rstrip() for ln in got.replace("\r", "").rstrip("\n").split("\n")]
    pattern = ""
    for ln in want:
        if ln == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(p) for p in ln.split("...")) + r"\n"
    return re.fullmatch(pattern, "\n".join(have) + "\n") is not None


def split(text):
    """[(command, expected output, offset of its line)] of a console block. A command
    goes on while its line ends with a backslash or it has an open quote."""
    steps = []
    lines = text.rstrip("\n").split("\n")
    i = 0
    while i < len(lines):
        if not lines[i].startswith("$ "):
            raise SyntaxError(f"expected a line that begins with '$ ', got: {lines[i]}")
        start, command = i, lines[i][2:]
        i += 1
        while i < len(lines) and (command.endswith("\\") or command.count("'") % 2):
            command += "\n" + lines[i]
            i += 1
        output = []
        while i < len(lines) and not lines[i].startswith("$ "):
            output.append(lines[i])
            i += 1
        steps.append((command, "\n".join(output).strip("\n"), start))
    return steps


class Server:
    """`cruet run FILE` in a folder, on a free port."""

    def __init__(self, command, cwd, env):
        self.output = b""
        self.process = subprocess.Popen(
            command + " --listen 127.0.0.1:0", shell=True, cwd=cwd, env=env,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self.port = self._wait_for_address()

    def _wait_for_address(self):
        deadline = time.monotonic() + TIMEOUT
        pipe = self.process.stdout
        while time.monotonic() < deadline:
            if select.select([pipe], [], [], 0.5)[0]:
                piece = os.read(pipe.fileno(), 65536)
                if not piece:
                    break
                self.output += piece
            found = re.search(rb"http://127\.0\.0\.1:(\d+)", self.output)
            if found:
                return int(found.group(1))
        self.stop()
        raise RuntimeError("the server did not start: " +
                           self.output.decode(errors="replace").strip())

    def text(self):
        return self.output.decode(errors="replace").replace(f":{self.port}", f":{PORT}")

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


class Workspace:
    """A folder where a section's files lie and its commands run."""

    def __init__(self, build, source):
        self.folder = tempfile.mkdtemp(prefix="cruet-docs-")
        self.env = environment(build, source)
        self.server = None
        self.app = None  # the file that `curl` talks to

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self):
        if self.server:
            self.server.stop()
            self.server = None

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def serve(self, command):
        self.stop()
        self.server = Server(command, self.folder, self.env)
        return self.server.text()

    def run(self, command):
        """The output of a command, errors included."""
        if re.match(r"cruet run\b", command):
            return self.serve(command)
        if re.search(r"\bcurl ", command):
            if not self.server:
                if not self.app:
                    raise RuntimeError("no application stands before this curl")
                self.serve(f"cruet run {self.app}")
            command = re.sub(r"\bcurl ", "curl -sS ", command)
            command = re.sub(rf":{PORT}\b", f":{self.server.port}", command)
        done = subprocess.run(["sh", "-c", command], cwd=self.folder, env=self.env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIMEOUT, check=False)
        out = done.stdout.decode(errors="replace")
        return out.replace(f":{self.server.port}", f":{PORT}") if self.server else out
