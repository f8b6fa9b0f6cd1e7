/* Operators. */
#include <math.h>

#include "engine_priv.h"
#include "render.h"

/* --- numbers -------------------------------------------------------------------------------- */

static val too_large(struct render *r)
{
	return fail(r, "OverflowError", "the result is larger than 64 bits hold: at most %lld",
		    (long long)INT64_MAX);
}

static val zero(struct render *r, const char *what)
{
	return fail(r, "ZeroDivisionError", "%s", what);
}

/* Both round towards minus infinity. */
static val floor_divide(struct render *r, int64_t a, int64_t b)
{
	if (!b)
		return zero(r, "integer division or modulo by zero");
	if (a == INT64_MIN && b == -1)
		return too_large(r);
	return val_int(a / b - (a % b && (a < 0) != (b < 0)));
}

static val modulo(struct render *r, int64_t a, int64_t b)
{
	if (!b)
		return zero(r, "integer division or modulo by zero");
	if (b == -1)
		return val_int(0);
	int64_t rest = a % b;
	return val_int(rest && (rest < 0) != (b < 0) ? rest + b : rest);
}

static double real_modulo(double a, double b)
{
	double rest = fmod(a, b);

	if (rest && (rest < 0) != (b < 0))
		return rest + b;
	return rest ? rest : copysign(0.0, b);
}

/* As Python does it: by the rest, since a / b may be rounded up to a whole number. */
static double real_floor_divide(double a, double b)
{
	double quotient = (a - real_modulo(a, b)) / b, whole = floor(quotient);

	if (!quotient)
		return copysign(0.0, a / b);
	return quotient - whole > 0.5 ? whole + 1 : whole;
}

static val power(struct render *r, int64_t base, int64_t exponent)
{
	int64_t result = 1;

	if (exponent < 0) {
		if (!base)
			return zero(r, "0.0 cannot be raised to a negative power");
		return val_real(pow((double)base, (double)exponent));
	}
	while (exponent) {
		if ((exponent & 1) && __builtin_mul_overflow(result, base, &result))
			return too_large(r);
		exponent >>= 1;
		if (exponent && __builtin_mul_overflow(base, base, &base))
			return too_large(r);
	}
	return val_int(result);
}

static val whole(struct render *r, int op, int64_t a, int64_t b)
{
	int64_t result;

	switch (op) {
	case E_ADD:
		return __builtin_add_overflow(a, b, &result) ? too_large(r) : val_int(result);
	case E_SUB:
		return __builtin_sub_overflow(a, b, &result) ? too_large(r) : val_int(result);
	case E_MUL:
		return __builtin_mul_overflow(a, b, &result) ? too_large(r) : val_int(result);
	case E_DIV:
		return b ? val_real((double)a / (double)b) : zero(r, "division by zero");
	case E_FLOORDIV:
		return floor_divide(r, a, b);
	case E_MOD:
		return modulo(r, a, b);
	default:
		return power(r, a, b);
	}
}

static val real_power(struct render *r, double a, double b)
{
	if (a == 0 && b < 0)
		return zero(r, "0.0 cannot be raised to a negative power");
	if (a < 0 && b != floor(b))
		return fail(r, "TypeError", "a negative number to a power that is no whole one is "
					    "complex");
	double result = pow(a, b);
	if (isinf(result) && !isinf(a) && !isinf(b))
		return fail(r, "OverflowError", "(34, 'Numerical result out of range')");
	return val_real(result);
}

static val real(struct render *r, int op, double a, double b)
{
	switch (op) {
	case E_ADD:
		return val_real(a + b);
	case E_SUB:
		return val_real(a - b);
	case E_MUL:
		return val_real(a * b);
	case E_DIV:
		return b ? val_real(a / b) : zero(r, "float division by zero");
	case E_FLOORDIV:
		return b ? val_real(real_floor_divide(a, b))
			 : zero(r, "float floor division by zero");
	case E_MOD:
		return b ? val_real(real_modulo(a, b)) : zero(r, "float modulo");
	default:
		return real_power(r, a, b);
	}
}

/* --- texts and lists ------------------------------------------------------------------------ */

val text_repeat(struct render *r, val text, int64_t times)
{
	size_t bytes, max = r->e->options.bounds.memory;

	if (times <= 0 || !text.len)
		return val_safe("", 0, is_safe(text));
	if (__builtin_mul_overflow((size_t)times, (size_t)text.len, &bytes) ||
	    bytes >= (max && max < UINT32_MAX ? max : UINT32_MAX))
		return fail(r, "OverflowError",
			    "a text of %u bytes %lld times is more than the bound of %zu bytes: see "
			    "the option memory",
			    text.len, (long long)times, max);
	char *s = render_alloc(r, bytes + 1);
	if (!s)
		return val_none();
	for (size_t at = 0; at < bytes; at += text.len)
		memcpy(s + at, text.as.s, text.len);
	s[bytes] = 0;
	return val_safe(s, bytes, is_safe(text));
}

