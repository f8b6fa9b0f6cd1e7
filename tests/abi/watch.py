"""watch.py RECORD INCLUDE LIBRARY NUMBER [--write] COMPILER...: what built plugins rely on is
what the record says: each function that the library exports, with its type, and each public
struct and enum. With --write the record is renewed.

RECORD/abi.xml is what abidw says of a small shared object that has a pointer of the type of
each of them: so what is compared are the headers, whatever the library was built with.
RECORD/include are the headers as they were when the plugin ABI got its number: plugins that
were built with them must still load.

A change within one number adds functions, types and enumerators, and lets those structs grow
at their end that begin with their size (and options, whose size the descriptor says)."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

import readelf

GROWS = {'cruet_option'}
NUMBER = re.compile(r'^#define CRUET_PLUGIN_ABI (\d+)u$', re.M)
TAG = re.compile(r'\b(struct|enum)\s+(cruet_\w+)\s*\{')
SIZED = re.compile(r'\bstruct\s+(cruet_\w+)\s*\{\s*uint32_t\s+size;')
TYPEDEFS = (re.compile(r'\}\s*(cruet_\w+)\s*;'), # of a struct, of a function, of others
            re.compile(r'\btypedef\b[^;{}()]*?\b(cruet_\w+)\s*[(;]'))


class Refused(Exception):
    pass


def headers(include):
    return sorted(os.path.relpath(path, include)
                  for path in glob.glob(include + '/**/*.h', recursive=True))


def read(path):
    with open(path, encoding='utf-8') as source:
        return source.read()


def code(include):
    """All public headers without their comments."""
    text = '\n'.join(read(os.path.join(include, name)) for name in headers(include))
    return re.sub(r'/\*.*?\*/', '', text, flags=re.S)


def abi_number(include):
    found = NUMBER.search(read(include + '/cruet/plugin.h'))
    if not found:
        raise Refused(f'{include}/cruet/plugin.h: no line "#define CRUET_PLUGIN_ABI 1u"')
    return int(found[1])


def source(include, names):
    """C that has one pointer for each name and each type."""
    text = code(include)
    lines = [f'#include "{name}"' for name in headers(include)]
    lines += [f'__typeof__({name}) *abi_{name};' for name in sorted(names)]
    lines += [f'{kind} {name} *abi_{kind}_{name};' for kind, name in sorted(set(TAG.findall(text)))]
    types = {name for pattern in TYPEDEFS for name in pattern.findall(text)}
    lines += [f'{name} *abi_type_{name};' for name in sorted(types)]
    if 'struct cruet_plugin *abi_struct_cruet_plugin;' not in lines:
        raise Refused(f'{include}: there is no struct cruet_plugin')
    return '\n'.join(lines) + '\n'


def write_abi(include, names, compiler, folder):
    """What abidw says, in a file there."""
    built, out = folder + '/cruet.so', folder + '/abi.xml'
    with open(folder + '/all.c', 'w') as f:
        f.write(source(include, names))
    made = subprocess.run([*compiler, '-std=gnu11', '-g', '-O0', '-fPIC', '-shared', '-nostdlib',
                           '-Wl,-soname,cruet', '-I' + os.path.abspath(include), '-o', built, 'all.c'],
                          cwd=folder, capture_output=True, text=True) # its path is recorded
    if made.returncode:
        raise Refused('the library exports what the public headers do not declare, or they do '
                      'not compile:\n' + made.stderr)
    readelf.run('abidw', '--no-corpus-path', '--no-comp-dir-path', '--no-show-locs',
                '--type-id-style', 'hash', '--out-file', out, built)
    return out


def differences(old, new, *options):
    """What abidiff has to say; '' if it is nothing."""
    said = subprocess.run(['abidiff', '--no-show-locs', *options, old, new],
                          capture_output=True, text=True)
    if said.returncode & 3:
        raise Refused(f'abidiff failed: {said.stderr or said.stdout}')
    return said.stdout if said.returncode else ''


def structs(tree):
    return {e.get('name'): e for e in tree.iter('class-decl') if e.get('size-in-bits')}


def cut(old, new, include, folder):
    """A copy of new in which structs that may grow at their end have not."""
    tree, before = ElementTree.parse(new), structs(ElementTree.parse(old))
    after, end = structs(tree), folder + '/cut.xml'
    for name in (set(SIZED.findall(code(include))) | GROWS) & before.keys() & after.keys():
        size = int(before[name].get('size-in-bits'))
        if int(after[name].get('size-in-bits')) <= size:
            continue
        after[name].set('size-in-bits', str(size))
        for member in after[name].findall('data-member'):
            if int(member.get('layout-offset-in-bits')) >= size:
                after[name].remove(member)
    tree.write(end)
    return end


def breaks(old, new, include, folder):
    """The same without what only adds to what was there."""
    return differences(old, cut(old, new, include, folder), '--no-added-syms')


def indented(text):
    return ''.join(f'  {line}\n' for line in text.splitlines())


def check_number(include, number):
    now = abi_number(include)
    if now != number:
        raise Refused(f'CRUET_PLUGIN_ABI is {now}, but plugin_abi in meson.build is {number}: '
                      'they are one number')
    return now


def check(record, include, names, compiler, now, folder):
    new, old = write_abi(include, names, compiler, folder), record + '/abi.xml'
    then = abi_number(record + '/include')
    if now != then:
        raise Refused(f'CRUET_PLUGIN_ABI is {now}, the record is of {then}: ./dev abi renews it')
    changed = differences(old, new, '--harmless', '--redundant')
    if not changed:
        return
    broken = breaks(old, new, include, folder)
    if broken:
        raise Refused(f'This breaks plugins that are built for plugin ABI {now}:\n'
                      f'{indented(broken)}'
                      'If that is wanted: raise CRUET_PLUGIN_ABI (and plugin_abi in meson.build), '
                      'then ./dev abi.')
    raise Refused(f'The ABI grew, and built plugins do not notice:\n{indented(changed)}'
                  './dev abi renews the record.')


def renew(record, include, names, compiler, now, folder):
    new, old = write_abi(include, names, compiler, folder), record + '/abi.xml'
    then = abi_number(record + '/include') if os.path.exists(old) else 0
    if now < then:
        raise Refused(f'CRUET_PLUGIN_ABI is {now}, the record is of {then}: it only rises')
    if now == then:
        broken = breaks(old, new, include, folder)
        if broken:
            raise Refused(f'Not renewed: this breaks plugins that are built for plugin ABI {now}:\n'
                          f'{indented(broken)}'
                          'Raise CRUET_PLUGIN_ABI (and plugin_abi in meson.build) first.')
    else:
        shutil.rmtree(record + '/include', ignore_errors=True)
        shutil.copytree(include, record + '/include',
                        ignore=lambda at, found: [n for n in found if n == 'meson.build'])
    shutil.copyfile(new, old)


def main(record, include, library, number, *more):
    compiler = [word for word in more if word != '--write']
    names = [name for name in readelf.exports(library) if name.startswith('cruet_')]
    with tempfile.TemporaryDirectory() as folder:
        now = check_number(include, int(number))
        act = renew if '--write' in more else check
        act(record, include, names, compiler, now, folder)


if __name__ == '__main__':
    try:
        main(*sys.argv[1:])
    except Refused as e:
        print(e)
        sys.exit(1)
