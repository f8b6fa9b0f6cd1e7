/* Failures: what a request remembers of what went wrong. There are two places: the
 * failure of the function that runs, which the dispatcher looks at when it returns,
 * and the one that is being answered, which error handlers and later hooks see. */
#include "app/ctx.h"

#include <execinfo.h>
#include <string.h>

#include "base/errors.h"
#include "base/fields.h"

enum { FRAMES_MAX = 48 }; /* that are kept of a stack */

/* What no reply can cover: memory ran out, or the API was misused. */
static bool hard(int err)
{
	return err == CRUET_ENOMEM || err == CRUET_EINVAL || err == CRUET_ESTATE;
}

/* Where it happens, for who wants to know. */
static void trace(cruet_ctx *c)
{
	void *all[FRAMES_MAX];
	int n = backtrace(all, FRAMES_MAX) - 1; /* the first is nobody's: this one, or a sanitizer's */

	c->failure.frames = n > 0 ? arena_array(&c->arena, (size_t)n, sizeof *all) : NULL;
	c->failure.nframes = c->failure.frames ? n : 0;
	if (c->failure.frames)
		memcpy(c->failure.frames, all + 1, (size_t)n * sizeof *all);
}

/* Headers that were said to go with the failure stay with it. */
static void record(cruet_ctx *c, int err, const char *text, bool public_text)
{
	c->failure = (struct failure){
		.fields = c->failure.fields,
		.err = err,
		.status = err >= 400 && err <= 599 ? err : error_status(err),
		.text = text,
		.public_text = public_text,
		.stays = hard(err),
	};
	if (c->host->debug)
		trace(c);
}

int ctx_fail(cruet_ctx *c, int err, const char *text, bool public_text)
{
	if (!c->failure.err || (hard(err) && !c->failure.stays))
		record(c, err, text, public_text);
	return err;
}

int ctx_fail_unread(cruet_ctx *c, int err, const char *text)
{
	if (!c->failure.stays)
		record(c, err, text, err >= 400 && err <= 499);
	c->failure.stays = true;
	return err;
}

void ctx_take_failure(cruet_ctx *c)
{
	c->answered = c->failure;
	cruet_err_clear(c);
}

bool failure_unexpected(const struct failure *f)
{
	return f->err < 0 || (f->kind && f->status == 500);
}

const char *failure_text(const struct failure *f)
{
	if (!f->err || f->text)
		return f->err ? f->text : "";
	return f->err < 0 ? cruet_strerror(f->err) : cruet_reason(f->status);
}

/* --- what is said ------------------------------------------------------------------- */

int cruet_fail(cruet_ctx *c, int status, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = arena_vprintf(&c->arena, fmt, ap);
	va_end(ap);
	if (status < 400 || status > 599)
		return ctx_fail(c, CRUET_EINVAL,
				arena_printf(&c->arena,
					     "cruet_fail: %d is no error status: expected 400 to 599",
					     status),
				false);
	if (!c->failure.stays)
		record(c, status, text, true);
	return status;
}

int cruet_raise(cruet_ctx *c, const cruet_errtype *kind, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = arena_vprintf(&c->arena, fmt, ap);
	va_end(ap);
	if (!kind)
		return ctx_fail(c, CRUET_EINVAL, "cruet_raise: the kind is NULL", false);
	int status = kind->http >= 400 && kind->http <= 599 ? kind->http : 500;
	if (!c->failure.stays) {
		record(c, status, text, false);
		c->failure.kind = kind;
	}
	return status;
}

int cruet_fail_header(cruet_ctx *c, const char *name, const char *value)
{
	if (!name || !value || !field_name_ok(name) || !field_value_ok(value))
		return ctx_fail(c, CRUET_EINVAL, "cruet_fail_header: no header that can be sent",
				false);
	name = arena_strdup(&c->arena, name);
	value = arena_strdup(&c->arena, value);
	return name && value && !fields_add(&c->failure.fields, name, value)
		       ? CRUET_OK
		       : ctx_fail(c, CRUET_ENOMEM, NULL, false);
}

void ctx_failure_headers(cruet_ctx *c)
{
	const struct fields *more = &c->answered.fields;
	const struct fields set = c->reply; /* what it has by itself */

	for (size_t i = 0; i < more->n; i++)
		if (!fields_get(&set, more->items[i].name))
			fields_add(&c->reply, more->items[i].name, more->items[i].value);
}

void cruet_fail_place(cruet_ctx *c, const char *file, unsigned line, const char *says)
{
	struct fail_place *place, **end = &c->failure.places;

	if (!c->host->debug || !c->failure.err || !file)
		return;
	while (*end)
		end = &(*end)->next;
	place = arena_zalloc(&c->arena, sizeof *place);
	if (!place)
		return;
	place->file = arena_strdup(&c->arena, file);
	place->says = arena_strdup(&c->arena, says);
	place->line = line;
	if (place->file)
		*end = place;
}

/* --- what is asked --------------------------------------------------------------------- */

static const struct failure *known(const cruet_ctx *c)
{
	return c->failure.err ? &c->failure : &c->answered;
}

int cruet_err(const cruet_ctx *c)
{
	return known(c)->err;
}

int cruet_err_status(const cruet_ctx *c)
{
	return known(c)->status;
}

const char *cruet_err_text(const cruet_ctx *c)
{
	return failure_text(known(c));
}

const cruet_errtype *cruet_err_kind(const cruet_ctx *c)
{
	return known(c)->kind;
}

void cruet_err_clear(cruet_ctx *c)
{
	c->failure = (struct failure){.err = CRUET_OK};
	fields_init(&c->failure.fields, &c->arena);
}
