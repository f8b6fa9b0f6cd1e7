/* cruet/template.h: plain functions over the service "template/1". */
#include "cruet/template.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "app/ctx.h"
#include "base/text.h"
#include "cruet/forms.h"
#include "cruet/memory.h"
#include "cruet/response.h"
#include "cruet/svc/template.h"
#include "http/json_read.h"
#include "plugin/service.h"
#include "service/session.h"

enum { NEED = CRUET_UPTO(cruet_template, loader), SET_MAX = 64 };

const cruet_errtype cruet_template_error = {sizeof cruet_template_error, 500, "template", NULL};

/* What cruet_template_set() keeps: a list that ends with name NULL. */
struct set {
	size_t n;
	cruet_var v[SET_MAX + 1];
};

static const cruet_key set_key = {"template.set"};

/* --- values -------------------------------------------------------------------------- */

cruet_value cruet_value_json(const cruet_json *j)
{
	cruet_value v = cruet_value_none();

	if (cJSON_IsString(j))
		return cruet_value_text(j->valuestring);
	if (cJSON_IsBool(j))
		return cruet_value_bool(cJSON_IsTrue(j));
	if (cJSON_IsNumber(j)) {
		bool whole = json_int(j, 0) || json_int(j, 1) != 1;
		return whole ? cruet_value_int(json_int(j, 0)) : cruet_value_real(j->valuedouble);
	}
	if (cJSON_IsArray(j) || cJSON_IsObject(j)) {
		v.kind = CRUET_VALUE_JSON;
		v.as.json = j;
	}
	return v;
}

int cruet_template_set(cruet_ctx *c, const char *name, cruet_value value)
{
	struct set *s = cruet_g_get(c, &set_key);
	size_t i = 0;

	if (!s) {
		s = cruet_alloc(c, sizeof *s);
		int err = s ? cruet_g_set(c, &set_key, s, NULL) : CRUET_ENOMEM;
		if (err)
			return err;
	}
	while (i < s->n && strcmp(s->v[i].name, name) != 0)
		i++;
	if (i == SET_MAX)
		return ctx_fail(c, CRUET_ELIMIT,
				"more than 64 variables were set for templates", false);
	s->n += i == s->n;
	s->v[i] = (cruet_var){name, value};
	return CRUET_OK;
}

/* --- rendering ------------------------------------------------------------------------ */

static int render(cruet_ctx *c, const char *name, const cruet_var *list, const cruet_json *json,
		  cruet_template_text *out)
{
	cruet_service s;
	int err = service_of(c, CRUET_TEMPLATE, NEED, "jinja", &s);
	const struct set *set = cruet_g_get(c, &set_key);
	const cruet_template_vars vars = {.size = sizeof vars,
					  .list = list,
					  .json = json,
					  .request = set ? set->v : NULL};

	if (err)
		return err;
	out->size = sizeof *out;
	err = ((const cruet_template *)s.vt)->render(s.self, c, name, &vars, out);
	if (err && !c->failure.err)
		ctx_fail(c, err, NULL, false);
	return err;
}

static const char *type_of(const char *name)
{
	static const char *const types[][2] = {{".txt", "text/plain; charset=utf-8"},
					       {".md", "text/markdown; charset=utf-8"},
					       {".xml", "application/xml; charset=utf-8"},
					       {".svg", "image/svg+xml; charset=utf-8"},
					       {".xhtml", "application/xhtml+xml; charset=utf-8"},
					       {".css", "text/css; charset=utf-8"},
					       {".js", "text/javascript; charset=utf-8"},
					       {".json", "application/json"},
					       {".csv", "text/csv; charset=utf-8"}};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (text_ends(name, types[i][0]))
			return types[i][1];
	return "text/html; charset=utf-8";
}

static int reply_whole(cruet_ctx *c, const char *name, const cruet_var *list, const cruet_json *json)
{
	cruet_template_text text = {0};
	int err = render(c, name, list, json, &text);

	if (err)
		return err;
	err = cruet_defer(c, text.release, text.owner);
	if (err)
		return err;
	return cruet_send(c, type_of(name), (void *)text.p, text.len, NULL);
}

int cruet_render(cruet_ctx *c, const char *name, const cruet_json *vars)
{
	return reply_whole(c, name, NULL, vars);
}

int cruet_render_vars(cruet_ctx *c, const char *name, const cruet_var *vars)
{
	return reply_whole(c, name, vars, NULL);
}

