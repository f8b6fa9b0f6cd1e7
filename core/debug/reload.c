#include "debug/reload.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/ctx.h"
#include "base/text.h"
#include "cruet/memory.h"
#include "cruet/plugin.h"
#include "cruet/request.h"
#include "cruet/sse.h"
#include "debug/inject.h"
#include "plugin/registry.h"

#define SCRIPT RELOAD_PATHS "reload.js"
#define EVENTS RELOAD_PATHS "reload"

enum {
	TOKEN_MAX = 64,
	PAGE_MAX = 4 << 20,  /* bytes of a page that lies in a file */
	AGAIN_MS = 100,      /* until a page listens again after its stream has ended */
	ASK_AGAIN_MS = 500   /* ... where each one would hold a thread */
};

/* A page that listens. */
struct listener {
	struct listener *next;
	struct reload *of;
	cruet_waker *waker;   /* NULL: it does not wait */
	char since[TOKEN_MAX]; /* what it shows */
	bool told, over;
};

/* The state of the plugin. */
struct reload {
	pthread_mutex_t lock; /* guards what follows */
	struct news *now;
	bool (*lets)(cruet_ctx *c); /* it does not change */
	struct listener *listeners;
};

static const cruet_key news_key = {"cruet.debug.news"};

/* --- news --------------------------------------------------------------------------------- */

struct news *news_new(void)
{
	struct news *n = calloc(1, sizeof *n);

	if (!n)
		return NULL;
	arena_init(&n->a, 4096);
	n->state.token = "";
	atomic_init(&n->holders, 1);
	return n;
}

void news_let_go(struct news *n)
{
	if (!n || atomic_fetch_sub(&n->holders, 1) > 1)
		return;
	arena_fini(&n->a);
	free(n);
}

static void let_go(void *n)
{
	news_let_go(n);
}

/* NULL: nothing was told yet. */
static struct news *hold_news(struct reload *r)
{
	pthread_mutex_lock(&r->lock);
	struct news *n = r->now;
	if (n)
		atomic_fetch_add(&n->holders, 1);
	pthread_mutex_unlock(&r->lock);
	return n;
}

static void tell(struct reload *r, struct news *n)
{
	pthread_mutex_lock(&r->lock);
	struct news *was = r->now;
	r->now = n;
	for (struct listener *l = r->listeners; l; l = l->next)
		cruet_wake(l->waker);
	pthread_mutex_unlock(&r->lock);
	news_let_go(was);
}

/* --- pages that listen ---------------------------------------------------------------------- */

/* An event without data tells but when to listen again. */
static int next(cruet_ctx *c, void *self, cruet_sse *out)
{
	struct listener *l = self;
	struct news *n = l->over ? NULL : hold_news(l->of);
	const char *token = n ? cruet_strdup(c, n->state.token) : NULL;

	news_let_go(n);
	if (!token)
		return CRUET_ENOENT;
	out->retry_ms = l->waker ? AGAIN_MS : ASK_AGAIN_MS;
	if (strcmp(token, l->since) != 0) {
		out->data = token;
		l->over = true;
		return CRUET_OK;
	}
	if (l->told)
		return l->waker ? CRUET_EAGAIN : CRUET_ENOENT;
	l->told = true;
	return CRUET_OK;
}

static void closed(cruet_ctx *c, void *self, int why)
{
	struct listener *l = self;

	(void)c;
	(void)why;
	pthread_mutex_lock(&l->of->lock);
	for (struct listener **at = &l->of->listeners; *at; at = &(*at)->next)
		if (*at == l) {
			*at = l->next;
			break;
		}
	pthread_mutex_unlock(&l->of->lock);
	cruet_waker_free(l->waker);
	free(l);
}

/* On a transport that cannot set requests aside, each that waits would hold one of few
 * threads: there a page comes again and again instead. */
static bool may_wait(const cruet_ctx *c)
{
	return CRUET_HAS(c->x->ops, cruet_exchange_ops, wake);
}

