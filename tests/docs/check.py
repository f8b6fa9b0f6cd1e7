#!/usr/bin/env python3
"""Checks that what the documents show is true.

    check.py --source TREE --build BUILD [FILE.md ...]

Without files: README.md, docs/ and the READMEs of samples/ and plugins/.

  ```c                    a whole file: it compiles, warnings are errors. With
                          CRUET_APP it is the application of the section.
  ```c hello.c            the same, and it lies under that name where commands run
  ```c fragment           statements of a handler
  ```c fragment setup     statements of a CRUET_APP; handlers may be undeclared
  ```c fragment file      declarations and functions; handlers may be undeclared
  ```json cruet.json      lies where commands run; other JSON has to be JSON
  ```console              lines "$ command" and the output they give; `cruet run`
                          stays in the background, `curl` talks to it, or else to
                          the last application; "..." stands for any text
  ```sh and others        not run

Files and commands share a folder per document; what is served ends with its
section (##). Links inside the tree have to lead somewhere, and every cruet_ name
has to stand in a public header."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import blocks
import commands

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-missing-field-initializers"]
FRAGMENT_WARNINGS = ["-Wall", "-Werror", "-Wno-unused-variable", "-Wno-unused-function",
                     "-Wno-unused-but-set-variable"]
STANDARD = ["-std=gnu11", "-D_GNU_SOURCE"]
SYSTEM_HEADERS = ["errno", "stdio", "stdlib", "string", "time", "unistd"]
HANDLER_END = "return CRUET_OK;\n"


class Checker:
    def __init__(self, source, build, cc):
        self.source, self.build, self.cc = source, build, cc
        self.include = os.path.join(source, "include")
        self.names = blocks.public_names(self.include)
        self.failures = []
        self.checked = 0
        self.prepared = None  # the folder of prepare()

    def fail(self, doc, line, text):
        where = os.path.relpath(doc.path, self.source)
        self.failures.append(f"{where}:{line}: {text.rstrip()}")

    # --- one document ------------------------------------------------------------

    def check(self, path):
        try:
            doc = blocks.Document(path)
        except SyntaxError as e:
            self.failures.append(str(e))
            return
        self.links(doc)
        self.words(doc)
        with commands.Workspace(self.build, self.source) as ws:
            for section in doc.sections:
                ws.stop()
                ws.app = None
                for block in section.blocks:
                    self.block(doc, ws, block)

    def block(self, doc, ws, block):
        self.checked += 1
        if block.lang == "c":
            self.c(doc, ws, block)
        elif block.lang == "json":
            self.json(doc, ws, block)
        elif block.lang == "console":
            self.console(doc, ws, block)
        elif block.file:
            ws.write(block.file, block.text)

    def links(self, doc):
        for line, target in doc.links:
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            there = os.path.join(os.path.dirname(doc.path), path) if path else doc.path
            if not os.path.exists(there):
                self.fail(doc, line, f"the link leads nowhere: {target}")
            elif anchor and anchor not in blocks.Document(there).anchors:
                self.fail(doc, line, f"no such heading: {target}")

    def words(self, doc):
        for line, name in doc.names:
            known = name in self.names or name.startswith("cruet_plugin_")
            stem = name.endswith("_") and any(n.startswith(name) for n in self.names)
            setting = re.match(r"CRUET_[A-Z]+__", name) or name in ENVIRONMENT
            if not (known or stem or setting or name in OWN_NAMES):
                self.fail(doc, line, f"no public header has {name}")

    # --- C -------------------------------------------------------------------------

    def compile(self, path, *flags):
        done = subprocess.run([self.cc, *STANDARD, f"-I{self.include}", *flags, "-S",
                               "-o", os.devnull, "-x", "c", path],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        return None if done.returncode == 0 else done.stdout

    def c(self, doc, ws, block):
        if block.words[:1] == ["fragment"]:
            self.fragment(doc, ws, block, (block.words[1:] or ["handler"])[0])
            return
        name = block.file or f"block{block.line}.c"
        path = ws.write(name, block.text)
        error = self.compile(path, *WARNINGS)
        if error:
            self.fail(doc, block.line, error.replace(path + ":", "line "))
        if re.search(r"^CRUET_APP\(", block.text, re.M):
            ws.stop()
            ws.app = name

    def fragment(self, doc, ws, block, kind):
        wrap = WRAPPERS.get(kind)
        if not wrap:
            self.fail(doc, block.line, f"fragment '{kind}': expected {', '.join(WRAPPERS)}")
            return
        handlers = set()
        headers = self.prepare()
        while True:
            text = "".join(map(declaration, sorted(handlers)))
            path = ws.write("fragment.c", text + wrap(block.text))
            error = self.compile(path, *FRAGMENT_WARNINGS, "-include", headers)
            unknown = set(re.findall(r"['‘](\w+)['’] undeclared", error or ""))
            if kind == "handler" or not unknown - handlers:
                break
            handlers |= unknown
        if error:
            self.fail(doc, block.line, error.replace(path + ":", "fragment line "))

    def prepare(self):
        """A header with all that fragments may use, compiled once for all of them."""
        if not self.prepared:
            self.prepared = tempfile.TemporaryDirectory(prefix="cruet-docs-")
            path = f"{self.prepared.name}/all.h"
            with open(path, "w", encoding="utf-8") as f:
                f.write(self.headers())
            subprocess.run([self.cc, *STANDARD, f"-I{self.include}", *FRAGMENT_WARNINGS, "-x",
                            "c-header", "-o", path + ".gch", path], check=True)
        return f"{self.prepared.name}/all.h"

    def headers(self):
        own = sorted(n for n in os.listdir(os.path.join(self.include, "cruet"))
                     if n.endswith(".h"))
        return "".join(f"#include <{h}.h>\n" for h in SYSTEM_HEADERS) + \
            "#include <cruet.h>\n" + "".join(f"#include <cruet/{h}>\n" for h in own)

    # --- the rest ------------------------------------------------------------------

    def json(self, doc, ws, block):
        text = re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/',
                      lambda m: m.group(1) or "", block.text, flags=re.S)
        try:
            json.loads(text)
        except ValueError as e:
            self.fail(doc, block.line, f"this is no JSON: {e}")
        if block.file:
            ws.write(block.file, block.text)

    def console(self, doc, ws, block):
        try:
            steps = commands.split(block.text)
        except SyntaxError as e:
            self.fail(doc, block.line, str(e))
            return
        for command, expected, offset in steps:
            line = block.line + offset
            try:
                got = ws.run(command)
            except (RuntimeError, subprocess.TimeoutExpired) as e:
                self.fail(doc, line, f"$ {command}\n{e}")
                return
            if not commands.matches(expected, got):
                self.fail(doc, line, f"$ {command}\n--- shown\n{expected}\n--- got\n{got}")


def declaration(name):
    """Of what a fragment takes from elsewhere: a plugin, or else a handler."""
    if name.startswith("cruet_plugin_"):
        return f"extern const cruet_plugin {name};\n"
    return f"int {name}(cruet_ctx *c);\n"


WRAPPERS = {
    "handler": lambda text: f"int handler(cruet_ctx *c)\n{{\n{text}{HANDLER_END}}}\n",
    "setup": lambda text: f"CRUET_APP(app)\n{{\n{text}}}\n",
    "file": lambda text: text,
}
# Variables of the environment that documents may name beside CRUET_SERVER__LISTEN
# and the like, and names that documents make up or that are no C.
ENVIRONMENT = {"CRUET_PLUGIN_PATH", "CRUET_PROFILE", "CRUET_INCLUDE_DIR", "CRUET_LIB_DIR",
               "CRUET_BUILD", "CRUET_SECRET_KEY", "CRUET_TEST_SITE"}
OWN_NAMES = {"CRUET_0", "cruet_schema"}


def all_documents(source):
    found = [os.path.join(source, "README.md")]
    for top in ["docs", "samples", "plugins"]:
        for folder, _, files in os.walk(os.path.join(source, top)):
            found += [os.path.join(folder, f) for f in files if f.endswith(".md")]
    return sorted(f for f in found if os.path.exists(f))


def main(argv=None):
    args = argparse.ArgumentParser()
    args.add_argument("--source", required=True)
    args.add_argument("--build", required=True)
    args.add_argument("--cc", default=os.environ.get("CC", "cc"))
    args.add_argument("files", nargs="*")
    opts = args.parse_args(argv)
    checker = Checker(os.path.abspath(opts.source), os.path.abspath(opts.build), opts.cc)
    for path in opts.files or all_documents(checker.source):
        checker.check(os.path.abspath(path))
    for failure in checker.failures:
        print(failure)
    print(f"{checker.checked} blocks, {len(checker.failures)} failures")
    return 1 if checker.failures or not checker.checked else 0


if __name__ == "__main__":
    sys.exit(main())
