"""What rendering costs in CPU time, beside Debian's Jinja2 and npm's nunjucks, which render
the same templates from the same data, read beforehand: a table of 1,000 rows, and a page with
inheritance, includes, macros and 50 escapes. The three are measured in turns; the median of
each is taken."""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PAGES = os.path.join(HERE, 'templates')


def table():
    return {'rows': [{'id': i, 'name': 'Person <%d>' % i, 'mail': 'p%d@example.org' % i,
                      'city': 'Smørum & Co', 'price': i * 1.25 + 0.1} for i in range(1000)]}


def page():
    return {'title': 'Things & <more>', 'shop': 'Corner "Shop"', 'year': 2026,
            'links': [{'url': '/a?b=%d&c' % i, 'text': 'Link & %d' % i, 'current': i == 2}
                      for i in range(6)],
            'items': [{'name': 'Item <%d>' % i, 'note': 'it\'s & "good"', 'state': 'new'}
                      for i in range(8)],
            'user': {'name': "Ann O'Hara", 'mail': 'ann@example.org', 'city': 'Köln <x>'}}


def once(command, env):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True,
                          env={**os.environ, **env})
    return json.loads(done.stdout)['ns']


def run(build, rounds=5, seconds='0.5'):
    folder = tempfile.mkdtemp(prefix='cruet-bench-')
    subprocess.run(['npm', 'install', '--silent', '--no-audit', '--no-fund', '--prefix', folder,
                    'nunjucks@3'], check=True, stdout=sys.stderr)
    env = {'NODE_PATH': os.path.join(folder, 'node_modules'),
           'LD_LIBRARY_PATH': os.path.join(build, 'core')}
    for name, data in (('table', table()), ('page', page())):
        path = os.path.join(folder, name + '.json')
        with open(path, 'w', encoding='utf-8') as f:
            json.dump(data, f)
        args = [PAGES, name + '.html', path, seconds]
        commands = {'cruet': [os.path.join(build, 'bench', 'bench_templates')],
                    'jinja2': ['/usr/bin/python3', os.path.join(HERE, 'templates_jinja2.py')],
                    'nunjucks': ['node', os.path.join(HERE, 'templates_nunjucks.js')]}
        times = {who: [] for who in commands}
        for _ in range(rounds):
            for who, command in commands.items():
                times[who].append(once(command + args, env))
        us = {who: statistics.median(times[who]) / 1e3 for who in times}
        print('templates  %-6s cruet %7.1f us  jinja2 %8.1f us, %.1f times  nunjucks %8.1f us, '
              '%.1f times' % (name, us['cruet'], us['jinja2'], us['jinja2'] / us['cruet'],
                              us['nunjucks'], us['nunjucks'] / us['cruet']), flush=True)
    shutil.rmtree(folder)
