"""The checker notices what is wrong with a document, and names the line."""

import os
import sys
import tempfile
import unittest

import check
import commands

SOURCE, BUILD = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
checker = check.Checker(SOURCE, BUILD, os.environ.get("CC", "cc"))

HELLO = """#include <cruet.h>

static int hello(cruet_ctx *c)
{
	return cruet_text(c, "hi\\n");
}
CRUET_APP(app)
{
	cruet_get(app, "/", hello);
}
"""


def block(info, text):
    return f"```{info}\n{text}```\n"


class Case(unittest.TestCase):
    def check(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "doc.md")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            checker.failures.clear()
            checker.check(path)
            return list(checker.failures)

    def assert_fails(self, text, line, words):
        failures = self.check(text)
        self.assertEqual(len(failures), 1, failures)
        self.assertIn(f"doc.md:{line}: ", failures[0])
        self.assertIn(words, failures[0])


class Code(Case):
    def test_an_application_that_compiles_passes(self):
        self.assertEqual(self.check(block("c", HELLO)), [])

    def test_a_file_that_does_not_compile(self):
        self.assert_fails("text\n\n" + block("c", HELLO.replace("hi", 'h"i')), 4, "error")

    def test_a_warning_is_an_error(self):
        self.assert_fails(block("c", HELLO + "static int unused;\n"), 2, "unused")

    def test_a_forgotten_return_is_noticed_in_a_fragment(self):
        self.assertEqual(self.check(block("c fragment", 'return cruet_text(c, "a");\n')), [])
        self.assert_fails(block("c fragment", 'cruet_text(c, "a");\n'), 2, "ignoring")

    def test_setup_may_name_handlers_that_stand_elsewhere(self):
        good = 'cruet_get(app, "/", front_page);\n'
        self.assertEqual(self.check(block("c fragment setup", good)), [])
        self.assert_fails(block("c fragment setup", good.replace('"/"', "7")), 2, "pointer")

    def test_an_unknown_kind_of_fragment(self):
        self.assert_fails(block("c fragment thing", "int a;\n"), 2, "'thing'")

    def test_a_function_that_no_header_has(self):
        self.assert_fails("see `cruet_no_such()`\n", 1, "cruet_no_such")


class Text(Case):
    def test_links_into_the_tree_have_to_lead_somewhere(self):
        self.assertEqual(self.check("# A b\n[x](#a-b) [y](https://example.com) [z](doc.md)\n"), [])
        self.assert_fails("a\n[x](other.md)\n", 2, "other.md")
        self.assert_fails("[x](#nowhere)\n", 1, "#nowhere")

    def test_json(self):
        self.assertEqual(self.check(block("json", '{"a": "//b" /* c */} // d\n')), [])
        self.assert_fails(block("json", '{"a": }\n'), 2, "no JSON")

    def test_a_block_without_an_end(self):
        self.assertEqual(len(self.check("```c\nint a;\n")), 1)


class Commands(Case):
    def test_output_is_compared(self):
        self.assertEqual(self.check(block("console", "$ echo a; echo b\na\nb\n")), [])
        self.assert_fails(block("console", "$ true\n$ echo a\nb\n"), 3, "--- got\na")

    def test_files_lie_where_commands_run(self):
        text = block("c a.c", HELLO) + block("json x.json", "{}\n") + \
            block("console", "$ ls\na.c\nx.json\n")
        self.assertEqual(self.check(text), [])
        self.assertEqual(self.check(text.replace("```console", "## next\n```console")), [])

    def test_dots_stand_for_any_text(self):
        self.assertTrue(commands.matches("a ... c", "a b c"))
        self.assertTrue(commands.matches("a\n...\nd", "a\nb\nc\nd"))
        self.assertTrue(commands.matches("a\n...\nd", "a\nd\n"))
        self.assertFalse(commands.matches("a\n...\nd", "a\nb\nc"))
        self.assertFalse(commands.matches("a ... c", "a b d"))
        self.assertFalse(commands.matches("", "a"))

    def test_a_command_may_have_several_lines(self):
        steps = commands.split("$ a 'b\nc' d\nout\n$ e \\\n f\n")
        self.assertEqual(steps, [("a 'b\nc' d", "out", 0), ("e \\\n f", "", 3)])


class Served(Case):
    def test_curl_talks_to_the_application_above(self):
        shown = block("c", HELLO) + block("console", "$ curl http://127.0.0.1:8000/\nhi\n")
        self.assertEqual(self.check(shown), [])
        self.assert_fails(shown.replace("\nhi\n", "\nho\n"), 14, "--- got\nhi")

    def test_what_is_served_ends_with_its_section(self):
        self.assert_fails(block("c", HELLO) + "## next\n" +
                          block("console", "$ curl http://127.0.0.1:8000/\nhi\n"), 15,
                          "no application stands before")

    def test_an_application_that_does_not_start_is_told(self):
        shown = block("c", HELLO.replace('"/"', '"/<"')) + \
            block("console", "$ curl http://127.0.0.1:8000/\nhi\n")
        self.assert_fails(shown, 14, "did not start")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
