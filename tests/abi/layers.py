"""layers.py SOURCE-DIR: includes point down only, civetweb is known to one place, and the
public headers stand on types.h alone."""
import glob
import os
import re
import sys

FLOORS = ['base', 'http', 'app', 'plugin', 'service', 'debug', 'server', 'cli']
# What a public header may include beside types.h.
STANDARD = {'stdbool.h', 'stddef.h', 'stdint.h', 'string.h'}
UMBRELLAS = {'include/cruet.h', 'include/cruet_test.h'}

os.chdir(sys.argv[1])
faults = []


def includes(path):
    with open(path, encoding='utf-8') as source:
        for number, line in enumerate(source, 1):
            m = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if m:
                yield number, m[1] == '"', m[2]


def sources(*folders):
    for folder in folders:
        for path in sorted(glob.glob(folder + '/**/*.[ch]', recursive=True)):
            yield path


def check_core(path):
    floor = FLOORS.index(path.split('/')[1])
    for number, quoted, name in includes(path):
        top = name.split('/')[0]
        if name == 'civetweb.h' and not re.fullmatch(r'core/server/civetweb\w*\.[ch]', path):
            faults.append(f'{path}:{number}: civetweb.h outside of core/server/civetweb*')
        if quoted and top in FLOORS and FLOORS.index(top) > floor:
            faults.append(f'{path}:{number}: {name} lies above {path.split("/")[1]}')
        if quoted and not os.path.exists('core/' + name) and not os.path.exists('include/' + name):
            faults.append(f'{path}:{number}: "{name}": name it from core/ or include/')


def check_guest(path):
    """Plugins and samples: the public headers, their own, those of the system."""
    for number, quoted, name in includes(path):
        own = os.path.exists(os.path.join(os.path.dirname(path), name))
        if name.split('/')[0] in FLOORS and not own:
            faults.append(f'{path}:{number}: {name} is inside the core')
        if name == 'civetweb.h':
            faults.append(f'{path}:{number}: civetweb.h outside of core/server/civetweb*')
        tests = name == 'suite.h' and '/test' in path
        if quoted and not own and not tests and not os.path.exists('include/' + name):
            faults.append(f'{path}:{number}: "{name}" is not beside it')


def check_public(path):
    for number, quoted, name in includes(path):
        if path not in UMBRELLAS and name != 'cruet/types.h' and name not in STANDARD:
            faults.append(f'{path}:{number}: {name}: a public header includes types.h alone')
    with open(path, encoding='utf-8') as source:
        code = re.sub(r'/\*.*?\*/', '', source.read(), flags=re.S)
    for word in re.findall(r'\b(?:mg_\w+|pthread_\w+|FILE|time_t|jmp_buf|va_list)\b', code):
        faults.append(f'{path}: {word} in a public header')


for path in sources('core'):
    if not path.startswith('core/cli/new/'): # files of sites that are to be, not of the core
        check_core(path)
for path in sources('plugins', 'samples', 'contract'):
    check_guest(path)
for path in sources('include'):
    check_public(path)
print(*faults, sep='\n')
sys.exit(1 if faults else 0)
