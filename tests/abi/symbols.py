"""symbols.py LIBCRUET: the exported names are cruet_* all of them, but for the one function
that is put before the C library's."""
import sys

import readelf

foreign = [n for n in readelf.exports(sys.argv[1])
           if not n.startswith('cruet_') and n != 'pthread_attr_setstacksize']
if foreign:
    print('exported, but not cruet_*:', *foreign)
sys.exit(1 if foreign else 0)
