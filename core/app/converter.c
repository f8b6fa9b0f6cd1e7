#include "app/converter.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

enum { ARGS_MAX = 64 };

/* --- the text in brackets --------------------------------------------------------------- */

struct argument {
	const char *name; /* NULL: by place */
	const char *value;
	bool number, real, quoted;
};

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

static const char *word_end(const char *p, const char *end)
{
	while (p < end && (is_alnum(*p) || *p == '_' || (unsigned char)*p >= 0x80))
		p++;
	return p;
}

/* One value: quoted text, a number, or a word with points in it. */
static const char *read_value(const char *p, const char *end, struct arena *a,
			      struct argument *out)
{
	const char *from = p;
	if (p < end && (*p == '"' || *p == '\'')) {
		const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));
		if (!close)
			return NULL;
		out->value = arena_strndup(a, p + 1, (size_t)(close - p - 1));
		out->quoted = true;
		return close + 1;
	}
	if (p < end && *p == '-')
		p++;
	const char *digits = p;
	bool point = false, number = true;
	for (; p < end && (is_alnum(*p) || *p == '_' || *p == '.' || (unsigned char)*p >= 0x80);
	     p++) {
		if (*p == '.' && !point)
			point = true;
		else if (!is_digit(*p))
			number = false;
	}
	if (p == digits || (from != digits && !number))
		return NULL;
	out->value = arena_strndup(a, from, (size_t)(p - from));
	out->number = number && is_digit(*digits);
	out->real = point;
	return p;
}

/* "min=1, max=9" or "a, b, 'c d'". The number of arguments, or -1 and *why. */
static int read_args(const char *s, size_t len, struct arena *a, struct argument *out,
		     const char **why)
{
	const char *p = s, *end = s + len;
	int n = 0;

	while (skip_space(p, end) < end) {
		struct argument arg = {.name = NULL};
		p = skip_space(p, end);
		const char *from = p, *after = word_end(p, end), *eq = skip_space(after, end);
		if (after > p && eq < end && *eq == '=') {
			arg.name = arena_strndup(a, p, (size_t)(after - p));
			p = skip_space(eq + 1, end);
		}
		p = read_value(p, end, a, &arg);
		p = p ? skip_space(p, end) : NULL;
		if (!p || (p < end && *p != ',') || n == ARGS_MAX) {
			*why = arena_printf(a, "cannot read the converter argument '%.*s'",
					    (int)(end - from), from);
			return -1;
		}
		out[n++] = arg;
		if (p < end)
			p++;
	}
	return n;
}

static bool bad_arg(struct arena *a, const char *conv, const struct argument *arg,
		    const char *expected, const char **why)
{
	*why = arena_printf(a, "converter '%s': argument '%s': expected %s", conv,
			    arg->name ? arg->name : arg->value, expected);
	return false;
}

static bool length_arg(struct arena *a, const struct argument *arg, size_t *out,
		       const char **why)
{
	int64_t v;
	if (!arg->number || arg->real || !text_int(arg->value, &v) || v < 0 || v > 1000000)
		return bad_arg(a, "string", arg, "a number of characters", why);
	*out = (size_t)v;
	return true;
}

static bool string_args(struct conv *cv, struct arena *a, const struct argument *args, int n,
			const char **why)
{
	static const char *const names[] = {"minlength", "maxlength", "length", NULL};
	for (int i = 0; i < n; i++) {
		const char *name = args[i].name ? args[i].name : i < 3 ? names[i] : "";
		size_t v;
		if (!strcmp(args[i].value, "None"))
			continue;
		if (strcmp(name, "minlength") != 0 && strcmp(name, "maxlength") != 0 &&
		    strcmp(name, "length") != 0)
			return bad_arg(a, "string", &args[i], "minlength, maxlength or length", why);
		if (!length_arg(a, &args[i], &v, why))
			return false;
		if (!strcmp(name, "minlength"))
			cv->min_len = v;
		else if (!strcmp(name, "maxlength"))
			cv->max_len = v;
		else
			cv->min_len = cv->max_len = v;
	}
	return true;
}

static bool bool_arg(const struct argument *arg, bool *out)
{
	*out = !strcmp(arg->value, "True") || !strcmp(arg->value, "true") ||
	       (arg->number && strcmp(arg->value, "0") != 0);
	return *out || !strcmp(arg->value, "False") || !strcmp(arg->value, "false") ||
	       !strcmp(arg->value, "None") || arg->number;
}

