/* Frames as Jinja2's compiler has them. A frame that is entered loads its variables; which,
 * and from where, symbols.c has found out. */
#include "compile.h"

#include "symbols.h"
#include "walk.h"
#include "words.h"

struct frame {
	struct parser *p;
	struct template *t;
	struct symbols symbols;
	bool toplevel; /* what is set here is seen by others */
	bool check;    /* prints only if the template extends no other */
	bool soft;     /* perhaps never run: filters may be missing */
	bool in_loop;  /* break and continue mean something */
	bool escape, ask;
};

static void body(struct frame *f, struct node *first);
static void list(struct frame *f, struct node *first);

/* A frame inside of f; function NULL: of the same function. */
static void inner(struct frame *f, struct frame *in, struct function *function)
{
	*in = *f;
	in->toplevel = false;
	symbols_init(&in->symbols, &f->symbols, function ? function : f->symbols.function);
}

static void *fail(struct frame *f, const struct node *n, const char *what)
{
	return parse_fail(f->p, n->line, "%s", what);
}

/* --- expressions --------------------------------------------------------------------------- */

static void place(struct frame *f, struct node *n)
{
	if (!symbols_find(&f->symbols, &n->u.var.name, &n->u.var.at)) {
		symbols_load(f->p, &f->symbols, &n->u.var.name);
		symbols_find(&f->symbols, &n->u.var.name, &n->u.var.at);
	}
	if ((n->flags & N_STORE) && f->toplevel)
		n->flags |= N_EXPORT;
}

static void word(struct frame *f, struct node *n)
{
	bool filter = n->op == E_FILTER;
	const struct name *name = &n->u.call.name;

	n->u.call.word = words_find(f->t->engine, filter ? CRUET_TEMPLATE_FILTER
							  : CRUET_TEMPLATE_TEST,
				    name->s, name->len);
	if (!n->u.call.word && !f->soft)
		words_missing(f->t->engine, f->p, n, filter);
}

static bool expression(void *arg, struct node *n)
{
	struct frame *f = arg;
	bool soft = f->soft;

	switch (n->op) {
	case E_NAME:
	case E_NSREF:
		place(f, n);
		return !f->p->why->kind;
	case E_FILTER:
	case E_TEST:
		word(f, n);
		break;
	case E_COND:
		f->soft = true;
		break;
	case E_CONCAT:
	case E_SAFE:
		n->flags |= f->ask ? N_ASK : f->escape ? N_ESCAPE : 0;
		break;
	default:
		break;
	}
	bool ok = !f->p->why->kind && walk_kids(n, expression, f);
	f->soft = soft;
	return ok;
}

static void expr(struct frame *f, struct node *n)
{
	if (n)
		expression(f, n);
}

static void list(struct frame *f, struct node *first)
{
	walk_list(first, expression, f);
}

/* --- frames -------------------------------------------------------------------------------- */

static void enter(struct frame *f, bool loop, struct frame_node *out)
{
	symbols_frame(f->p, &f->symbols, loop, out);
}

static void compile_for(struct frame *f, struct node *n)
{
	struct for_node *loop = n->u.loop;
	struct function function = {.outer = f->symbols.function};
	struct frame in, test, other;
	const struct name loop_name = {"loop", 4, name_hash("loop", 4)};

	inner(f, &in, loop->recursive ? &function : NULL);
	inner(f, &test, loop->recursive ? &function : NULL);
	inner(f, &other, loop->recursive ? &function : NULL);
	in.in_loop = true;
	loop->extended = loop->recursive || walk_reads(loop->body, "loop") ||
			 walk_scoped(loop->body) || walk_scoped(loop->other);
	if (loop->extended)
		symbols_param(f->p, &in.symbols, &loop_name);
	analyze_target(f->p, &in.symbols, loop->target);
	analyze(f->p, &in.symbols, loop->body);
	analyze(f->p, &other.symbols, loop->other);
	if (walk_sets(n, "loop")) {
		fail(f, n, "Can't assign to special loop variable in for-loop target");
		return;
	}
	expr(f, loop->iter);
	expr(&in, loop->target);
	if (loop->test) {
		analyze_target(f->p, &test.symbols, loop->target);
		analyze(f->p, &test.symbols, loop->test);
		expr(&test, loop->test);
		enter(&test, false, &loop->test_frame);
	}
	if (loop->extended)
		symbols_find(&in.symbols, &loop_name, &loop->loop);
	body(&in, loop->body);
	enter(&in, true, &loop->frame);
	body(&other, loop->other);
	enter(&other, false, &loop->other_frame);
	loop->slots = (uint16_t)function.n;
}

