/* Beginning and ending a rendering, and how it fails. */
#include "render.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine_priv.h"

/* --- failing ------------------------------------------------------------------------------------ */

/* The line of a source, without the white space around it. */
void complaint_show(struct complaint *why, const char *source, size_t len)
{
	const char *end = source + len;
	uint32_t line = 1;

	for (; line < why->line && source < end; line++) {
		const char *next = memchr(source, '\n', (size_t)(end - source));
		source = next ? next + 1 : end;
	}
	while (source < end && (*source == ' ' || *source == '\t'))
		source++;
	const char *last = memchr(source, '\n', (size_t)(end - source));
	size_t n = (size_t)((last ? last : end) - source);
	if (n && source[n - 1] == '\r')
		n--;
	snprintf(why->text, sizeof why->text, "%.*s", (int)(n < 250 ? n : 250), source);
}

/* Variables that were undefined before it went wrong: often one of them is why. */
static void list_undefined(const struct render *r, struct complaint *why)
{
	size_t at = 0, room = sizeof why->undefined;
	char quoted[80];

	*why->undefined = 0;
	for (size_t i = 0; i < r->nmissed && at < room; i++) {
		const struct name *name = &r->missed[i];
		snprintf(quoted, sizeof quoted, "'%.*s'", (int)name->len, name->s);
		if (!strstr(why->what, quoted))
			at += (size_t)snprintf(why->undefined + at, room - at, "%s%.*s",
					       at ? ", " : "", (int)name->len, name->s);
	}
}

void complain_here(const struct render *r, struct complaint *why)
{
	size_t at = 0;

	list_undefined(r, why);

	if (!*why->template && r->t) {
		snprintf(why->template, sizeof why->template, "%s", r->t->name);
		why->line = r->line;
		complaint_show(why, r->t->source, r->t->len);
	}
	*why->chain = 0;
	for (const struct link *l = r->chain; l && at < sizeof why->chain - 1; l = l->up) {
		int n = snprintf(why->chain + at, sizeof why->chain - at, "%s%s from %s:%u",
				 at ? ", " : "", l->how, l->t->name, l->line);
		at += n > 0 ? (size_t)n : 0;
	}
}

__attribute__((format(printf, 4, 0)))
static void record(struct render *r, const char *kind, int code, const char *fmt, va_list ap)
{
	if (r->failed)
		return;
	r->failed = true;
	*r->why = (struct complaint){.kind = kind, .code = code};
	vsnprintf(r->why->what, sizeof r->why->what, fmt, ap);
	complain_here(r, r->why);
}

val fail(struct render *r, const char *kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	record(r, kind, 0, fmt, ap);
	va_end(ap);
	return val_undef(NULL);
}

__attribute__((format(printf, 4, 5)))
static void fail_as(struct render *r, const char *kind, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	record(r, kind, code, fmt, ap);
	va_end(ap);
}

val fail_code(struct render *r, int code, const char *what)
{
	fail_as(r, "CallError", code, "%s", what);
	return val_undef(NULL);
}

val fail_memory(struct render *r)
{
	if (r->mem.max && r->mem.used + (1 << 20) >= r->mem.max)
		return fail(r, "MemoryError",
			    "the values of this page need more than %zu bytes, which is the bound: "
			    "see the option memory",
			    r->mem.max);
	fail_as(r, "MemoryError", CRUET_ENOMEM, "out of memory, or a value is too large");
	return val_undef(NULL);
}

val fail_undefined(struct render *r, val v)
{
	const struct undef *u = v.as.p;

	if (!u)
		return fail(r, "UndefinedError", "a value is undefined");
	if (u->hint)
		return fail(r, "UndefinedError", "%s", u->hint);
	if (u->of)
		return fail(r, "UndefinedError", "'%s' has no attribute '%.*s'", u->of,
			    (int)u->len, u->name);
	return fail(r, "UndefinedError", "'%.*s' is undefined", (int)u->len, u->name);
}

val fail_operands(struct render *r, const char *sign, val a, val b)
{
	if (is_undef(a))
		return fail_undefined(r, a);
	if (is_undef(b))
		return fail_undefined(r, b);
	return fail(r, "TypeError", "unsupported operand type(s) for %s: '%s' and '%s'", sign,
		    val_type(a), val_type(b));
}

