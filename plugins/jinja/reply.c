/* A reply that is made while it is sent. */
#include <cruet.h>
#include <cruet/forms.h>
#include <cruet/session.h>
#include <string.h>

#include "foresee.h"
#include "jinja.h"
#include "node.h"
#include "stream.h"
#include "words.h"

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

static bool has_function(const struct engine *e, const char *name)
{
	return words_find(e, CRUET_TEMPLATE_FUNCTION, name, strlen(name));
}

/* What the rest of a page may ask for, and can only be had while the head of the reply can
 * still speak of it. What fails here fails again where it is asked for, and is told then. */
static void open_for_later(struct jinja *j, cruet_ctx *c, const struct template *t)
{
	static const char *const names[] = {"get_flashed_messages", "csrf_token", "csrf_field", NULL};
	int before = cruet_err(c);
	unsigned read = *cruet_method(c) ? foresee(j->engine, c, t, names) : 0;

	if (read & 1)
		cruet_flashes(c, NULL);
	if ((read & 6) && has_function(j->engine, "csrf_token"))
		cruet_csrf_token(c);
	if (!before && cruet_err(c))
		cruet_err_clear(c);
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
	if (!stream_ended(r->stream))
		open_for_later(j, c, t);
	out->length = stream_ended(r->stream) ? (int64_t)stream_ready(r->stream) : -1;
	out->pull = pull;
	out->close = end;
	*reply = r;
	return CRUET_OK;
}
