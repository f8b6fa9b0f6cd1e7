/* cruet/validate.h: reading access over the service "validate/1", whose provider
 * fills in a struct of three JSON trees. The reply is in validate_reply.c, setup in
 * validate_setup.c. */
#include "cruet/validate.h"

#include <stdarg.h>
#include <string.h>

#include "app/ctx.h"
#include "base/text.h"
#include "cruet/memory.h"
#include "cruet/svc/validate.h"
#include "plugin/service.h"

enum { NEED = CRUET_UPTO(cruet_validator, check) };

static const cruet_key failed_key = {"validate.failed"};

const cruet_errtype cruet_invalid_kind = {sizeof cruet_invalid_kind, 422, "validate.invalid",
					  NULL};

/* --- checking ------------------------------------------------------------------------ */

static cruet_valid *check(cruet_ctx *c, int from, const cruet_json *json,
			  const cruet_field_rule *rules, const char *const *labels)
{
	size_t need = labels ? CRUET_UPTO(cruet_validator, check_labelled) : NEED;
	cruet_service s;

	if (service_of(c, CRUET_VALIDATE, need, "validate", &s))
		return NULL;
	const cruet_validator *vt = s.vt;
	cruet_valid *v = cruet_alloc(c, sizeof *v);
	if (!v)
		return NULL;
	v->size = sizeof *v;
	v->c = c;
	int err = labels ? vt->check_labelled(s.self, c, from, json, rules, labels, v)
			 : vt->check(s.self, c, from, json, rules, v);
	if (err && !c->failure.err)
		ctx_fail(c, err, NULL, false);
	return err ? NULL : v;
}

cruet_valid *cruet_check(cruet_ctx *c, int from, const cruet_field_rule *rules)
{
	return check(c, from, NULL, rules, NULL);
}

cruet_valid *cruet_check_json(cruet_ctx *c, const cruet_json *input, int flags,
			      const cruet_field_rule *rules)
{
	return check(c, flags & CRUET_FIRST_ERROR, input, rules, NULL);
}

cruet_valid *cruet_check_labelled(cruet_ctx *c, const cruet_json *input, int flags,
				  const cruet_field_rule *rules, const char *const *labels)
{
	return check(c, flags & CRUET_FIRST_ERROR, input, rules, labels);
}

cruet_valid *cruet_validate(cruet_ctx *c, int from, const cruet_field_rule *rules)
{
	cruet_valid *v = check(c, from, NULL, rules, NULL);

	if (!v || !v->errors)
		return v;
	return cruet_valid_raise(v) ? NULL : v;
}

int cruet_validate_each(cruet_ctx *c, const cruet_field_rule *rules, cruet_rule_seen_fn *fn,
			void *arg)
{
	cruet_service s;
	int err = service_of(c, CRUET_VALIDATE, CRUET_UPTO(cruet_validator, each), "validate", &s);

	return err ? err : ((const cruet_validator *)s.vt)->each(s.self, c, rules, fn, arg);
}

const char *cruet_validate_text(cruet_ctx *c, const char *rule, const char *field,
				const char *label, const char *value)
{
	cruet_service s;
	const char *text = NULL;
	int err = service_of(c, CRUET_VALIDATE, CRUET_UPTO(cruet_validator, text), "validate", &s);

	if (!err)
		err = ((const cruet_validator *)s.vt)->text(s.self, c, rule, field, label, value, &text);
	if (err && !c->failure.err)
		ctx_fail(c, err, NULL, false);
	return err ? NULL : text;
}

int cruet_valid_raise(cruet_valid *v)
{
	const char *first = cruet_json_str(cruet_json_first(cruet_json_first(v->errors)), NULL);

	int err = cruet_g_set(v->c, &failed_key, v, NULL);
	if (err)
		return err;
	return cruet_raise(v->c, &cruet_invalid_kind, "%s",
			   first ? first : "The input does not fit.");
}