void complaint_print(const struct complaint *why, bool lines, struct out *o)
{
	const char *more = lines ? "\n  " : "; ";

	out_printf(o, "%s: %s", why->kind, why->what);
	if (!*why->template)
		return;
	out_printf(o, "%sin %s, line %u", more, why->template, why->line);
	if (*why->text)
		out_printf(o, "%s%s", lines ? "\n    " : ": ", why->text);
	if (*why->chain)
		out_printf(o, "%s%s", more, why->chain);
	if (*why->undefined)
		out_printf(o, "%sundefined before: %s", more, why->undefined);
}

/* --- bounds ---------------------------------------------------------------------------------------- */

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void look_at_the_time(struct render *r)
{
	if (r->deadline_ms && now_ms() > r->deadline_ms)
		fail(r, "TimeoutError",
		     "this page takes longer than %llu ms, which is the bound: see the option time",
		     (unsigned long long)r->e->options.bounds.time_ms);
}

bool busy_slow(struct render *r)
{
	r->busy = 0;
	look_at_the_time(r);
	return !r->failed;
}

bool round_slow(struct render *r)
{
	const struct bounds *b = &r->e->options.bounds;

	if (r->rounds > b->rounds)
		fail(r, "OverflowError",
		     "the loops of this page go through more than %llu rounds, which is the bound: "
		     "see the option rounds",
		     (unsigned long long)b->rounds);
	else
		look_at_the_time(r);
	return !r->failed;
}

bool rounds_for(struct render *r, uint64_t n)
{
	const struct bounds *b = &r->e->options.bounds;

	if (r->failed)
		return false;
	if (n > b->rounds || r->rounds + n > b->rounds)
		r->rounds = b->rounds + 1;
	else
		r->rounds += n;
	return round_slow(r);
}

/* Between two calls lie an expression and blocks, and how deep those are the parser bounds: a
 * thread that has 1 MiB has room for them beyond this. */
enum { STACK_MAX = 512 * 1024 };

static size_t stack_used(const struct render *r)
{
	const char *here = __builtin_frame_address(0);

	return here < r->stack ? (size_t)(r->stack - here) : (size_t)(here - r->stack);
}

bool deeper(struct render *r)
{
	if (r->failed)
		return false;
	if (stack_used(r) > STACK_MAX) {
		fail(r, "RecursionError",
		     "what calls each other here, %u deep, takes more than %d KiB of stack, which is "
		     "the bound: call less deep, or from shorter expressions",
		     r->depth, STACK_MAX / 1024);
		return false;
	}
	if (r->depth >= r->e->options.bounds.depth) {
		fail(r, "RecursionError",
		     "templates, blocks and macros call each other more than %u deep, which is the "
		     "bound: see the option depth",
		     r->e->options.bounds.depth);
		return false;
	}
	r->depth++;
	return true;
}

/* --- memory ------------------------------------------------------------------------------------------ */

void *render_alloc(struct render *r, size_t size)
{
	void *p = mem_alloc(&r->mem, size);

	if (!p)
		fail_memory(r);
	return p;
}

val render_copy(struct render *r, const char *s, size_t len, bool safe)
{
	char *copy = len < UINT32_MAX ? render_alloc(r, len + 1) : NULL;

	if (!copy) {
		fail_memory(r);
		return val_text("", 0);
	}
	if (len)
		memcpy(copy, s, len);
	copy[len] = 0;
	busy(r, len);
	return val_safe(copy, len, safe);
}

val fail_length(struct render *r)
{
	return fail(r, "OverflowError",
		    "the text is longer than %zu bytes, which is the bound: see the option output",
		    r->e->options.bounds.output);
}

static void too_long(struct render *r)
{
	fail(r, "OverflowError",
	     "a text is longer than %zu bytes, which is the bound: see the option output",
	     r->out->max);
}

bool room_for(struct render *r, uint64_t n)
{
	if (n > r->out->max - r->out->len)
		too_long(r);
	return !r->failed;
}

val render_take(struct render *r, size_t from, bool safe)
{
	val v = from <= r->out->len && r->out->p
			? render_copy(r, r->out->p + from, r->out->len - from, safe)
			: val_text("", 0);

	if (r->out->trouble == OUT_NOMEM)
		fail_memory(r);
	else if (r->out->trouble)
		too_long(r);
	if (from <= r->out->len)
		r->out->len = from;
	return v;
}

