#include "value.h"

#include <dwarf.h>
#include <inttypes.h>
#include <string.h>
#include <sys/uio.h>

enum {
	TEXT_SHOWN = 120,  /* bytes of a text */
	MEMBERS_SHOWN = 16,
	ITEMS_SHOWN = 8,
	DEPTH = 2,         /* of structs within structs */
	STRIPS = 16        /* typedefs of typedefs */
};

/* Where a value is: in the process, or already here. */
struct place {
	const struct memory *memory;
	uint64_t at;
	const unsigned char *bytes; /* NULL: at holds */
};

static void print(FILE *out, const struct place *p, Dwarf_Die *type, unsigned depth);

bool memory_read(const struct memory *m, uint64_t at, void *to, size_t len)
{
	struct iovec here = {to, len}, there = {(void *)(uintptr_t)at, len};

	return process_vm_readv(m->pid, &here, 1, &there, 1, 0) == (ssize_t)len;
}

static bool fetch(const struct place *p, void *to, size_t len)
{
	if (!p->bytes)
		return memory_read(p->memory, p->at, to, len);
	memcpy(to, p->bytes, len < sizeof(uint64_t) ? len : sizeof(uint64_t));
	return len <= sizeof(uint64_t);
}

/* --- types ------------------------------------------------------------------------------ */

static Dwarf_Die *type_of(Dwarf_Die *die, Dwarf_Die *out)
{
	Dwarf_Attribute attr;
	return dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attr), out);
}

/* Behind names and qualifiers. NULL: it is void, or not told. */
static Dwarf_Die *bare(Dwarf_Die *type, Dwarf_Die *out)
{
	*out = *type;
	for (unsigned i = 0; i < STRIPS; i++) {
		switch (dwarf_tag(out)) {
		case DW_TAG_typedef:
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_atomic_type:
			if (!type_of(out, out))
				return NULL;
			break;
		default:
			return out;
		}
	}
	return NULL;
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned name, Dwarf_Word usual)
{
	Dwarf_Attribute attr;
	Dwarf_Word n;

	return dwarf_formudata(dwarf_attr_integrate(die, name, &attr), &n) ? usual : n;
}

static bool is_char(Dwarf_Die *type)
{
	Dwarf_Die base;
	Dwarf_Word encoding = bare(type, &base) && dwarf_tag(&base) == DW_TAG_base_type &&
					      dwarf_bytesize(&base) == 1
				      ? number_of(&base, DW_AT_encoding, 0)
				      : 0;

	return encoding == DW_ATE_signed_char || encoding == DW_ATE_unsigned_char;
}

/* --- texts ------------------------------------------------------------------------------ */

static void print_char(FILE *out, unsigned char ch)
{
	if (ch == '"' || ch == '\\')
		fprintf(out, "\\%c", ch);
	else if (ch == '\n')
		fputs("\\n", out);
	else if (ch == '\t')
		fputs("\\t", out);
	else if (ch < 0x20 || ch == 0x7f)
		fprintf(out, "\\x%02x", ch);
	else
		fputc(ch, out);
}

/* Up to its NUL, or max bytes. False: nothing can be read there. */
static bool print_text(FILE *out, const struct place *p, uint64_t max)
{
	unsigned char ch;
	uint64_t i = 0;

	if (!memory_read(p->memory, p->at, &ch, 1))
		return false;
	fputc('"', out);
	for (; i < max && i < TEXT_SHOWN && memory_read(p->memory, p->at + i, &ch, 1) && ch; i++)
		print_char(out, ch);
	fputs(i == TEXT_SHOWN && max > TEXT_SHOWN ? "\"..." : "\"", out);
	return true;
}

/* --- kinds ------------------------------------------------------------------------------ */

static void print_integer(FILE *out, const unsigned char *raw, size_t size, bool is_signed)
{
	uint64_t bits = 0;

	if (size > sizeof bits) {
		fputs("(not shown)", out);
		return;
	}
	memcpy(&bits, raw, size);
	if (is_signed && size < 8 && bits >> (8 * size - 1))
		bits |= UINT64_MAX << (8 * size);
	if (is_signed)
		fprintf(out, "%" PRId64, (int64_t)bits);
	else
		fprintf(out, "%" PRIu64, bits);
}

static void print_base(FILE *out, const unsigned char *raw, size_t size, Dwarf_Word encoding)
{
	union {
		float f;
		double d;
		long double l;
	} real = {.l = 0};

	switch (encoding) {
	case DW_ATE_boolean:
		fputs(*raw ? "true" : "false", out);
		return;
	case DW_ATE_float:
		memcpy(&real, raw, size <= sizeof real ? size : sizeof real);
		fprintf(out, "%Lg", size == sizeof real.f   ? (long double)real.f
				    : size == sizeof real.d ? (long double)real.d
							    : real.l);
		return;
	case DW_ATE_signed_char:
	case DW_ATE_unsigned_char:
		print_integer(out, raw, size, encoding == DW_ATE_signed_char);
		if (size == 1 && *raw >= 0x20 && *raw < 0x7f)
			fprintf(out, " '%c'", *raw);
		return;
	case DW_ATE_signed:
	case DW_ATE_unsigned:
	case DW_ATE_UTF:
		print_integer(out, raw, size, encoding == DW_ATE_signed);
		return;
	default:
		fputs("(not shown)", out);
	}
}

