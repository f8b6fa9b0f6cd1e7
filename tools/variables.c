#include "variables.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

enum { STACK = 16, VARIABLES_MAX = 40, FRAMES_MAX = 20000 };

/* One function of the stack. */
struct frame {
	Dwfl_Frame *state;
	Dwfl_Module *module;
	Dwarf_Addr pc;   /* of the call */
	Dwarf_Addr bias; /* of the debug information */
	const struct memory *memory;
	Dwarf_Die *function;
	int line;
	unsigned shown;
	FILE *out;
};

/* Where a value is. */
struct location {
	enum { NOWHERE, IN_MEMORY, IN_REGISTER, IS_VALUE } kind;
	uint64_t value; /* an address, or the value itself */
};

/* --- expressions ------------------------------------------------------------------------ */

static struct location evaluate(struct frame *f, const Dwarf_Op *ops, size_t n);

static bool read_register(struct frame *f, unsigned number, uint64_t *out)
{
	Dwarf_Word word;

	if (dwfl_frame_reg(f->state, number, &word))
		return false;
	*out = word;
	return true;
}

/* Where the caller's part of the stack begins. */
static bool find_cfa(struct frame *f, uint64_t *out)
{
	Dwarf_Addr bias;
	Dwarf_CFI *cfi = dwfl_module_eh_cfi(f->module, &bias);
	Dwarf_Frame *rules = NULL;
	Dwarf_Op *ops;
	size_t n;

	if (!cfi || dwarf_cfi_addrframe(cfi, f->pc - bias, &rules))
		return false;
	struct location at = {NOWHERE, 0};
	if (!dwarf_frame_cfa(rules, &ops, &n))
		at = evaluate(f, ops, n);
	free(rules);
	*out = at.value;
	return at.kind == IN_MEMORY || at.kind == IS_VALUE;
}

static bool find_base(struct frame *f, uint64_t *out)
{
	Dwarf_Attribute attr;
	Dwarf_Op *ops;
	size_t n;

	if (dwarf_getlocation_addr(dwarf_attr_integrate(f->function, DW_AT_frame_base, &attr),
				   f->pc - f->bias, &ops, &n, 1) != 1)
		return false;
	struct location at = evaluate(f, ops, n);
	*out = at.value;
	return at.kind != NOWHERE;
}

/* The simple ones, which compilers use where nothing is optimised. */
static bool step(struct frame *f, const Dwarf_Op *op, uint64_t stack[STACK], size_t *n)
{
	uint64_t v = 0;
	bool ok = true;

	if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31) {
		ok = read_register(f, op->atom - DW_OP_breg0, &v);
		v += op->number;
	} else if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31) {
		v = op->atom - DW_OP_lit0;
	} else {
		switch (op->atom) {
		case DW_OP_bregx:
			ok = read_register(f, (unsigned)op->number, &v);
			v += op->number2;
			break;
		case DW_OP_fbreg:
			ok = find_base(f, &v);
			v += op->number;
			break;
		case DW_OP_call_frame_cfa:
			ok = find_cfa(f, &v);
			break;
		case DW_OP_addr:
			v = op->number + f->bias;
			break;
		case DW_OP_const1u:
		case DW_OP_const2u:
		case DW_OP_const4u:
		case DW_OP_const8u:
		case DW_OP_const1s:
		case DW_OP_const2s:
		case DW_OP_const4s:
		case DW_OP_const8s:
		case DW_OP_constu:
		case DW_OP_consts:
			v = op->number;
			break;
		case DW_OP_plus_uconst:
			ok = *n > 0;
			v = ok ? stack[--*n] + op->number : 0;
			break;
		case DW_OP_plus:
			ok = *n > 1;
			if (ok) {
				*n -= 2;
				v = stack[*n] + stack[*n + 1];
			}
			break;
		case DW_OP_deref:
			ok = *n > 0 && memory_read(f->memory, stack[*n - 1], &v, sizeof v);
			*n -= ok;
			break;
		default:
			ok = false;
		}
	}
	if (!ok || *n == STACK)
		return false;
	stack[(*n)++] = v;
	return true;
}

static struct location evaluate(struct frame *f, const Dwarf_Op *ops, size_t count)
{
	const struct location nowhere = {NOWHERE, 0};
	struct location at = {IN_MEMORY, 0};
	uint64_t stack[STACK];
	size_t n = 0;

	if (count == 1 && ops->atom >= DW_OP_reg0 && ops->atom <= DW_OP_reg31) {
		at.kind = IN_REGISTER;
		return read_register(f, ops->atom - DW_OP_reg0, &at.value) ? at : nowhere;
	}
	for (size_t i = 0; i < count; i++) {
		if (ops[i].atom == DW_OP_stack_value)
			at.kind = IS_VALUE;
		else if (!step(f, &ops[i], stack, &n))
			return nowhere;
	}
	if (!n)
		return nowhere;
	at.value = stack[n - 1];
	return at;
}