val render_printf(struct render *r, const char *fmt, ...)
{
	va_list ap;
	char buf[512];

	va_start(ap, fmt);
	int n = vsnprintf(buf, sizeof buf, fmt, ap);
	va_end(ap);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof buf ? (size_t)n : sizeof buf - 1;
	return render_copy(r, buf, len, false);
}

static val new_undefined(struct render *r, struct undef u)
{
	struct undef *copy = render_alloc(r, sizeof *copy);

	if (copy)
		*copy = u;
	return val_undef(copy);
}

static void note_missed(struct render *r, const char *name, size_t len)
{
	for (size_t i = 0; i < r->nmissed; i++)
		if (r->missed[i].len == len && !memcmp(r->missed[i].s, name, len))
			return;
	if (r->nmissed < UNDEFINED_SHOWN_MAX)
		r->missed[r->nmissed++] = (struct name){.s = name, .len = (uint32_t)len};
}

val undefined(struct render *r, const char *name, size_t len)
{
	note_missed(r, name, len);
	return new_undefined(r, (struct undef){.name = name, .len = len});
}

val undefined_hint(struct render *r, const char *hint)
{
	return new_undefined(r, (struct undef){.hint = hint});
}

bool undefined_fails(const struct render *r, val v)
{
	const struct undef *u = v.as.p;

	return is_undef(v) && r->e->options.undefined == UNDEFINED_FAILS && !(u && u->harmless);
}

val undefined_member(struct render *r, val of, const char *name, size_t len)
{
	val type = render_printf(r, "%s object", val_type(of));

	if (of.kind == V_NONE)
		type = val_text("None", 4);
	return new_undefined(r, (struct undef){.name = name, .len = len, .of = type.as.s});
}

struct act *act_open(struct render *r, uint16_t slots, struct act *up)
{
	struct act *a = render_alloc(r, sizeof *a + slots * sizeof *a->slots);

	if (!a)
		return NULL;
	*a = (struct act){.slots = (val *)(a + 1), .n = slots, .up = up, .root = a};
	for (uint16_t i = 0; i < slots; i++)
		a->slots[i] = val_missing();
	return a;
}

/* --- the whole ------------------------------------------------------------------------------------------ */

void render_begin(struct render *r, struct out *out)
{
	const struct bounds *b = &r->e->options.bounds;

	*r->why = (struct complaint){.kind = NULL};
	r->line = 1;
	r->out = out;
	r->dice = (uint32_t)((uintptr_t)r >> 4) ^ (uint32_t)now_ms();
	r->left_ms = b->time_ms;
	mem_init(&r->mem, b->memory);
	r->context = context_new(r, r->t);
}

void render_resume(struct render *r)
{
	r->stack = __builtin_frame_address(0);
	r->deadline_ms = r->left_ms ? now_ms() + r->left_ms : 0;
}

void render_pause(struct render *r)
{
	uint64_t now = r->left_ms ? now_ms() : 0;

	if (r->left_ms)
		r->left_ms = now < r->deadline_ms ? r->deadline_ms - now : 1;
}

void render_end(struct render *r)
{
	for (struct held *h = r->held; h; h = h->next)
		engine_release(r->e, h->t);
	mem_fini(&r->mem);
}

bool engine_render(struct engine *e, cruet_ctx *c, const struct template *t,
		   const cruet_template_vars *vars, struct out *out, struct complaint *why)
{
	struct render r = {.e = e, .c = c, .user = vars, .t = t, .why = why};
	size_t usual = atomic_load_explicit(&((struct template *)t)->usual, memory_order_relaxed);

	out_init(out, usual + usual / 8 + 256, e->options.bounds.output);
	render_begin(&r, out);
	render_resume(&r);
	if (r.context)
		run_template(&r, t, r.context);
	if (!r.failed && out->trouble)
		render_take(&r, out->len, false);
	if (!r.failed && (!usual || out->len > usual || out->len < usual / 2))
		atomic_store_explicit(&((struct template *)t)->usual, out->len,
				      memory_order_relaxed);
	if (!r.failed && out_room(out, 0))
		out->p[out->len] = 0;
	render_end(&r);
	return !r.failed;
}
