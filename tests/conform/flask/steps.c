/* The step language: one function for each step. */
#include <cruet/session.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

/* --- what the request keeps -------------------------------------------------------------- */

struct later { /* steps for the reply of this request */
	struct later *next;
	const struct doing *doing;
};

struct notes {
	cruet_json *g;
	struct later *first, *last;
	struct later *next; /* to run; they run again where an after-hook failed */
};

static const cruet_key notes_key = {"notes"};

static struct notes *notes(cruet_ctx *c)
{
	struct notes *n = cruet_g_get(c, &notes_key);

	if (n)
		return n;
	n = cruet_alloc(c, sizeof *n);
	if (!n || cruet_g_set(c, &notes_key, n, NULL))
		return NULL;
	n->g = cruet_object(c);
	return n;
}

const cJSON *g_value(cruet_ctx *c, const char *name)
{
	struct notes *n = notes(c);
	return n ? cruet_json_get(n->g, name) : NULL;
}

int g_store(cruet_ctx *c, const char *name, const cJSON *value)
{
	struct notes *n = notes(c);

	if (!n)
		return CRUET_ENOMEM;
	cJSON_DeleteItemFromObjectCaseSensitive(n->g, name);
	cruet_put_json(n->g, name, value);
	return CRUET_OK;
}

static int run_later(cruet_ctx *c)
{
	struct notes *n = notes(c);
	struct later *l = n ? (n->next ? n->next : n->first) : NULL;

	if (!l)
		return CRUET_OK;
	n->next = l->next;
	return steps_run(c, l->doing, true);
}

static int add_later(cruet_ctx *c, const struct doing *d, const cJSON *steps)
{
	struct notes *n = notes(c);
	struct later *l = cruet_alloc(c, sizeof *l);
	struct doing *copy = cruet_alloc(c, sizeof *copy);

	if (!n || !l || !copy)
		return CRUET_ENOMEM;
	*copy = *d;
	copy->steps = steps;
	l->doing = copy;
	if (n->first)
		n->last->next = l;
	else
		n->first = l;
	n->last = l;
	return cruet_after_this(c, run_later);
}

/* --- changing the reply at hand ----------------------------------------------------------- */

static const char *put_headers(cruet_ctx *c, const cJSON *list,
			       int (*put)(cruet_ctx *, const char *, const char *))
{
	const cJSON *h;

	cJSON_ArrayForEach(h, list)
	{
		const char *name = cJSON_GetArrayItem(h, 0)->valuestring;
		if (put(c, name, cJSON_GetArrayItem(h, 1)->valuestring))
			return name;
	}
	return NULL;
}

static int set_cookie(cruet_ctx *c, const cJSON *v, bool forget)
{
	const cJSON *expires = member(v, "expires"), *age = member(v, "max_age");
	cruet_cookie_opts o = {
		.size = sizeof o,
		.path = cJSON_IsNull(member(v, "path")) ? "" : text_of(v, "path"),
		.domain = text_of(v, "domain"),
		.same_site = text_of(v, "samesite") ? text_of(v, "samesite") : "",
		.max_age = forget ? -1 : age ? (int64_t)age->valuedouble : 0,
		.expires = expires ? (int64_t)expires->valuedouble : 0,
		.flags = cJSON_IsTrue(member(v, "secure")) ? CRUET_COOKIE_SECURE
							  : CRUET_COOKIE_INSECURE,
	};
	if (!cJSON_IsTrue(member(v, "httponly")))
		o.flags |= CRUET_COOKIE_SCRIPTS;
	if (cJSON_IsTrue(member(v, "partitioned")))
		o.flags = (o.flags & ~(uint32_t)CRUET_COOKIE_INSECURE) | CRUET_COOKIE_PARTITIONED;
	const char *value = text_of(v, "value");
	return cruet_set_cookie(c, text_of(v, "name"), value ? value : "", &o);
}

static int append_body(cruet_ctx *c, const char *more)
{
	size_t len, extra = strlen(more);
	const void *body = cruet_reply_body(c, &len);
	char *all = cruet_alloc(c, len + extra + 1);

	if (!all)
		return CRUET_ENOMEM;
	if (len)
		memcpy(all, body, len);
	memcpy(all + len, more, extra);
	return cruet_bytes(c, NULL, all, len + extra);
}

static bool changes_reply(const char *step)
{
	static const char *const names[] = {"set_header", "add_header", "set_status",
					    "append_body", "set_cookie", "delete_cookie"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(step, names[i]))
			return true;
	return false;
}

