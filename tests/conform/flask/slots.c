/* Functions without data of their own, a table that gives them some. */
#include <stdio.h>
#include <stdlib.h>

#include "driver.h"

enum { SLOTS = 256 };

static struct doing slots[SLOTS];
static unsigned used;

static int run(cruet_ctx *c, unsigned i)
{
	if (!slots[i].steps)
		return trace_answer(c, slots[i].flask);
	return is_trace(c) ? CRUET_OK : steps_run(c, &slots[i], false);
}

static int run_after(cruet_ctx *c, unsigned i)
{
	return is_trace(c) ? CRUET_OK : steps_run(c, &slots[i], true);
}

static void run_end(cruet_ctx *c, int err, unsigned i)
{
	if (!is_trace(c))
		steps_end(c, &slots[i], err);
}

static int run_match(cruet_ctx *c, unsigned i)
{
	const cJSON *step = slots[i].steps;
	const char *word = text_of(step, "trace"), *pop = text_of(step, "pop");

	if (word)
		trace_add(slots[i].flask, word);
	const char *value = pop ? cruet_take_arg(c, pop) : NULL;
	if (!value)
		return CRUET_OK;
	cJSON *v = cJSON_CreateString(value);
	int err = g_store(c, text_of(step, "g"), v);
	cJSON_Delete(v);
	return err;
}

static void run_url(cruet_ctx *c, cruet_url_values *v, unsigned i)
{
	const cJSON *step = slots[i].steps, *expecting = member(step, "expecting");
	const char *name = text_of(step, "name"), *g = text_of(step, "g");

	if (!name || (!cJSON_IsFalse(expecting) && !cruet_url_lacks(v, name)))
		return;
	const char *value = g ? cJSON_GetStringValue(g_value(c, g)) : NULL;
	if (!value)
		value = text_of(step, "value");
	if (value)
		cruet_url_give(v, name, value);
}

#define ONE(n)                                                                           \
	static int fn_##n(cruet_ctx *c) { return run(c, 0x##n); }                        \
	static int after_##n(cruet_ctx *c) { return run_after(c, 0x##n); }               \
	static void end_##n(cruet_ctx *c, int err) { run_end(c, err, 0x##n); }           \
	static int match_##n(cruet_ctx *c) { return run_match(c, 0x##n); }               \
	static void url_##n(cruet_ctx *c, const char *e, cruet_url_values *v)            \
	{                                                                                \
		(void)e;                                                                 \
		run_url(c, v, 0x##n);                                                    \
	}
#define ENTRY(n) {fn_##n, after_##n, end_##n, match_##n, url_##n},

#define X16(X, p)                                                                        \
	X(p##0) X(p##1) X(p##2) X(p##3) X(p##4) X(p##5) X(p##6) X(p##7)                  \
	X(p##8) X(p##9) X(p##a) X(p##b) X(p##c) X(p##d) X(p##e) X(p##f)
#define X256(X, p)                                                                       \
	X16(X, p##0) X16(X, p##1) X16(X, p##2) X16(X, p##3) X16(X, p##4) X16(X, p##5)    \
	X16(X, p##6) X16(X, p##7) X16(X, p##8) X16(X, p##9) X16(X, p##a) X16(X, p##b)    \
	X16(X, p##c) X16(X, p##d) X16(X, p##e) X16(X, p##f)
X256(ONE, 0)

static const struct {
	cruet_fn *fn, *after;
	cruet_teardown_fn *end;
	cruet_fn *match;
	cruet_url_fn *url;
} table[SLOTS] = {X256(ENTRY, 0)};

static unsigned take(const struct doing *d)
{
	if (used == SLOTS) {
		fprintf(stderr, "more than %d hooks and handlers in one process\n", SLOTS);
		exit(1);
	}
	slots[used] = *d;
	return used++;
}

cruet_fn *slot_fn(const struct doing *d)
{
	return table[take(d)].fn;
}

cruet_fn *slot_after(const struct doing *d)
{
	return table[take(d)].after;
}

cruet_teardown_fn *slot_end(const struct doing *d)
{
	return table[take(d)].end;
}

cruet_fn *slot_match(const struct doing *d)
{
	return table[take(d)].match;
}

cruet_url_fn *slot_url(const struct doing *d)
{
	return table[take(d)].url;
}
