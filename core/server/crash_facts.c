#include "server/crash_facts.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "app/scope.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/mask.h"
#include "base/text.h"
#include "http/json_read.h"
#include "server/secrets.h"
#include "server/setting.h"

static void put_name(struct buf *b, const char *name)
{
	buf_str(b, ",\n  ");
	json_write_text(b, name);
	buf_str(b, ": ");
}

static void put_pair(struct buf *b, const char *name, const char *value, bool *first)
{
	buf_str(b, *first ? "\n    [" : ",\n    [");
	json_write_text(b, name);
	buf_str(b, ", ");
	json_write_text(b, value);
	buf_char(b, ']');
	*first = false;
}

static void end_pairs(struct buf *b, bool first)
{
	buf_str(b, first ? "]" : "\n  ]");
}

/* --- what is masked --------------------------------------------------------------------- */

static const char *mask(void *arg, const char *place, const char *value)
{
	(void)arg;
	(void)place;
	(void)value;
	return MASK;
}

static const char *shown(const struct secrets *s, const struct fact *f)
{
	if (f->kind == FACT_HEADER) {
		const char *value = secrets_header(s, f->name, f->value);
		return value ? value : MASK;
	}
	bool names = f->kind != FACT_SQL && f->kind != FACT_BUILD; /* of values: else it is a text */
	return names && mask_name(f->name) ? MASK : f->value;
}

/* --- members ---------------------------------------------------------------------------- */

static void put_kind(struct buf *b, const struct secrets *s, const struct dossier *d,
		     enum fact_kind kind, const char *name)
{
	struct fact f;
	bool first = true;

	put_name(b, name);
	buf_char(b, '[');
	for (size_t at = 0; dossier_next(d, &at, &f);)
		if (f.kind == kind)
			put_pair(b, f.name, shown(s, &f), &first);
	end_pairs(b, first);
}

static const char *header_of(const struct dossier *d, const char *name)
{
	struct fact f;

	for (size_t at = 0; dossier_next(d, &at, &f);)
		if (f.kind == FACT_HEADER && text_ieq(f.name, name))
			return f.value;
	return NULL;
}

static const char *type_of(const struct dossier *d)
{
	const char *type = header_of(d, "Content-Type");
	return type ? type : "";
}

/* Forms and JSON: of what else there is nobody knows where the secrets are. */
static void put_body(struct buf *b, const struct secrets *s, const struct dossier *d)
{
	const char *type = type_of(d), *text = NULL;
	bool known = secrets_knows(type);
	struct fact f;
	size_t len;

	for (size_t at = 0; known && !text && dossier_next(d, &at, &f);)
		if (f.kind == FACT_BODY)
			text = secrets_body(s, type, f.value, f.len, &len);
	put_name(b, "body");
	if (text)
		json_write_text(b, text);
	else
		buf_str(b, "null");
}

static bool had_body(const struct dossier *d)
{
	const char *length = header_of(d, "Content-Length");
	return (length && !text_eq(length, "0")) || header_of(d, "Transfer-Encoding");
}

/* Why there is less of a body than came; "": there is not. */
static const char *body_missing(const struct dossier *d)
{
	struct fact f;

	for (size_t at = 0; dossier_next(d, &at, &f);) {
		if (f.kind != FACT_BODY)
			continue;
		if (!secrets_knows(type_of(d)))
			return "nobody knows what is secret in a body of that type";
		return f.len < DOSSIER_BODY ? "" : "only the first 64 KiB are kept";
	}
	return had_body(d) ? "it had not been read" : "";
}

static void put_log(struct buf *b, const struct dossier *d)
{
	struct fact f;
	bool first = true;

	put_name(b, "log");
	buf_char(b, '[');
	for (size_t at = 0; dossier_next(d, &at, &f);) {
		if (f.kind != FACT_LOG)
			continue;
		buf_str(b, first ? "\n    " : ",\n    ");
		json_write_text(b, f.value);
		first = false;
	}
	end_pairs(b, first);
}

struct settings {
	struct buf *b;
	struct arena *a;
	const struct dossier *facts;
	bool first;
};

static void put_setting(void *arg, const char *key, const cJSON *value, const char *origin)
{
	struct settings *s = arg;
	const char *text = setting_shown(s->a, s->facts, key, value);

	(void)origin;
	put_pair(s->b, key, text ? text : MASK, &s->first);
}

/* The path of a rule, with the arguments that are no secret. */
static const char *fill_rule(struct arena *a, const struct dossier *facts, const char *rule)
{
	struct buf b;

	buf_init(&b, a, 0);
	while (*rule) {
		size_t n = strcspn(rule, "<"), len = strcspn(rule + n, ">");
		buf_put(&b, rule, n);
		rule += n + len;
		if (!*rule)
			break;
		const char *from = rule;
		while (is_alnum(from[-1]) || from[-1] == '_')
			from--;
		const char *name = arena_strndup(a, from, (size_t)(rule++ - from));
		const char *value = name && !mask_name(name) ? dossier_find(facts, FACT_ARGUMENT, name)
							     : NULL;
		if (value)
			percent_encode(&b, value, strlen(value), "/", false);
		else
			buf_str(&b, MASK);
	}
	return buf_err(&b) ? NULL : b.p;
}

static const char *target_of(const struct secrets *s, const struct dossier *facts)
{
	const char *target = dossier_find(facts, FACT_REQUEST, "target");
	const char *rule = dossier_find(facts, FACT_REQUEST, "route");
	const char *path = NULL;

	if (target && rule && secrets_in_rule(rule)) {
		path = fill_rule(s->a, facts, rule);
		target = path ? strchrnul(target, '?') : NULL;
	}
	target = target ? secrets_target(s, target) : NULL;
	return target && path ? arena_printf(s->a, "%s%s", path, target) : target;
}

const char *crash_facts(struct arena *a, const cruet_app *root, const struct dossier *facts)
{
	const struct secrets secret = {a, mask, NULL};
	const char *method = dossier_find(facts, FACT_REQUEST, "method");
	const char *target = target_of(&secret, facts);
	struct buf b;

	buf_init(&b, a, 0);
	put_name(&b, "method");
	json_write_text(&b, method);
	put_name(&b, "target");
	json_write_text(&b, target ? target : "");
	put_kind(&b, &secret, facts, FACT_ARGUMENT, "arguments");
	put_kind(&b, &secret, facts, FACT_HEADER, "headers");
	put_body(&b, &secret, facts);
	put_name(&b, "body_missing");
	const char *missing = body_missing(facts);
	if (*missing)
		json_write_text(&b, missing);
	else
		buf_str(&b, "null");
	put_kind(&b, &secret, facts, FACT_FORM, "form");
	put_kind(&b, &secret, facts, FACT_SESSION, "session");
	put_kind(&b, &secret, facts, FACT_SQL, "sql");
	put_kind(&b, &secret, facts, FACT_BUILD, "build");
	put_log(&b, facts);
	struct settings s = {.b = &b, .a = a, .facts = facts, .first = true};
	put_name(&b, "configuration");
	buf_char(&b, '[');
	config_each(scope_config(root), put_setting, &s);
	end_pairs(&b, s.first);
	return buf_err(&b) ? NULL : b.p;
}