static int change_reply(cruet_ctx *c, const char *step, const cJSON *v)
{
	if (!strcmp(step, "set_status"))
		return cruet_status(c, v->valueint);
	if (!strcmp(step, "append_body"))
		return append_body(c, v->valuestring);
	if (!strcmp(step, "set_cookie") || !strcmp(step, "delete_cookie"))
		return set_cookie(c, v, step[0] == 'd');
	const char *name = cJSON_GetArrayItem(v, 0)->valuestring;
	const char *value = cJSON_GetArrayItem(v, 1)->valuestring;
	return step[0] == 's' ? cruet_set_header(c, name, value)
			      : cruet_add_header(c, name, value);
}

/* --- replies -------------------------------------------------------------------------------- */

static char *decode64(cruet_ctx *c, const char *s, size_t *len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, have = 0;
	char *out = cruet_alloc(c, strlen(s) + 1);

	for (*len = 0; out && *s && *s != '='; s++) {
		bits = bits << 6 | (unsigned)(strchr(digits, *s) - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[(*len)++] = (char)(bits >> have);
		}
	}
	return out;
}

static int reply(cruet_ctx *c, const cJSON *v)
{
	const cJSON *status = member(v, "status"), *json = member(v, "json");
	const char *type = text_of(v, "type"), *b64 = text_of(v, "body_b64");
	const char *body = text_of(v, "body");
	size_t len = body ? strlen(body) : 0;
	int r;

	if (json) {
		r = cruet_jsonify(c, json);
		if (r == CRUET_DONE && type)
			r = cruet_set_header(c, "Content-Type", type) ? CRUET_EINVAL : r;
	} else {
		const char *p = b64 ? decode64(c, b64, &len) : body ? body : "";
		r = cruet_bytes(c, type ? type : "text/html; charset=utf-8", p, len);
	}
	if (r == CRUET_DONE && status)
		r = cruet_status(c, status->valueint) ? CRUET_EINVAL : r;
	if (r == CRUET_DONE && put_headers(c, member(v, "headers"), cruet_add_header))
		r = CRUET_EINVAL;
	return r;
}

static int get_json(cruet_ctx *c, const cJSON *v)
{
	bool force = cJSON_IsTrue(member(v, "force")), silent = cJSON_IsTrue(member(v, "silent"));
	const cruet_json *j = force ? cruet_body_json_any(c) : cruet_body_json(c);

	if (!j && !silent)
		return cruet_err(c);
	if (!j)
		cruet_err_clear(c);
	cruet_json *box = cruet_array(c);
	cruet_push_json(box, j);
	return cruet_jsonify(c, cruet_json_first(box));
}

static int reply_text(cruet_ctx *c, const char *text)
{
	cruet_json *box = cruet_array(c);
	cruet_push_str(box, text);
	return cruet_jsonify(c, cruet_json_first(box));
}

static int reply_json(cruet_ctx *c, const cJSON *v)
{
	cruet_json *box = cruet_array(c);
	cruet_push_json(box, v);
	return cruet_jsonify(c, cruet_json_first(box));
}

static int required(cruet_ctx *c, const char *value, const char *name)
{
	if (cruet_err(c))
		return cruet_err(c);
	return value ? reply_text(c, value) : cruet_fail(c, 400, "%s is missing", name);
}

static int arg_typed(cruet_ctx *c, const cJSON *v)
{
	const char *type = text_of(v, "type"), *value = cruet_query(c, text_of(v, "name"));
	char *end = NULL;

	if (value && !strcmp(type, "str"))
		return reply_text(c, value);
	double n = value && *value ? strtod(value, &end) : 0;
	bool ok = end && !*end && !(value[0] == ' ');
	if (ok && !strcmp(type, "int"))
		ok = !value[strspn(value, "+-0123456789")];
	if (!ok)
		return reply_json(c, member(v, "default"));
	cruet_json *box = cruet_array(c);
	if (!strcmp(type, "int"))
		cruet_push_int(box, strtoll(value, NULL, 10));
	else
		cruet_push_real(box, n);
	return cruet_jsonify(c, cruet_json_first(box));
}

