#!/usr/bin/env python3
"""templates.py PROGRAM FILE [--all] [--least PERCENT]: runs template cases through the
driver and prints the failing ones with what was wanted and what came, then "N passed, M
failed". Cases whose result shows Python's own spelling of values are left out, unless
--all is given. Fails if fewer than PERCENT of the cases pass (100)."""
import argparse
import json
import subprocess
import sys


def good(case, got):
    return 'error' in got if 'error' in case else got.get('out') == case['expected']


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('program')
    parser.add_argument('file')
    parser.add_argument('--all', action='store_true')
    parser.add_argument('--least', type=float, default=100)
    args = parser.parse_args()
    data = json.load(open(args.file, encoding='utf-8'))
    passed = failed = 0
    driver = subprocess.Popen([args.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    for case in data['vectors']:
        if case.get('python_repr') and not args.all:
            continue
        context = data['$CTX'] if case['context'] == '$CTX' else case['context']
        driver.stdin.write(json.dumps({
            'template': case['template'], 'context': context,
            'templates': case.get('templates', {}), 'options': case.get('options', {})}) + '\n')
        driver.stdin.flush()
        line = driver.stdout.readline()
        if not line:
            sys.exit('the driver ended at %s' % case['id'])
        got = json.loads(line)
        if good(case, got):
            passed += 1
            continue
        failed += 1
        print('%s %s\n  wanted %s\n  got    %s'
              % (case['id'], json.dumps(case['template'], ensure_ascii=False)[:400],
                 repr(case.get('expected', case.get('error'))), got))
    driver.stdin.close()
    print('%d passed, %d failed' % (passed, failed))
    sys.exit(driver.wait() != 0 or 100 * passed < args.least * (passed + failed))


main()
