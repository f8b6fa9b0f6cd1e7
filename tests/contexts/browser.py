"""browser.py CRUET PLUGINS NO_POLICY SITE: each place of a page where a visitor's words can
stand, in Chromium. Made as docs/security.md says, nothing runs; made otherwise, it does."""
import json
import os
import sys
import tempfile
import urllib.parse

from devtools import Browser
from served import Site
from xss import CORPUS, EVERYTHING, HIT, Witness

# v is each text of the corpus in turn.
SAFE = {
    "text": "<p>{{ v }}</p>",
    "title": "<title>{{ v }}</title>",
    "textarea": "<textarea>{{ v }}</textarea>",
    "noscript": "<noscript>{{ v }}</noscript>",
    "comment": "<!-- {{ v }} -->",
    "option": "<select><option>{{ v }}</select>",
    "options": '<select><optgroup label="{{ v }}"></optgroup></select>',
    "svg": "<svg><title>{{ v }}</title><text>{{ v }}</text></svg>",
    "math": "<math><mtext>{{ v }}</mtext></math>",
    "template": "<template><p>{{ v }}</p></template><script>document.body.append("
                "[...document.querySelectorAll('template')].pop().content)</script>",
    # attributes
    "double": '<p title="{{ v }}">x</p>',
    "single": "<p title='{{ v }}'>x</p>",
    "bare": "<p title={{ v|urlencode }}>x</p>",
    "xmlattr": "<p{{ {'title': v}|xmlattr }}>x</p>",
    "value": '<input value="{{ v }}">',
    "placeholder": '<input placeholder="{{ v }}">',
    "alt": '<img alt="{{ v }}">',
    "data": '<p data-v="{{ v }}">x</p>',
    "data_json": "<p data-v='{{ v|tojson }}'>x</p>",
    "meta": '<meta name="description" content="{{ v }}">',
    # addresses
    "query": '<a href="/text?v={{ v|urlencode }}">x</a>',
    "path": '<a href="/t/{{ v|urlencode }}">x</a>',
    "url_for": '<a href="{{ url_for("text", v=v) }}">x</a>',
    "anchor": '<a href="{{ url_for("text", _anchor=v) }}">x</a>',
    "fragment": '<a href="#{{ v|urlencode }}">x</a>',
    "urlize": "<p>{{ v|urlize }}</p>",
    "address": '<a href="{{ v if v.startswith("https://") else "#" }}">{{ v }}</a>',
    "picture": '<img src="/text?v={{ v|urlencode }}">',
    "frame": '<iframe src="{{ url_for("text", v=v) }}"></iframe>',
    "action": '<form action="{{ url_for("text", v=v) }}"></form>',
    "link": '<link rel="canonical" href="/?v={{ v|urlencode }}">',
    "refresh": '<meta http-equiv="refresh" content="600;url={{ url_for("text", v=v) }}">',
    # scripts, styles, pages in pages
    "script": "<script>use({{ v|tojson }})</script>",
    "script_json": '<script type="application/json">{{ {"v": [v]}|tojson }}</script>',
    "svg_script": "<svg><script>use({{ v|tojson }})</script></svg>",
    "handler": "<p onmouseover='use({{ v|tojson }})'>x</p>",
    "style": '<p style="--n: {{ v|length }}">{{ v }}</p>',
    "sheet": "<style>p { --n: {{ v|length }} }</style><p>{{ v }}</p>",
    "choice": '<p class="{{ {"a": "first"}.get(v, "other") }}">{{ v }}</p>',
    "srcdoc": "{% set page %}<p>{{ v }}</p>{% endset %}"
              '<iframe srcdoc="{{ page|forceescape }}"></iframe>',
    # ways through the language
    "format": '{{ "<b>%s</b>"|safe|format(v) }}',
    "join": '{{ [v, v]|join("<br>"|safe) }}',
    "macro": "{% macro m(x) %}<b>{{ x }}</b>{% endmacro %}{{ m(v) }}",
    "filter": "{% filter trim %}<b>{{ v }}</b>{% endfilter %}",
    "trans": "{% trans v=v %}It says {{ v }}.{% endtrans %}",
}
# What the pages above would be without care: each of them is heard.
UNSAFE = {
    "unsafe_text": "<p>{{ v|safe }}</p>",
    "unsafe_title": "<title>{{ v|safe }}</title>",
    "unsafe_textarea": "<textarea>{{ v|safe }}</textarea>",
    "unsafe_comment": "<!-- {{ v|safe }} -->",
    "unsafe_double": '<p title="{{ v|safe }}">x</p>',
    "unsafe_single": "<p title='{{ v|safe }}'>x</p>",
    "unsafe_bare": "<p title={{ v }}>x</p>",
    "unsafe_address": '<a href="{{ v }}">x</a>',
    "unsafe_script": '<script>use("{{ v|safe }}")</script>',
    "unsafe_handler": "<p onmouseover=\"use('{{ v }}')\">x</p>",
    "unsafe_sheet": "<style>p { --n: {{ v|safe }} }</style>",
    "unsafe_srcdoc": '<iframe srcdoc="{{ v }}"></iframe>',
}
FRAME = ("<!doctype html><html><body><script>const use = () => {};</script>"
         "{% for v in config.corpus %}\n%s\n{% endfor %}</body></html>")
