/* One rendering: what its parts share. A failure is recorded once, in r; whatever goes on
 * until that is noticed works with undefined values and changes nothing that is seen. */
#ifndef JINJA_RENDER_H
#define JINJA_RENDER_H

#include "engine.h"
#include "node.h"
#include "value.h"
#include "words.h"

struct named_arg {
	const char *name;
	size_t len;
	val v;
};

/* The arguments of a call. */
struct args {
	val *v;
	size_t n;
	struct named_arg *named;
	size_t nnamed;
};

/* A function that runs: the template, a block, a macro, a recursive loop. */
struct act {
	val *slots;
	size_t n;
	struct act *up;	  /* the one that it stands in */
	struct act *root; /* the one that may extend another template */
	const struct template *extends; /* of a root */
};

struct var {
	struct name name;
	val v;
	bool exported;
};

/* Variables, some of which hide those of the layers below. */
struct layer {
	const struct layer *below;
	struct var *v;
	size_t n;
};

/* The blocks of one name, the one that counts first. */
struct stack {
	const struct name *name;
	const struct block_node **v;
	size_t n;
	struct stack *next;
};

/* What templates see that include each other: Jinja2's Context. */
struct context {
	struct layer vars; /* what was set at the top */
	bool user;	   /* sees what the caller gave, below the layers */
	bool escape;
	const struct template *t;
	struct stack *stacks;
};

struct link { /* of the chain of includes */
	const struct template *t;
	uint32_t line;
	const char *how; /* "included" */
	const struct link *up;
};

struct module {
	const struct template *t;
	struct context *context;
	val text;
	struct module *next;
};

struct held {
	const struct template *t;
	struct held *next;
};

enum { UNDEFINED_SHOWN_MAX = 16 };

struct render {
	struct engine *e;
	cruet_ctx *c;
	const cruet_template_vars *user;
	struct mem mem;
	struct out *out;
	const struct template *t;
	uint32_t line;
	struct context *context;
	struct act *act;
	const struct link *chain;
	unsigned depth;
	const char *stack; /* where it was when the rendering began */
	uint64_t rounds, deadline_ms; /* 0: none */
	uint64_t left_ms; /* of the time, when it was paused last; 0: no bound */
	size_t busy; /* bytes since it last looked at the time */
	bool failed;
	struct complaint *why;
	struct name missed[UNDEFINED_SHOWN_MAX]; /* variables that were undefined, for it */
	size_t nmissed;
	struct module *modules;
	struct held *held;
	uint32_t dice;
};

/* --- failing ------------------------------------------------------------------------------ */

/* Records the first failure; gives an undefined value. kind: as Jinja2 calls it. */
val fail(struct render *r, const char *kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), cold));
val fail_memory(struct render *r) __attribute__((cold));
val fail_undefined(struct render *r, val v) __attribute__((cold)); /* it was used */
val fail_code(struct render *r, int code, const char *what) __attribute__((cold));
/* "unsupported operand type(s) for +: 'int' and 'str'" */
val fail_operands(struct render *r, const char *sign, val a, val b) __attribute__((cold));
/* The place and chain of a complaint that has none yet. */
void complain_here(const struct render *r, struct complaint *why);
/* The line of the source into why->text. */
void complaint_show(struct complaint *why, const char *source, size_t len);

/* Counts a round of a loop, or of anything that a template can make long: false when that
 * was too many or took too long, and the rendering fails. */
bool round_slow(struct render *r);
static inline bool round_more(struct render *r)
{
	return (++r->rounds & 255) || round_slow(r);
}
/* Whether n more would be too many. */
bool rounds_for(struct render *r, uint64_t n);

/* Counts bytes of text that were looked at or written: false when that took too long, and the
 * rendering fails. */
bool busy_slow(struct render *r);
static inline bool busy(struct render *r, size_t bytes)
{
	return (r->busy += bytes) < 1 << 20 || busy_slow(r);
}
val fail_length(struct render *r) __attribute__((cold)); /* of the text as a whole */
/* Whether the output has room for n bytes more; fails if not. */
bool room_for(struct render *r, uint64_t n);

