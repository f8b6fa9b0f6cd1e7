/* for, and what it calls loop. */
#include "loop.h"

#include "host.h"

static const struct object_type loop_type;

/* --- items ----------------------------------------------------------------------------------- */

/* The test runs when the next item is wanted, in slots of its own: the body may ask for that
 * item, and its variables stay what they are. What the body sets the test never sees. */
static bool test_open(struct render *r, struct loop *l, const struct for_node *f)
{
	struct act *act = act_open(r, (uint16_t)r->act->n, r->act->up), *before = r->act;

	if (!act)
		return false;
	act->root = before->root;
	if (act->n)
		memcpy(act->slots, before->slots, act->n * sizeof *act->slots);
	l->test = f;
	l->test_act = act;
	l->test_context = r->context;
	r->act = act;
	frame_enter(r, &f->test_frame);
	r->act = before;
	return !r->failed;
}

static bool passes(struct render *r, const struct loop *l, val item)
{
	struct act *before = r->act;
	struct context *context = r->context;

	r->act = l->test_act;
	r->context = l->test_context;
	assign(r, l->test->target, item);
	bool pass = val_truth(r, eval(r, l->test->test));
	r->act = before;
	r->context = context;
	return pass && !r->failed;
}

static bool next(struct render *r, struct loop *l, val *out)
{
	while (iter_next(r, &l->it, out)) {
		if (!l->test || passes(r, l, *out))
			return true;
		if (r->failed || !round_more(r))
			break;
	}
	return false;
}

/* --- what it tells ------------------------------------------------------------------------ */

static bool peek(struct render *r, struct loop *l)
{
	if (!l->peeked) {
		l->peeked = true;
		if (!next(r, l, &l->after))
			l->after = val_missing();
	}
	return !is_missing(l->after);
}

/* Rows that do not say how many they are are read, and so are those that a test chooses. */
static int64_t length(struct render *r, struct loop *l)
{
	if (l->length >= 0)
		return l->length;
	if (l->it.of.kind != V_HOST && l->it.of.kind != V_ITER && !l->test) {
		l->length = val_len(r, l->it.of);
		return l->length;
	}
	if (l->it.of.kind == V_HOST && !l->test && (l->length = host_count(r, l->it.of.as.host)) >= 0)
		return l->length;
	int64_t done = l->index0 + 1;
	bool ahead = l->peeked && !is_missing(l->after);
	struct list *rest = list_new(r, 0);
	val one;
	while (rest && next(r, l, &one))
		if (!round_more(r) || !list_push(r, rest, one))
			return 0;
	if (!rest)
		return 0;
	l->it = (struct iter){.of = val_ptr(V_LIST, rest), .list = rest};
	l->test = NULL;
	l->length = (int64_t)rest->n + done + ahead;
	return l->length;
}

static val cycle(struct render *r, val *unused, struct args *a)
{
	struct loop *l = (struct loop *)a->v[0].as.p;

	(void)unused;
	if (a->n < 2)
		return fail(r, "TypeError", "no items for cycling given");
	return a->v[1 + (uint64_t)l->index0 % (a->n - 1)];
}

static val changed(struct render *r, val *unused, struct args *a)
{
	struct loop *l = (struct loop *)a->v[0].as.p;
	size_t n = a->n - 1;
	bool same = l->changed.v && l->changed.n == n;

	(void)unused;
	for (size_t i = 0; same && i < n; i++)
		same = val_equal(r, l->changed.v[i], a->v[1 + i]);
	if (same)
		return val_bool(false);
	val *v = render_alloc(r, (n + 1) * sizeof *v);
	if (!v)
		return val_none();
	memcpy(v, a->v + 1, n * sizeof *v);
	l->changed = (struct args){.v = v, .n = n};
	return val_bool(true);
}

static const struct word cycle_word = {.name = "cycle", .fn = cycle};
static const struct word changed_word = {.name = "changed", .fn = changed};

static bool named(const char *name, size_t len, const char *is)
{
	return strlen(is) == len && !memcmp(name, is, len);
}

static val loop_get(struct render *r, void *self, const char *name, size_t len)
{
	struct loop *l = self;

	if (named(name, len, "index"))
		return val_int(l->index0 + 1);
	if (named(name, len, "index0"))
		return val_int(l->index0);
	if (named(name, len, "first"))
		return val_bool(l->index0 == 0);
	if (named(name, len, "last"))
		return val_bool(!peek(r, l));
	if (named(name, len, "length"))
		return val_int(length(r, l));
	if (named(name, len, "revindex"))
		return val_int(length(r, l) - l->index0);
	if (named(name, len, "revindex0"))
		return val_int(length(r, l) - l->index0 - 1);
	if (named(name, len, "depth"))
		return val_int(l->depth0 + 1);
	if (named(name, len, "depth0"))
		return val_int(l->depth0);
	if (named(name, len, "previtem"))
		return is_missing(l->before) ? undefined_hint(r, "there is no previous item")
					     : l->before;
	if (named(name, len, "nextitem"))
		return peek(r, l) ? l->after : undefined_hint(r, "there is no next item");
	if (named(name, len, "cycle"))
		return method_bind(r, val_object(&l->object), &cycle_word);
	if (named(name, len, "changed"))
		return method_bind(r, val_object(&l->object), &changed_word);
	return val_missing();
}

