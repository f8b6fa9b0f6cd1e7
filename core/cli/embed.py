"""embed.py OUT ROOT FILE...: a C file with the texts of files, for skeleton.h."""
import os
import sys


def literal(text):
    """As C, a line for each line. Octal escapes have three digits, so what follows one
    is no part of it."""
    def char(b):
        special = {0x0a: '\\n', 0x09: '\\t', 0x22: '\\"', 0x5c: '\\\\'}
        return special.get(b) or (chr(b) if 0x20 <= b < 0x7f else f'\\{b:03o}')
    return '\n'.join('\t\t"' + ''.join(map(char, line)) + '"'
                     for line in text.splitlines(keepends=True))


out, root, *files = sys.argv[1:]
with open(out, 'w', encoding='ascii') as f:
    f.write('#include "cli/skeleton.h"\n\nconst struct skeleton_file skeleton_files[] = {\n')
    for path in files:
        with open(path, 'rb') as source:
            f.write(f'\t{{"{os.path.relpath(path, root)}",\n{literal(source.read())}}},\n')
    f.write('\t{NULL, NULL}};\n')
