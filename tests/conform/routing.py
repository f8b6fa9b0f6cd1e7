#!/usr/bin/env python3
"""routing.py PROGRAM FILE: runs routing cases through the driver and prints the
failing ones with what was wanted and what came, then "N passed, M failed"."""
import json
import subprocess
import sys


def same(want, got):
    return 'error' in got if 'error' in want else got == want


def main():
    program, path = sys.argv[1:3]
    data = json.load(open(path, encoding='utf-8'))
    passed = failed = 0
    driver = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for case in data['vectors']:
        driver.stdin.write(json.dumps({**data['rulesets'][case['ruleset']], **case}) + '\n')
        driver.stdin.flush()
        line = driver.stdout.readline()
        if not line:
            sys.exit('the driver ended at %s' % case['id'])
        got = json.loads(line)
        wants = [case['expect'], case.get('expect_werkzeug_3_1', case['expect'])]
        if any(same(want, got) for want in wants):
            passed += 1
            continue
        failed += 1
        asked = case.get('raw_path', case.get('path')) or (case.get('endpoint'), case.get('values'))
        print(case['id'], case['op'], case.get('method', ''), asked, 'want', wants[0], 'got', got)
    driver.stdin.close()
    driver.wait()
    print('%d passed, %d failed' % (passed, failed))
    sys.exit(failed > 0)


main()