void *render_alloc(struct render *r, size_t size); /* NULL: it fails */
/* What out has from a place on, as a value; out ends there then. */
val render_take(struct render *r, size_t from, bool safe);
/* A new text of what is formatted. */
val render_printf(struct render *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
val render_copy(struct render *r, const char *s, size_t len, bool safe);
val undefined(struct render *r, const char *name, size_t len);
/* Whether merely asking such a value is a failure. */
bool undefined_fails(const struct render *r, val v);
val undefined_hint(struct render *r, const char *hint);
val undefined_member(struct render *r, val of, const char *name, size_t len);

/* --- expressions ------------------------------------------------------------------------------ */

val eval(struct render *r, const struct node *n);
val eval_call(struct render *r, const struct node *n, const val *caller); /* call.c */
val eval_filter(struct render *r, const struct node *n, val v);
val eval_test(struct render *r, const struct node *n);
/* Calls a value. args->v[-1] is room for one more in front. */
val call_value(struct render *r, val f, struct args *a);
/* For calls from C: no names. v has room for one more in front. */
val call_simple(struct render *r, val f, val *v, size_t n);
/* The arguments of a node, behind `first` free places. */
bool eval_args(struct render *r, const struct call_node *c, struct args *a, val *buf, size_t room);
/* Takes a named argument out of those that are left, which keep their order; V_MISSING. */
val args_take(struct args *a, const char *name, size_t len);

val op_binary(struct render *r, int op, val a, val b); /* E_ADD ... E_POW */
val op_negate(struct render *r, val v);
val op_plus(struct render *r, val v);
val op_concat(struct render *r, const val *v, size_t n, bool escape);
bool op_compare(struct render *r, int sign, val a, val b);
val text_repeat(struct render *r, val text, int64_t times);
val text_format(struct render *r, val format, val args); /* format % args (format.c) */

/* a.name and a[key] (member.c) */
val get_attr(struct render *r, val of, const struct name *name);
val get_item(struct render *r, val of, val key);
val get_attribute(struct render *r, val of, const char *name, size_t len); /* no member */
val get_member(struct render *r, val of, const char *name, size_t len); /* as a[name] */
val get_slice(struct render *r, val of, val from, val to, val step);
/* A method of a value of that kind; NULL: there is none. (methods.c) */
const struct word *method_find(val of, const char *name, size_t len);
val method_bind(struct render *r, val of, const struct word *w);
extern const struct object_type method_type;

/* --- iterating ---------------------------------------------------------------------------------- */

struct iter {
	val of;
	size_t i;
	int64_t at; /* V_RANGE */
	const cruet_json *json;
	struct list *list;
};

/* Fails for what cannot be iterated. */
bool iter_open(struct render *r, struct iter *it, val of);
bool iter_next(struct render *r, struct iter *it, val *out);
/* Of a mapping, opened as above: keys with what belongs to them. */
bool iter_pair(struct render *r, struct iter *it, val *key, val *value);
bool can_iterate(val v);
struct list *to_list(struct render *r, val v); /* a new one; NULL: it fails */
bool list_extend(struct render *r, struct list *l, val more); /* by the items of more */
val val_iter(struct list *l); /* read once */

/* --- statements ------------------------------------------------------------------------------------ */

enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE, FLOW_STOP };

/* The statements up to end. */
enum flow exec_until(struct render *r, const struct node *n, const struct node *end);
static inline enum flow exec(struct render *r, const struct node *n)
{
	return exec_until(r, n, NULL);
}
/* Whether the output is in trouble; it fails then. */
bool output_failed(struct render *r) __attribute__((cold));
static inline bool output_fails(struct render *r)
{
	return r->out->trouble && output_failed(r);
}
void frame_enter(struct render *r, const struct frame_node *f);
void frame_first(struct render *r, const struct frame_node *f); /* loads of loops, once */
void assign(struct render *r, const struct node *target, val v);
void assign_place(struct render *r, struct place at, val v);
val read_place(struct render *r, struct place at);
/* Slots for a function that stands in up; NULL: it fails. It lasts as long as the rendering:
 * macros and loops may be kept and called later. */
struct act *act_open(struct render *r, uint16_t slots, struct act *up);
/* Goes one deeper; false: that is too deep. */
bool deeper(struct render *r);
enum flow exec_for(struct render *r, const struct node *n); /* loop.c */
void exec_include(struct render *r, const struct node *n);  /* include.c */
void exec_import(struct render *r, const struct node *n);
void exec_extends(struct render *r, const struct node *n);
void exec_block(struct render *r, const struct node *n);
void run_template(struct render *r, const struct template *t, struct context *c);
val block_self(struct render *r, struct context *c);
/* context.c */
struct context *context_new(struct render *r, const struct template *t);
bool context_add_blocks(struct render *r, struct context *c, const struct template *t);
/* Sees what `from` sees now, and the locals of the frame that runs. */
void context_inherit(struct render *r, struct context *to, const struct context *from,
		     const struct locals_node *locals);
struct context *context_derive(struct render *r, const struct context *of,
			       const struct locals_node *locals);
val context_find(struct render *r, const struct context *c, const struct name *name);
bool context_set(struct render *r, struct context *c, const struct name *name, val v,
		 bool exported);
val make_macro(struct render *r, const struct node *n); /* macro.c */
void exec_call_block(struct render *r, const struct node *n);
/* Prints a value as {{ }} does. */
void print_value(struct render *r, val v, int flags);
bool escapes(const struct render *r, int flags);
extern const struct object_type macro_type, namespace_type, module_type;
/* dict(...) */
val dict_from(struct render *r, struct args *a);
val namespace_new(struct render *r, struct args *a);
bool namespace_set(struct render *r, val ns, const struct name *name, val v);

/* --- beginning and ending: e, c, user, t and why are set, all else is zero -------------------- */

void render_begin(struct render *r, struct out *out); /* context NULL: it has failed */
/* Time counts, and the stack is measured, from resume to pause. */
void render_resume(struct render *r);
void render_pause(struct render *r);
void render_end(struct render *r);

/* 0 ... sides - 1, by chance. */
uint32_t render_dice(struct render *r, uint32_t sides);
/* A variable of all templates; V_MISSING. (words.c) */
val global_find(struct render *r, const struct name *name);

#endif
