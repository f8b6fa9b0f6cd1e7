/* Steps that build URLs, and send files and streams. */
#include <stdio.h>
#include <string.h>

#include "steps.h"

/* --- URLs and files --------------------------------------------------------------- */

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
	static const char *const options[] = {"_external", "_anchor", "_scheme",
					      "_method"};
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
			cJSON_ArrayForEach(one, value) pairs[n++] =
				(cruet_url_pair){name, url_text(c, one)};
	}
	for (size_t i = 0; i < 4; i++) {
		const cJSON *o = member(v, options[i]);
		if (cJSON_IsBool(o))
			pairs[n++] =
				(cruet_url_pair){options[i], cJSON_IsTrue(o) ? "1" : "0"};
		else if (cJSON_IsString(o))
			pairs[n++] = (cruet_url_pair){options[i], o->valuestring};
	}
	return cruet_url_pairs(c, text_of(v, "endpoint"), pairs, n);
}

int step_url_for(cruet_ctx *c, const cJSON *v)
{
	const char *url = url_of(c, v);

	if (!url)
		cruet_err_clear(c);
	return cruet_text(c, url ? url : "error");
}

int step_redirect(cruet_ctx *c, const cJSON *v)
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

int step_send_from(cruet_ctx *c, const struct doing *d, const cJSON *v)
{
	cruet_file_opts o = file_opts(v);
	const char *folder =
		cruet_printf(c, "%s/%s", d->flask->root, text_of(v, "directory"));
	return folder ? cruet_send_from(c, folder, cruet_arg(c, text_of(v, "arg")), &o)
		      : CRUET_ENOMEM;
}

int step_send_file(cruet_ctx *c, const struct doing *d, const cJSON *v)
{
	cruet_file_opts o = file_opts(v);
	const char *path = cruet_printf(c, "%s/%s", d->flask->root, text_of(v, "path"));
	return path ? cruet_send_file(c, path, &o) : CRUET_ENOMEM;
}

int step_conditional(cruet_ctx *c, const cJSON *v)
{
	const char *etag = text_of(v, "etag");
	const cJSON *modified = member(v, "last_modified");

	if (etag && cJSON_IsTrue(member(v, "weak")))
		etag = cruet_printf(c, "W/%s", etag);
	int r = cruet_conditional(c, etag,
				  modified ? (int64_t)modified->valuedouble : -1);
	return r ? r : cruet_html(c, text_of(v, "body"));
}

/* --- streams ---------------------------------------------------------------------- */

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
		size_t left = strlen(chunk->valuestring) - s->sent,
		       n = left < cap ? left : cap;
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

int step_stream(cruet_ctx *c, const struct doing *d, const cJSON *v)
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
	*s = (struct chunks){.doing = d,
			     .list = member(v, "chunks"),
			     .fail_after = fail_after ? fail_after->valueint : -1,
			     .trace = cJSON_IsTrue(member(v, "trace"))};
	return cruet_stream(c, &source, s);
}