static void loop_text(struct render *r, void *self, struct out *o)
{
	struct loop *l = self;

	out_printf(o, "<LoopContext %lld/%lld>", (long long)l->index0 + 1,
		   (long long)length(r, l));
}

/* --- rounds -------------------------------------------------------------------------------- */

static bool advance(struct render *r, struct loop *l)
{
	val item;

	if (l->peeked) {
		item = l->after;
		l->peeked = false;
		if (is_missing(item))
			return false;
	} else if (!next(r, l, &item)) {
		return false;
	}
	l->index0++;
	l->before = l->current;
	l->current = item;
	return true;
}

/* In the frame of r->act. */
static bool begin(struct render *r, const struct for_node *f, struct loop *l, val all)
{
	if (!iter_open(r, &l->it, all) || (f->test && !test_open(r, l, f)))
		return false;
	frame_first(r, &f->frame);
	if (f->extended)
		assign_place(r, f->loop, val_object(&l->object));
	return true;
}

static inline bool next_round(struct render *r, const struct for_node *f, struct loop *l)
{
	val one;

	if (!(f->extended ? advance(r, l) : next(r, l, &one)) || !round_more(r))
		return false;
	assign(r, f->target, f->extended ? l->current : one);
	frame_enter(r, &f->frame);
	return true;
}

bool loop_round(struct render *r, const struct for_node *f, struct loop *l)
{
	return next_round(r, f, l);
}

static enum flow after_body(enum flow flow, bool *more)
{
	if (flow == FLOW_BREAK || flow == FLOW_STOP)
		*more = false;
	return flow == FLOW_STOP ? FLOW_STOP : FLOW_ON;
}

static enum flow rounds(struct render *r, const struct for_node *f, struct loop *l)
{
	bool any = false, more = true;
	enum flow flow = FLOW_ON;

	while (more && next_round(r, f, l)) {
		any = true;
		flow = after_body(exec(r, f->body), &more);
	}
	if (r->failed)
		return FLOW_STOP;
	if (any || !f->other)
		return flow;
	frame_enter(r, &f->other_frame);
	return exec(r, f->other);
}

static void loop_init(struct loop *l, unsigned depth0)
{
	*l = (struct loop){.object = {&loop_type},
			   .index0 = -1,
			   .length = -1,
			   .current = val_missing(),
			   .before = val_missing(),
			   .after = val_missing(),
			   .depth0 = depth0};
}

/* One call of a recursive loop; what it prints is a text. */
static val descend(struct render *r, const struct loop *of, val all, unsigned depth0)
{
	const struct for_node *f = of->node->u.loop;
	struct act *act = act_open(r, f->slots, of->up), *before = r->act;
	struct loop *l = render_alloc(r, sizeof *l);
	size_t from = r->out->len;

	if (!l || !act)
		return val_none();
	act->root = of->up->root;
	loop_init(l, depth0);
	l->node = of->node;
	l->up = of->up;
	r->act = act;
	if (begin(r, f, l, all))
		rounds(r, f, l);
	r->act = before;
	return render_take(r, from, false);
}

static val loop_call(struct render *r, void *self, struct args *a)
{
	struct loop *l = self;

	if (!l->node)
		return fail(r, "TypeError",
			    "The loop must have the 'recursive' marker to be called recursively.");
	if (a->n != 1 || a->nnamed)
		return fail(r, "TypeError", "loop() takes what it is to go through");
	val text = descend(r, l, a->v[0], l->depth0 + 1);
	if (r->context->escape && is_text(text))
		text.flags |= CRUET_VALUE_SAFE;
	return text;
}

static const struct object_type loop_type = {"LoopContext", loop_get, loop_call, loop_text};

static enum flow exec_recursive(struct render *r, const struct node *n)
{
	struct loop first;

	loop_init(&first, 0);
	first.node = n;
	first.up = r->act;
	val all = eval(r, n->u.loop->iter);
	if (r->failed || !deeper(r))
		return FLOW_STOP;
	val text = descend(r, &first, all, 0);
	r->depth--;
	if (!r->failed)
		out_put(r->out, text.as.s, text.len);
	return r->failed ? FLOW_STOP : FLOW_ON;
}

struct loop *loop_open(struct render *r, const struct for_node *f, struct loop *plain)
{
	struct loop *l = f->extended ? render_alloc(r, sizeof *l) : plain;

	if (!l)
		return NULL;
	if (f->extended)
		loop_init(l, 0);
	else
		l->test = NULL;
	val all = eval(r, f->iter);
	return !r->failed && begin(r, f, l, all) ? l : NULL;
}

enum flow exec_for(struct render *r, const struct node *n)
{
	const struct for_node *f = n->u.loop;
	struct loop plain;

	if (f->recursive)
		return exec_recursive(r, n);
	struct loop *l = loop_open(r, f, &plain);
	return l ? rounds(r, f, l) : FLOW_STOP;
}
