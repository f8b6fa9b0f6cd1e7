"""layout.py INCLUDE-DIR LIST [--write] COMPILER...: sizes and offsets of the public structs
and values of the public enums are those of the list. They are read from what the compiler
writes for debuggers about a file that includes every public header."""
import glob
import os
import re
import sys
import tempfile

import readelf
import record

include, listing = sys.argv[1:3]
compiler = [word for word in sys.argv[3:] if word != '--write']


def debug_info():
    with tempfile.TemporaryDirectory() as folder:
        source, built = folder + '/all.c', folder + '/all.o'
        with open(source, 'w') as out:
            for path in sorted(glob.glob(include + '/**/*.h', recursive=True)):
                out.write(f'#include "{os.path.relpath(path, include)}"\n')
        readelf.run(*compiler, '-std=c11', '-g', '-fno-eliminate-unused-debug-types',
                    '-I' + include, '-c', '-o', built, source)
        return readelf.run('readelf', '--debug-dump=info', '--wide', built)


def entries(text):
    """Each entry: its depth, offset, tag and attributes as (form stripped) texts."""
    entry = None
    for line in text.splitlines():
        head = re.match(r'\s*<([0-9a-f]+)><([0-9a-f]+)>: Abbrev Number: \d+ \((DW_TAG_\w+)\)', line)
        if head:
            entry = (int(head[1], 16), int(head[2], 16), head[3], {})
            yield entry
            continue
        more = re.match(r'\s*<[0-9a-f]+>\s+DW_AT_(\w+)\s*:\s*(?:\(\w+\)\s*)?(.*)', line)
        if more and entry: # a text stands behind where it is kept: "(offset: 0x12): text"
            entry[3][more[1]] = re.sub(r'^\([^)]*\):\s*', '', more[2]).strip()


def number(text):
    return int(text.split()[0], 0)


def target(attributes):
    """The offset of the entry that DW_AT_type names, or None."""
    m = re.search(r'<0x([0-9a-f]+)>', attributes.get('type', ''))
    return int(m[1], 16) if m else None


found = list(entries(debug_info()))
by_offset = {e[1]: e for e in found}
names = {target(e[3]): e[3]['name'] for e in found if e[2] == 'DW_TAG_typedef'}


def size_of(entry):
    tag, attributes = entry[2], entry[3]
    if tag == 'DW_TAG_pointer_type':
        return 8
    if 'byte_size' in attributes:
        return number(attributes['byte_size'])
    of = by_offset.get(target(attributes))
    if tag == 'DW_TAG_array_type':
        range_of = next(children(entry))[3]  # gcc says where it ends, clang how many there are
        if 'count' in range_of:
            return size_of(of) * number(range_of['count'])
        return size_of(of) * (number(range_of.get('upper_bound', '-1')) + 1)
    return size_of(of) if of else 0


def children(entry):
    at = found.index(entry) + 1
    while at < len(found) and found[at][0] > entry[0]:
        if found[at][0] == entry[0] + 1:
            yield found[at]
        at += 1


blocks = {}
for e in found:
    kind = {'DW_TAG_structure_type': 'struct', 'DW_TAG_enumeration_type': 'enum'}.get(e[2])
    name = e[3].get('name') or names.get(e[1], '')
    if not kind or not name.startswith('cruet_') or 'byte_size' not in e[3]:
        continue
    lines = []
    for c in children(e):
        if c[2] == 'DW_TAG_member':
            lines.append(f'\t{number(c[3]["data_member_location"])} {c[3].get("name", "")} '
                         f'{size_of(by_offset[target(c[3])])}')
        elif c[2] == 'DW_TAG_enumerator':
            lines.append(f'\t{c[3]["name"]} {number(c[3]["const_value"])}')
    blocks[f'{kind} {name} {number(e[3]["byte_size"])}'] = lines

result = []
for head in sorted(blocks):
    result += [head] + blocks[head]
if not any(line.startswith('struct cruet_plugin ') for line in result):
    print('no struct cruet_plugin in what the compiler wrote')
    sys.exit(1)
sys.exit(record.compare(listing, result, 'the public structs and enums'))