OTHERS = {
    "request.html": "<title>{{ request.args.v }}</title><p title=\"{{ request.url }}\">"
                    "{{ request.query_string }} {{ request.args.v }}</p>",
    "flash.html": "{% for message in get_flashed_messages() %}<p>{{ message }}</p>{% endfor %}",
    "form.html": "<title>Form</title>{{ form }}",
    "picture.svg": '<svg xmlns="http://www.w3.org/2000/svg"><text>{{ config.corpus }}</text></svg>',
    "list.xml": '<list v="{{ config.corpus }}">{{ config.corpus }}</list>',
    "notes.txt": "{{ config.corpus }}",
}
FIELDS = "line", "area", "hidden", "one", "radio", "some"


def lay_out(folder):
    """The site's folder."""
    os.mkdir(folder + "/templates")
    pages = {name + ".html": FRAME.replace("%s", place)
             for name, place in {**SAFE, **UNSAFE}.items()}
    for name, text in {**pages, **OTHERS}.items():
        with open(f"{folder}/templates/{name}", "w") as file:
            file.write(text)
    with open(folder + "/cruet.json", "w") as file:
        json.dump({"secret_key": "not a secret at all, but long enough for tests",
                   "settings": {"corpus": CORPUS},
                   "plugins": {"session": {}, "validate": {}, "jinja": {}, "forms": {}}}, file)


def upload(window, name):
    """A file of that name."""
    window.run(f"""(async () => {{
        const data = new FormData();
        data.append('file', new File(['x'], {json.dumps(name)}));
        await fetch('/upload', {{method: 'POST', body: data}});
    }})()""")


def listen(window):
    everywhere = urllib.parse.quote(EVERYTHING, safe="")
    token = window.run("document.querySelector('[name=_csrf]').value")
    upload(window, EVERYTHING)
    safe = {name: f"/t/{name}.html" for name in SAFE}
    safe |= {name.partition(".")[0]: f"/t/{name}?v={everywhere}" for name in OTHERS
             if name != "form.html"}
    safe |= {name: f"/{name}?v={everywhere}" for name in ("redirect", "html", "json", "text",
                                                           "fails")}
    safe["form"] = ("/form", {"_csrf": token, **dict.fromkeys(FIELDS, EVERYTHING)})
    safe["missing"] = "/" + everywhere
    ran = window.runs(safe | {name: f"/t/{name}.html" for name in UNSAFE})
    assert set(ran) == set(UNSAFE), (set(ran) - set(UNSAFE), set(UNSAFE) - set(ran))
    silent = [name for name in safe if "postMessage" not in window.run(
        f"frames[{json.dumps(name)}].document.documentElement.outerHTML")]
    assert silent == ["missing"], silent
    for selector in "[name=line]", "[name=area]", "[name=hidden]", "[name=one]", \
            "[name=radio]", "[name=some]":
        window.finds("form", selector, "value", EVERYTHING)
    for selector in ".error", ".summary", "option", "[name=radio] + *", "[name=some] + *":
        window.finds("form", selector, "textContent", EVERYTHING)
    window.finds("flash", "p", "innerText", HIT)


def main():
    built = map(os.path.abspath, sys.argv[1:])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        lay_out(folder)
        site, browser = Site(folder, *built, folder), Browser(folder + "/profile")
        try:
            listen(browser.window(site.url + "/form", Witness))
        finally:
            browser.close()
            site.close()
        site.ended()


main()