static struct place special(struct frame *f, const char *word)
{
	const struct name name = {word, (uint32_t)strlen(word), name_hash(word, strlen(word))};
	struct place at = {0, 0};

	symbols_param(f->p, &f->symbols, &name);
	symbols_find(&f->symbols, &name, &at);
	return at;
}

static bool has_param(const struct macro_node *m, const char *name, uint32_t *index)
{
	*index = 0;
	for (const struct node *a = m->args; a; a = a->next, ++*index)
		if (a->u.var.name.len == strlen(name) &&
		    !memcmp(a->u.var.name.s, name, a->u.var.name.len))
			return true;
	return false;
}

static void macro_body(struct frame *f, struct node *n)
{
	struct macro_node *m = n->u.macro;
	struct function function = {.outer = f->symbols.function};
	struct frame in;
	uint32_t index;

	inner(f, &in, &function);
	in.check = in.in_loop = false;
	analyze(f->p, &in.symbols, m->args);
	analyze(f->p, &in.symbols, m->defaults);
	analyze(f->p, &in.symbols, m->body);
	m->explicit_caller = has_param(m, "caller", &index);
	m->uses_caller = walk_reads(m->body, "caller");
	if (m->uses_caller && m->explicit_caller && index < m->nargs - m->ndefaults) {
		fail(f, n,
		     "When defining macros or call blocks the special \"caller\" argument must be "
		     "omitted or be given a default.");
		return;
	}
	if (m->uses_caller && !m->explicit_caller)
		m->caller = special(&in, "caller");
	m->uses_kwargs = walk_reads(m->body, "kwargs") && !has_param(m, "kwargs", &index);
	if (m->uses_kwargs)
		m->kwargs = special(&in, "kwargs");
	m->uses_varargs = walk_reads(m->body, "varargs") && !has_param(m, "varargs", &index);
	if (m->uses_varargs)
		m->varargs = special(&in, "varargs");
	list(&in, m->args);
	list(&in, m->defaults);
	body(&in, m->body);
	enter(&in, false, &m->frame);
	m->slots = (uint16_t)function.n;
}

static void compile_with(struct frame *f, struct set_node *s)
{
	struct frame in;

	inner(f, &in, NULL);
	for (struct node *t = s->target; t; t = t->next)
		analyze_target(f->p, &in.symbols, t);
	analyze(f->p, &in.symbols, s->body);
	list(&in, s->target);
	list(f, s->value);
	body(&in, s->body);
	enter(&in, false, &s->frame);
}

/* {% set %}...{% endset %}, {% filter %}...{% endfilter %}: f is around it, the filter inside. */
static void compile_capture(struct frame *f, struct set_node *s)
{
	struct frame in;

	inner(f, &in, NULL);
	if (s->target)
		in.check = false;
	analyze(f->p, &in.symbols, s->body);
	if (s->value)
		analyze(f->p, &in.symbols, s->value);
	body(&in, s->body);
	expr(&in, s->value);
	enter(&in, false, &s->frame);
	if (s->target)
		expr(f, s->target);
}

static void compile_scope(struct frame *f, struct set_node *s)
{
	struct frame in;

	inner(f, &in, NULL);
	analyze(f->p, &in.symbols, s->value);
	analyze(f->p, &in.symbols, s->body);
	expr(&in, s->value);
	in.ask = s->value->op != E_CONST || s->value->u.value.kind != V_BOOL;
	in.escape = !in.ask && s->value->u.value.as.i;
	body(&in, s->body);
	enter(&in, false, &s->frame);
}

static void compile_if(struct frame *f, struct branch *b)
{
	bool soft = f->soft;

	f->soft = true;
	for (; b; b = b->next) {
		expr(f, b->test);
		body(f, b->body);
	}
	f->soft = soft;
}

