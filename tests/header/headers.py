"""headers.py INCLUDE-DIR: each public header compiles alone, as C11 and C++17, with gcc
and with clang where they are, without a warning."""
import glob
import os
import shutil
import subprocess
import sys

include = sys.argv[1]
WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wundef', '-Werror']
COMPILERS = [('gcc', 'c', 'c11'), ('g++', 'c++', 'c++17'), ('clang', 'c', 'c11'),
             ('clang++', 'c++', 'c++17')]

headers = sorted(os.path.relpath(path, include)
                 for path in glob.glob(include + '/**/*.h', recursive=True))
faults = 0
done = 0
for compiler, language, standard in COMPILERS:
    if not shutil.which(compiler):
        print('not here:', compiler)
        continue
    for header in headers:
        # Twice: a header must stand being included again.
        source = f'#include "{header}"\n#include "{header}"\nint main(void) {{ return 0; }}\n'
        if language == 'c++':
            source = source.replace('(void)', '()')
        built = subprocess.run([compiler, '-x', language, '-std=' + standard, *WARNINGS,
                                '-I' + include, '-fsyntax-only', '-'],
                               input=source, text=True, capture_output=True)
        done += 1
        if built.returncode:
            faults += 1
            print(f'{header} as {standard} by {compiler}:\n{built.stderr}')
print(f'{done} compiled, {faults} failed')
sys.exit(1 if faults or not headers or not done else 0)
