"""A site that serves for browsers, with a log of what was asked."""
import json
import os
import subprocess
import urllib.parse

from devtools import PATIENCE


class Site:
    """`cruet run app`, in the folder cwd, which forbids browsers nothing. Its log is in folder."""

    def __init__(self, folder, cruet, plugins, no_policy, app, cwd, **env):
        self.log = folder + "/access.log"
        self.process = subprocess.Popen(
            [cruet, "run", app], cwd=cwd, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "CRUET_PLUGIN_PATH": f"{plugins}:{os.path.dirname(no_policy)}",
                 "CRUET_PLUGINS__NO_POLICY__PLUGIN": "no_policy",
                 "CRUET_SERVER__LISTEN": "127.0.0.1:0", "CRUET_SERVER__CONTROL": "none",
                 "CRUET_PLUGINS__ACCESS_LOG__FILE": self.log,
                 "CRUET_PLUGINS__ACCESS_LOG__FORMAT": "json", **env})
        self.url = self.process.stdout.readline().split()[-1]

    def close(self):
        self.process.terminate()

    def ended(self):
        """All that was asked, in the order in which it was answered."""
        assert self.process.wait(PATIENCE) == 0, self.process.returncode
        with open(self.log) as file:
            return [json.loads(line) for line in file]
