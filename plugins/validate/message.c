/* "The :attribute field must be between :min and :max." Placeholders are filled in in
 * one pass, so that what a client or a table says is never read as one. */
#include <string.h>

#include "run.h"

/* A text that grows in the memory of the request. */
struct line {
	cruet_ctx *c;
	char *p; /* NULL: nothing yet */
	size_t len, cap;
	bool failed;
};

static void put(struct line *l, const char *s, size_t n)
{
	if (l->len + n >= l->cap) {
		size_t cap = (l->len + n + 1) * 2;
		char *p = l->failed ? NULL : cruet_alloc(l->c, cap);
		if (!p) {
			l->failed = true;
			return;
		}
		if (l->len)
			memcpy(p, l->p, l->len);
		l->p = p;
		l->cap = cap;
	}
	memcpy(l->p + l->len, s, n);
	l->len += n;
	l->p[l->len] = '\0';
}

static void put_text(struct line *l, const char *s)
{
	if (s)
		put(l, s, strlen(s));
	else
		l->failed = true;
}

static const char *done(const struct line *l)
{
	return l->failed ? NULL : l->p ? l->p : "";
}

static const char *text_find(const struct asker *who, uint32_t kind, const char *key)
{
	const cruet_validate_added *t = added_find(who, kind, key, strlen(key));

	return t ? t->text : NULL;
}

/* --- what things are called ------------------------------------------------------- */

static const char *spaced(cruet_ctx *c, const char *name)
{
	char *out = cruet_strdup(c, name);

	for (char *p = out; p && *p; p++)
		if (*p == '_')
			*p = ' ';
	return out;
}

static const char *row_label(const struct run *r, const char *row)
{
	for (size_t i = 0; r->labels && r->table[i].field; i++)
		if (!strcmp(r->table[i].field, row))
			return r->labels[i];
	return NULL;
}

/* What this check calls the row; a label for the very field ("items.0.price"), for its
 * row, or its name. */
static const char *label(const struct attempt *a, const char *name, const char *row)
{
	const struct asker *who = &a->run->who;
	const char *found = row_label(a->run, row);

	if (!found && name)
		found = text_find(who, CRUET_VALIDATE_LABEL, name);
	if (!found)
		found = text_find(who, CRUET_VALIDATE_LABEL, row);
	return found || !name ? found : spaced(a->run->c, name);
}

static const char *own_label(const struct attempt *a)
{
	return label(a, attr_name(a->run->c, a->attr), a->attr->field->path.text);
}

static const char *capital(cruet_ctx *c, const char *s)
{
	char *out = s ? cruet_strdup(c, s) : NULL;

	if (out && *out >= 'a' && *out <= 'z')
		*out = (char)(*out - 'a' + 'A');
	return out;
}

/* --- parameters ------------------------------------------------------------------- */

static const char *param_text(const struct attempt *a, size_t i)
{
	const struct param *p = &a->rule->params[i];
	struct size size;

	if (!p->is_field)
		return p->text;
	if (a->rule->def->takes == TAKES_NUMBER_OR_FIELD) {
		const cruet_json *other = other_value(a, p);
		if (other && value_size(a->run->c, a->attr->field, other, &size))
			return size.kind == SIZE_NUMBER
				       ? scalar_text(a->run->c, other)
				       : cruet_strdup(a->run->c, size.digits);
	}
	return label(a, param_name(a, p), p->path.text);
}

static const char *joined(const struct attempt *a, size_t from)
{
	const struct rule *r = a->rule;
	const char *between = ", ";
	struct line l = {.c = a->run->c};

	if (r->def->takes == TAKES_FIELDS)
		between = " / ";
	else if (r->def->takes == TAKES_COUNTS)
		between = "-";
	for (size_t i = from; i < r->nparams; i++) {
		if (i > from)
			put_text(&l, between);
		put_text(&l, param_text(a, i));
	}
	return done(&l);
}

/* Which of the names of a rule's parameters this is; *last: it stands for all that
 * follow. false: none. */
static bool position(const char *names, const char *word, size_t len, size_t *at,
		     bool *last)
{
	for (*at = 0; names && *names; ++*at) {
		size_t n = strcspn(names, ",");
		*last = !names[n];
		if (n == len && !strncmp(names, word, n))
			return true;
		names += n + !*last;
	}
	return false;
}

static bool is_word(const char *word, size_t len, const char *is)
{
	return strlen(is) == len && !strncmp(word, is, len);
}

static const char *custom_param(const struct attempt *a, const char *word, size_t len)
{
	if (is_word(word, len, "values"))
		return joined(a, 0);
	if (is_word(word, len, "value"))
		return a->rule->nparams ? a->rule->texts[0] : "";
	return NULL;
}

