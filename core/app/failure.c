/* Failures: what a request remembers of the first thing that went wrong. */
#include "app/ctx.h"

#include <string.h>

#include "base/fields.h"

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
	return ctx_fail(c, status, text, true);
}

int cruet_raise(cruet_ctx *c, const cruet_errtype *kind, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = arena_vprintf(&c->arena, fmt, ap);
	va_end(ap);
	int status = kind->http >= 400 && kind->http <= 599 ? kind->http : 500;
	if (!c->err) {
		ctx_fail(c, status, text, false);
		c->err_kind = kind;
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
	return name && value && !fields_add(&c->err_fields, name, value)
		       ? CRUET_OK
		       : ctx_fail(c, CRUET_ENOMEM, NULL, false);
}

int cruet_err(const cruet_ctx *c)
{
	return c->err;
}

int cruet_err_status(const cruet_ctx *c)
{
	return c->err ? c->err_status : 0;
}

const char *cruet_err_text(const cruet_ctx *c)
{
	if (!c->err)
		return "";
	if (c->err_text)
		return c->err_text;
	return c->err < 0 ? cruet_strerror(c->err) : cruet_reason(c->err_status);
}

const cruet_errtype *cruet_err_kind(const cruet_ctx *c)
{
	return c->err ? c->err_kind : NULL;
}

void cruet_err_clear(cruet_ctx *c)
{
	if (c->err)
		fields_init(&c->err_fields, &c->arena);
	c->err = CRUET_OK;
	c->err_status = 0;
	c->err_text = NULL;
	c->err_kind = NULL;
}