static bool limit_arg(struct conv *cv, const struct argument *arg, bool is_min)
{
	double d;
	int64_t v;
	if (!arg->number || !text_real(arg->value, &d))
		return false;
	if (!text_int(arg->value, &v))
		v = d >= 9.2e18 ? INT64_MAX : d <= -9.2e18 ? INT64_MIN : (int64_t)d;
	if (is_min) {
		cv->has_min = true;
		cv->min = d;
		cv->imin = v + (cv->kind == CONV_INT && (double)v < d);
	} else {
		cv->has_max = true;
		cv->max = d;
		cv->imax = v - (cv->kind == CONV_INT && (double)v > d);
	}
	return true;
}

static bool number_args(struct conv *cv, const char *conv, struct arena *a,
			const struct argument *args, int n, const char **why)
{
	static const char *const of_int[] = {"fixed_digits", "min", "max", "signed", NULL};
	static const char *const of_float[] = {"min", "max", "signed", NULL};
	const char *const *names = cv->kind == CONV_INT ? of_int : of_float;
	int known = cv->kind == CONV_INT ? 4 : 3;

	for (int i = 0; i < n; i++) {
		const char *name = args[i].name ? args[i].name : i < known ? names[i] : "";
		int64_t v;
		if (!strcmp(name, "signed")) {
			if (!bool_arg(&args[i], &cv->is_signed))
				return bad_arg(a, conv, &args[i], "True or False", why);
		} else if (!strcmp(args[i].value, "None")) {
			continue;
		} else if (!strcmp(name, "min") || !strcmp(name, "max")) {
			if (!limit_arg(cv, &args[i], name[1] == 'i'))
				return bad_arg(a, conv, &args[i], "a number", why);
		} else if (cv->kind == CONV_INT && !strcmp(name, "fixed_digits")) {
			if (!text_int(args[i].value, &v) || v < 0 || v > 100)
				return bad_arg(a, conv, &args[i], "a number of digits", why);
			cv->digits = (unsigned)v;
		} else {
			return bad_arg(a, conv, &args[i],
				       cv->kind == CONV_INT ? "fixed_digits, min, max or signed"
							    : "min, max or signed",
				       why);
		}
	}
	return true;
}

static bool any_args(struct conv *cv, struct arena *a, const struct argument *args, int n,
		     const char **why)
{
	const char **words = arena_array(a, (size_t)n + 1, sizeof *words);
	if (!words)
		return false;
	for (int i = 0; i < n; i++) {
		if (args[i].name || strchr(args[i].value, '/'))
			return bad_arg(a, "any", &args[i], "words without '=' and '/'", why);
		words[i] = args[i].value;
	}
	if (!n) {
		*why = "converter 'any': expected at least one word";
		return false;
	}
	cv->words = words;
	return true;
}

static const struct builtin {
	const char *name;
	enum conv_kind kind;
	int32_t weight;
} builtins[] = {
	{"default", CONV_STRING, 100}, {"string", CONV_STRING, 100}, {"int", CONV_INT, 50},
	{"float", CONV_FLOAT, 50},     {"path", CONV_PATH, 200},     {"uuid", CONV_UUID, 100},
	{"any", CONV_ANY, 100},
};

/* What prepare() gave, until the rule goes. */
struct prepared {
	const cruet_converter *by;
	const void *p;
};

static void release(void *arg)
{
	const struct prepared *it = arg;
	it->by->release(it->by->self, it->p);
}

static bool keep_prepared(struct conv *cv, struct arena *a)
{
	const cruet_converter *by = cv->custom;

	if (!by->release)
		return true;
	struct prepared *it = arena_alloc(a, sizeof *it);
	if (!it) {
		by->release(by->self, cv->prepared);
		return false;
	}
	*it = (struct prepared){by, cv->prepared};
	return arena_defer(a, release, it) == 0;
}

static bool init_custom(struct conv *out, const cruet_converter *found, const char *args,
			size_t len, cruet_app *scope, struct arena *a, const char **why)
{
	*out = (struct conv){.kind = CONV_CUSTOM, .weight = found->weight, .custom = found,
			     .slashes = found->flags & 1, .min_len = 1};
	out->args = arena_strndup(a, args ? args : "", args ? len : 0);
	if (!out->args)
		return false;
	if (!found->prepare) {
		if (*out->args) {
			*why = arena_printf(a, "converter '%s' takes no arguments", found->name);
			return false;
		}
		return true;
	}
	out->prepared = found->prepare(found->self, scope, out->args);
	if (!out->prepared) {
		*why = arena_printf(a, "converter '%s' does not take the arguments (%s)",
				    found->name, out->args);
		return false;
	}
	return keep_prepared(out, a);
}

bool conv_init(struct conv *out, const char *name, const char *args, size_t args_len,
	       cruet_app *scope, router_find_converter *find, void *find_arg,
	       struct arena *a, const char **why)
{
	struct argument list[ARGS_MAX];
	const cruet_converter *found = find ? find(find_arg, name) : NULL;