static void compile_include(struct frame *f, struct node *n)
{
	struct include_node *i = n->u.include;

	if (n->op == S_EXTENDS && !f->toplevel) {
		fail(f, n, "cannot use extend from a non top-level scope");
		return;
	}
	expr(f, i->name);
	expr(f, i->target);
	for (uint32_t k = 0; k < i->n; k++)
		expr(f, i->names[k].target);
	if (n->flags & N_CONTEXT)
		symbols_locals(f->p, &f->symbols, &i->locals);
}

static void compile_block(struct frame *f, struct node *n)
{
	if (f->toplevel)
		n->flags |= N_CHECK;
	if (n->u.block->scoped)
		symbols_locals(f->p, &f->symbols, &n->u.block->locals);
}

static void statement(struct frame *f, struct node *n)
{
	switch (n->op) {
	case S_DATA:
		n->flags |= f->check ? N_CHECK : 0;
		break;
	case S_PRINT:
		n->flags |= (f->check ? N_CHECK : 0) | (f->ask ? N_ASK : f->escape ? N_ESCAPE : 0);
		expr(f, n->u.kid.a);
		break;
	case S_IF:
		compile_if(f, n->u.branch);
		break;
	case S_FOR:
		compile_for(f, n);
		break;
	case S_SET:
		expr(f, n->u.set->value);
		expr(f, n->u.set->target);
		break;
	case S_SET_BLOCK:
	case S_FILTER:
		n->flags |= f->ask ? N_ASK : f->escape ? N_ESCAPE : 0;
		compile_capture(f, n->u.set);
		break;
	case S_WITH:
		compile_with(f, n->u.set);
		break;
	case S_SCOPE:
		compile_scope(f, n->u.set);
		break;
	case S_MACRO:
		macro_body(f, n);
		expr(f, n->u.macro->target);
		break;
	case S_CALL:
		n->flags |= f->ask ? N_ASK : f->escape ? N_ESCAPE : 0;
		macro_body(f, n);
		expr(f, n->u.macro->call);
		break;
	case S_BLOCK:
		compile_block(f, n);
		break;
	case S_DO:
		expr(f, n->u.kid.a);
		break;
	case S_BREAK:
	case S_CONTINUE:
		if (!f->in_loop)
			fail(f, n, "'break' and 'continue' stand in loops only");
		break;
	default:
		compile_include(f, n);
		break;
	}
}

static void body(struct frame *f, struct node *first)
{
	for (struct node *n = first; n && !f->p->why->kind; n = n->next)
		statement(f, n);
}

/* --- the template and its blocks -------------------------------------------------------------- */

static void compile_block_body(struct parser *p, struct template *t, struct block_node *b)
{
	struct function function = {.outer = NULL};
	struct frame f = {.p = p, .t = t, .escape = t->escape};

	symbols_init(&f.symbols, NULL, &function);
	b->uses_self = walk_reads(b->body, "self");
	if (b->uses_self)
		b->self = special(&f, "self");
	b->uses_super = walk_reads(b->body, "super");
	if (b->uses_super)
		b->super = special(&f, "super");
	analyze(p, &f.symbols, b->body);
	body(&f, b->body);
	symbols_frame(p, &f.symbols, false, &b->frame);
	b->slots = (uint16_t)function.n;
}

bool compile(struct parser *p, struct template *t)
{
	struct function function = {.outer = NULL};
	struct frame f = {
		.p = p, .t = t, .toplevel = true, .escape = t->escape};

	symbols_init(&f.symbols, NULL, &function);
	t->extends = walk_has(t->body, S_EXTENDS);
	f.check = t->extends;
	t->uses_self = walk_reads(t->body, "self");
	if (t->uses_self)
		t->self = special(&f, "self");
	analyze(p, &f.symbols, t->body);
	body(&f, t->body);
	symbols_frame(p, &f.symbols, false, &t->frame);
	t->slots = (uint16_t)function.n;
	for (struct block_node *b = t->blocks; b && !p->why->kind; b = b->next)
		compile_block_body(p, t, b);
	return !p->why->kind;
}
