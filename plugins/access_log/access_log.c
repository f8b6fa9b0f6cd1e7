/* Writes a line for each request. This file is what the plugin says of itself,
 * and where a line comes from; line.c writes it, writer.c carries it to the
 * file. */
#include <cruet.h>
#include <string.h>

#include "line.h"
#include "writer.h"

struct config {
	int32_t format;
	const char *file;
	uint64_t buffer;
	bool query;
	const char *const *mask, *const *skip;
};

struct state {
	const struct config *cfg;
	struct line_opts line;
	struct writer_state writer;
};

/* --- a line ----------------------------------------------------------------------- */

static bool skipped(const struct config *cfg, const char *target)
{
	size_t n = target ? strcspn(target, "?") : 0;

	for (const char *const *s = cfg->skip; target && s && *s; s++)
		if (!strncmp(*s, target, n) && !(*s)[n])
			return true;
	return false;
}

static void over(cruet_ctx *c, const void *what, void *arg)
{
	const cruet_ended *e = what;
	struct state *s = arg;
	struct stamped stamped;

	if (skipped(s->cfg, e->target))
		return;
	struct entry entry = {
		.now_ms = cruet_now(cruet_scope(c)),
		.peer = cruet_peer(c),
		.method = e->method,
		.target = e->target,
		.scheme = cruet_scheme(c),
		.host = cruet_host(c),
		.referer = cruet_header(c, "Referer"),
		.agent = cruet_header(c, "User-Agent"),
		.id = cruet_request_id(c),
		.endpoint = cruet_endpoint(c),
		.err = e->err ? cruet_strerror(e->err) : NULL,
		.minor = e->minor,
		.status = e->status,
		.received = e->received,
		.sent = e->sent,
		.took_us = e->took_us,
	};
	writer_put(&s->writer, &stamped, line_write(stamped.line, &s->line, &entry));
}

/* --- ladder ----------------------------------------------------------------------- */

static void about_to_stop(cruet_ctx *c, const void *what, void *arg)
{
	struct state *s = arg;

	(void)c, (void)what;
	writer_hurry(&s->writer);
}

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	s->cfg = cfg;
	s->line = (struct line_opts){.format = (enum line_format)cfg->format,
				     .query = cfg->query,
				     .mask = cfg->mask};
	int err = cruet_listen(app, "request_ended", over, s);
	return err ? err : cruet_listen(app, "app_stopping", about_to_stop, s);
}

static int start(cruet_app *app)
{
	struct state *s = cruet_state(app);
	const char *file = *s->cfg->file ? s->cfg->file : NULL;

	int err = writer_open(&s->writer, app, file, s->cfg->buffer);
	if (err)
		return err;
	err = cruet_thread_start(app, "access-log", writer_run, &s->writer);
	if (err)
		writer_close(&s->writer);
	return err;
}

static void stop(cruet_app *app)
{
	struct state *s = cruet_state(app);

	writer_close(&s->writer);
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, format, ENUM, .def = "combined",
		     .choices = "common|combined|extended|json",
		     .help = "common, combined, extended or json"),
	CRUET_OPTION(struct config, file, STR, .def = "",
		     .help = "a file that lines are added to; empty: standard error"),
	CRUET_OPTION(struct config, buffer, SIZE, .def = "1m",
		     .flags = CRUET_OPT_BOUNDS, .min = 16384, .max = 64 << 20,
		     .help = "bytes that wait for each processor, from 16k to 64m"),
	CRUET_OPTION(struct config, query, BOOL, .def = "true",
		     .help = "false to leave out what stands behind '?'"),
	CRUET_OPTION(struct config, mask, LIST,
		     .def = "access_token,api_key,password,secret,token",
		     .help = "names in queries whose values are not shown"),
	CRUET_OPTION(struct config, skip, LIST, .def = "",
		     .help = "paths that are not logged, as they are sent"),
	{.name = NULL}};

CRUET_PLUGIN(access_log, .version = "0.1.0", .summary = "a line for each request",
	     .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .init = init, .start = start, .stop = stop);