	if (found)
		return init_custom(out, found, args, args_len, scope, a, why);
	for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++) {
		if (strcmp(builtins[i].name, name) != 0)
			continue;
		*out = (struct conv){.kind = builtins[i].kind, .weight = builtins[i].weight,
				     .min_len = 1, .max_len = SIZE_MAX};
		out->slashes = out->kind == CONV_PATH;
		int n = args ? read_args(args, args_len, a, list, why) : 0;
		if (n < 0)
			return false;
		switch (out->kind) {
		case CONV_STRING:
			return string_args(out, a, list, n, why);
		case CONV_INT:
		case CONV_FLOAT:
			return number_args(out, name, a, list, n, why);
		case CONV_ANY:
			return any_args(out, a, list, n, why);
		default:
			if (n)
				return bad_arg(a, name, list, "none", why);
			return true;
		}
	}
	*why = arena_printf(a, "the converter '%s' does not exist", name);
	return false;
}

bool conv_same_shape(const struct conv *a, const struct conv *b)
{
	if (a->kind != b->kind || a->weight != b->weight || a->is_signed != b->is_signed ||
	    a->min_len != b->min_len || a->max_len != b->max_len)
		return false;
	if (a->kind == CONV_CUSTOM)
		return a->custom == b->custom && !strcmp(a->args, b->args);
	if (a->kind != CONV_ANY)
		return true;
	const char *const *x = a->words, *const *y = b->words;
	while (*x && *y && !strcmp(*x, *y))
		x++, y++;
	return !*x && !*y;
}

/* --- taking a piece of a path ---------------------------------------------------------------- */

static bool starts_char(char ch)
{
	return ((unsigned char)ch & 0xC0) != 0x80;
}

static size_t digit_run(const char *s, size_t n)
{
	size_t i = 0;
	while (i < n && is_digit(s[i]))
		i++;
	return i;
}

/* The most that a string may take, and how many characters that is. */
static size_t longest(const struct conv *cv, const char *s, size_t n, size_t *chars)
{
	size_t i = 0;
	*chars = 0;
	while (i < n && s[i] != '/' && *chars < cv->max_len) {
		i++;
		while (i < n && !starts_char(s[i]))
			i++;
		++*chars;
	}
	return i;
}

static bool next_string(const struct conv *cv, const char *s, size_t n, struct conv_try *t,
			size_t *len)
{
	if (t->at++ == 0) {
		t->len = longest(cv, s, n, &t->chars);
	} else {
		if (!t->chars)
			return false;
		do
			t->len--;
		while (t->len && !starts_char(s[t->len]));
		t->chars--;
	}
	*len = t->len;
	return t->chars >= cv->min_len;
}

static bool next_number(const struct conv *cv, const char *s, size_t n, struct conv_try *t,
			size_t *len)
{
	if (t->at++ == 0) {
		size_t sign = cv->is_signed && n && *s == '-';
		size_t d = digit_run(s + sign, n - sign);
		t->len = sign + d;
		t->chars = d; /* how often it may get shorter */
		if (cv->kind == CONV_FLOAT) {
			if (!d || t->len >= n || s[t->len] != '.')
				return false;
			t->chars = digit_run(s + t->len + 1, n - t->len - 1);
			t->len += 1 + t->chars;
		}
	} else {
		t->len--;
		t->chars--;
	}
	*len = t->len;
	return t->chars > 0;
}

static bool next_path(const char *s, size_t n, struct conv_try *t, size_t *len)
{
	if (!n || *s == '/')
		return false;
	do
		t->at++;
	while (t->at < n && !starts_char(s[t->at]));
	*len = t->at;
	return t->at <= n;
}

static bool uuid_shape(const char *s, size_t n)
{
	if (n < 36)
		return false;
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? s[i] != '-' : hex_value((unsigned char)s[i]) < 0)
			return false;
	}
	return true;
}

static bool next_custom(const struct conv *cv, cruet_ctx *c, const char *s, size_t n,
			struct conv_try *t, size_t *len)
{
	const char *ignored;

	if (t->at++ == 0) {
		t->len = n;
		if (!cv->slashes) {
			const char *slash = memchr(s, '/', n);
			t->len = slash ? (size_t)(slash - s) : n;
		}
		t->len++;
	}
	while (t->len > 1) {
		t->len--;
		if (t->len < n && !starts_char(s[t->len]))
			continue;
		ignored = NULL;
		if (cv->custom->parse(cv->custom->self, cv->prepared, c, s, t->len, &ignored)) {
			*len = t->len;
			return true;
		}
	}
	return false;
}

