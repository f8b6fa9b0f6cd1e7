/* Tests: value is name. */
#include "chars.h"
#include "engine_priv.h"
#include "text.h"

static val divisible(struct render *r, val v, val by, int64_t rest)
{
	return val_bool(val_equal(r, op_binary(r, E_MOD, v, by), val_int(rest)) && !r->failed);
}

#define TEST(name) static val t_##name(struct render *r, val *a, struct args *all)
#define UNUSED (void)r, (void)all, (void)a

TEST(odd)
{
	UNUSED;
	return divisible(r, a[0], val_int(2), 1);
}

TEST(even)
{
	UNUSED;
	return divisible(r, a[0], val_int(2), 0);
}

TEST(divisibleby)
{
	UNUSED;
	return divisible(r, a[0], a[1], 0);
}

TEST(defined)
{
	UNUSED;
	return val_bool(!is_undef(a[0]));
}

TEST(undefined)
{
	UNUSED;
	return val_bool(is_undef(a[0]));
}

TEST(none)
{
	UNUSED;
	return val_bool(a[0].kind == V_NONE);
}

TEST(boolean)
{
	UNUSED;
	return val_bool(a[0].kind == V_BOOL);
}

TEST(false)
{
	UNUSED;
	return val_bool(a[0].kind == V_BOOL && !a[0].as.i);
}

TEST(true)
{
	UNUSED;
	return val_bool(a[0].kind == V_BOOL && a[0].as.i);
}

TEST(integer)
{
	UNUSED;
	return val_bool(a[0].kind == V_INT);
}

TEST(float)
{
	UNUSED;
	return val_bool(a[0].kind == V_REAL);
}

TEST(number)
{
	UNUSED;
	return val_bool(is_number(a[0]));
}

TEST(string)
{
	UNUSED;
	return val_bool(is_text(a[0]));
}

TEST(mapping)
{
	UNUSED;
	return val_bool(is_mapping(a[0]));
}

TEST(sequence)
{
	val v = a[0];

	UNUSED;
	return val_bool(is_text(v) || is_sequence(v) || v.kind == V_DICT || v.kind == V_JSON ||
			v.kind == V_RANGE ||
			(is_undef(v) && !undefined_fails(r, v)));
}

TEST(iterable)
{
	UNUSED;
	return val_bool(can_iterate(a[0]) && !undefined_fails(r, a[0]));
}

TEST(callable)
{
	val v = a[0];

	UNUSED;
	/* undefined values have a __call__ that fails */
	return val_bool(is_undef(v) || (v.kind == V_HOST && v.as.host->type->call) ||
			(v.kind == V_OBJECT && ((const struct object *)v.as.p)->type->call));
}

TEST(lower)
{
	UNUSED;
	return val_bool(text_cased(r, val_str(r, a[0]), false));
}

TEST(upper)
{
	UNUSED;
	return val_bool(text_cased(r, val_str(r, a[0]), true));
}

TEST(sameas)
{
	UNUSED;
	return val_bool(val_same(a[0], a[1]));
}

TEST(escaped)
{
	UNUSED;
	return val_bool(is_safe(a[0]) || val_is(a[0], &module_type) ||
			(is_undef(a[0]) && r->e->options.undefined == UNDEFINED_CHAINS));
}

TEST(in)
{
	UNUSED;
	return val_bool(val_in(r, a[0], a[1]));
}

TEST(eq)
{
	UNUSED;
	return val_bool(op_compare(r, C_EQ, a[0], a[1]));
}

TEST(ne)
{
	UNUSED;
	return val_bool(op_compare(r, C_NE, a[0], a[1]));
}

TEST(lt)
{
	UNUSED;
	return val_bool(op_compare(r, C_LT, a[0], a[1]));
}

TEST(le)
{
	UNUSED;
	return val_bool(op_compare(r, C_LE, a[0], a[1]));
}

TEST(gt)
{
	UNUSED;
	return val_bool(op_compare(r, C_GT, a[0], a[1]));
}

TEST(ge)
{
	UNUSED;
	return val_bool(op_compare(r, C_GE, a[0], a[1]));
}

static val is_word(struct render *r, int what, val v)
{
	uint64_t hash;

	if (!is_text(v))
		return val_bool(val_hash(r, v, &hash) && false);
	return val_bool(words_find(r->e, what, v.as.s, v.len) != NULL);
}

TEST(filter)
{
	UNUSED;
	return is_word(r, CRUET_TEMPLATE_FILTER, a[0]);
}

TEST(test)
{
	UNUSED;
	return is_word(r, CRUET_TEMPLATE_TEST, a[0]);
}

#define ONE(name) {#name, t_##name, {"value"}, 1}
#define TWO(name, fn) {name, t_##fn, {"value", "other"}, 2}

const struct word tests_all[] = {
	ONE(odd),
	ONE(even),
	{"divisibleby", t_divisibleby, {"value", "num"}, 2},
	ONE(defined),
	ONE(undefined),
	ONE(filter),
	ONE(test),
	ONE(none),
	ONE(boolean),
	ONE(false),
	ONE(true),
	ONE(integer),
	ONE(float),
	ONE(number),
	ONE(string),
	ONE(mapping),
	ONE(sequence),
	ONE(iterable),
	ONE(callable),
	ONE(lower),
	ONE(upper),
	ONE(escaped),
	TWO("sameas", sameas),
	{"in", t_in, {"value", "seq"}, 2},
	TWO("==", eq),
	TWO("eq", eq),
	TWO("equalto", eq),
	TWO("!=", ne),
	TWO("ne", ne),
	TWO(">", gt),
	TWO("gt", gt),
	TWO("greaterthan", gt),
	TWO(">=", ge),
	TWO("ge", ge),
	TWO("<", lt),
	TWO("lt", lt),
	TWO("lessthan", lt),
	TWO("<=", le),
	TWO("le", le),
	{.name = NULL}};
