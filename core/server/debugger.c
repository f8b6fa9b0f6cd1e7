/* Pages for requests that failed without a crash: they are made in the process itself, from
 * what it still knows. */
#include "server/debugger.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/ctx.h"
#include "app/dispatch.h"
#include "base/nearest.h"
#include "cruet/request.h"
#include "plugin/instance.h"
#include "server/clock.h"
#include "server/crash_frames.h"
#include "server/crash_lines.h"
#include "server/sanitizer.h"
#include "server/story.h"

enum { LINES_MS = 10000 }; /* that reading debug information may take */

/* --- frames ----------------------------------------------------------------------------- */

/* Which of them are of the plugin whose handler it was. True: some are, or of the
 * application. */
static bool mark(const struct crash_frames *f, const cruet_ctx *c)
{
	const struct instance *in = frames_instance(
		c->endpoint ? c->endpoint->entry->head.scope->owner : c->scope->owner);
	struct crash_record *r = f->record;
	bool any = false;

	for (uint32_t i = 0; i < r->nframes; i++) {
		int32_t m = r->frames[i].module;
		r->frames[i].ours = m >= 0 && in && f->maps[m] == in->loaded.handle;
		any |= r->frames[i].ours || (m >= 0 && r->modules[m].own);
	}
	return any;
}

/* The innermost ones are the core's, which was told of it. */
static int first_frame(const cruet_ctx *c)
{
	const struct link_map *core = frames_map((uintptr_t)first_frame);
	int i = 0;

	while (i < c->answered.nframes && frames_map((uintptr_t)c->answered.frames[i]) == core)
		i++;
	return i;
}

static void take_frames(struct crash_record *r, const cruet_ctx *c, const char *program)
{
	struct crash_frames f;

	frames_begin(&f, r, c->host->root, program);
	f.called = true;
	for (int i = first_frame(c); i < c->answered.nframes; i++)
		frames_add(&f, (uintptr_t)c->answered.frames[i]);
	if (mark(&f, c))
		return;
	/* it returned a number, and said no more: then all that is known is who did */
	r->nframes = r->nmodules = 0;
	frames_begin(&f, r, c->host->root, program);
	if (c->endpoint && c->endpoint->entry->rule.fn)
		frames_add(&f, (uintptr_t)c->endpoint->entry->rule.fn);
	mark(&f, c);
}

static void take_plugins(struct crash_record *r, const cruet_ctx *c)
{
	for (const struct instance *in = frames_instances(c->host->root);
	     in && r->nplugins < CRASH_PLUGINS; in = in->next) {
		struct crash_plugin *p = &r->plugins[r->nplugins++];
		const char *version = in->owner.plugin->version;
		strncat(p->name, in->owner.name, sizeof p->name - 1);
		strncat(p->version, version ? version : "", sizeof p->version - 1);
	}
}

static struct crash_record *make_record(cruet_ctx *c)
{
	struct crash_record *r = arena_zalloc(&c->arena, sizeof *r);
	char program[CRASH_PATH];
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);

	program[n > 0 ? n : 0] = '\0';
	if (!r)
		return NULL;
	take_frames(r, c, program);
	take_plugins(r, c);
	return r;
}

/* Where they lie in sources. The text of it goes with the request. */
static const struct crash_line *read_lines(cruet_ctx *c, const struct crash_record *r)
{
	struct crash_lines *l = r->nframes ? arena_zalloc(&c->arena, sizeof *l) : NULL;
	int fds[CRASH_MODULES];
	int64_t until = clock_ms() + LINES_MS;

	if (!l)
		return NULL;
	crash_modules_open(r, fds);
	crash_lines_start(l, r, fds, false);
	for (bool done = l->fd < 0; !done;) {
		struct pollfd p = {.fd = l->fd, .events = POLLIN};
		int64_t left = until - clock_ms();
		done = left <= 0 || (poll(&p, 1, (int)left) > 0 && crash_lines_read(l));
	}
	crash_lines_end(l, r);
	crash_modules_close(fds);
	if (!l->text || arena_defer(&c->arena, free, l->text))
		return NULL;
	return l->lines;
}

