"""libraries.py LIBCRUET: it needs civetweb, cJSON and the C library, nothing else."""
import re
import sys

import readelf

ALLOWED = re.compile(r'(libcivetweb|libcjson|libc|libm|libdl|libpthread|ld-linux-[-\w]+)\.so\.\d+')
more = [name for name in readelf.needed(sys.argv[1]) if not ALLOWED.fullmatch(name)]
if more:
    print('libcruet needs more than civetweb, cJSON and libc:', *more)
sys.exit(1 if more else 0)