/* Of the innermost star, from 0 or from 1. */
static const char *index_text(const struct attempt *a, size_t add)
{
	size_t stars = a->attr->field->path.nwild;

	return stars ? cruet_printf(a->run->c, "%zu", a->attr->index[stars - 1] + add)
		     : NULL;
}

/* What stands for the word behind a colon; NULL if nothing does. */
typedef const char *replace_fn(const void *arg, const char *word, size_t len);

static const char *replacement(const void *attempt, const char *word, size_t len)
{
	const struct attempt *a = attempt;
	size_t at;
	bool last;

	if (is_word(word, len, "attribute"))
		return own_label(a);
	if (is_word(word, len, "Attribute"))
		return capital(a->run->c, own_label(a));
	if (is_word(word, len, "index"))
		return index_text(a, 0);
	if (is_word(word, len, "position"))
		return index_text(a, 1);
	if (a->rule->def == &custom_def)
		return custom_param(a, word, len);
	if (!position(a->rule->def->names, word, len, &at, &last))
		return NULL;
	if (last && a->shown)
		at = a->shown - 1;
	else if (last)
		return joined(a, at);
	return at < a->rule->nparams ? param_text(a, at) : NULL;
}

/* --- the text --------------------------------------------------------------------- */

static size_t word_length(const char *s)
{
	size_t n = 0;

	while ((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z') ||
	       s[n] == '_')
		n++;
	return n;
}

static const char *fill_in(cruet_ctx *c, const char *text, replace_fn *replace,
			   const void *arg)
{
	struct line l = {.c = c};

	while (*text) {
		size_t n = strcspn(text, ":"), len;
		put(&l, text, n);
		text += n;
		if (!*text)
			break;
		len = word_length(text + 1);
		const char *value = len ? replace(arg, text + 1, len) : NULL;
		if (value)
			put_text(&l, value);
		else
			put(&l, text, len + 1);
		text += len + 1;
	}
	return done(&l);
}

static const char *for_field(const struct asker *who, const char *field, const char *rule)
{
	const char *key = field ? cruet_printf(who->c, "%s.%s", field, rule) : NULL;

	return key ? text_find(who, CRUET_VALIDATE_MESSAGE, key) : NULL;
}

static const char *own_text(const struct attempt *a)
{
	const struct rule_def *d = a->rule->def;

	if (d == &custom_def && a->run->added[a->rule->slot]->text)
		return a->run->added[a->rule->slot]->text;
	if (!(d->flags & BY_KIND))
		return d->message;
	switch (size_kind(a->attr->field, a->value)) {
	case SIZE_NUMBER:
		return d->message_number;
	case SIZE_ARRAY:
		return d->message_array;
	default:
		return d->message;
	}
}

const char *message_of(const struct attempt *a)
{
	const struct asker *who = &a->run->who;
	const char *rule = a->rule->name;
	const char *text = for_field(who, attr_name(who->c, a->attr), rule);

	if (!text)
		text = for_field(who, a->attr->field->path.text, rule);
	if (!text)
		text = text_find(who, CRUET_VALIDATE_MESSAGE, rule);
	return fill_in(who->c, text ? text : own_text(a), replacement, a);
}

/* --- where nothing was tried -------------------------------------------------------- */

struct told {
	cruet_ctx *c;
	const char *label, *value;
};

static const char *told_replacement(const void *arg, const char *word, size_t len)
{
	const struct told *t = arg;

	if (is_word(word, len, "attribute"))
		return t->label;
	if (is_word(word, len, "Attribute"))
		return capital(t->c, t->label);
	return is_word(word, len, "value") || is_word(word, len, "values") ? t->value : NULL;
}

static const char *rule_text(const struct asker *who, const char *rule, bool *known)
{
	const struct rule_def *d = catalog_find(rule, strlen(rule));
	const cruet_validate_added *added =
		d ? NULL : added_find(who, CRUET_VALIDATE_RULE, rule, strlen(rule));

	*known = d || added;
	if (d)
		return d->message;
	return added && added->text ? added->text : custom_def.message;
}

const char *message_text(const struct asker *who, const char *rule, const char *field,
			 const char *label, const char *value, bool *known)
{
	struct told t = {who->c, label, value};
	const char *own = rule_text(who, rule, known), *text = for_field(who, field, rule);

	if (!text)
		text = text_find(who, CRUET_VALIDATE_MESSAGE, rule);
	if (!t.label && field)
		t.label = text_find(who, CRUET_VALIDATE_LABEL, field);
	if (!t.label && field)
		t.label = spaced(who->c, field);
	return fill_in(who->c, text ? text : own, told_replacement, &t);
}
