"""What a page of another site can make a visitor's browser send."""
import http.server
import json
import threading
import urllib.parse

# Sends all requests in all ways, at once, and waits until they were answered.
SEND = """(async (site, requests) => {
    const answered = [];
    const hidden = (fields) => Object.entries(fields).map(([name, value]) =>
        Object.assign(document.createElement('input'), {type: 'hidden', name, value}));
    const form = (url, fields, enctype) => {
        const form = Object.assign(document.createElement('form'),
                                   {method: 'post', action: url, enctype});
        form.append(...hidden(fields));
        return form;
    };
    const frame = (loads, fill) => new Promise((done) => {
        const frame = document.createElement('iframe');
        frame.name = 'frame' + frames.length;
        document.body.append(frame);
        frame.onload = () => --loads || done();
        fill(frame);
    });
    const submit = (enctype) => (url, fields) => frame(1, (frame) => {
        const there = form(url, fields, enctype);
        there.target = frame.name;
        document.body.append(there);
        there.submit();
    });
    const sandboxed = (url, fields) => frame(2, (frame) => {
        frame.sandbox = 'allow-forms allow-scripts';
        frame.srcdoc = form(url, fields, '').outerHTML
            + '<script>onload = () => setTimeout(() => document.forms[0].submit())</script>';
    });
    const get = (url, init) => fetch(url, {method: 'POST', credentials: 'include', ...init})
        .catch(() => {});
    const fetched = (body) => (url, fields) => get(url, {mode: 'no-cors', body: body(fields)});
    const ways = {
        'form': submit('application/x-www-form-urlencoded'),
        'multipart form': submit('multipart/form-data'),
        'text form': submit('text/plain'),
        'sandboxed form': sandboxed,
        'fetch': fetched((fields) => new URLSearchParams(fields)),
        'multipart fetch': fetched((fields) => {
            const data = new FormData();
            Object.entries(fields).forEach(([name, value]) => data.append(name, value));
            return data;
        }),
        'text fetch': fetched(JSON.stringify),
        'JSON fetch': (url, fields) => get(url, {
            headers: {'Content-Type': 'application/json'}, body: JSON.stringify(fields)}),
    };
    for (const {path, fields, mark} of requests)
        for (const [way, send] of Object.entries(ways))
            answered.push(send(site + path + '?sent=' + encodeURIComponent(mark + ' ' + way),
                               fields));
    await Promise.all(answered);
})"""
WAYS = ("form", "multipart form", "text form", "sandboxed form", "fetch", "multipart fetch",
        "text fetch")  # and JSON, which asks first


def send(window, site, mark, requests):
    """From the page in the window; requests: by path the fields. The log knows them by mark."""
    window.run(f"{SEND}({json.dumps(site)}, " + json.dumps(
        [{"path": path, "fields": fields, "mark": f"{mark} {path}"}
         for path, fields in requests.items()]) + ")")


def answers(log, mark, path):
    """What became of it, by way."""
    got = {}
    for line in log:
        sent = urllib.parse.parse_qs(urllib.parse.urlsplit(line["target"]).query).get("sent")
        if sent and sent[0].startswith(f"{mark} {path} ") and line["method"] != "OPTIONS":
            got[sent[0].removeprefix(f"{mark} {path} ")] = line["status"]
    return got


class Stranger:
    """A site that is not the one that is visited: of another port, and of another host too."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Elsewhere</title>")

        def log_message(self, *_):
            pass

    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.Page)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        port = self.server.server_port
        self.origins = f"http://127.0.0.1:{port}", f"http://localhost:{port}"

    def tries(self, window, site, requests):
        """Sends all that from its pages."""
        for origin in self.origins:
            window.go(origin)
            send(window, site, origin, requests)

    def failed(self, log, paths):
        """All that it tried was refused, and of JSON it was not even let ask."""
        for origin in self.origins:
            for path in paths:
                got = answers(log, origin, path)
                assert got == dict.fromkeys(WAYS, 403), f"{origin} to {path}: {got}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
