"""A built `cruet` that serves by the event transport, for tests over real sockets."""

import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["CRUET_SOURCE"], "tests/cli"))
from driver import BUILD, HELLO, Cli, environment, main  # noqa: E402, F401


def quiet(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60)


class Server:
    """A `cruet run` of the test's folder, or with those arguments, and the ports of so many
    addresses where it serves."""

    def __init__(self, test, addresses=1, args=None, cwd=None):
        self.process = subprocess.Popen(
            [f"{BUILD}/core/cruet", "run", *(args or [test.folder])], env=environment(), cwd=cwd,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        test.addCleanup(self.kill)
        self.ports = {}
        for _ in range(addresses):
            line = self.process.stdout.readline()
            at = re.fullmatch(r"serving (https?)://127\.0\.0\.1:([0-9]+)\n", line)
            if not at:
                self.process.kill()
                raise AssertionError(f"{line!r} {self.process.communicate()[1]}")
            self.ports.setdefault(at[1], []).append(int(at[2]))

    def says(self, word):
        """Waits for a line in the log that has that word."""
        for line in self.process.stderr:
            if word in line:
                return line
        raise AssertionError(f"the log ended without {word!r}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def kill(self):
        self.process.kill()
        self.process.communicate()