static val join_two(struct render *r, val a, val b)
{
	bool safe = is_safe(a) || is_safe(b);
	size_t from = r->out->len;

	for (int i = 0; i < 2; i++) {
		val v = i ? b : a;
		if (safe && !is_safe(v))
			out_escape(r->out, v.as.s, v.len);
		else
			out_put(r->out, v.as.s, v.len);
	}
	return render_take(r, from, safe);
}

static bool is_list(val v)
{
	return v.kind == V_LIST || is_json_array(v);
}

static val add_lists(struct render *r, val a, val b)
{
	struct list *l = to_list(r, a);

	if (l)
		list_extend(r, l, b);
	return val_ptr(a.kind == V_TUPLE ? V_TUPLE : V_LIST, l);
}

static val repeat_list(struct render *r, val v, int64_t times)
{
	struct list *l = list_new(r, 0);
	struct list *of = to_list(r, v);
	uint64_t n;

	if (!l || !of)
		return val_none();
	if (times > 0 && of->n &&
	    (__builtin_mul_overflow((uint64_t)times, (uint64_t)of->n, &n) || !rounds_for(r, n))) {
		rounds_for(r, UINT64_MAX);
		return val_none();
	}
	for (; times > 0 && of->n && !r->failed; times--)
		for (size_t i = 0; i < of->n; i++)
			if (!list_push(r, l, of->v[i]))
				break;
	return val_ptr(v.kind == V_TUPLE ? V_TUPLE : V_LIST, l);
}

static val multiply(struct render *r, val a, val b)
{
	if (is_whole(a)) {
		val swap = a;
		a = b;
		b = swap;
	}
	if (!is_whole(b))
		return fail_operands(r, "*", a, b);
	if (is_text(a))
		return text_repeat(r, a, b.as.i);
	if (is_list(a) || a.kind == V_TUPLE)
		return repeat_list(r, a, b.as.i);
	return fail_operands(r, "*", a, b);
}

/* --- all of them ------------------------------------------------------------------------------ */

static const char *const signs[] = {[E_ADD] = "+",	 [E_SUB] = "-", [E_MUL] = "*", [E_DIV] = "/",
				    [E_FLOORDIV] = "//", [E_MOD] = "%", [E_POW] = "** or pow()"};

val op_binary(struct render *r, int op, val a, val b)
{
	if (is_whole(a) && is_whole(b))
		return whole(r, op, a.as.i, b.as.i);
	if (is_number(a) && is_number(b))
		return real(r, op, real_of(a), real_of(b));
	if (op == E_MOD && is_text(a))
		return text_format(r, a, b);
	if (op == E_ADD && is_text(a) && is_text(b))
		return join_two(r, a, b);
	if (op == E_ADD && ((is_list(a) && is_list(b)) || (a.kind == V_TUPLE && b.kind == V_TUPLE)))
		return add_lists(r, a, b);
	if (op == E_SUB && a.kind == V_TIME && b.kind == V_TIME)
		return val_real((double)(a.as.i - b.as.i) / 1000);
	if (op == E_MUL)
		return multiply(r, a, b);
	return fail_operands(r, signs[op], a, b);
}

val op_negate(struct render *r, val v)
{
	if (is_whole(v))
		return v.as.i == INT64_MIN ? too_large(r) : val_int(-v.as.i);
	if (v.kind == V_REAL)
		return val_real(-v.as.r);
	if (is_undef(v))
		return fail_undefined(r, v);
	return fail(r, "TypeError", "bad operand type for unary -: '%s'", val_type(v));
}

val op_plus(struct render *r, val v)
{
	if (is_whole(v))
		return val_int(v.as.i);
	if (v.kind == V_REAL)
		return v;
	if (is_undef(v))
		return fail_undefined(r, v);
	return fail(r, "TypeError", "bad operand type for unary +: '%s'", val_type(v));
}

/* With escaping, one that is safe makes the whole so, and the others are escaped. */
val op_concat(struct render *r, const val *v, size_t n, bool escape)
{
	size_t from = r->out->len;
	bool safe = false;

	for (size_t i = 0; escape && i < n; i++)
		safe |= is_safe(v[i]) || val_is(v[i], &module_type);
	for (size_t i = 0; i < n; i++)
		if (safe)
			val_escape(r, r->out, v[i]);
		else
			val_print(r, r->out, v[i]);
	return render_take(r, from, safe);
}

bool op_compare(struct render *r, int sign, val a, val b)
{
	switch (sign) {
	case C_EQ:
		return val_equal(r, a, b);
	case C_NE:
		return !val_equal(r, a, b);
	case C_LT:
		return val_less(r, a, b, false, "<");
	case C_LE:
		return val_less(r, a, b, true, "<=");
	case C_GT:
		return val_less(r, b, a, false, ">");
	case C_GE:
		return val_less(r, b, a, true, ">=");
	case C_IN:
		return val_in(r, a, b);
	default:
		return !val_in(r, a, b);
	}
}
