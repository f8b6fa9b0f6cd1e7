"""test_watch.py INCLUDE COMPILER...: watch.py notices what breaks built plugins."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import watch

include, *compiler = sys.argv[1:]
HERE = os.path.dirname(os.path.abspath(__file__))
HEADERS = ['cruet/app.h', 'cruet/response.h', 'cruet/plugin.h', 'cruet/svc/cache.h'] # and what these include
NAMES = ['cruet_set', 'cruet_text', 'cruet_provide', 'cruet_bind', 'cruet_nearest', 'cruet_core_id']


def copy_headers(to):
    """Some of them: all would take several times as long."""
    rest = list(HEADERS)
    while rest:
        header = rest.pop()
        if os.path.exists(os.path.join(to, header)):
            continue
        os.makedirs(os.path.dirname(os.path.join(to, header)), exist_ok=True)
        shutil.copy(os.path.join(include, header), os.path.join(to, header))
        with open(os.path.join(to, header)) as f:
            rest += re.findall(r'#include "(cruet/.*)"', f.read())


class Watch(unittest.TestCase):
    maxDiff = None
    first = None # a folder with the library and the record that each test begins with

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        if not Watch.first:
            copy_headers(self.folder + '/include')
            self.library(NAMES)
            os.mkdir(self.folder + '/record')
            self.assertEqual(self.watch(1, '--write'), (0, ''))
            Watch.first = tempfile.mkdtemp()
            unittest.addModuleCleanup(shutil.rmtree, Watch.first)
            shutil.copytree(self.folder, Watch.first, dirs_exist_ok=True)
        else:
            shutil.copytree(Watch.first, self.folder, dirs_exist_ok=True)

    def library(self, names):
        """A library that exports these; what they are does not matter."""
        lines = ''.join(f'.globl {n}\n.type {n}, %function\n{n}:\n' for n in names)
        with open(self.folder + '/names.s', 'w') as f:
            f.write(f'.text\n{lines}.long 0\n')
        subprocess.run([*compiler, '-shared', '-nostdlib', '-o', self.folder + '/lib.so',
                        self.folder + '/names.s'], check=True)

    def arguments(self, number, *more):
        return [self.folder + '/record', self.folder + '/include', self.folder + '/lib.so',
                str(number), *more, *compiler]

    def watch(self, number, *more):
        """What it says and exits with, without a Python of its own each time."""
        try:
            watch.main(*self.arguments(number, *more))
        except watch.Refused as refused:
            return 1, f'{refused}\n'
        return 0, ''

    def run_watch(self, number, *more):
        r = subprocess.run([sys.executable, HERE + '/watch.py', *self.arguments(number, *more)],
                           capture_output=True, text=True)
        self.assertEqual(r.stderr, '')
        return r.returncode, r.stdout

    def change(self, header, old, new):
        path = f'{self.folder}/include/cruet/{header}'
        with open(path) as f:
            text = f.read()
        self.assertEqual(len(re.findall(old, text)), 1, old)
        with open(path, 'w') as f:
            f.write(re.sub(old, new, text))

    def is_a_break(self, *words):
        """The test fails, and the record is not renewed."""
        code, out = self.watch(1)
        self.assertEqual(code, 1)
        self.assertTrue(out.startswith('This breaks plugins that are built for plugin ABI 1:\n'), out)
        for word in words:
            self.assertIn(word, out)
        self.assertTrue(out.endswith('If that is wanted: raise CRUET_PLUGIN_ABI (and plugin_abi in '
                                     'meson.build), then ./dev abi.\n'), out)
        code, out = self.watch(1, '--write')
        self.assertEqual(code, 1)
        self.assertTrue(out.startswith('Not renewed: this breaks plugins'), out)

    def is_growth(self, *words):
        """The test fails until the record is renewed."""
        code, out = self.watch(1)
        self.assertEqual(code, 1)
        self.assertTrue(out.startswith('The ABI grew, and built plugins do not notice:\n'), out)
        for word in words:
            self.assertIn(word, out)
        self.assertEqual(self.watch(1, '--write'), (0, ''))
        self.assertEqual(self.watch(1), (0, ''))

    def raise_number(self):
        self.change('plugin.h', r'CRUET_PLUGIN_ABI 1u', 'CRUET_PLUGIN_ABI 2u')

    # --- what breaks -----------------------------------------------------------------

    def test_members_of_the_descriptor_change_places(self):
        self.change('plugin.h', r'(\tconst char \*version;.*\n)(\tconst char \*summary;.*\n)', r'\2\1')
        self.is_a_break('cruet_plugin', 'version')

    def test_a_member_in_the_middle(self):
        self.change('plugin.h', r'\tsize_t config_size;', '\tsize_t room;\n\tsize_t config_size;')
        self.is_a_break('cruet_plugin', 'room')

    def test_a_function_is_gone(self):
        self.library([n for n in NAMES if n != 'cruet_nearest'])
        self.is_a_break('cruet_nearest')

    def test_a_function_takes_something_else(self):
        self.change('plugin.h', r'size_t need, cruet_service \*out', 'uint32_t need, cruet_service *out')
        self.is_a_break('cruet_bind')

    def test_a_function_of_a_service_takes_something_else(self):
        self.change('svc/cache.h', r'\(\*touch\)\(void \*self, cruet_ctx \*c,', '(*touch)(void *self,')
        self.is_a_break('cruet_cache', 'touch')

    def test_a_function_of_a_service_is_gone(self):
        self.change('svc/cache.h', r'\tint \(\*touch\)\(.*\);\n', '')
        self.is_a_break('cruet_cache', 'touch')

    def test_an_enumerator_means_something_else(self):
        self.change('svc/cache.h', r'CRUET_CACHE_ABSENT = 1,', 'CRUET_CACHE_ABSENT = 3,')
        self.is_a_break('CRUET_CACHE_ABSENT')

    def test_a_struct_grows_that_does_not_say_its_size(self):
        self.change('plugin.h', r'(\tconst char \*provider;\n)', r'\1\tuint64_t more;\n')
        self.is_a_break('cruet_service', 'more')

    def test_the_type_of_an_option_changes(self):
        self.change('plugin.h', r'typedef int32_t     cruet_opt_ENUM', 'typedef int64_t cruet_opt_ENUM')
        self.is_a_break('cruet_opt_ENUM')

    def descriptor_grows(self):
        self.change('plugin.h', r'(\t/\* New members go here)',
                    r'\tvoid (*even_more)(cruet_app *app);\n\1')

    def test_a_struct_grows_and_changes(self):
        self.descriptor_grows()
        self.change('plugin.h', r'\tint \(\*init\)\(cruet_app \*app\);', '\tint (*init)(void);')
        self.is_a_break('cruet_plugin', 'init')

    # --- what does not ----------------------------------------------------------------

    def test_the_descriptor_grows(self):
        self.descriptor_grows()
        self.is_growth('cruet_plugin', 'even_more')

    def test_an_option_grows(self):
        self.change('plugin.h', r'(\tconst char \*help; .*\n)(} cruet_option)', r'\1\tconst char *unit;\n\2')
        self.is_growth('cruet_option', 'unit')

    def test_a_service_grows(self):
        self.change('svc/cache.h', r'(\tint \(\*stats\)\(.*\);\n)', r'\1\tint (*flush)(void *self);\n')
        self.is_growth('cruet_cache', 'flush')

    def test_a_function_more(self):
        self.library([*NAMES, 'cruet_reject'])
        self.is_growth('cruet_reject')

    def test_an_enumerator_more(self):
        self.change('svc/cache.h', r'CRUET_CACHE_PRESENT = 2 ', 'CRUET_CACHE_PRESENT = 2, CRUET_CACHE_X = 3 ')
        self.is_growth('CRUET_CACHE_X')

    def test_what_is_no_abi_may_change(self):
        self.change('plugin.h', r'const char \*\(\*core\)\(void\); .*', 'const char *(*core)(void); /* it */')
        self.assertEqual(self.watch(1), (0, ''))

    # --- the number --------------------------------------------------------------------

    def test_a_break_is_recorded_under_a_new_number(self):
        self.change('plugin.h', r'\tsize_t config_size;', '\tsize_t room;\n\tsize_t config_size;')
        self.assertEqual(self.watch(1)[0], 1)
        self.raise_number()
        self.assertEqual(self.watch(2), (1, 'CRUET_PLUGIN_ABI is 2, the record is of 1: ./dev abi '
                                            'renews it\n'))
        self.assertEqual(self.watch(2, '--write'), (0, ''))
        self.assertEqual(self.watch(2), (0, ''))

    def test_the_record_holds_the_headers_of_its_number(self):
        recorded = self.folder + '/record/include/cruet/plugin.h'
        with open(recorded) as f:
            first = f.read()
        self.descriptor_grows()
        self.assertEqual(self.watch(1, '--write'), (0, ''))
        with open(recorded) as f:
            self.assertEqual(f.read(), first)
        self.raise_number()
        self.assertEqual(self.watch(2, '--write'), (0, ''))
        with open(recorded) as f:
            self.assertIn('even_more', f.read())

    def test_the_record_is_the_same_whenever_it_is_made(self):
        def recorded():
            with open(self.folder + '/record/abi.xml') as f:
                return f.read()

        first = recorded()
        self.assertNotIn(self.folder, first)
        self.assertEqual(self.watch(1, '--write'), (0, ''))
        self.assertEqual(recorded(), first)

    def test_the_number_stands_in_two_places(self):
        self.assertEqual(self.run_watch(1), (0, ''))
        self.raise_number()
        self.assertEqual(self.run_watch(1), (1, 'CRUET_PLUGIN_ABI is 2, but plugin_abi in meson.build '
                                                'is 1: they are one number\n'))

    def test_the_number_only_rises(self):
        self.raise_number()
        self.assertEqual(self.watch(2, '--write'), (0, ''))
        self.change('plugin.h', r'CRUET_PLUGIN_ABI 2u', 'CRUET_PLUGIN_ABI 1u')
        self.assertEqual(self.watch(1, '--write'), (1, 'CRUET_PLUGIN_ABI is 1, the record is of 2: it '
                                                       'only rises\n'))

    def test_what_is_exported_is_declared(self):
        self.library([*NAMES, 'cruet_secret_door'])
        code, out = self.watch(1)
        self.assertEqual(code, 1)
        self.assertTrue(out.startswith('the library exports what the public headers do not declare'), out)
        self.assertIn('cruet_secret_door', out)


unittest.main(argv=sys.argv[:1])