/* --- variables -------------------------------------------------------------------------- */

static bool is_later(const struct frame *f, Dwarf_Die *die)
{
	int line;
	return dwarf_tag(die) == DW_TAG_variable && !dwarf_decl_line(die, &line) && f->line &&
	       line >= f->line;
}

static void show(struct frame *f, Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);
	Dwarf_Attribute attr, where;
	struct location at = {NOWHERE, 0};
	Dwarf_Die type;
	Dwarf_Op *ops;
	size_t n;

	if (!name || f->shown == VARIABLES_MAX || is_later(f, die) ||
	    !dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attr), &type))
		return;
	if (dwarf_getlocation_addr(dwarf_attr_integrate(die, DW_AT_location, &where),
				   f->pc - f->bias, &ops, &n, 1) == 1)
		at = evaluate(f, ops, n);
	f->shown++;
	fprintf(f->out, "\t%s\t", name);
	if (at.kind == NOWHERE)
		fputs("(optimized away)", f->out);
	else if (at.kind == IN_MEMORY)
		value_print(f->out, f->memory, &type, at.value);
	else
		value_print_register(f->out, f->memory, &type, at.value);
	fputc('\n', f->out);
}

static void show_children(struct frame *f, Dwarf_Die *scope, int tag)
{
	Dwarf_Die one;

	for (int more = dwarf_child(scope, &one); !more; more = dwarf_siblingof(&one, &one))
		if (dwarf_tag(&one) == tag)
			show(f, &one);
}

static bool is_function(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);
	return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
}

/* Arguments first, then variables from the outside in. */
static void show_scopes(struct frame *f, Dwarf_Die *scopes, int n)
{
	int last = 0;

	while (last < n && !is_function(&scopes[last]))
		last++;
	if (last == n)
		return;
	f->function = &scopes[last];
	for (int i = last + 1; i < n && dwarf_tag(f->function) != DW_TAG_subprogram; i++)
		f->function = &scopes[i]; /* what was inlined has no base of its own */
	show_children(f, &scopes[last], DW_TAG_formal_parameter);
	for (int i = last; i >= 0; i--)
		show_children(f, &scopes[i], DW_TAG_variable);
}

static void look_at(struct frame *f)
{
	Dwarf_Die *cu = dwfl_module_addrdie(f->module, f->pc, &f->bias), *scopes = NULL;
	Dwfl_Line *line = dwfl_module_getsrc(f->module, f->pc);
	int n = cu ? dwarf_getscopes(cu, f->pc - f->bias, &scopes) : 0;

	if (line)
		dwfl_lineinfo(line, NULL, &f->line, NULL, NULL, NULL);
	if (n > 0)
		show_scopes(f, scopes, n);
	free(scopes);
}

/* --- frames ----------------------------------------------------------------------------- */

struct walk {
	struct memory memory;
	struct wanted *frames;
	size_t n, next;
	unsigned seen;
};

static void take(struct walk *w, Dwfl_Frame *state, Dwarf_Addr pc, struct wanted *to)
{
	Dwfl_Module *m = dwfl_addrmodule(dwfl_thread_dwfl(dwfl_frame_thread(state)), pc);
	struct frame f = {.state = state, .module = m, .pc = pc, .memory = &w->memory};
	size_t len;

	f.out = m ? open_memstream(&to->values, &len) : NULL;
	if (!f.out)
		return;
	look_at(&f);
	fclose(f.out);
}

static int each_frame(Dwfl_Frame *state, void *arg)
{
	struct walk *w = arg;
	bool exact;
	Dwarf_Addr pc;

	if (!dwfl_frame_pc(state, &pc, &exact) || w->seen++ == FRAMES_MAX)
		return DWARF_CB_ABORT;
	for (size_t i = w->next; i < w->n; i++) {
		if (!w->frames[i].pc || w->frames[i].pc != pc)
			continue;
		take(w, state, exact ? pc : pc - 1, &w->frames[i]);
		w->next = i + 1;
		break;
	}
	return w->next < w->n ? DWARF_CB_OK : DWARF_CB_ABORT;
}

void variables_read(pid_t pid, pid_t tid, struct wanted *frames, size_t n)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_linux_proc_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
	};
	struct walk w = {.memory = {pid}, .frames = frames, .n = n};
	Dwfl *dwfl = dwfl_begin(&callbacks);

	if (dwfl && !dwfl_linux_proc_report(dwfl, pid) && !dwfl_report_end(dwfl, NULL, NULL) &&
	    !dwfl_linux_proc_attach(dwfl, pid, false))
		dwfl_getthread_frames(dwfl, tid, each_frame, &w);
	if (dwfl)
		dwfl_end(dwfl);
}
