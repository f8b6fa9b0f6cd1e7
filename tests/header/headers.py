"""headers.py INCLUDE-DIR: each public header compiles alone, as C11 and C++17, without a
warning. The first compiler of a language that is here does so; what a header needs, it needs
with any of them. The others compile all headers in one."""
import glob
import os
import shutil
import subprocess
import sys

include = sys.argv[1]
WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wundef', '-Werror']
COMPILERS = {('c', 'c11', 'void'): ['gcc', 'clang'], ('c++', 'c++17', ''): ['g++', 'clang++']}

headers = sorted(os.path.relpath(path, include)
                 for path in glob.glob(include + '/**/*.h', recursive=True))
faults = 0
done = 0
for (language, standard, nothing), compilers in COMPILERS.items():
    here = list(filter(shutil.which, compilers))
    if len(here) < len(compilers):
        print('not here:', *(set(compilers) - set(here)))
    for compiler in here:
        for group in [[h] for h in headers] if compiler == here[0] else [headers]:
            # Twice: a header must stand being included again.
            source = ''.join(f'#include "{h}"\n' for h in group * 2)
            built = subprocess.run([compiler, '-x', language, '-std=' + standard, *WARNINGS,
                                    '-I' + include, '-fsyntax-only', '-'],
                                   input=source + f'int main({nothing}) {{ return 0; }}\n',
                                   text=True, capture_output=True)
            done += 1
            if built.returncode:
                faults += 1
                print(f'{group[0] if len(group) == 1 else "all"} as {standard} by {compiler}:\n{built.stderr}')
print(f'{done} compiled, {faults} failed')
sys.exit(1 if faults or not headers or not done else 0)
