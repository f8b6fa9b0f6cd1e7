"""What somebody sends who wants a script to run in a page, and a window that hears it."""
import json

from devtools import Window

# Told to the page that holds all others in frames. It needs no quotes.
HIT = "top.postMessage(1,unescape(/%2a/.source))"
MARKUP = [
    f"<script>{HIT}</script>",
    f"</title><script>{HIT}</script>",
    f"</textarea><script>{HIT}</script>",
    f"</style><script>{HIT}</script>",
    f"</script><script>{HIT}</script>",
    f"--><script>{HIT}</script><!--",
    f"]]><script>{HIT}</script>",
    f"<img src=x onerror={HIT}>",
    f"<svg onload={HIT}>",
    f"<svg><script>{HIT}</script></svg>",
    f"<body onload={HIT}>",
    f"<details open ontoggle={HIT}>x",
    f"<input autofocus onfocus={HIT}>",
    f"<iframe srcdoc=\"<script>{HIT}</script>\">",
    f"<iframe src=\"javascript:{HIT}\">",
    f"\" onmouseover={HIT} autofocus onfocus={HIT} x=\"",
    f"' autofocus onfocus={HIT} x='",
    f"`-{HIT}-`",
    f"\";{HIT}//",
    f"'-{HIT}-'",
    f"${{{HIT}}}",
    f"{{{{constructor.constructor('{HIT}')()}}}}",
    f"<math><mtext><script>{HIT}</script></mtext></math>",
    f"<object data=\"javascript:{HIT}\"></object>",
    f"<video><source onerror={HIT}></video>",
    f"<style>@import 'javascript:{HIT}';</style>",
    f"<base href=\"javascript:{HIT}//\">",
    f"<meta http-equiv=refresh content=\"0;url=javascript:{HIT}\">",
    f"\u2028<script>{HIT}</script>",
    f"&lt;script&gt;{HIT}&lt;/script&gt;<script>{HIT}</script>",
    f"<scr\tipt>{HIT}</scr\tipt><ScRiPt >{HIT}</ScRiPt >",
]
ADDRESSES = [
    f"javascript:{HIT}",
    f"\tJava\tScript:{HIT}",
    f"data:text/html,<script>{HIT}</script>",
]
CORPUS = MARKUP + ADDRESSES
EVERYTHING = " ".join(CORPUS)

EARS = """
const heard = new Set();
onmessage = (e) => {
    let window = e.source;
    while (window && window !== top && window.parent !== top)
        window = window.parent;
    const frame = [...document.getElementsByTagName('iframe')].find(
        (f) => f.contentWindow === window);
    heard.add(frame ? frame.name : 'the page itself');
};
"""

# Shows pages in frames. Then it does to all that stands in them what a visitor might, but
# for what would lead elsewhere: of that it looks whether it is a script. In the end it shows
# one that does run, and waits until it was heard, so that what ran before was heard too.
SHOW = """(async (pages, control) => {
    const script = (address) => /^(javascript|data):/i.test(address);
    const show = (name, fill) => new Promise((done) => {
        const frame = document.createElement('iframe');
        frame.name = name;
        document.body.append(frame);
        frame.onload = done;
        fill(frame);
    });
    const send = (path, fields) => (frame) => {
        const form = document.createElement('form');
        Object.assign(form, {method: 'post', action: path, target: frame.name});
        for (const [name, value] of Object.entries(fields)) {
            const field = document.createElement('textarea');
            Object.assign(field, {name, value});
            form.append(field);
        }
        form.hidden = true;
        document.body.append(form);
        form.submit();
    };
    await Promise.all(Object.entries(pages).map(([name, page]) => show(name,
        page.fields ? send(page.path, page.fields) : (frame) => { frame.src = page.path; })));
    const shown = Object.keys(pages).map((name) => [name, frames[name].document]);
    for (const [name, page] of [['the page itself', document], ...shown]) {
        for (const e of page.querySelectorAll('*')) {
            for (const event of ['mouseover', 'focus', 'toggle'])
                e.dispatchEvent(new Event(event));
            if ([e.href, e.src, e.action, e.formAction, e.data].some(script))
                heard.add(name);
        }
    }
    show('control', (frame) => { frame.srcdoc = control; });
    while (!heard.delete('control'))
        await new Promise((done) => setTimeout(done));
    return [...heard];
})"""


class Witness(Window):
    """Hears every script that speaks."""

    def __init__(self, browser, session):
        super().__init__(browser, session)
        browser.call("Page.addScriptToEvaluateOnNewDocument", session, source=EARS)

    def nothing_runs(self, pages):
        """Shows pages in frames, at once: by name a path, or a path and what to send there.
        In none of them a script ran, and in the window's own page neither."""
        ran = self.runs(pages)
        assert not ran, f"a script ran in {ran}"

    def runs(self, pages):
        shown = {name: {"path": page} if isinstance(page, str)
                 else {"path": page[0], "fields": page[1]} for name, page in pages.items()}
        control = f"<img src=x onerror={HIT}>"
        return self.run(f"{SHOW}({json.dumps(shown)}, {json.dumps(control)})")

    def finds(self, page, selector, what, text):
        """In the frame of that page, or in the window's own (None), text stands as it was
        written: that property of such elements has it."""
        frame = f"frames[{json.dumps(page)}]" if page else "window"
        there = self.run(f"[...{frame}.document.querySelectorAll({json.dumps(selector)})]"
                         f".map((e) => e[{json.dumps(what)}])")
        assert any("".join(text.split()) in "".join(t.split()) for t in there), \
            f"{page} has not in {selector} {what}: {text}\nbut {there}"
