"""symbols.py LIBCRUET LIST [--write]: the exported names are those of the list, all of
them cruet_*, but for the one function that is put before the C library's."""
import sys

import readelf
import record

library, listing = sys.argv[1:3]
names = readelf.exports(library)
lines = sorted(f'{name} {kind.lower()}' for name, kind in names.items())
foreign = [n for n in names if not n.startswith('cruet_') and n != 'pthread_attr_setstacksize']
if foreign:
    print('exported, but not cruet_*:', *foreign)
    sys.exit(1)
sys.exit(record.compare(listing, lines, 'the exported symbols of libcruet'))