static int accept_best(cruet_ctx *c, const cJSON *v)
{
	const char *kind = text_of(v, "kind"), *offers[32];
	const char *header = !strcmp(kind, "mimetypes")	  ? "Accept"
			     : !strcmp(kind, "languages") ? "Accept-Language"
			     : !strcmp(kind, "encodings") ? "Accept-Encoding"
							  : "Accept-Charset";
	const cJSON *o;
	size_t n = 0;

	cJSON_ArrayForEach(o, member(v, "offers"))
		if (n < 31)
			offers[n++] = o->valuestring;
	offers[n] = NULL;
	return reply_text(c, cruet_header(c, header) ? cruet_accept(c, header, offers) : NULL);
}

static int abort_with(cruet_ctx *c, const cJSON *v)
{
	int code = member(v, "code")->valueint;
	const char *text = text_of(v, "description");

	put_headers(c, member(v, "headers"), cruet_fail_header);
	if (code < 400 || code > 599)
		return CRUET_EINVAL;
	return text ? cruet_fail(c, code, "%s", text) : code;
}

static int raise_named(cruet_ctx *c, const struct doing *d, const char *name)
{
	const struct flask *f = d->flask;

	for (size_t i = 0; i < f->nkinds; i++)
		if (!strcmp(f->kinds[i].name, name))
			return cruet_raise(c, &f->kinds[i], "raised");
	return CRUET_EIO;
}

/* --- URLs and files ---------------------------------------------------------------------------- */

static const char *url_text(cruet_ctx *c, const cJSON *v)
{
	if (cJSON_IsNull(v))
		return NULL;
	if (cJSON_IsString(v))
		return v->valuestring;
	if (cJSON_IsBool(v))
		return cJSON_IsTrue(v) ? "True" : "False";
	return cruet_json_text(c, v, NULL);
}

static const char *url_of(cruet_ctx *c, const cJSON *v)
{
	static const char *const options[] = {"_external", "_anchor", "_scheme", "_method"};
	cruet_url_pair pairs[64];
	const cJSON *pair, *one;
	size_t n = 0;

	cJSON_ArrayForEach(pair, member(v, "values"))
	{
		const char *name = cJSON_GetArrayItem(pair, 0)->valuestring;
		const cJSON *value = cJSON_GetArrayItem(pair, 1);
		if (!cJSON_IsArray(value))
			pairs[n++] = (cruet_url_pair){name, url_text(c, value)};
		else
			cJSON_ArrayForEach(one, value)
				pairs[n++] = (cruet_url_pair){name, url_text(c, one)};
	}
	for (size_t i = 0; i < 4; i++) {
		const cJSON *o = member(v, options[i]);
		if (cJSON_IsBool(o))
			pairs[n++] = (cruet_url_pair){options[i], cJSON_IsTrue(o) ? "1" : "0"};
		else if (cJSON_IsString(o))
			pairs[n++] = (cruet_url_pair){options[i], o->valuestring};
	}
	return cruet_url_pairs(c, text_of(v, "endpoint"), pairs, n);
}

static int url_for(cruet_ctx *c, const cJSON *v)
{
	const char *url = url_of(c, v);

	if (!url)
		cruet_err_clear(c);
	return cruet_text(c, url ? url : "error");
}

static int redirect(cruet_ctx *c, const cJSON *v)
{
	const cJSON *code = member(v, "code"), *named = member(v, "url_for");
	const char *to = named ? url_of(c, named) : text_of(v, "to");
	return cruet_redirect(c, code ? code->valueint : 0, to);
}

static cruet_file_opts file_opts(const cJSON *v)
{
	const cJSON *age = member(v, "max_age"), *etag = member(v, "etag");
	const cJSON *modified = member(v, "last_modified");
	cruet_file_opts o = {
		.size = sizeof o,
		.name = text_of(v, "download_name"),
		.mime = text_of(v, "mimetype"),
		.etag = cJSON_GetStringValue(etag),
		.modified = modified ? (int64_t)modified->valuedouble : 0,
	};
	if (cJSON_IsNumber(age))
		o.max_age = age->valueint ? age->valueint : -1;
	if (cJSON_IsTrue(member(v, "as_attachment")))
		o.flags |= CRUET_FILE_ATTACHMENT;
	if (cJSON_IsFalse(member(v, "conditional")))
		o.flags |= CRUET_FILE_UNCONDITIONAL;
	if (cJSON_IsFalse(etag))
		o.flags |= CRUET_FILE_NO_ETAG;
	return o;
}

