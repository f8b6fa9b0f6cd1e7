"""embed.py OUT NAME FILE...: a C file with the text of each file as a constant NAME[]."""
import sys

out, *pairs = sys.argv[1:]
with open(out, 'w', encoding='ascii') as f:
    f.write('#include "debug/page_priv.h"\n')
    for name, path in zip(pairs[::2], pairs[1::2]):
        f.write(f'\nconst char {name}[] =\n')
        with open(path, encoding='ascii') as source:
            for line in source:
                escaped = line.rstrip('\n').replace('\\', '\\\\').replace('"', '\\"')
                f.write('\t"' + escaped.replace('\t', '\\t') + '\\n"\n')
        f.write('\t;\n')
