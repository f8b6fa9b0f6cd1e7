import os
import re

from driver import HELLO, SOURCE, Cli, main


def rows(out):
    """{setting: (value, origin)}; columns are two spaces or more apart."""
    lines = [re.split(r"  +", line) for line in out.splitlines()]
    assert lines[0] == ["SETTING", "VALUE", "FROM"], lines[0]
    return {line[0]: tuple(line[1:]) for line in lines[1:]}


class Settings(Cli):
    def config(self, *args, code=0, **env):
        r = self.cruet("config", *args, **env)
        self.assertEqual((r.code, r.err), (code, ""))
        return rows(r.out)

    def refuses(self, text, err):
        self.write("cruet.json", text)
        self.fails(["config"], f"cruet: {err}\n")

    def test_defaults_need_no_file(self):
        got = self.config()
        self.assertEqual(got["server.listen"], ("127.0.0.1:8000", "default"))
        self.assertEqual(got["server.threads"], ("64", "default"))
        self.assertEqual(got["secret_key"], ("-", "default"))

    def test_later_sources_win_and_are_named(self):
        self.write("cruet.json", """{
  // comments may stand here
  "server": {"threads": 1, "drain": "1s", "head_timeout": "1s", "body_max": "1m",
             "idle_timeout": "1s"}, /* and here */
  "profiles": {"fast": {"server": {"drain": "2s", "head_timeout": "2s", "body_max": "2m",
             "idle_timeout": "2s"}}}
}""")
        self.write(".env", "# a comment\nCRUET_SERVER__HEAD_TIMEOUT = 3s\n"
                           "export CRUET_SERVER__BODY_MAX='3m' # so it is\n"
                           'CRUET_SERVER__IDLE_TIMEOUT="3s"\n')
        got = self.config("--profile", "fast", "-D", "server.idle_timeout=5s",
                          CRUET_SERVER__BODY_MAX="4m", CRUET_SERVER__IDLE_TIMEOUT="4s")
        self.assertEqual(got["server.threads"], ("1", "cruet.json:3:25"))
        self.assertEqual(got["server.drain"], ("2s", "cruet.json:5:45"))
        self.assertEqual(got["server.head_timeout"], ("3s", ".env:2"))
        self.assertEqual(got["server.body_max"], ("4m", "CRUET_SERVER__BODY_MAX"))
        self.assertEqual(got["server.idle_timeout"], ("5s", "command line"))
        self.assertEqual(got["server.body_timeout"], ("5m", "default"))

    def test_profile_from_the_environment(self):
        self.write("cruet.json", '{"profiles": {"x": {"settings": {"a": 1}}}}')
        self.assertEqual(self.config(CRUET_PROFILE="x")["settings.a"], ("1", "cruet.json:1:39"))
        self.fails(["config", "-p", "y"], 'cruet: cruet.json: there is no profile "y"\n')

    def test_own_settings_of_any_kind(self):
        self.write("cruet.json", '{"settings": {"title": "Notes", "on": true, "big": '
                                 '9007199254740993, "tags": ["a", "b"], "deep": {"x": 1.5}}}')
        got = self.config()
        self.assertEqual(got["settings.title"][0], "Notes")
        self.assertEqual(got["settings.on"][0], "true")
        self.assertEqual(got["settings.big"][0], "9007199254740993")
        self.assertEqual(got["settings.tags"][0], "a,b")
        self.assertEqual(got["settings.deep.x"][0], "1.5")

    def test_secrets_are_masked(self):
        self.write("cruet.json", """{
  "secret_key": "s3cret0",
  "plugins": {"session": {"fallback_keys": ["s3cret1", "s3cret2"]}},
  "settings": {"smtp": {"password": "s3cret3", "host": "mail"},
               "db": "postgres://ann:s3cret4@db/site",
               "all": [{"api_token": "s3cret5"}, "redis://:s3cret6@r"],
               "monkey_business": 1}
}""")
        r = self.cruet("config", CRUET_SETTINGS__STRIPE_KEY="s3cret7")
        self.assertEqual((r.code, r.err), (0, ""))
        self.assertNotIn("s3cret", r.out)
        got = rows(r.out)
        for key in ("secret_key", "plugins.session.fallback_keys", "settings.smtp.password",
                    "settings.stripe_key"):
            self.assertEqual(got[key][0], "********", key)
        self.assertEqual(got["settings.smtp.host"][0], "mail")
        self.assertEqual(got["settings.db"][0], "postgres://ann:********@db/site")
        self.assertEqual(got["settings.all"][0],
                         '[{"api_token":"********"},"redis://:********@r"]')
        self.assertEqual(got["settings.monkey_business"][0], "1")

    def test_options_of_plugins_with_their_defaults(self):
        self.write("cruet.json", '{"plugins": {"session": {"name": "sid"}}}')
        got = self.config(CRUET_PLUGINS__SESSION__LIFETIME="2h")
        self.assertEqual(got["plugins.session.name"], ("sid", "cruet.json:1:34"))
        self.assertEqual(got["plugins.session.lifetime"], ("2h", "CRUET_PLUGINS__SESSION__LIFETIME"))
        self.assertEqual(got["plugins.session.store"], ("cookie", "default"))

    def test_a_value_from_a_variable(self):
        self.write("cruet.json", '{"settings": {"who": "env:WHO"}}')
        self.assertEqual(self.config(WHO="me")["settings.who"], ("me", "cruet.json:1:22"))
        self.write(".env", "WHO=you\n")
        self.assertEqual(self.config()["settings.who"], ("you", "cruet.json:1:22"))
        os.remove(self.path(".env"))
        self.fails(["config"], "cruet: cruet.json:1:22: settings.who: the environment variable "
                               "WHO is not set\n")

    # --- what bad input gets ---------------------------------------------------------

    def test_syntax_error_names_file_line_and_column(self):
        self.refuses('{\n  "server": {"threads": 8,}\n}',
                     "cruet.json:2:27: expected a string in double quotes, found '}'")
        self.refuses('{"server" {}}', "cruet.json:1:11: expected ':', found '{'")
        self.refuses('{"server": {}', "cruet.json:1:14: expected ',' or '}', found the end of "
                                      "the text")
        self.refuses("", "cruet.json:1:1: expected a value, found the end of the text")
        self.refuses("[]", "cruet.json:1:1: expected an object")
        self.refuses('{"app": "a", "app": "b"}', 'cruet.json:1:14: the name "app" stands here twice')
        self.refuses("[" * 40, "cruet.json:1:33: nested deeper than 32")
        self.refuses("\0", "cruet.json:1:1: expected a value, found byte 0x00")

    def test_file_elsewhere_is_named_by_its_path(self):
        self.write("x/cruet.json", "{")
        self.fails(["config", "x"], f"cruet: {self.path('x')}/cruet.json:1:2: expected a string "
                                    "in double quotes, found the end of the text\n")

    def test_unknown_key_names_the_nearest(self):
        self.refuses('{"srver": {}}', 'cruet.json:1:11: unknown key "srver": did you mean '
                                      '"server"?')
        self.refuses('{"server": {"thread": 1}}', 'cruet.json:1:23: unknown key "server.thread": '
                                                  'did you mean "server.threads"?')
        self.refuses('{"frobnicate": 1}', 'cruet.json:1:16: unknown key "frobnicate"')
        self.write("cruet.json", "{}")
        self.fails(["config"], 'cruet: CRUET_SERVER__LISTN: unknown key "server.listn": did you '
                               'mean "server.listen"?\n', CRUET_SERVER__LISTN="x")
        self.fails(["config", "-D", "sever.listen=x"],
                   'cruet: command line: unknown key "sever": did you mean "server"?\n')

    def test_wrong_type_or_out_of_range_says_what_is_right(self):
        for value, shown in (('"many"', "many"), ("5000", "5000"), ("2.5", "2.5"), ("[1]", "[1]"),
                             ("0", "0"), ("true", "true"), ("null", "null")):
            self.refuses('{"server": {"threads": %s}}' % value,
                         f'cruet.json:1:24: server.threads = "{shown}": expected a whole number '
                         "from 1 to 4096")
        self.refuses('{"server": {"drain": "10 minutes"}}',
                     'cruet.json:1:22: server.drain = "10 minutes": expected a time, such as 30s')
        self.refuses('{"server": {"body_max": "lots"}}',
                     'cruet.json:1:25: server.body_max = "lots": expected a size, such as 64k')
        self.refuses('{"log_level": "loud"}', 'cruet.json:1:15: log_level = "loud": expected one '
                                              'of debug|info|warn|error')
        self.refuses('{"server": 1}', "cruet.json:1:12: server: expected an object")
        self.refuses('{"plugins": {"session": 1}}',
                     "cruet.json:1:25: plugins.session: expected an object of options")
        self.write("cruet.json", "{}")
        self.fails(["config"], 'cruet: CRUET_SERVER__THREADS: server.threads = "x": expected a '
                               "whole number from 1 to 4096\n", CRUET_SERVER__THREADS="x")

    def test_bad_options_of_a_plugin(self):
        for text, err in (
            ('{"plugins": {"session": {"stor": "x"}}}',
             "plugin 'session': unknown option stor: did you mean store?"),
            ('{"plugins": {"session": {"store": "x"}}}',
             "plugin 'session': option store = \"x\": expected one of cookie|server"),
            ('{"plugins": {"session": {"max_size": "1"}}}',
             "plugin 'session': option max_size = \"1\": expected the most bytes of one session "
             "in a store, from 1k to 1m"),
        ):
            self.write("cruet.json", text)
            r = self.cruet("config")
            self.assertEqual((r.code, r.err), (1, f"cruet: {err}\n"))

    def test_plugin_that_is_nowhere(self):
        self.write("cruet.json", '{"plugins": {"sesion": {"a": 1}}}')
        r = self.cruet("config")
        self.assertEqual(r.code, 1)
        self.assertRegex(r.err, r"^cruet: plugin 'sesion': no sesion.so in /.*; did you mean "
                                r"session\?\n$")
        self.assertEqual(rows(r.out)["plugins.sesion.a"], ("1", "cruet.json:1:30"))

    def test_bad_env_file(self):
        self.write(".env", "A=1\nnonsense\n")
        self.fails(["config"], "cruet: .env:2: expected NAME=value\n")
        self.write(".env", 'A="1\n')
        self.fails(["config"], "cruet: .env:1: the quoted value does not end\n")
        self.write(".env", "A=\0\n")
        self.fails(["config"], "cruet: ./.env: holds a NUL byte: expected text\n")
        self.write(".env", "#" * (1 << 18) + "\n")
        self.fails(["config"], "cruet: ./.env: cannot be read: File too large\n")

    def test_files_that_are_none(self):
        os.mkfifo(self.path("fifo"))
        self.fails(["config", "-c", "fifo"],
                   "cruet: fifo: cannot be read: it is no regular file\n")
        os.mkfifo(self.path(".env"))
        self.fails(["config"], "cruet: ./.env: cannot be read: it is no regular file\n")
        os.remove(self.path(".env"))
        os.mkdir(self.path("cruet.json"))
        self.fails(["config"], "cruet: cruet.json: cannot be read: it is no regular file\n")
        os.rmdir(self.path("cruet.json"))
        self.write("cruet.json", " " * (1 << 20) + "{}")
        self.fails(["config"], "cruet: cruet.json: cannot be read: File too large\n")

    def test_the_document_lists_every_setting_with_its_default(self):
        with open(f"{SOURCE}/docs/configuration.md") as f:
            text = f.read().split("## All settings")[1]
        shown = dict(re.findall(r"^\| `([a-z_.]+)` \| (?:`([^`]*)`)? *\|", text, re.M))
        self.assertEqual(shown, {key: "" if value == "-" else value
                                 for key, (value, _) in self.config().items()})

    def test_no_code_of_the_application_runs(self):
        self.write("site.c", HELLO.replace("cruet_get(", "abort();\n\tcruet_get(")
                   .replace("<cruet.h>", "<cruet.h>\n#include <stdlib.h>"))
        self.write("cruet.json", '{"app": "site.c"}')
        self.assertEqual(self.config()["app"], ("site.c", "cruet.json:1:9"))


main()