static int send_from(cruet_ctx *c, const struct doing *d, const cJSON *v)
{
	cruet_file_opts o = file_opts(v);
	const char *folder = cruet_printf(c, "%s/%s", d->flask->root, text_of(v, "directory"));
	return folder ? cruet_send_from(c, folder, cruet_arg(c, text_of(v, "arg")), &o)
		      : CRUET_ENOMEM;
}

static int send_file(cruet_ctx *c, const struct doing *d, const cJSON *v)
{
	cruet_file_opts o = file_opts(v);
	const char *path = cruet_printf(c, "%s/%s", d->flask->root, text_of(v, "path"));
	return path ? cruet_send_file(c, path, &o) : CRUET_ENOMEM;
}

static int conditional(cruet_ctx *c, const cJSON *v)
{
	const char *etag = text_of(v, "etag");
	const cJSON *modified = member(v, "last_modified");

	if (etag && cJSON_IsTrue(member(v, "weak")))
		etag = cruet_printf(c, "W/%s", etag);
	int r = cruet_conditional(c, etag, modified ? (int64_t)modified->valuedouble : -1);
	return r ? r : cruet_html(c, text_of(v, "body"));
}

/* --- streams -------------------------------------------------------------------------------------- */

struct chunks {
	const struct doing *doing;
	const cJSON *list;
	int at, fail_after;
	size_t sent; /* of the present chunk */
	bool trace;
};

static ptrdiff_t pull(cruet_ctx *c, void *self, void *buf, size_t cap)
{
	struct chunks *s = self;
	char word[32];

	(void)c;
	for (;;) {
		if (s->at == s->fail_after)
			return CRUET_EIO;
		const cJSON *chunk = cJSON_GetArrayItem(s->list, s->at);
		if (!chunk) {
			if (s->trace)
				trace_add(s->doing->flask, "end");
			s->trace = false;
			return 0;
		}
		if (!s->sent && s->trace) {
			snprintf(word, sizeof word, "chunk%d", s->at);
			trace_add(s->doing->flask, word);
		}
		size_t left = strlen(chunk->valuestring) - s->sent, n = left < cap ? left : cap;
		memcpy(buf, chunk->valuestring + s->sent, n);
		s->sent += n;
		if (n == left) {
			s->at++;
			s->sent = 0;
		}
		if (n)
			return (ptrdiff_t)n;
	}
}

static int stream(cruet_ctx *c, const struct doing *d, const cJSON *v)
{
	const cJSON *fail_after = member(v, "fail_after");
	const char *type = text_of(v, "type");
	cruet_source source = {.size = sizeof source,
			       .mime = type ? type : "text/html; charset=utf-8",
			       .length = -1,
			       .pull = pull};
	struct chunks *s = cruet_alloc(c, sizeof *s);

	if (!s)
		return CRUET_ENOMEM;
	*s = (struct chunks){.doing = d, .list = member(v, "chunks"),
			     .fail_after = fail_after ? fail_after->valueint : -1,
			     .trace = cJSON_IsTrue(member(v, "trace"))};
	return cruet_stream(c, &source, s);
}

/* --- sessions and messages --------------------------------------------------------------------------- */

static int flash(cruet_ctx *c, const cJSON *v)
{
	const cJSON *category = cJSON_GetArrayItem(v, 1);
	return cruet_flash_json(c, category ? category->valuestring : NULL,
				cJSON_GetArrayItem(v, 0));
}

static int flashes(cruet_ctx *c, const cJSON *v)
{
	bool categories = cJSON_IsTrue(member(v, "categories"));
	char filter[256] = "";
	const cJSON *f, *list = member(v, "filter");

	cJSON_ArrayForEach(f, list)
	{
		size_t n = strlen(filter);
		snprintf(filter + n, sizeof filter - n, "%s%s", n ? "," : "", f->valuestring);
	}
	const cruet_json *all = cruet_flashes(c, list ? filter : NULL);
	cruet_json *out = cruet_array(c);
	for (const cruet_json *m = cruet_json_first(all); m; m = cruet_json_next(m)) {
		const cruet_json *text = cruet_json_get(m, "message");
		if (!categories) {
			cruet_push_json(out, text);
			continue;
		}
		cruet_json *pair = cruet_push_array(out);
		cruet_push_json(pair, cruet_json_get(m, "category"));
		cruet_push_json(pair, text);
	}
	return all ? cruet_jsonify(c, out) : cruet_err(c);
}

static int session_set(cruet_ctx *c, const cJSON *v)
{
	const cJSON *one;
	int err = CRUET_OK;

	cJSON_ArrayForEach(one, v)
	{
		if (!err)
			err = cruet_session_set_json(c, one->string, one);
	}
	return err;
}

