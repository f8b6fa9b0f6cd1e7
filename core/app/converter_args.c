/* Converters as a rule writes them: names, and arguments in brackets. */
#include <string.h>

#include "app/converter.h"
#include "app/pattern.h"
#include "base/arena.h"
#include "base/real.h"
#include "base/text.h"

enum { ARGS_MAX = 64 };

/* --- the text in brackets --------------------------------------------------------- */

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

/* "min=1, max=9" or "a, b, 'c d'". The number of arguments, or -1 and *why (NULL: out
 * of memory). */
static int read_args(const char *s, size_t len, struct arena *a, struct argument *out,
		     const char **why)
{
	const char *p = s, *end = s + len;
	int n = 0;

	while (skip_space(p, end) < end) {
		struct argument arg = {.name = NULL};
		p = skip_space(p, end);
		const char *from = p, *after = word_end(p, end), *eq = skip_space(after, end);
		bool named = after > p && eq < end && *eq == '=';
		if (named) {
			arg.name = arena_strndup(a, p, (size_t)(after - p));
			p = skip_space(eq + 1, end);
		}
		p = read_value(p, end, a, &arg);
		if (p && (!arg.value || (named && !arg.name)))
			return -1;
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
	if (!arg->number || !real_read(arg->value, &d))
		return false;
	if (!text_int(arg->value, &v))
		v = d >= 9.2e18 ? INT64_MAX : d <= -9.2e18 ? INT64_MIN : (int64_t)d;
	if (is_min) {
		cv->has_min = true;
		cv->min = d;
		cv->imin = v + (cv->kind == CONV_INT && (double)v < d && v < INT64_MAX);
	} else {
		cv->has_max = true;
		cv->max = d;
		cv->imax = v - (cv->kind == CONV_INT && (double)v > d && v > INT64_MIN);
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
			size_t len, const struct pattern_env *env, const char **why)
{
	struct arena *a = env->keep;

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
	out->prepared = found->prepare(found->self, env->scope, out->args);
	if (!out->prepared) {
		*why = arena_printf(a, "converter '%s' does not take the arguments (%s)",
				    found->name, out->args);
		return false;
	}
	return keep_prepared(out, a);
}

bool conv_init(struct conv *out, const char *name, const char *args, size_t args_len,
	       const struct pattern_env *env, const char **why)
{
	struct argument list[ARGS_MAX];
	struct arena *a = env->keep;
	const cruet_converter *found = env->find ? env->find(env->find_arg, name) : NULL;

	if (found)
		return init_custom(out, found, args, args_len, env, why);
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