static int listen(cruet_ctx *c, struct reload *r)
{
	static const cruet_sse_source source = {.size = sizeof source, .next = next, .close = closed};
	const char *since = cruet_query(c, "since");
	struct listener *l = calloc(1, sizeof *l);

	if (!l)
		return CRUET_ENOMEM;
	l->of = r;
	if (since && strlen(since) < sizeof l->since)
		strcpy(l->since, since);
	if (may_wait(c) && !(l->waker = cruet_waker_new(c))) {
		free(l);
		return CRUET_ENOMEM;
	}
	if (l->waker) {
		pthread_mutex_lock(&r->lock);
		l->next = r->listeners;
		r->listeners = l;
		pthread_mutex_unlock(&r->lock);
	}
	return cruet_sse_stream(c, &source, l);
}

static int send_script(cruet_ctx *c)
{
	static const char script[] =
		"/* Put into pages by cruet run --debug: loads them anew when something has changed. */\n"
		"(() => {\n"
		"	const script = document.currentScript;\n"
		"	const from = script.src.replace(/\\.js.*/, \"\");\n"
		"	const listen = () => {\n"
		"		const events = new EventSource(from + \"?since=\" +\n"
		"			encodeURIComponent(script.dataset.since));\n"
		"		events.onmessage = e => {\n"
		"			if (!e.data)\n"
		"				return;\n"
		"			events.close();\n"
		"			location.reload();\n"
		"		};\n"
		"		events.onerror = () => {\n"
		"			if (events.readyState === EventSource.CLOSED)\n"
		"				setTimeout(listen, 1000);\n"
		"		};\n"
		"	};\n"
		"	listen();\n"
		"})();\n";
	int err = cruet_set_header(c, "Cache-Control", "no-cache");

	return err ? err
		   : cruet_bytes(c, "text/javascript; charset=utf-8", script, sizeof script - 1);
}

/* --- before anything else runs ---------------------------------------------------------------- */

static int begin(cruet_ctx *c)
{
	struct reload *r = cruet_state(cruet_scope(c));

	if (text_eq(cruet_path(c), EVENTS))
		return listen(c, r);
	if (text_eq(cruet_path(c), SCRIPT))
		return send_script(c);
	struct news *n = hold_news(r);
	if (!n)
		return CRUET_OK;
	int err = cruet_g_set(c, &news_key, n, let_go);
	if (err || !news_trouble(n) || (n->serves && !trouble_wants_page(c)))
		return err;
	if (r->lets(c))
		return trouble_reply(c, n);
	return n->serves ? CRUET_OK : trouble_refuse(c);
}

/* --- when a reply is complete ------------------------------------------------------------------ */

/* Not one that a script asked for, which may be but a part of a page. */
static bool is_for_a_window(const cruet_ctx *c)
{
	const char *dest = cruet_header(c, "Sec-Fetch-Dest");

	return !cruet_header(c, "X-Requested-With") &&
	       (!dest || text_eq(dest, "document") || text_eq(dest, "iframe") ||
		text_eq(dest, "frame"));
}

static bool is_whole_page(const cruet_ctx *c)
{
	const char *type = fields_get(&c->reply, "Content-Type");

	return (c->out.kind == OUT_BYTES || (c->out.kind == OUT_FILE && c->out.len <= PAGE_MAX)) &&
	       type && text_ieqn(type, "text/html", 9) && !fields_get(&c->reply, "Content-Encoding") &&
	       !fields_get(&c->reply, "Content-Range") && c->status != 204 && c->status != 304 &&
	       !text_eq(cruet_method(c), "HEAD") && is_for_a_window(c);
}

static struct leave ask_leave(const cruet_ctx *c)
{
	struct leave l = {.refused = false};

	for (size_t i = 0; i < c->reply.n; i++)
		if (text_ieq(c->reply.items[i].name, "Content-Security-Policy"))
			leave_ask(&l, c->reply.items[i].value, cruet_scheme(c));
	return l;
}

