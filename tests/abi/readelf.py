"""What readelf says of a file, as Python has it."""
import collections
import re
import subprocess

Section = collections.namedtuple('Section', 'name kind size flags')
Symbol = collections.namedtuple('Symbol', 'name value size kind bind section')


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def sections(path):
    """index -> Section"""
    found = {}
    line = re.compile(r'\s*\[\s*(\d+)\]\s(.*?)\s+([A-Z_]+)\s+[0-9a-f]{16}\s+[0-9a-f]+\s+([0-9a-f]+)'
                      r'\s+[0-9a-f]+\s+([A-Zop]*)\s+\d+\s+\d+\s+\d+')
    for text in run('readelf', '--wide', '--section-headers', path).splitlines():
        m = line.match(text)
        if m:
            found[m[1]] = Section(m[2].strip(), m[3], int(m[4], 16), m[5])
    return found


def symbols(path, dynamic=False):
    table = '--dyn-syms' if dynamic else '--syms'
    found = []
    for text in run('readelf', '--wide', table, path).splitlines():
        words = text.split()
        if len(words) < 7 or not re.fullmatch(r'\d+:', words[0]):
            continue
        name = words[7] if len(words) > 7 else ''
        found.append(Symbol(name.split('@')[0], int(words[1], 16), int(words[2], 0), words[3],
                            words[4], words[6]))
    return found


def exports(path):
    """name -> kind of all that others can link to"""
    return {s.name: s.kind for s in symbols(path, dynamic=True)
            if s.section not in ('UND', 'ABS') and s.bind != 'LOCAL'}


def needed(path):
    text = run('readelf', '--wide', '--dynamic', path)
    return re.findall(r'\(NEEDED\).*\[(.*)\]', text)
