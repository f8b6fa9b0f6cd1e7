/* A rendering that can stop between two statements and go on later. What exec() keeps on C's
 * stack, the statements that others stand in, lies here in a list: for each one which statement
 * comes next inside of it, and what is put back at its end. Only those are opened that pass on
 * the text of what they hold: if, for, with, autoescape, blocks, templates that are included or
 * extended. All others run as a whole, and so does what has to be a text first: macros, calls,
 * filters, set, recursive loops. */
#include "steps.h"

#include "loop.h"

enum step_kind { STEP_BODY, STEP_SCOPE, STEP_LOOP, STEP_BLOCK, STEP_TEMPLATE };

struct step {
	enum step_kind kind;
	const struct node *next;
	struct step *below;
	bool escape;	      /* STEP_SCOPE: as it was */
	struct before before; /* STEP_BLOCK, STEP_TEMPLATE */
	struct link link;     /* STEP_TEMPLATE: how it was reached */
	bool extended;	      /* ... and the one that it extends has run */
	const struct for_node *f; /* STEP_LOOP */
	bool any;		  /* ... has had an item */
	struct loop *loop, plain;
};

/* --- the list --------------------------------------------------------------------------- */

static struct step *push(struct render *r, struct steps *s, enum step_kind kind,
			 const struct node *body)
{
	struct step *one = s->free;

	if (one)
		s->free = one->below;
	else if (!(one = render_alloc(r, sizeof *one)))
		return NULL;
	one->kind = kind;
	one->next = body;
	one->below = s->top;
	return s->top = one;
}

static void pop(struct steps *s)
{
	struct step *one = s->top;

	s->top = one->below;
	one->below = s->free;
	s->free = one;
}

/* --- into a statement ---------------------------------------------------------------------- */

static void into_scope(struct render *r, struct steps *s, const struct set_node *n)
{
	struct step *one = push(r, s, STEP_SCOPE, n->body);

	if (!one)
		return;
	one->escape = r->context->escape;
	scope_enter(r, n);
}

static void into_loop(struct render *r, struct steps *s, const struct for_node *f)
{
	struct step *one = push(r, s, STEP_LOOP, NULL);

	if (!one)
		return;
	one->f = f;
	one->any = false;
	one->loop = loop_open(r, f, &one->plain);
}

static void into_block(struct render *r, struct steps *s, const struct node *n)
{
	struct context *c;
	const struct stack *stack = block_open(r, n, &c);
	struct step *one = stack ? push(r, s, STEP_BLOCK, stack->v[0]->body) : NULL;

	if (one)
		block_enter(r, c, stack, 0, &one->before);
}

/* A template that was reached by one->link. */
static void enter(struct render *r, struct step *one, const struct template *t,
		  struct context *c)
{
	one->next = t->body;
	one->extended = false;
	r->chain = &one->link;
	if (template_enter(r, t, c, &one->before))
		one->before.chain = one->link.up;
}

static void into_include(struct render *r, struct steps *s, const struct node *n)
{
	struct step *one = push(r, s, STEP_TEMPLATE, NULL);
	struct context *c;
	const struct template *t = one ? include_open(r, n, &one->link, &c) : NULL;

	if (t)
		enter(r, one, t, c);
	else if (one)
		pop(s);
}

static void into_extended(struct render *r, struct steps *s)
{
	struct step *one = push(r, s, STEP_TEMPLATE, NULL);

	if (!one)
		return;
	one->link = (struct link){r->t, r->line, "extended", r->chain};
	enter(r, one, r->act->extends, r->context);
}

/* --- out of it ------------------------------------------------------------------------------ */

static void round_or_end(struct render *r, struct steps *s, struct step *one)
{
	const struct for_node *f = one->f;

	if (loop_round(r, f, one->loop)) {
		one->any = true;
		one->next = f->body;
	} else if (!r->failed && !one->any && f->other) {
		frame_enter(r, &f->other_frame);
		one->kind = STEP_BODY;
		one->next = f->other;
	} else {
		pop(s);
	}
}

/* All that stands in the topmost one has run. */
static void ended(struct render *r, struct steps *s)
{
	struct step *one = s->top;

	if (one->kind == STEP_LOOP) {
		round_or_end(r, s, one);
		return;
	}
	if (one->kind == STEP_TEMPLATE && r->act->extends && !one->extended) {
		one->extended = true;
		into_extended(r, s);
		return;
	}
	if (one->kind == STEP_SCOPE)
		r->context->escape = one->escape;
	else if (one->kind != STEP_BODY)
		leave(r, &one->before);
	pop(s);
}

/* break and continue: up to the loop, or whatever they end in its place. */
static void unwind(struct render *r, struct steps *s, enum flow flow)
{
	while (s->top->kind == STEP_BODY || s->top->kind == STEP_SCOPE)
		ended(r, s);
	if (s->top->kind == STEP_LOOP && flow == FLOW_BREAK)
		pop(s);
	else
		s->top->next = NULL;
}

/* --- the whole --------------------------------------------------------------------------------- */

static void step(struct render *r, struct steps *s, const struct node *n)
{
	enum flow flow = FLOW_ON;

	if (n->op == S_IF) {
		push(r, s, STEP_BODY, if_body(r, n->u.branch));
	} else if (n->op == S_FOR && !n->u.loop->recursive) {
		into_loop(r, s, n->u.loop);
	} else if (n->op == S_WITH) {
		with_enter(r, n->u.set);
		push(r, s, STEP_BODY, n->u.set->body);
	} else if (n->op == S_SCOPE) {
		into_scope(r, s, n->u.set);
	} else if (n->op == S_BLOCK) {
		if (!skipped(r, n))
			into_block(r, s, n);
	} else if (n->op == S_INCLUDE && n->flags & N_CONTEXT) {
		into_include(r, s, n);
	} else {
		flow = exec_until(r, n, n->next);
	}
	if (flow == FLOW_BREAK || flow == FLOW_CONTINUE)
		unwind(r, s, flow);
}

void steps_begin(struct render *r, struct steps *s)
{
	struct step *one = push(r, s, STEP_TEMPLATE, NULL);

	if (!one)
		return;
	one->next = r->t->body;
	one->extended = false;
	template_enter(r, r->t, r->context, &one->before);
}

void steps_run(struct render *r, struct steps *s, size_t enough)
{
	while (s->top && r->out->len < enough) {
		const struct node *n = s->top->next;
		if (n) {
			s->top->next = n->next;
			r->line = n->line;
			step(r, s, n);
		} else {
			ended(r, s);
		}
		if (r->failed || output_fails(r))
			s->top = NULL;
	}
}