static int g_set(cruet_ctx *c, const cJSON *v)
{
	const cJSON *one;
	int err = CRUET_OK;

	cJSON_ArrayForEach(one, v)
	{
		if (!err)
			err = g_store(c, one->string, one);
	}
	return err;
}

/* --- the whole ------------------------------------------------------------------------------------------ */

/* A step that goes on, or not ours: *known is false then. */
static int silent_step(cruet_ctx *c, const struct doing *d, const char *k, const cJSON *v,
		       bool *known)
{
	*known = true;
	if (!strcmp(k, "session_set"))
		return session_set(c, v);
	if (!strcmp(k, "session_pop"))
		return cruet_session_del(c, v->valuestring);
	if (!strcmp(k, "session_clear"))
		return cruet_session_clear(c);
	if (!strcmp(k, "session_permanent"))
		return cruet_session_permanent(c, cJSON_IsTrue(v));
	if (!strcmp(k, "flash"))
		return flash(c, v);
	if (!strcmp(k, "flashes_drop"))
		return cruet_flashes(c, NULL) ? CRUET_OK : cruet_err(c);
	if (!strcmp(k, "g_set"))
		return g_set(c, v);
	if (!strcmp(k, "max_content_length"))
		return cruet_limit_body(c, (uint64_t)v->valuedouble), CRUET_OK;
	if (!strcmp(k, "trace"))
		return trace_add(d->flask, v->valuestring), CRUET_OK;
	if (!strcmp(k, "after_this"))
		return add_later(c, d, v);
	*known = false;
	return CRUET_OK;
}

static int replying_step(cruet_ctx *c, const struct doing *d, const char *k, const cJSON *v)
{
	if (!strcmp(k, "html"))
		return cruet_html(c, v->valuestring);
	if (!strcmp(k, "text"))
		return cruet_text(c, v->valuestring);
	if (!strcmp(k, "json"))
		return reply_json(c, v);
	if (!strcmp(k, "reply"))
		return reply(c, v);
	if (!strcmp(k, "args"))
		return cruet_jsonify(c, view_args(c, d));
	if (!strcmp(k, "echo")) {
		cruet_json *j = echo(c, d, v);
		return cruet_err(c) && !d->handles ? cruet_err(c) : cruet_jsonify(c, j);
	}
	if (!strcmp(k, "get_json"))
		return get_json(c, v);
	if (!strcmp(k, "form_required"))
		return required(c, cruet_form(c, v->valuestring), v->valuestring);
	if (!strcmp(k, "args_required"))
		return required(c, cruet_query(c, v->valuestring), v->valuestring);
	if (!strcmp(k, "arg_typed"))
		return arg_typed(c, v);
	if (!strcmp(k, "accept_best"))
		return accept_best(c, v);
	if (!strcmp(k, "abort"))
		return abort_with(c, v);
	if (!strcmp(k, "raise"))
		return raise_named(c, d, v->valuestring);
	if (!strcmp(k, "redirect"))
		return redirect(c, v);
	if (!strcmp(k, "url_for"))
		return url_for(c, v);
	if (!strcmp(k, "stream"))
		return stream(c, d, v);
	if (!strcmp(k, "send_file"))
		return send_file(c, d, v);
	if (!strcmp(k, "send_from_directory"))
		return send_from(c, d, v);
	if (!strcmp(k, "conditional"))
		return conditional(c, v);
	if (!strcmp(k, "secure_filename"))
		return reply_text(c, cruet_secure_filename(c, v->valuestring));
	if (!strcmp(k, "session_get"))
		return reply_json(c, cruet_session_json(c, v->valuestring));
	if (!strcmp(k, "session_has")) {
		cruet_json *box = cruet_array(c);
		cruet_push_bool(box, cruet_session_has(c, v->valuestring));
		return cruet_jsonify(c, cruet_json_first(box));
	}
	if (!strcmp(k, "g_get"))
		return reply_json(c, g_value(c, v->valuestring));
	if (!strcmp(k, "flashes"))
		return flashes(c, v);
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
		if (changes_reply(v->string)) {
			if (after)
				r = change_reply(c, v->string, v);
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
		int err = change_reply(c, changes[i]->string, changes[i]);
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
			 strcmp(s->child->string, "trace_exc") != 0 ? "" : err ? ":error" : ":none");
		trace_add(d->flask, text);
	}
}
