"""Completion is asked of the shells themselves, and the manual page of groff. What they know
is compared with what --help says, which shows the table of commands."""

import json
import os
import re
import shutil
import subprocess
import unittest

from driver import Cli, environment, main


class Completion(Cli):
    def setUp(self):
        super().setUp()
        out = self.cruet("--help").out
        usages = re.findall(r"^  ([a-z][a-z ]*?)(?: [A-Z\[b].*?)?  +\S", out, re.M)
        self.commands = {name: self.options(name) for name in usages}
        self.assertGreater(len(self.commands), 15)

    def options(self, name):
        r = self.cruet(*name.split(), "--help")
        self.assertEqual(r.code, 0, name)
        return set(re.findall(r"^  (?:-\w, |    )(--[a-z-]+)", r.out, re.M))

    def shell(self, *cmd, text=None):
        p = subprocess.run(cmd, cwd=self.folder, input=text, capture_output=True, text=True,
                           env=environment(HOME=self.folder, TERM="dumb"), timeout=60)
        self.assertEqual((p.returncode, p.stderr), (0, ""))
        return p.stdout

    def script(self, shell):
        r = self.cruet("completion", shell)
        self.assertEqual((r.code, r.err), (0, ""))
        return self.write(f"cruet.{shell}", r.out)

    def asked(self, lines):
        """What bash completes each line to; a line is words, the last one unfinished."""
        ask = "".join(
            "COMP_WORDS=(cruet " + " ".join(f"'{w}'" for w in words) + f") COMP_CWORD={len(words)}\n"
            "_cruet; echo \"${COMPREPLY[*]}\"\n" for words in lines)
        out = self.shell("bash", "--norc", "-c", f". ./cruet.bash\n{ask}").split("\n")[:-1]
        self.assertEqual(len(out), len(lines))
        return [set(line.split()) for line in out]

    def test_bash_knows_all_commands_and_options(self):
        self.script("bash")
        self.write("site.c", "")
        firsts = {name.split()[0] for name in self.commands}
        lines = [[""], ["plugins", ""], ["plugins", "l"], ["completion", ""], ["run", "si"],
                 ["run", "--cert", "si"], ["run", "--listen", "si"], ["run", "-c", "s"],
                 ["nothing", "--"], ["run", "site.c", "--pro"]]
        got = self.asked(lines + [[*name.split(), "--"] for name in self.commands])
        self.assertEqual(got[0], firsts | {"help"})
        self.assertEqual(got[1], {n.split()[1] for n in self.commands if n.startswith("plugins ")})
        self.assertEqual(got[2], {"list", "lock"})
        self.assertEqual(got[3], {"bash", "zsh", "fish"})
        self.assertEqual(got[4:8], [{"site.c"}, {"site.c"}, set(), {"site.c"}])
        self.assertEqual(got[8:10], [set(), {"--profile"}])
        self.assertEqual(dict(zip(self.commands, got[10:])), self.commands)

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh")
    def test_zsh_knows_all_commands_and_options(self):
        self.script("zsh")
        ask = "".join(f"words=(cruet {name} '') CURRENT=$#words\necho \"= {name}\"\n_cruet\n"
                      for name in self.commands)
        out = self.shell("zsh", "-f", "-c", "compdef() { }\n_arguments() { print -rl -- \"$@\" }\n"
                         "_describe() { print -rl -- \"${(@P)2}\" }\n. ./cruet.zsh\n" + ask +
                         "words=(cruet '') CURRENT=2\necho '= '\n_cruet\n")
        parts = dict(p.split("\n", 1) for p in out.split("= ")[1:])
        for name, options in self.commands.items():
            said = set(re.findall(r"(--[a-z-]+)", re.sub(r"\[[^]]*\]", "", parts[name])))
            self.assertEqual(said, options, name)
        for name in self.commands:
            self.assertRegex(parts[""], rf"(?m)^{name.split()[0]}:")

    @unittest.skipUnless(shutil.which("fish"), "there is no fish")
    def test_fish_knows_all_commands_and_options(self):
        self.script("fish")
        lines = ["", *self.commands]
        ask = "".join(f"echo '= {name}'\ncomplete -C 'cruet {name}{' --' if name else ''}'\n"
                      for name in lines)
        out = self.shell("fish", "--no-config", "-c", "source cruet.fish\n" + ask)
        parts = dict(p.split("\n", 1) for p in out.split("= ")[1:])
        for name, options in self.commands.items():
            self.assertEqual(set(re.findall(r"^(--[a-z-]+)", parts[name], re.M)), options, name)
        said = set(re.findall(r"^([a-z]+)", parts[""], re.M))
        self.assertEqual(said, {n.split()[0] for n in self.commands} | {"help"})

    def test_another_shell(self):
        self.misused(["completion", "tcsh"], "cruet completion: 'tcsh': expected bash, zsh or fish\n"
                                             "Try: cruet completion --help\n")

    # --- the manual page -----------------------------------------------------------------------

    @unittest.skipUnless(shutil.which("groff"), "there is no groff")
    def test_the_manual_page_has_all_of_it_and_no_warnings(self):
        r = self.cruet("manual")
        self.assertEqual((r.code, r.err), (0, ""))
        page = self.shell("groff", "-man", "-Tascii", "-ww", "-P-c", "-rLL=200n", text=r.out)
        page = re.sub(".\b", "", page)
        for name, options in self.commands.items():
            start = re.search(rf"^ +cruet {name}(?: [\[A-Zb].*)?$", page, re.M)
            self.assertIsNotNone(start, name)
            section = re.split(r"\n   (?=\S)", page[start.end():])[0]
            for option in options - {"--help"}:
                self.assertRegex(section, rf"\n +(?:-\w, )?{option}\b", name)

    @unittest.skipUnless(shutil.which("man"), "there is no man")
    def test_man_shows_it_without_warnings(self):
        self.write("cruet.1", self.cruet("manual").out)
        p = subprocess.run(["man", "--warnings", "-l", "cruet.1"], cwd=self.folder,
                           capture_output=True, text=True,
                           env=environment(MANWIDTH="80", PAGER="cat", MAN_KEEP_FORMATTING=None))
        self.assertEqual((p.returncode, p.stderr), (0, ""))
        self.assertIn("cruet - runs web applications in C", p.stdout)

    # --- what programs read ----------------------------------------------------------------------

    def test_lists_are_json_where_a_program_reads(self):
        self.write("site.c", "#include <cruet.h>\nstatic int f(cruet_ctx *c, int n, char **v)\n"
                             "{ (void)c, (void)n, (void)v; return 0; }\n"
                             'CRUET_APP(app) { cruet_command(app, "go", "goes", f); }\n')
        self.write("cruet.json", '{"secret_key": "0123456789abcdef", "plugins": {"health": {}}}')
        says = {}
        for name in ("config", "commands", "plugins list", "version"):
            r = self.cruet(*name.split(), "--json")
            self.assertEqual((r.code, r.err), (0, ""), name)
            says[name] = json.loads(r.out)
        self.assertEqual(says["commands"], [{"command": "go", "of": "the application", "what": "goes"}])
        self.assertIn({"setting": "server.threads", "value": "64", "from": "default"}, says["config"])
        self.assertIn({"setting": "secret_key", "value": "********", "from": "cruet.json:1:16"},
                      says["config"])
        self.assertIn({"setting": "server.name", "value": None, "from": "default"}, says["config"])
        self.assertEqual([p["state"] for p in says["plugins list"] if p["name"] == "health"],
                         ["attached"])
        self.assertEqual(says["version"][0]["what"], "cruet")

    # --- colour --------------------------------------------------------------------------------

    def on_a_terminal(self, *args, **env):
        """What a command writes where a person looks."""
        ours, theirs = os.openpty()
        env = environment(TERM="xterm", **env)
        p = subprocess.Popen([f"{os.environ['CRUET_BUILD']}/core/cruet", *args], cwd=self.folder,
                             env=env, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        text = b""
        try:
            while piece := os.read(ours, 4096):
                text += piece
        except OSError: # the other end is closed
            pass
        os.close(ours)
        p.wait()
        return text.decode()

    def test_colour_is_for_terminals_alone(self):
        self.write("cruet.json", '{"srver": 1, "app": "gone.c"}')
        self.assertIn("\033[", self.on_a_terminal("check"))
        self.assertNotIn("\033[", self.on_a_terminal("check", NO_COLOR="1"))
        self.assertNotIn("\033[", self.cruet("check", TERM="xterm").out)


main()