const char *cruet_render_text(cruet_ctx *c, const char *name, const cruet_var *vars, size_t *len)
{
	cruet_template_text text = {0};

	if (render(c, name, vars, NULL, &text) || cruet_defer(c, text.release, text.owner))
		return NULL;
	if (len)
		*len = text.len;
	return text.p;
}

/* --- streams ---------------------------------------------------------------------------- */

/* What a stream stands on after its handler has returned: the list, and the handles of objects
 * in it, which often lie in the handler's frame. */
static cruet_var *kept(cruet_ctx *c, const cruet_var *list)
{
	size_t n = 0;

	while (list && list[n].name)
		n++;
	cruet_var *copy = arena_array(&c->arena, n + 1, sizeof *copy);
	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = list[i];
		if (list[i].value.kind != CRUET_VALUE_HOST)
			continue;
		cruet_template_object *own = cruet_alloc(c, sizeof *own);
		if (!own)
			return NULL;
		*own = *list[i].value.as.host;
		copy[i].value.as.host = own;
	}
	if (copy)
		copy[n] = (cruet_var){NULL, cruet_value_none()};
	return copy;
}

/* What the page will ask for when its head has gone, which has to say so. */
static int open_for_later(cruet_ctx *c)
{
	int err = session_ready(c);

	if (!err && c->form_shown && !cruet_csrf_token(c))
		err = c->failure.err;
	return err;
}

int cruet_render_stream(cruet_ctx *c, const char *name, const cruet_var *vars)
{
	cruet_service s;
	cruet_source source = {.size = sizeof source, .mime = type_of(name)};
	void *reply = NULL;
	int err = service_of(c, CRUET_TEMPLATE, NEED, "jinja", &s);
	const cruet_template *vt = s.vt;

	if (err)
		return err;
	if (!CRUET_HAS(vt, cruet_template, stream))
		return reply_whole(c, name, vars, NULL);
	const struct set *set = cruet_g_get(c, &set_key);
	cruet_var *list = kept(c, vars), *request = kept(c, set ? set->v : NULL);
	cruet_template_vars *all = list && request ? cruet_alloc(c, sizeof *all) : NULL;
	if (!all)
		return ctx_fail(c, CRUET_ENOMEM, NULL, false);
	*all = (cruet_template_vars){.size = sizeof *all, .list = list, .request = request};
	err = vt->stream(s.self, c, name, all, &source, &reply);
	if (err)
		return c->failure.err ? err : ctx_fail(c, err, NULL, false);
	if (source.length < 0)
		err = open_for_later(c);
	if (!err)
		return cruet_stream(c, &source, reply);
	if (source.close)
		source.close(c, reply, err);
	return err;
}

/* --- setup ------------------------------------------------------------------------------ */

static const cruet_template *bind(cruet_app *app, cruet_service *s, int *err)
{
	*err = cruet_bind(app, CRUET_TEMPLATE, NULL, NEED, s);
	return *err ? NULL : s->vt;
}

static int add(cruet_app *app, int what, const char *name, cruet_template_fn *fn, void *arg)
{
	cruet_service s;
	int err;
	const cruet_template *vt = bind(app, &s, &err);

	return vt ? vt->add(s.self, app, what, name, fn, arg) : err;
}

int cruet_template_filter(cruet_app *app, const char *name, cruet_template_fn *fn, void *arg)
{
	return add(app, CRUET_TEMPLATE_FILTER, name, fn, arg);
}

int cruet_template_test(cruet_app *app, const char *name, cruet_template_fn *fn, void *arg)
{
	return add(app, CRUET_TEMPLATE_TEST, name, fn, arg);
}

int cruet_template_function(cruet_app *app, const char *name, cruet_template_fn *fn, void *arg)
{
	return add(app, CRUET_TEMPLATE_FUNCTION, name, fn, arg);
}

int cruet_template_global(cruet_app *app, const char *name, cruet_value value)
{
	cruet_service s;
	int err;
	const cruet_template *vt = bind(app, &s, &err);

	return vt ? vt->global(s.self, app, name, &value) : err;
}

int cruet_template_loader(cruet_app *app, cruet_template_load_fn *fn, void *arg)
{
	cruet_service s;
	int err;
	const cruet_template *vt = bind(app, &s, &err);

	return vt ? vt->loader(s.self, app, fn, arg) : err;
}
