"""globals.py BUILD-DIR: plugins have no mutable state of their own, and export their
descriptor alone, which is constant."""
import glob
import os
import sys

import readelf

# What the compiler's start files bring along.
STARTFILES = {'completed.0', '__dso_handle', '__TMC_END__', '__bss_start', '_edata', '_end',
              '__data_start', 'data_start'}
MUTABLE = ('.data', '.bss', '.tdata', '.tbss')


def faults(path):
    name = os.path.basename(path)[:-len('.so')]
    sections = readelf.sections(path)
    for s in readelf.symbols(path):
        where = sections.get(s.section)
        if not where or s.kind in ('SECTION', 'FILE') or s.name in STARTFILES:
            continue
        if where.name in MUTABLE: # .data.rel.ro is made read-only once it is relocated
            yield f'{s.name} ({s.size} bytes in {where.name}) is mutable: put it into the state'
    for s in readelf.exports(path):
        if s != f'cruet_plugin_{name}':
            yield f'exports {s}: a plugin exports cruet_plugin_{name} alone'
    if f'cruet_plugin_{name}' not in readelf.exports(path):
        yield f'does not export cruet_plugin_{name}'


plugins = sorted(glob.glob(sys.argv[1] + '/plugins/*/*.so') +
                 glob.glob(sys.argv[1] + '/samples/own_plugin/*.so'))
found = [f'{path}: {text}' for path in plugins for text in faults(path)]
print(*found, sep='\n')
if not plugins:
    print('no plugins in', sys.argv[1])
sys.exit(1 if found or not plugins else 0)