bool conv_next(const struct conv *cv, cruet_ctx *c, const char *s, size_t avail,
	       struct conv_try *t, size_t *len)
{
	switch (cv->kind) {
	case CONV_STRING:
		return next_string(cv, s, avail, t, len);
	case CONV_INT:
	case CONV_FLOAT:
		return next_number(cv, s, avail, t, len);
	case CONV_PATH:
		return next_path(s, avail, t, len);
	case CONV_UUID:
		*len = 36;
		return t->at++ == 0 && uuid_shape(s, avail);
	case CONV_ANY:
		while (cv->words[t->at]) {
			const char *w = cv->words[t->at++];
			*len = strlen(w);
			if (*len <= avail && !memcmp(s, w, *len))
				return true;
		}
		return false;
	case CONV_CUSTOM:
		return next_custom(cv, c, s, avail, t, len);
	}
	return false;
}

/* --- values ---------------------------------------------------------------------------------- */

static bool accept_int(const struct conv *cv, struct arena *a, const char *s, size_t len,
		       struct arg *out)
{
	int64_t v;
	if (cv->digits && len != cv->digits)
		return false;
	if (!text_intn(s, len, &v) || (cv->has_min && v < cv->imin) ||
	    (cv->has_max && v > cv->imax))
		return false;
	out->kind = ARG_INT;
	out->number = v;
	/* The usual spelling needs no other. */
	size_t sign = *s == '-';
	out->value = (len > sign + 1 && s[sign] == '0') || (v == 0 && sign)
			     ? arena_printf(a, "%lld", (long long)v)
			     : arena_strndup(a, s, len);
	return true;
}

static bool accept_float(const struct conv *cv, struct arena *a, const char *s, size_t len,
			 struct arg *out)
{
	char text[40];
	double v;
	char *copy = arena_strndup(a, s, len);

	if (!copy || !text_real(copy, &v) || (cv->has_min && v < cv->min) ||
	    (cv->has_max && v > cv->max))
		return false;
	out->kind = ARG_REAL;
	text_put_real(text, sizeof text, v);
	out->value = arena_strdup(a, text);
	return true;
}

bool conv_accept(const struct conv *cv, struct arena *a, cruet_ctx *c, const char *s,
		 size_t len, struct arg *out)
{
	const char *as = NULL;

	out->kind = ARG_TEXT;
	switch (cv->kind) {
	case CONV_INT:
		return accept_int(cv, a, s, len, out);
	case CONV_FLOAT:
		return accept_float(cv, a, s, len, out);
	case CONV_CUSTOM:
		if (!cv->custom->parse(cv->custom->self, cv->prepared, c, s, len, &as))
			return false;
		out->value = as ? as : arena_strndup(a, s, len);
		return true;
	default: {
		char *copy = arena_strndup(a, s, len);
		for (size_t i = 0; copy && i < len; i++) {
			if (!copy[i]) /* an encoded slash, see router.c */
				copy[i] = '/';
			else if (cv->kind == CONV_UUID)
				copy[i] = to_lower(copy[i]);
		}
		out->value = copy;
		return true;
	}
	}
}

static const char *format_int(const struct conv *cv, struct arena *a, const char *value,
			      const char **why)
{
	int64_t v;
	double d;
	if (!text_int(value, &v)) {
		if (!text_real(value, &d) || d < -9e15 || d > 9e15) {
			*why = arena_printf(a, "'%s' is no integer", value);
			return NULL;
		}
		v = (int64_t)d;
	}
	if (!cv->digits)
		return arena_printf(a, "%lld", (long long)v);
	return arena_printf(a, "%0*lld", (int)cv->digits, (long long)v);
}

const char *conv_format(const struct conv *cv, struct arena *a, cruet_ctx *c,
			const char *value, const char **why)
{
	const char *given = value;
	char text[40];
	double d;

	switch (cv->kind) {
	case CONV_INT:
		return format_int(cv, a, value, why);
	case CONV_FLOAT:
		if (!text_real(value, &d)) {
			*why = arena_printf(a, "'%s' is no number", value);
			return NULL;
		}
		text_put_real(text, sizeof text, d);
		return arena_strdup(a, text);
	case CONV_ANY:
		for (const char *const *w = cv->words; *w; w++)
			if (!strcmp(*w, value))
				return value;
		*why = arena_printf(a, "'%s' is none of the words that are allowed", value);
		return NULL;
	case CONV_CUSTOM:
		if (!cv->custom->format)
			return value;
		value = cv->custom->format(cv->custom->self, cv->prepared, c, given);
		if (!value)
			*why = arena_printf(a, "converter '%s' does not take '%s'",
					    cv->custom->name, given);
		return value;
	default:
		return value;
	}
}