/* --- routes ----------------------------------------------------------------------------- */

static const char *methods_of(const struct rule *r)
{
	return r->flags & RULE_WEBSOCKET ? "WebSocket" : r->methods ? r->methods : "any method";
}

/* How far a path is from a rule, whose arguments take what stands there in the path. */
static size_t distance(struct arena *a, const char *path, const char *rule)
{
	const char *at = path;
	struct buf b;

	buf_init(&b, a, 0);
	while (*rule) { /* a piece of each, with the slash before it */
		size_t n = 1 + strcspn(rule + 1, "/"), m = *at ? 1 + strcspn(at + 1, "/") : 0;
		bool takes = memchr(rule, '<', n) && m > 1;
		buf_put(&b, takes ? at : rule, takes ? m : n);
		rule += n;
		at += m;
	}
	return nearest_distance(b.p, path);
}

static const struct rule *nearest_rule(cruet_ctx *c)
{
	const struct rule *best = NULL, *r;
	size_t least = strlen(c->door.path) / 2 + 1;

	for (size_t i = 0; (r = router_rule(c->gen->router, i)); i++) {
		size_t far = r->flags & CRUET_BUILD_ONLY ? least
							 : distance(&c->arena, c->door.path, r->path);
		if (far < least) {
			least = far;
			best = r;
		}
	}
	return best;
}

static void add_routes(struct page *p, cruet_ctx *c)
{
	const struct rule *r, *near = nearest_rule(c);

	if (c->match.kind == MATCH_METHOD) {
		p->cause = arena_printf(p->arena, "%s does not take %s. It takes: %s", c->door.path,
					c->head->method, c->match.allow);
	} else {
		p->cause = arena_printf(p->arena, "No rule matches %s.", c->door.path);
		if (near)
			page_cure(p, "The nearest rule is %s %s (%s).", methods_of(near), near->path,
				  near->endpoint);
	}
	page_section(p, "Rules, in the order in which they are tried");
	for (size_t i = 0; (r = router_rule(c->gen->router, i)); i++)
		if (!(r->flags & CRUET_BUILD_ONLY))
			page_pair(p, arena_printf(p->arena, "%s %s", methods_of(r), r->path),
				  arena_printf(p->arena, "%s%s%s%s", r->endpoint ? r->endpoint : "",
					       r->here ? "  " : "", r->here ? r->here : "",
					       r == near ? "  (the nearest)" : ""));
}

static bool no_rule(const cruet_ctx *c)
{
	return !c->endpoint && ((c->answered.status == 404 && c->match.kind == MATCH_NONE) ||
				(c->answered.status == 405 && c->match.kind == MATCH_METHOD));
}

/* --- the page --------------------------------------------------------------------------- */

/* Whether the handler has read the body or not, it is shown, unless it is large. */
static void read_body(cruet_ctx *c)
{
	if (c->body_state == BODY_UNREAD && c->door.length > 0 && c->door.length <= DOSSIER_BODY)
		ctx_read_body(c);
	if (c->body_state == BODY_READ)
		cruet_form(c, "");
	cruet_err_clear(c);
}

static bool fill_facts(struct dossier *d, cruet_ctx *c)
{
	char *room = arena_alloc(&c->arena, DOSSIER_MAX);

	if (!room)
		return false;
	read_body(c);
	dossier_init(d, room, DOSSIER_MAX);
	dossier_options(d, c->host->root);
	dossier_request(d, c);
	dossier_head(d, c);
	dossier_body(d, c);
	dossier_session(d, c);
	dossier_sql(d, c);
	dossier_log(d, c->host->log.recent);
	return true;
}

static void add_leaks(struct dossier *d, cruet_ctx *c)
{
	const char *leaks = sanitizer_leaked(&c->arena);

	if (leaks)
		dossier_add(d, FACT_LEAK, "", leaks, strlen(leaks));
}

