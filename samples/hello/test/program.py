"""The program serves, and ends well when it is asked to."""

import os
import re
import signal
import subprocess
import sys
import urllib.request

env = dict(os.environ, CRUET_SERVER__LISTEN="127.0.0.1:0")
with subprocess.Popen([sys.argv[1]], env=env, stdout=subprocess.PIPE, text=True) as program:
    address = re.search(r"http://\S+", program.stdout.readline()).group()
    with urllib.request.urlopen(address + "/hello/Ada") as reply:
        assert reply.read() == b"Hello, Ada!\n", "another reply"
    program.send_signal(signal.SIGTERM)
    code = program.wait()
assert code == 0, f"exit code {code}"