cruet_valid *cruet_valid_failed(cruet_ctx *c)
{
	return cruet_g_get(c, &failed_key);
}

/* --- reading ------------------------------------------------------------------------- */

static bool name_is(const char *name, const char *p, size_t len)
{
	return name && !strncmp(name, p, len) && !name[len];
}

/* The member or element that [p, p+len) names. */
static const cruet_json *child(const cruet_json *j, const char *p, size_t len)
{
	int64_t index;
	int kind = cruet_json_kind(j);
	const cruet_json *v = cruet_json_first(j);

	if (kind == CRUET_JSON_ARRAY) {
		if (!text_intn(p, len, &index) || index < 0)
			return NULL;
		while (v && index--)
			v = cruet_json_next(v);
		return v;
	}
	while (v && !name_is(cruet_json_name(v), p, len))
		v = cruet_json_next(v);
	return v;
}

/* A whole name goes before a path: an object may have a member "a.b". */
static const cruet_json *find(const cruet_json *j, const char *field)
{
	const cruet_json *v = child(j, field, strlen(field));

	if (v || !strchr(field, '.'))
		return v;
	for (v = j; v; field++) {
		size_t len = strcspn(field, ".");
		v = child(v, field, len);
		field += len;
		if (!*field)
			return v;
	}
	return NULL;
}

const cruet_json *cruet_valid_json(const cruet_valid *v)
{
	return v ? v->values : NULL;
}

const cruet_json *cruet_valid_get(const cruet_valid *v, const char *field)
{
	return v ? find(v->values, field) : NULL;
}

const char *cruet_valid_str(const cruet_valid *v, const char *field)
{
	return cruet_json_str(cruet_valid_get(v, field), NULL);
}

int64_t cruet_valid_int(const cruet_valid *v, const char *field, int64_t def)
{
	return cruet_json_int(cruet_valid_get(v, field), def);
}

double cruet_valid_real(const cruet_valid *v, const char *field, double def)
{
	return cruet_json_real(cruet_valid_get(v, field), def);
}

bool cruet_valid_bool(const cruet_valid *v, const char *field, bool def)
{
	return cruet_json_bool(cruet_valid_get(v, field), def);
}

bool cruet_invalid(const cruet_valid *v)
{
	return !v || v->errors;
}

const cruet_json *cruet_valid_errors(const cruet_valid *v)
{
	return v ? v->errors : NULL;
}

const char *cruet_valid_error(const cruet_valid *v, const char *field)
{
	const cruet_json *texts = v ? cruet_json_get(v->errors, field) : NULL;

	return cruet_json_str(cruet_json_first(texts), NULL);
}

const char *cruet_valid_old(const cruet_valid *v, const char *field)
{
	const cruet_json *old = v ? find(v->input, field) : NULL;
	const char *text;

	switch (cruet_json_kind(old)) {
	case CRUET_JSON_TEXT:
		return cruet_json_str(old, "");
	case CRUET_JSON_NUMBER:
	case CRUET_JSON_BOOL:
		text = cruet_json_text(v->c, old, NULL);
		return text ? text : "";
	default:
		return "";
	}
}

int cruet_valid_fail(cruet_valid *v, const char *field, const char *fmt, ...)
{
	va_list ap;

	if (!v)
		return CRUET_EINVAL;
	va_start(ap, fmt);
	const char *text = arena_vprintf(&v->c->arena, fmt, ap);
	va_end(ap);
	if (!v->errors)
		v->errors = cruet_object(v->c);
	cruet_json *texts = (cruet_json *)cruet_json_get(v->errors, field);
	if (!texts)
		texts = cruet_put_array(v->errors, field);
	size_t before = cruet_json_len(texts);
	if (text)
		cruet_push_str(texts, text);
	if (cruet_json_len(texts) == before)
		return ctx_fail(v->c, CRUET_ENOMEM, NULL, false);
	return CRUET_OK;
}