static struct page *make_page(cruet_ctx *c, bool routes, const char *report)
{
	struct story s = {.root = c->host->root,
			  .gen = c->gen,
			  .report = report,
			  .record = make_record(c),
			  .status = c->answered.status,
			  .says = failure_text(&c->answered),
			  .err = c->answered.err,
			  .places = c->answered.places};

	if (!s.record || !fill_facts(&s.facts, c))
		return NULL;
	if (report)
		dossier_add(&s.facts, FACT_REPORT, "", report, strlen(report));
	add_leaks(&s.facts, c);
	s.lines = report ? NULL : read_lines(c, s.record);
	struct page *p = story_begin(&c->arena, &s);
	if (p && routes)
		add_routes(p, c);
	story_end(p, &s);
	return p;
}

static enum page_form form_of(const cruet_ctx *c)
{
	return page_form(cruet_header(c, "Accept"), cruet_header(c, "User-Agent"),
			 cruet_header(c, "X-Requested-With"));
}

static bool reply(cruet_ctx *c, const struct page *p)
{
	enum page_form form = form_of(c);
	const char *policy = page_policy(p);
	struct buf b;

	buf_init(&b, &c->arena, 0);
	page_write(&b, p, form);
	if (!policy || buf_err(&b))
		return false;
	fields_set(&c->reply, "Content-Type", page_type(form));
	fields_set(&c->reply, "Content-Security-Policy", policy);
	fields_set(&c->reply, "Cache-Control", "no-store");
	ctx_reply_bytes(c, b.p, b.len);
	return true;
}

static enum debug_guard guard(const cruet_ctx *c)
{
	struct debug_client who = {.host = c->target.host,
				   .peer = c->head->peer,
				   .cookies = cruet_header(c, "Cookie"),
				   .origin = cruet_header(c, "Origin"),
				   .site = cruet_header(c, "Sec-Fetch-Site"),
				   .mode = cruet_header(c, "Sec-Fetch-Mode"),
				   .proxied = debug_guard_is_proxied(c)};

	return debug_guard(c->host, &who);
}

bool debug_guard_lets(cruet_ctx *c)
{
	return c->head && guard(c) == DEBUG_SHOW;
}

static bool ask_for_pin(cruet_ctx *c)
{
	if (form_of(c) != PAGE_HTML)
		return false;
	fields_set(&c->reply, "Content-Type", page_type(PAGE_HTML));
	fields_set(&c->reply, "Cache-Control", "no-store");
	for (const cruet_field *f = debug_guard_ask_fields; f->name; f++)
		fields_set(&c->reply, f->name, f->value);
	ctx_reply_bytes(c, debug_guard_ask, strlen(debug_guard_ask));
	return true;
}

static bool answer(cruet_ctx *c)
{
	bool routes = no_rule(c);

	if (!c->head || (c->answered.status < 500 && !routes))
		return false;
	switch (guard(c)) {
	case DEBUG_SHOW: {
		struct page *p = make_page(c, routes, NULL);
		return p && reply(c, p);
	}
	case DEBUG_ASK_PIN:
		return ask_for_pin(c);
	default:
		return false;
	}
}

/* A handler that a sanitizer speaks of may have replied: that is worth nothing. */
static bool inspect(cruet_ctx *c)
{
	const char *report = sanitizer_news(&c->arena);

	if (!report)
		sanitizer_leaks(c);
	if (!report || !c->head || !sanitizer_title(&c->arena, report))
		return false;
	cruet_err_clear(c);
	ctx_fail(c, CRUET_ESTATE, sanitizer_title(&c->arena, report), false);
	dispatch_tell_failure(c);
	if (guard(c) != DEBUG_SHOW)
		return false;
	struct page *p = make_page(c, false, report);
	if (!p)
		return false;
	ctx_reply_reset(c);
	c->status = c->answered.status;
	return reply(c, p);
}

void debugger_start(cruet_app *root, struct debug_pin *pin)
{
	struct host *h = root->host;

	h->debug = true;
	h->pin = pin;
	h->log.recent = arena_zalloc(&root->arena, sizeof *h->log.recent);
	h->debugger = answer;
	if (sanitizer_start())
		h->inspect = inspect;
}
