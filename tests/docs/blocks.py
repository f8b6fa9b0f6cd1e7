"""Documents as the checker sees them: fenced blocks, sections, links, names."""

import os
import re
from dataclasses import dataclass, field

FENCE = re.compile(r"^( {0,3}|\t| {4,6})(`{3,})\s*(.*)$")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
LINK = re.compile(r"\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^()\s]+(?:\([^()]*\)[^()\s]*)?)\)")
NAME = re.compile(r"\b(cruet_[a-z0-9_]+|CRUET_[A-Z0-9_]+)\b")


@dataclass
class Block:
    lang: str
    words: list  # what follows the language: ["hello.c"], ["fragment", "setup"]
    text: str
    line: int    # of its first line, from 1

    @property
    def file(self):
        """The name that the block's text has on disk, or None."""
        if self.words and "." in self.words[0]:
            return self.words[0]
        return None


@dataclass
class Section:
    """What stands below one heading of level two, or before the first one."""
    title: str
    blocks: list = field(default_factory=list)


class Document:
    def __init__(self, path, text=None):
        self.path = path
        if text is None:
            with open(path, encoding="utf-8") as f:
                text = f.read()
        self.sections = [Section("")]
        self.anchors = set()
        self.links = []  # (line, target)
        self.names = []  # (line, cruet_... or CRUET_...), prose and code
        self._read(text.splitlines())

    def _read(self, lines):
        i = 0
        while i < len(lines):
            fence = FENCE.match(lines[i])
            if fence:
                i = self._block(lines, i, fence)
                continue
            self._prose(lines[i], i + 1)
            i += 1

    def _block(self, lines, i, fence):
        indent, ticks, info = fence.groups()
        start = i + 1
        end = start
        while end < len(lines) and lines[end].strip() != ticks:
            end += 1
        if end == len(lines):
            raise SyntaxError(f"{self.path}:{i + 1}: the block has no end")
        text = [ln[len(indent):] if ln.startswith(indent) else ln for ln in lines[start:end]]
        words = info.split()
        block = Block(words[0] if words else "", words[1:], "\n".join(text) + "\n", start + 1)
        self.sections[-1].blocks.append(block)
        if block.lang == "c":
            self._find_names("\n".join(text), start + 1)
        return end + 1

    def _prose(self, line, number):
        heading = HEADING.match(line)
        if heading:
            self.anchors.add(anchor(heading.group(2), self.anchors))
            if len(heading.group(1)) == 2:
                self.sections.append(Section(heading.group(2)))
        without_code = re.sub(r"`[^`]*`", "", line)
        self.links += [(number, m.group(1)) for m in LINK.finditer(without_code)]
        self._find_names(line, number)

    def _find_names(self, text, number):
        for offset, line in enumerate(text.split("\n")):
            self.names += [(number + offset, m.group(1)) for m in NAME.finditer(line)]


def anchor(title, taken=()):
    """The id that a heading gets where Markdown is shown."""
    text = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    name, n = text, 0
    while name in taken:
        n += 1
        name = f"{text}-{n}"
    return name


def public_names(include):
    """Every name that the public headers have."""
    names = set()
    for folder, _, files in os.walk(include):
        for name in files:
            if name.endswith(".h"):
                with open(os.path.join(folder, name), encoding="utf-8") as f:
                    text = f.read()
                names.update(NAME.findall(text))
                # X(ENOMEM, ...) in the list of errors makes CRUET_ENOMEM
                names.update("CRUET_" + n for n in re.findall(r"\bX\((E[A-Z]+),", text))
    return names
