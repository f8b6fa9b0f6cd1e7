/* A reply that is made while it is sent. */
#include <cruet.h>

#include "jinja.h"
#include "node.h"
#include "stream.h"

struct reply {
	struct jinja *jinja;
	const struct template *t;
	struct stream *stream;
};

static void end(cruet_ctx *c, void *self, int why)
{
	struct reply *r = self;

	(void)c, (void)why;
	stream_free(r->stream);
	engine_release(r->jinja->engine, r->t);
}

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct reply *r = self;
	size_t n = stream_take(r->stream, buf, cap);
	const struct complaint *why = n ? NULL : stream_trouble(r->stream);

	if (!why)
		return (ptrdiff_t)n;
	int err = jinja_fail(r->jinja, c, why);
	return err < 0 ? err : CRUET_EINVAL;
}

int jinja_stream(void *self, cruet_ctx *c, const char *name, const cruet_template_vars *vars,
		 cruet_source *out, void **reply)
{
	struct jinja *j = self;
	struct complaint why;
	struct reply *r = cruet_alloc(c, sizeof *r);
	const struct template *t = r ? jinja_get(j, c, name, &why) : NULL;

	if (!r)
		return CRUET_ENOMEM;
	if (!t)
		return jinja_fail(j, c, &why);
	*r = (struct reply){j, t, stream_new(j->engine, c, t, vars, j->chunk)};
	const struct complaint *trouble = r->stream ? stream_trouble(r->stream) : NULL;
	if (!r->stream || trouble) {
		int err = trouble ? jinja_fail(j, c, trouble) : CRUET_ENOMEM;
		end(c, r, err);
		return err;
	}
	out->length = stream_ended(r->stream) ? (int64_t)stream_ready(r->stream) : -1;
	out->pull = pull;
	out->close = end;
	*reply = r;
	return CRUET_OK;
}
