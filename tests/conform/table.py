#!/usr/bin/env python3
"""table.py PROGRAMS DATA PAGE [FILE...]: runs every driver over its cases and
writes the figures into the table of PAGE (docs/conformance.md), between its two marks.
Further files of cases may be named: of templates if their name begins with jinja, else of
routing."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BEGIN, END = '<!-- figures: written by ./dev conform all -->', '<!-- end of figures -->'


def run(*command):
    out = subprocess.run([sys.executable, *command], capture_output=True, text=True).stdout
    lines = out.strip().splitlines()
    found = re.fullmatch(r'(\d+) passed, (\d+) failed', lines[-1] if lines else '')
    if not found:
        sys.exit('conform: %s ended without figures:\n%s' % (command[0], out[-2000:]))
    return int(found[1]), int(found[2]), lines


def main():
    programs, data, page = sys.argv[1:4]
    script = lambda name: os.path.join(HERE, name)
    cases = lambda name: os.path.join(data, name)
    flask = os.path.join(programs, 'conform_flask')
    rows = []

    def row(what, how, passed, failed):
        rows.append('| %s | %s | %d of %d | %.1f %% |'
                    % (what, how, passed, passed + failed, 100 * passed / (passed + failed)))

    routing = os.path.join(programs, 'conform_routing')
    row('`routing.json`', 'the router alone',
        *run(script('routing.py'), routing, cases('routing.json'))[:2])
    more_templates = [f for f in sys.argv[4:] if os.path.basename(f).startswith('jinja')]
    for more in sys.argv[4:]:
        if more in more_templates:
            continue
        row('`%s`' % os.path.basename(more), 'the router alone',
            *run(script('routing.py'), routing, more)[:2])
    row('`flask.json`', 'in process', *run(script('flask.py'), cases('flask.json'), '--cmd',
                                           flask + ' --cmd')[:2])
    row('`flask.json`', 'over civetweb', *run(script('flask.py'), cases('flask.json'), '--serve',
                                              flask + ' {app.json} {port}')[:2])
    passed, failed, lines = run(script('http.py'), os.path.join(programs, 'echo', 'conform_echo'),
                                cases('http.json'))
    for level in ('must', 'should', 'robust'):
        found = next(re.fullmatch(r'%s: (\d+) of (\d+)' % level, line) for line in lines
                     if line.startswith(level + ':'))
        row('`http.json`, level %s' % level, 'over civetweb', int(found[1]),
            int(found[2]) - int(found[1]))

    templates = os.path.join(programs, 'conform_templates')
    for more in [cases('jinja.json'), *more_templates]:
        row('`%s`' % os.path.basename(more), 'the engine alone',
            *run(script('templates.py'), templates, more)[:2])

    with open(page, encoding='utf-8') as f:
        text = f.read()
    head, rest = text.split(BEGIN)
    table = '\n'.join(['', '', '| Cases | How | Passed | |', '|---|---|---|---|', *rows, '', ''])
    with open(page, 'w', encoding='utf-8') as f:
        f.write(head + BEGIN + table + END + rest.split(END)[1])
    print('\n'.join(rows))


main()
