/* The body of a request: read once, when it is first asked for, never more of it than
 * is allowed. */
#include <string.h>

#include "app/ctx.h"
#include "cruet/request.h"

int body_refuse(cruet_ctx *c, int status, const char *text)
{
	c->body_state = BODY_FAILED;
	c->close = true; /* what is left of it would be taken for a request */
	c->body_err = status;
	c->body_why = text;
	c->body_code = status == 413   ? CRUET_ELIMIT
		       : status == 408 ? CRUET_ETIMEOUT
		       : status < 500  ? CRUET_EPARSE
				       : CRUET_EIO;
	return ctx_fail_unread(c, status, c->body_why);
}

static int body_fails(cruet_ctx *c, int err)
{
	switch (err) {
	case CRUET_ELIMIT:
		return body_refuse(c, 413,
				   arena_printf(&c->arena, "the body is larger than %llu bytes",
						(unsigned long long)c->body_max));
	case CRUET_EPARSE:
		return body_refuse(c, 400,
				   "the body was cut short or is not framed as announced");
	case CRUET_ETIMEOUT:
		return body_refuse(c, 408, "the body did not arrive in time");
	default:
		c->body_state = BODY_FAILED;
		c->close = true;
		return c->body_err = c->body_code = ctx_fail_unread(c, err, NULL);
	}
}

void cruet_limit_body(cruet_ctx *c, uint64_t max)
{
	c->body_max = max;
}

/* The next bytes from the transport, counted; -1 after body_fails(). */
static ptrdiff_t pull(cruet_ctx *c, void *buf, size_t cap)
{
	ptrdiff_t n = c->x ? c->x->ops->read(c->x, buf, cap) : 0;

	if (n < 0)
		return body_fails(c, (int)n), -1;
	c->body_got += (uint64_t)n;
	if (c->body_got > c->body_max)
		return body_fails(c, CRUET_ELIMIT), -1;
	if (n == 0 && c->door.length >= 0 && c->body_got < (uint64_t)c->door.length)
		return body_fails(c, CRUET_EPARSE), -1;
	return n;
}

static bool announced_too_much(const cruet_ctx *c)
{
	return c->door.length >= 0 && (uint64_t)c->door.length > c->body_max;
}

/* Grows as the body arrives, so that a length that was only announced costs
 * nothing. One byte more than needed is kept for a NUL. */
int ctx_read_body(cruet_ctx *c)
{
	enum { FIRST = 16384 };

	if (c->body_state == BODY_READ || c->body_state == BODY_TAKEN)
		return CRUET_OK; /* TAKEN: nothing is left of it */
	if (c->body_state == BODY_FAILED)
		return ctx_fail_unread(c, c->body_err, c->body_why);
	if (announced_too_much(c))
		return body_fails(c, CRUET_ELIMIT);
	bool known = c->door.length >= 0 && c->door.length < FIRST;
	size_t len = 0, cap = known ? (size_t)c->door.length : FIRST;
	char *p = arena_alloc(&c->arena, cap + 1);
	while (p) {
		if (len == cap && known)
			break;
		if (len == cap) {
			p = arena_grow(&c->arena, p, cap + 1, cap * 2 + 1);
			cap *= 2;
			if (!p)
				break;
		}
		ptrdiff_t n = pull(c, p + len, cap - len);
		if (n < 0)
			return c->body_err;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	if (!p)
		return body_fails(c, CRUET_ENOMEM);
	p[len] = '\0';
	c->body = p;
	c->body_len = len;
	c->body_state = BODY_READ;
	return CRUET_OK;
}

const void *cruet_body(cruet_ctx *c, size_t *len)
{
	*len = 0;
	if (ctx_read_body(c))
		return NULL;
	*len = c->body_len;
	return c->body ? c->body : "";
}

ptrdiff_t body_take(cruet_ctx *c, void *buf, size_t cap)
{
	if (c->body_state == BODY_FAILED)
		return c->body_code;
	if (c->body_state == BODY_READ) {
		size_t left = c->body_len - c->body_at, n = left < cap ? left : cap;
		if (n)
			memcpy(buf, c->body + c->body_at, n);
		c->body_at += n;
		return (ptrdiff_t)n;
	}
	if (c->body_state == BODY_UNREAD && announced_too_much(c))
		body_fails(c, CRUET_ELIMIT);
	else
		c->body_state = BODY_TAKEN;
	ptrdiff_t n = c->body_state == BODY_FAILED ? -1 : pull(c, buf, cap);
	return n >= 0 ? n : c->body_code;
}