static void print_enum(FILE *out, int64_t n, Dwarf_Die *type)
{
	Dwarf_Die one;

	for (int more = dwarf_child(type, &one); !more; more = dwarf_siblingof(&one, &one)) {
		Dwarf_Attribute attr;
		Dwarf_Sword v;
		if (dwarf_tag(&one) == DW_TAG_enumerator &&
		    !dwarf_formsdata(dwarf_attr(&one, DW_AT_const_value, &attr), &v) && v == n) {
			fprintf(out, "%s", dwarf_diename(&one));
			return;
		}
	}
	fprintf(out, "%" PRId64, n);
}

static void print_members(FILE *out, const struct place *p, Dwarf_Die *type, unsigned depth)
{
	unsigned n = 0;
	Dwarf_Die one, of;

	fputc('{', out);
	for (int more = dwarf_child(type, &one); !more; more = dwarf_siblingof(&one, &one)) {
		const char *name = dwarf_diename(&one);
		if (dwarf_tag(&one) != DW_TAG_member || !type_of(&one, &of) ||
		    dwarf_hasattr(&one, DW_AT_data_bit_offset))
			continue;
		if (n++ == MEMBERS_SHOWN) {
			fputs(", ...", out);
			break;
		}
		fprintf(out, "%s%s = ", n > 1 ? ", " : "", name ? name : "");
		Dwarf_Word offset = number_of(&one, DW_AT_data_member_location, 0);
		print(out, &(struct place){p->memory, p->at + offset, NULL}, &of, depth + 1);
	}
	fputc('}', out);
}

static void print_array(FILE *out, const struct place *p, Dwarf_Die *type, unsigned depth)
{
	Dwarf_Word count = 0;
	Dwarf_Die one, of;

	for (int more = dwarf_child(type, &one); !more; more = dwarf_siblingof(&one, &one))
		if (dwarf_tag(&one) == DW_TAG_subrange_type)
			count = number_of(&one, DW_AT_count, number_of(&one, DW_AT_upper_bound, -1) + 1);
	if (!type_of(type, &of))
		return;
	int size = dwarf_bytesize(&of);
	Dwarf_Die base;
	if (is_char(&of) && print_text(out, p, count))
		return;
	if (size < 0 && bare(&of, &base))
		size = dwarf_bytesize(&base);
	fputc('{', out);
	for (Dwarf_Word i = 0; size > 0 && i < count; i++) {
		fputs(i ? ", " : "", out);
		if (i == ITEMS_SHOWN) {
			fputs("...", out);
			break;
		}
		print(out, &(struct place){p->memory, p->at + i * (Dwarf_Word)size, NULL}, &of,
		      depth + 1);
	}
	fputc('}', out);
}

/* What it points to is shown where that is text, or a struct. */
static void print_pointer(FILE *out, const struct place *p, Dwarf_Die *type, unsigned depth)
{
	struct place to = {p->memory, 0, NULL};
	Dwarf_Die of, base;
	unsigned char probe;

	if (!fetch(p, &to.at, sizeof to.at)) {
		fputs("(cannot be read)", out);
		return;
	}
	if (!to.at) {
		fputs("NULL", out);
		return;
	}
	fprintf(out, "0x%" PRIx64, to.at);
	if (!type_of(type, &of) || !bare(&of, &base))
		return;
	if (!memory_read(p->memory, to.at, &probe, 1)) {
		fputs(" (leads nowhere)", out);
		return;
	}
	if (is_char(&base)) {
		fputc(' ', out);
		print_text(out, &to, UINT64_MAX);
	} else if (dwarf_tag(&base) == DW_TAG_structure_type && depth < DEPTH &&
		   !dwarf_hasattr(&base, DW_AT_declaration)) {
		fputc(' ', out);
		print_members(out, &to, &base, depth + 1);
	}
}

static void print_scalar(FILE *out, const struct place *p, Dwarf_Die *type)
{
	unsigned char raw[16];
	int size = dwarf_bytesize(type);
	int64_t n = 0;

	if (size < 1 || (size_t)size > sizeof raw || !fetch(p, raw, (size_t)size)) {
		fputs("(cannot be read)", out);
		return;
	}
	if (dwarf_tag(type) == DW_TAG_base_type) {
		print_base(out, raw, (size_t)size, number_of(type, DW_AT_encoding, 0));
		return;
	}
	memcpy(&n, raw, (size_t)size < sizeof n ? (size_t)size : sizeof n);
	print_enum(out, size == 4 ? (int32_t)n : n, type);
}

static void print(FILE *out, const struct place *p, Dwarf_Die *type, unsigned depth)
{
	Dwarf_Die base;

	if (!bare(type, &base)) {
		fputs("(no type)", out);
		return;
	}
	switch (dwarf_tag(&base)) {
	case DW_TAG_base_type:
	case DW_TAG_enumeration_type:
		print_scalar(out, p, &base);
		break;
	case DW_TAG_pointer_type:
		print_pointer(out, p, &base, depth);
		break;
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		if (depth > DEPTH || p->bytes)
			fputs("{...}", out);
		else
			print_members(out, p, &base, depth);
		break;
	case DW_TAG_array_type:
		if (p->bytes)
			fputs("{...}", out);
		else
			print_array(out, p, &base, depth);
		break;
	default:
		fputs("(of a type that is not shown)", out);
	}
}

void value_print(FILE *out, const struct memory *m, Dwarf_Die *type, uint64_t at)
{
	print(out, &(struct place){m, at, NULL}, type, 0);
}

void value_print_register(FILE *out, const struct memory *m, Dwarf_Die *type, uint64_t bits)
{
	print(out, &(struct place){m, 0, (const unsigned char *)&bits}, type, 0);
}
