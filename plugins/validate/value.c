/* What rules ask of a single value. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "run.h"

static const char white[] = " \t\n\r\v\f";

bool is_blank(const cruet_json *v)
{
	const char *s = text_of(v);

	return s && !s[strspn(s, white)];
}

bool is_container(const cruet_json *v)
{
	int kind = cruet_json_kind(v);

	return kind == CRUET_JSON_ARRAY || kind == CRUET_JSON_OBJECT;
}

bool is_filled(const cruet_json *v)
{
	if (!v || cruet_json_kind(v) == CRUET_JSON_NULL)
		return false;
	return is_container(v) ? cruet_json_first(v) != NULL : !is_blank(v);
}

size_t code_points(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

/* --- truth ------------------------------------------------------------------------ */

/* A number that is n, or a truth value, or a text of the list. */
static bool is_one_of(const cruet_json *v, bool truth, const char *const *texts)
{
	const char *s = text_of(v);

	switch (cruet_json_kind(v)) {
	case CRUET_JSON_BOOL:
		return cruet_json_bool(v, !truth) == truth;
	case CRUET_JSON_NUMBER:
		return cruet_json_int(v, -1) == truth;
	default:
		while (s && *texts && strcmp(s, *texts) != 0)
			texts++;
		return s && *texts;
	}
}

bool is_boolean(const cruet_json *v, bool *out)
{
	static const char *const yes[] = {"1", NULL}, *const no[] = {"0", NULL};

	*out = is_one_of(v, true, yes);
	return *out || is_one_of(v, false, no);
}

bool is_accepted(const cruet_json *v)
{
	static const char *const texts[] = {"yes", "on", "1", "true", NULL};

	return is_one_of(v, true, texts);
}

bool is_declined(const cruet_json *v)
{
	static const char *const texts[] = {"no", "off", "0", "false", NULL};

	return is_one_of(v, false, texts);
}

/* --- numbers ---------------------------------------------------------------------- */

/* A number of JSON that is whole, to 64 bits. */
static bool whole(const cruet_json *v, int64_t *out)
{
	*out = cruet_json_int(v, 0);
	return cruet_json_kind(v) == CRUET_JSON_NUMBER &&
	       (*out || cruet_json_int(v, 1) == 0);
}

bool is_integer(cruet_ctx *c, const cruet_json *v, int64_t *out)
{
	struct decimal d;
	const char *s = text_of(v);

	if (s)
		return integer_parse(s, out);
	/* A double beyond 2^53 still has digits that say what it is. */
	return whole(v, out) || (cruet_json_kind(v) == CRUET_JSON_NUMBER &&
				 value_number(c, v, &d) && decimal_int(&d, out));
}

static const char *number_text(cruet_ctx *c, const cruet_json *v)
{
	int64_t n;

	return whole(v, &n) ? cruet_printf(c, "%" PRId64, n)
			    : cruet_json_text(c, v, NULL);
}

const char *text_or_number(cruet_ctx *c, const cruet_json *v)
{
	return cruet_json_kind(v) == CRUET_JSON_NUMBER ? number_text(c, v) : text_of(v);
}

const char *scalar_text(cruet_ctx *c, const cruet_json *v)
{
	if (cruet_json_kind(v) == CRUET_JSON_BOOL)
		return cruet_json_bool(v, false) ? "true" : "false";
	return text_or_number(c, v);
}

bool value_number(cruet_ctx *c, const cruet_json *v, struct decimal *out)
{
	const char *s = text_or_number(c, v);

	return s && decimal_parse(s, out);
}

/* --- sizes ------------------------------------------------------------------------ */

enum size_kind size_kind(const struct field *f, const cruet_json *v)
{
	if (is_container(v) || (f->type & TYPE_ARRAY))
		return SIZE_ARRAY;
	if (f->type & TYPE_NUMBER)
		return SIZE_NUMBER;
	if (f->type & TYPE_TEXT)
		return SIZE_TEXT;
	return cruet_json_kind(v) == CRUET_JSON_NUMBER ? SIZE_NUMBER : SIZE_TEXT;
}

static void count(struct size *s, size_t n)
{
	snprintf(s->digits, sizeof s->digits, "%zu", n);
	decimal_parse(s->digits, &s->number);
}

bool value_size(cruet_ctx *c, const struct field *f, const cruet_json *v,
		struct size *out)
{
	const char *s = text_of(v);

	out->kind = size_kind(f, v);
	switch (out->kind) {
	case SIZE_ARRAY:
		if (!is_container(v) || (f->type & (TYPE_NUMBER | TYPE_TEXT)))
			return false;
		count(out, cruet_json_len(v));
		return true;
	case SIZE_NUMBER:
		return value_number(c, v, &out->number);
	default:
		if (s)
			count(out, code_points(s));
		return s != NULL;
	}
}

/* --- comparing -------------------------------------------------------------------- */

static bool same_name(const cruet_json *a, const cruet_json *b)
{
	const char *x = cruet_json_name(a), *y = cruet_json_name(b);

	return x && y ? !strcmp(x, y) : x == y;
}

static bool same_scalar(cruet_ctx *c, const cruet_json *a, const cruet_json *b)
{
	struct decimal x, y;

	if (cruet_json_kind(a) == CRUET_JSON_NUMBER)
		return value_number(c, a, &x) && value_number(c, b, &y) &&
		       !decimal_compare(&x, &y);
	const char *s = scalar_text(c, a), *t = scalar_text(c, b);
	return s && t ? !strcmp(s, t) : s == t;
}

bool value_equals(cruet_ctx *c, const cruet_json *a, const cruet_json *b)
{
	if (cruet_json_kind(a) != cruet_json_kind(b))
		return false;
	if (!is_container(a))
		return same_scalar(c, a, b);
	a = cruet_json_first(a);
	b = cruet_json_first(b);
	while (a && b && same_name(a, b) && value_equals(c, a, b)) {
		a = cruet_json_next(a);
		b = cruet_json_next(b);
	}
	return !a && !b;
}

/* "true" stands for 1 where the field is a truth value. */
static bool truth_is(const cruet_json *v, const char *text)
{
	bool truth;

	if (!is_boolean(v, &truth))
		return false;
	return !strcmp(text, truth ? "true" : "false") ||
	       !strcmp(text, truth ? "1" : "0");
}

bool value_is(cruet_ctx *c, const cruet_json *v, const struct param *p,
	      const struct field *of)
{
	struct decimal a, b;
	int kind = cruet_json_kind(v);

	if (!v || kind == CRUET_JSON_NULL)
		return !strcmp(p->text, "null");
	if (kind == CRUET_JSON_BOOL || (of && (of->type & TYPE_BOOL)))
		if (truth_is(v, p->text))
			return true;
	if (kind == CRUET_JSON_NUMBER)
		return value_number(c, v, &a) && decimal_parse(p->text, &b) &&
		       !decimal_compare(&a, &b);
	return kind == CRUET_JSON_TEXT && !strcmp(text_of(v), p->text);
}
