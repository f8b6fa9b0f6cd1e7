"""A plugin in versions, to be swapped in a server that runs, and its site."""

import json
import os
import subprocess

from driver import BUILD, Cli, Server, environment
from load import Load

# VERSION comes from the command line. Whatever runs for one request must be of one version.
PLUGIN = r"""#include <cruet.h>
#include <cruet/plugin.h>
#include <cruet/sse.h>
#include <cruet/ws.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct config { const char *word; };

static const cruet_key key = {"shift"};

static int before(cruet_ctx *c)
{
	static const char version[] = VERSION;
	return cruet_g_set(c, &key, (void *)version, NULL);
}

static int after(cruet_ctx *c)
{
	return cruet_set_header(c, "X-After", VERSION);
}

static int page(cruet_ctx *c)
{
	const char *began = cruet_g_get(c, &key);
	return cruet_text(c, began && !strcmp(began, VERSION) ? VERSION : "mixed");
}

static int word(cruet_ctx *c)
{
	const struct config *cfg = cruet_config(cruet_scope(c));
	return cruet_text(c, cfg->word);
}

static int next(cruet_ctx *c, void *self, cruet_sse *e)
{
	int *told = self;

	(void)c;
	if ((*told)++)
		return CRUET_EAGAIN;
	e->data = VERSION;
	return CRUET_OK;
}

static int events(cruet_ctx *c)
{
	static const cruet_sse_source source = {.size = sizeof source, .next = next};
	int *told = cruet_alloc(c, sizeof *told);

	return told && cruet_waker_new(c) ? cruet_sse_stream(c, &source, told) : CRUET_ENOMEM;
}

static ptrdiff_t tick(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	(void)self, (void)cap;
	if (cruet_ending(c))
		return 0;
	memcpy(buf, "tick\n", 5);
	return 5;
}

/* Until somebody opens the FIFO "go". */
static int hold(cruet_ctx *c)
{
	int fd = open("go", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd < 0 ? CRUET_EIO : cruet_text(c, VERSION);
}

static int crash(cruet_ctx *c)
{
	volatile int *nowhere = NULL;

	*nowhere = 1;
	return cruet_text(c, "still there");
}

static int endless(cruet_ctx *c)
{
	static const cruet_source source = {.size = sizeof source, .length = -1, .pull = tick};
	return cruet_stream(c, &source, NULL);
}

static int said(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	(void)len;
	return cruet_ws_send(w, kind, cruet_printf(c, "%s " VERSION, (const char *)p),
			     len + 1 + strlen(VERSION));
}

static void left(cruet_ws *w, cruet_ctx *c, int code)
{
	(void)w;
	cruet_note(c, CRUET_WARN, VERSION " is left with %d", code);
}

static int init(cruet_app *app)
{
	cruet_before(app, before);
	cruet_after(app, after);
	cruet_get(app, "/", page);
	cruet_get(app, "/word", word);
	cruet_get(app, "/events", events);
	cruet_get(app, "/endless", endless);
	cruet_get(app, "/hold", hold);
	cruet_get(app, "/crash", crash);
	return cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule), .path = "/ws",
						     .name = "ws", .message = said,
						     .close = left, .here = CRUET_HERE});
}

static int start(cruet_app *app)
{
	(void)app;
	return FAILS ? CRUET_EIO : CRUET_OK;
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, word, STR, .def = "none"), {.name = NULL}};

CRUET_PLUGIN(shift, .version = VERSION, .options = options,
	     .config_size = sizeof(struct config), .init = init, .start = start,
	     .flags = CRUET_UNLOADABLE);
"""

SITE = r"""#include <cruet.h>
#include <unistd.h>

static int who(cruet_ctx *c)
{
	return cruet_textf(c, "%d", (int)getpid());
}

CRUET_APP(app)
{
	cruet_get(app, "/who", who);
}
"""


class SwapSite(Cli):
    transport = "event"

    def setUp(self):
        super().setUp()
        self.write("shift.c", PLUGIN)
        self.write("site.c", SITE)
        self.build("site.c")
        os.mkdir(self.path("plugins"), 0o700)
        for version, fails in ("1", 0), ("2", 0), ("3", 1):
            self.make(version, fails)
        self.put("1")

    def make(self, version, fails):
        self.build("shift.c", f'-DVERSION="{version}"', f"-DFAILS={fails}", to=f"shift-{version}")

    def put(self, version, name="shift"):
        """As programs are installed: beside, and then over the old name."""
        with open(self.path(f"shift-{version}"), "rb") as f:
            self.install(f.read(), name)

    def install(self, data, name="shift"):
        path = self.path(f"plugins/{name}.so")
        with open(path + ".new", "wb") as f:
            os.fchmod(f.fileno(), 0o700)
            f.write(data)
        os.replace(path + ".new", path)

    def configure(self, plugins=None, **server):
        plugins = {"shift": {}} if plugins is None else plugins
        server = {"transport": self.transport, "plugin_path": [self.path("plugins")], **server}
        self.write("cruet.json", json.dumps({"app": "site.so", "server": server,
                                             "plugins": plugins}))

    def serve(self, *args, plugins=None, **server):
        self.configure(plugins, **server)
        return Server(self, "--listen", "127.0.0.1:0", *args)

    def begin(self, *args):
        """A command that may take its time."""
        p = subprocess.Popen([f"{BUILD}/core/cruet", *args], cwd=self.folder,
                             env=environment(), stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(p.wait)
        self.addCleanup(p.kill)
        return p

    def swap(self, version):
        self.put(version)
        r = self.cruet("reload", "shift")
        self.assertEqual((r.code, r.err), (0, ""))
        return r.out


class Versions(Load):
    """Asks for the version, which is the same in all that ran for the request."""

    def expected(self, r, body):
        return r.status == 200 and body in ("1", "2") and r.headers["X-After"] == body
