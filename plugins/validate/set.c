/* Sets of values, so that "distinct" among thousands costs n log n: each value is
 * written as a text, the texts are sorted, and equal ones then stand side by side. */
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "run.h"
#include "utf8.h"

struct value_set {
	enum set_mode mode;
	const char **keys;
	size_t n, cap;
};

/* --- the text of a value ---------------------------------------------------------- */

/* All letters in one case. */
static const char *folded(const struct run *r, const char *s)
{
	locale_t letters = r->s->letters;
	char *out = cruet_alloc(r->c, strlen(s) * 3 + 1), *to = out;

	while (out && *s) {
		uint32_t ch = utf8_next(&s);
		if (ch >= 'A' && ch <= 'Z')
			ch += 'a' - 'A';
		else if (ch >= 0x80 && letters)
			ch = (uint32_t)towlower_l(towupper_l((wint_t)ch, letters),
						  letters);
		to = utf8_put(to, ch);
	}
	return out;
}

/* In front of a key: what is of two types is not the same. By kind. */
static const char types[] = "?0b1tcc";

static const char *key_of(const struct run *r, const cruet_json *v, enum set_mode mode)
{
	int kind = cruet_json_kind(v);
	const char *text =
		is_container(v) ? cruet_json_text(r->c, v, NULL) : scalar_text(r->c, v);
	char type = types[kind];

	if (mode == SET_FOLDED && kind == CRUET_JSON_TEXT)
		text = folded(r, text);
	if (mode != SET_STRICT && kind == CRUET_JSON_NUMBER) /* but 1 is "1" */
		type = types[CRUET_JSON_TEXT];
	if (!text && kind != CRUET_JSON_NULL)
		return NULL;
	return cruet_printf(r->c, "%c%s", type, text ? text : "");
}

/* --- filling ---------------------------------------------------------------------- */

static bool add(struct run *r, struct value_set *s, const cruet_json *v)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 16;
		const char **keys = cruet_alloc(r->c, cap * sizeof *keys);
		if (!keys)
			return false;
		if (s->n)
			memcpy(keys, s->keys, s->n * sizeof *keys);
		s->keys = keys;
		s->cap = cap;
	}
	s->keys[s->n] = key_of(r, v, s->mode);
	return s->keys[s->n++] != NULL;
}

static bool collect(struct run *r, struct value_set *s, const struct path *path, size_t i,
		    const cruet_json *v)
{
	if (!v)
		return true;
	if (i == path->n)
		return add(r, s, v);
	if (path->steps[i])
		return collect(r, s, path, i + 1, member(r, v, path->steps[i]));
	for (v = cruet_json_first(v); v; v = cruet_json_next(v))
		if (!collect(r, s, path, i + 1, v))
			return false;
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct value_set *sorted(struct value_set *s, bool ok)
{
	if (!ok)
		return NULL;
	if (s->n)
		qsort(s->keys, s->n, sizeof *s->keys, by_text);
	return s;
}

static struct value_set *set_new(cruet_ctx *c, enum set_mode mode)
{
	struct value_set *s = cruet_alloc(c, sizeof *s);

	if (s)
		s->mode = mode;
	return s;
}

struct value_set *set_at(const struct attempt *a, const struct path *path,
			 enum set_mode mode)
{
	struct value_set **slot = &a->run->sets[a->rule->slot], *s = *slot;

	if (s)
		return s;
	s = set_new(a->run->c, mode);
	*slot = s ? sorted(s, collect(a->run, s, path, 0, a->run->input)) : NULL;
	return *slot;
}

struct value_set *set_of(const struct attempt *a, const cruet_json *v, enum set_mode mode)
{
	struct value_set *s = set_new(a->run->c, mode);
	bool ok = s != NULL;

	for (v = cruet_json_first(v); v && ok; v = cruet_json_next(v))
		ok = add(a->run, s, v);
	return sorted(s, ok);
}

/* --- asking ----------------------------------------------------------------------- */

/* The first that is not before key. */
static size_t find(const struct value_set *s, const char *key)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (strcmp(s->keys[mid], key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool has(const struct value_set *s, const char *key, size_t times)
{
	size_t i = key ? find(s, key) : s->n;

	/* Sorted: if the first and the last of so many are equal, all are. */
	return i + times <= s->n && !strcmp(s->keys[i], key) &&
	       !strcmp(s->keys[i + times - 1], key);
}

bool set_has(const struct run *r, const struct value_set *s, const cruet_json *v)
{
	return has(s, key_of(r, v, s->mode), 1);
}

bool set_has_twice(const struct run *r, const struct value_set *s, const cruet_json *v)
{
	return has(s, key_of(r, v, s->mode), 2);
}

bool set_has_text(const struct run *r, const struct value_set *s, const char *text)
{
	return has(s, cruet_printf(r->c, "%c%s", types[CRUET_JSON_TEXT], text), 1);
}

bool set_repeats(const struct value_set *s)
{
	for (size_t i = 1; i < s->n; i++)
		if (!strcmp(s->keys[i - 1], s->keys[i]))
			return true;
	return false;
}
