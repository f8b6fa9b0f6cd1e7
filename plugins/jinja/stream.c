/* A text that is made while it is taken: never more of it lies in memory than a chunk, and what
 * one statement writes. */
#include "stream.h"

#include <stdlib.h>

#include "engine_priv.h"
#include "steps.h"

struct stream {
	struct render r;
	struct steps steps;
	struct out out;
	size_t chunk, taken; /* of out */
	uint64_t before;     /* bytes before those in out */
	struct complaint why;
	cruet_template_vars vars;
};

/* Bytes that were taken are forgotten, so what the bound is for is counted here. */
static bool too_long(const struct stream *s)
{
	return s->before + s->out.len > s->out.max;
}

static void run(struct stream *s)
{
	render_resume(&s->r);
	steps_run(&s->r, &s->steps, s->chunk);
	if (!s->r.failed && too_long(s)) {
		s->out.len = s->out.max - s->before;
		s->steps.top = NULL;
		fail_length(&s->r);
	}
	render_pause(&s->r);
}

struct stream *stream_new(struct engine *e, cruet_ctx *c, const struct template *t,
			  const cruet_template_vars *vars, size_t chunk)
{
	const struct bounds *bounds = &e->options.bounds;
	struct stream *s = malloc(sizeof *s);

	if (!s)
		return NULL;
	*s = (struct stream){.chunk = chunk, .vars = *vars};
	s->r = (struct render){.e = e, .c = c, .user = &s->vars, .t = t, .why = &s->why};
	out_init(&s->out, chunk + chunk / 4, bounds->output);
	render_begin(&s->r, &s->out);
	if (s->r.context) {
		render_resume(&s->r);
		steps_begin(&s->r, &s->steps);
		run(s);
	}
	return s;
}

size_t stream_ready(const struct stream *s)
{
	return s->out.len - s->taken;
}

bool stream_ended(const struct stream *s)
{
	return !s->steps.top;
}

size_t stream_take(struct stream *s, void *buf, size_t cap)
{
	size_t done = 0;

	while (done < cap && (stream_ready(s) || !stream_ended(s))) {
		if (!stream_ready(s)) {
			s->before += s->out.len;
			s->out.len = s->taken = 0;
			run(s);
		}
		size_t left = cap - done, n = stream_ready(s) < left ? stream_ready(s) : left;
		if (n)
			memcpy((char *)buf + done, s->out.p + s->taken, n);
		s->taken += n;
		done += n;
	}
	return done;
}

const struct complaint *stream_trouble(const struct stream *s)
{
	return s->r.failed ? &s->why : NULL;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	render_end(&s->r);
	out_fini(&s->out);
	free(s);
}
