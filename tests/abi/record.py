"""Compares what is with a list in the repository; with --write renews the list."""
import difflib
import sys


def compare(path, lines, what):
    """The exit status of a test."""
    if '--write' in sys.argv:
        with open(path, 'w') as out:
            out.writelines(line + '\n' for line in lines)
        return 0
    with open(path) as recorded:
        old = recorded.read().splitlines()
    if old == lines:
        return 0
    print(f'{what} and {path} differ:')
    for line in difflib.unified_diff(old, lines, 'recorded', 'now', lineterm='', n=1):
        print('  ' + line)
    print('If that is wanted: a change that breaks built plugins needs a new CRUET_PLUGIN_ABI.\n'
          'Then `./dev abi` renews the lists.')
    return 1