/* The body in memory; NULL: it cannot be had. */
static const char *body_of(cruet_ctx *c)
{
	size_t len = (size_t)c->out.len, got = 0;

	if (c->out.kind == OUT_BYTES)
		return c->out.p;
	char *p = arena_alloc(&c->arena, len);
	while (p && got < len) {
		ssize_t n = pread(c->out.fd, p + got, len - got, (off_t)(c->out.from + got));
		if (n <= 0)
			return NULL;
		got += (size_t)n;
	}
	return p;
}

/* What a page shows must not be older than what it says that it shows: so that is from
 * before the request began, or nothing at all if it stood on what has been replaced. */
static void put_script(cruet_ctx *c, const struct news *n, const struct leave *l)
{
	const char *html = body_of(c);
	size_t len = (size_t)c->out.len, at = html ? inject_place(html, len) : 0;
	struct buf b;

	if (!html)
		return;
	buf_init(&b, &c->arena, 0);
	buf_put(&b, html, at);
	buf_printf(&b, "<script src=\"%s" SCRIPT "\" data-since=\"%s\"", cruet_escape(c, cruet_root(c)),
		   cruet_ending(c) ? "" : n->state.token);
	if (l->nonce) {
		buf_str(&b, " nonce=\"");
		html_escape(&b, l->nonce, l->nonce_len);
		buf_char(&b, '"');
	}
	buf_str(&b, "></script>\n");
	buf_put(&b, html + at, len - at);
	if (buf_err(&b))
		return;
	ctx_reply_bytes(c, b.p, b.len);
	/* These describe other bytes; and what is kept would say that it shows what it did. */
	fields_del(&c->reply, "ETag");
	fields_del(&c->reply, "Last-Modified");
	fields_del(&c->reply, "Accept-Ranges");
	fields_set(&c->reply, "Cache-Control", "no-store");
}

static int complete(cruet_ctx *c)
{
	const struct news *n = cruet_g_get(c, &news_key);
	const struct reload *r = cruet_state(cruet_scope(c));
	const char *mark = !n || !news_trouble(n) ? NULL : r->lets(c) ? trouble_mark(c, n) : "failed";

	if (mark && c->out.kind != OUT_UPGRADE)
		fields_set(&c->reply, "Cruet-Build", mark);
	if (!n || !is_whole_page(c))
		return CRUET_OK;
	const struct leave l = ask_leave(c);
	if (!l.refused)
		put_script(c, n, &l);
	return CRUET_OK;
}

/* --- the plugin --------------------------------------------------------------------------------- */

static int init(cruet_app *app)
{
	struct reload *r = cruet_state(app);
	int err = cruet_on_match(app, begin);

	pthread_mutex_init(&r->lock, NULL);
	return err ? err : cruet_finish(app, complete);
}

static void fini(cruet_app *app)
{
	struct reload *r = cruet_state(app);

	news_let_go(r->now);
	pthread_mutex_destroy(&r->lock);
}

static const cruet_plugin plugin = {
	.size = sizeof plugin,
	.abi = CRUET_PLUGIN_ABI,
	.option_size = sizeof(cruet_option),
	.core = cruet_core_id,
	.name = "cruet_debug",
	.version = CRUET_VERSION,
	.state_size = sizeof(struct reload),
	.init = init,
	.fini = fini,
};

int reload_attach(cruet_app *root, bool (*lets)(cruet_ctx *c))
{
	int err = cruet_use_static(root, &plugin, NULL);

	if (err)
		return err;
	struct instance *in = registry_named(root, plugin.name);
	in->bound_by_program = true; /* what it knows, no other one would */
	((struct reload *)in->owner.state)->lets = lets;
	return CRUET_OK;
}

void reload_tell(cruet_app *root, struct news *n)
{
	tell(registry_named(root, plugin.name)->owner.state, n);
}
