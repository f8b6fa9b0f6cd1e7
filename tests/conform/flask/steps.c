/* The step language: which function does which step, and in what order they run. */
#include <cruet/session.h>
#include <stdio.h>
#include <string.h>

#include "steps.h"

/* A step that goes on, or not ours: *known is false then. */
static int silent_step(cruet_ctx *c, const struct doing *d, const char *k, const cJSON *v,
		       bool *known)
{
	*known = true;
	if (!strcmp(k, "session_set"))
		return step_session_set(c, v);
	if (!strcmp(k, "session_pop"))
		return cruet_session_del(c, v->valuestring);
	if (!strcmp(k, "session_clear"))
		return cruet_session_clear(c);
	if (!strcmp(k, "session_permanent"))
		return cruet_session_permanent(c, cJSON_IsTrue(v));
	if (!strcmp(k, "flash"))
		return step_flash(c, v);
	if (!strcmp(k, "flashes_drop"))
		return cruet_flashes(c, NULL) ? CRUET_OK : cruet_err(c);
	if (!strcmp(k, "g_set"))
		return step_g_set(c, v);
	if (!strcmp(k, "max_content_length"))
		return cruet_limit_body(c, (uint64_t)v->valuedouble), CRUET_OK;
	if (!strcmp(k, "trace"))
		return trace_add(d->flask, v->valuestring), CRUET_OK;
	if (!strcmp(k, "after_this"))
		return step_after_this(c, d, v);
	*known = false;
	return CRUET_OK;
}

static int replying_step(cruet_ctx *c, const struct doing *d, const char *k,
			 const cJSON *v)
{
	if (!strcmp(k, "html"))
		return cruet_html(c, v->valuestring);
	if (!strcmp(k, "text"))
		return cruet_text(c, v->valuestring);
	if (!strcmp(k, "json"))
		return step_reply_json(c, v);
	if (!strcmp(k, "reply"))
		return step_reply(c, v);
	if (!strcmp(k, "args"))
		return cruet_jsonify(c, view_args(c, d));
	if (!strcmp(k, "echo")) {
		cruet_json *j = echo(c, d, v);
		return cruet_err(c) && !d->handles ? cruet_err(c) : cruet_jsonify(c, j);
	}
	if (!strcmp(k, "get_json"))
		return step_get_json(c, v);
	if (!strcmp(k, "form_required"))
		return step_required(c, cruet_form(c, v->valuestring), v->valuestring);
	if (!strcmp(k, "args_required"))
		return step_required(c, cruet_query(c, v->valuestring), v->valuestring);
	if (!strcmp(k, "arg_typed"))
		return step_arg_typed(c, v);
	if (!strcmp(k, "accept_best"))
		return step_accept_best(c, v);
	if (!strcmp(k, "abort"))
		return step_abort(c, v);
	if (!strcmp(k, "raise"))
		return step_raise(c, d, v->valuestring);
	if (!strcmp(k, "redirect"))
		return step_redirect(c, v);
	if (!strcmp(k, "url_for"))
		return step_url_for(c, v);
	if (!strcmp(k, "stream"))
		return step_stream(c, d, v);
	if (!strcmp(k, "send_file"))
		return step_send_file(c, d, v);
	if (!strcmp(k, "send_from_directory"))
		return step_send_from(c, d, v);
	if (!strcmp(k, "conditional"))
		return step_conditional(c, v);
	if (!strcmp(k, "secure_filename"))
		return step_reply_text(c, cruet_secure_filename(c, v->valuestring));
	if (!strcmp(k, "session_get"))
		return step_reply_json(c, cruet_session_json(c, v->valuestring));
	if (!strcmp(k, "session_has")) {
		cruet_json *box = cruet_array(c);
		cruet_push_bool(box, cruet_session_has(c, v->valuestring));
		return cruet_jsonify(c, cruet_json_first(box));
	}
	if (!strcmp(k, "g_get"))
		return step_reply_json(c, g_value(c, v->valuestring));
	if (!strcmp(k, "flashes"))
		return step_flashes(c, v);
	return CRUET_EIO; /* "fail", and what nobody knows */
}

static bool wanted(cruet_ctx *c, const cJSON *when)
{
	const cJSON *q = member(when, "query");
	const char *value = cruet_query(c, cJSON_GetArrayItem(q, 0)->valuestring);
	return value && !strcmp(value, cJSON_GetArrayItem(q, 1)->valuestring);
}

int steps_run(cruet_ctx *c, const struct doing *d, bool after)
{
	const cJSON *s, *changes[32];
	size_t n = 0;
	int r = CRUET_OK;

	cJSON_ArrayForEach(s, d->steps)
	{
		const cJSON *v = s->child;
		bool known;
		if (step_changes_reply(v->string)) {
			if (after)
				r = step_change_reply(c, v->string, v);
			else if (n < 32)
				changes[n++] = v;
			if (r && r != CRUET_DONE)
				return r;
			continue;
		}
		if (!strcmp(v->string, "when")) {
			struct doing inner = *d;
			inner.steps = member(v, "do");
			r = wanted(c, v) ? steps_run(c, &inner, after) : CRUET_OK;
			if (r && !(after && r == CRUET_DONE))
				break;
			continue;
		}
		if (!strcmp(v->string, "default_error"))
			return CRUET_OK;
		r = silent_step(c, d, v->string, v, &known);
		if (known && !r)
			continue;
		if (!known)
			r = replying_step(c, d, v->string, v);
		break;
	}
	for (size_t i = 0; r == CRUET_DONE && !after && i < n; i++) {
		int err = step_change_reply(c, changes[i]->string, changes[i]);
		if (err && err != CRUET_DONE)
			r = err;
	}
	return after && r == CRUET_DONE ? CRUET_OK : r;
}

void steps_end(cruet_ctx *c, const struct doing *d, int err)
{
	const cJSON *s;

	(void)c;
	cJSON_ArrayForEach(s, d->steps)
	{
		const char *word = cJSON_GetStringValue(s->child);
		char text[128];
		if (!word)
			continue;
		snprintf(text, sizeof text, "%s%s", word,
			 strcmp(s->child->string, "trace_exc") != 0 ? ""
			 : err					    ? ":error"
								    : ":none");
		trace_add(d->flask, text);
	}
}
