/* cruet-types: says of what type a variable is, from debug information.
 *
 *     cruet-types FILE VARIABLE
 *
 * One node a line on standard output, each in front of those that it is made of; fields are
 * separated by tabs:
 *
 *     int|uint|real|bool|char|text|other SIZE 0 NAME    text: a pointer to char
 *     ptr SIZE 0|1 NAME      1: what it points to follows
 *     array SIZE N NAME      the type of its N elements follows
 *     struct SIZE N NAME     N times "member OFFSET NAME", and the type of that one
 *     enum SIZE N NAME       N times "is VALUE NAME"
 *
 * A program of its own, because the library needs nothing for it, and a process of its own,
 * because the information may be large and broken. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 5, PARTS_MAX = 500 };

/* The type that a die names; 0: none, which is void. */
static int type_of(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attr;
	return dwarf_attr_integrate(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, type);
}

/* Through typedefs and qualifiers. 0: to nothing. */
static int bare(const Dwarf_Die *from, Dwarf_Die *type)
{
	*type = *from;
	for (;;) {
		switch (dwarf_tag(type)) {
		case DW_TAG_typedef:
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_atomic_type: {
			Dwarf_Die next;
			if (!type_of(type, &next))
				return 0;
			*type = next;
			break;
		}
		default:
			return 1;
		}
	}
}

static int put_name(Dwarf_Die *die);

/* What a pointer, or a qualified type, is of. */
static int put_inner(Dwarf_Die *die)
{
	Dwarf_Die to;

	if (type_of(die, &to))
		return put_name(&to);
	fputs("void", stdout);
	return 0;
}

/* As C has it: "struct entry *", "char", "unsigned int". 1: it ends with "*". */
static int put_name(Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);

	switch (dwarf_tag(die)) {
	case DW_TAG_structure_type:
		printf("struct %s", name ? name : "");
		return 0;
	case DW_TAG_union_type:
		printf("union %s", name ? name : "");
		return 0;
	case DW_TAG_enumeration_type:
		printf("enum %s", name ? name : "");
		return 0;
	case DW_TAG_pointer_type:
		fputs(put_inner(die) ? "*" : " *", stdout);
		return 1;
	case DW_TAG_const_type:
		fputs("const ", stdout);
		return put_inner(die);
	case DW_TAG_volatile_type:
		fputs("volatile ", stdout);
		return put_inner(die);
	case DW_TAG_subroutine_type:
		fputs("function", stdout);
		return 0;
	default:
		fputs(name ? name : "?", stdout);
		return 0;
	}
}

static void put(const char *kind, unsigned long long size, unsigned long long n, Dwarf_Die *die)
{
	printf("%s\t%llu\t%llu\t", kind, size, n);
	if (die)
		put_name(die);
	putchar('\n');
}

static unsigned long long size_of(Dwarf_Die *die)
{
	Dwarf_Word size;
	return dwarf_aggregate_size(die, &size) ? 0 : size;
}

static void put_type(const Dwarf_Die *from, int depth);

static void put_base(Dwarf_Die *die, unsigned long long size)
{
	Dwarf_Attribute attr;
	Dwarf_Word how = 0;

	if (dwarf_attr(die, DW_AT_encoding, &attr))
		dwarf_formudata(&attr, &how);
	put(how == DW_ATE_boolean	  ? "bool"
	    : how == DW_ATE_float && size <= 8 ? "real"
	    : how == DW_ATE_signed_char	  ? "char"
	    : size > 8			  ? "other"
	    : how == DW_ATE_signed	  ? "int"
	    : how == DW_ATE_unsigned || how == DW_ATE_unsigned_char ? "uint"
								   : "other",
	    size, 0, die);
}

static void put_pointer(Dwarf_Die *die, int depth)
{
	Dwarf_Die to, type;

	if (!type_of(die, &to) || !bare(&to, &type)) {
		put("ptr", sizeof(void *), 0, die);
		return;
	}
	const char *name = dwarf_diename(&type);
	if (dwarf_tag(&type) == DW_TAG_base_type && name && !strcmp(name, "char")) {
		put("text", sizeof(void *), 0, die);
		return;
	}
	/* What it points to is of interest once: lists and trees have no end. */
	int follows = depth == 0 && size_of(&type) && dwarf_tag(&type) != DW_TAG_subroutine_type;
	put("ptr", sizeof(void *), (unsigned)follows, die);
	if (follows)
		put_type(&to, DEPTH_MAX - 2);
}

static unsigned long long member_offset(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Word at = 0;

	if (dwarf_attr(die, DW_AT_data_member_location, &attr))
		dwarf_formudata(&attr, &at);
	return at;
}

static int is_bits(Dwarf_Die *die)
{
	return dwarf_hasattr(die, DW_AT_bit_size);
}

/* Calls each for the children of a tag, PARTS_MAX at most; how many there are. */
static unsigned children(Dwarf_Die *die, int tag, void (*each)(Dwarf_Die *child, int depth), int depth)
{
	Dwarf_Die child;
	unsigned n = 0;

	if (dwarf_child(die, &child))
		return 0;
	do
		if (dwarf_tag(&child) == tag && n < PARTS_MAX) {
			n++;
			if (each)
				each(&child, depth);
		}
	while (!dwarf_siblingof(&child, &child));
	return n;
}

static void put_member(Dwarf_Die *die, int depth)
{
	const char *name = dwarf_diename(die);
	Dwarf_Die type;

	printf("member\t%llu\t%s\n", member_offset(die), name ? name : "");
	if (is_bits(die) || !type_of(die, &type))
		put("other", 0, 0, NULL);
	else
		put_type(&type, depth + 1);
}

static void put_enumerator(Dwarf_Die *die, int depth)
{
	const char *name = dwarf_diename(die);
	Dwarf_Attribute attr;
	Dwarf_Sword value = 0;

	(void)depth;
	if (dwarf_attr(die, DW_AT_const_value, &attr))
		dwarf_formsdata(&attr, &value);
	printf("is\t%lld\t%s\n", (long long)value, name ? name : "?");
}

static unsigned long long elements(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Die range;
	Dwarf_Word n = 0;

	if (dwarf_child(die, &range) || dwarf_tag(&range) != DW_TAG_subrange_type)
		return 0;
	if (dwarf_attr(&range, DW_AT_count, &attr) && !dwarf_formudata(&attr, &n))
		return n;
	if (dwarf_attr(&range, DW_AT_upper_bound, &attr) && !dwarf_formudata(&attr, &n))
		return n + 1;
	return 0;
}

/* Of several dimensions only one is known. */
static int is_plain_array(Dwarf_Die *die)
{
	return children(die, DW_TAG_subrange_type, NULL, 0) == 1;
}

static void put_type(const Dwarf_Die *from, int depth)
{
	Dwarf_Die type, of;

	if (!bare(from, &type)) {
		put("other", 0, 0, NULL);
		return;
	}
	unsigned long long size = size_of(&type);
	switch (dwarf_tag(&type)) {
	case DW_TAG_base_type:
		put_base(&type, size);
		return;
	case DW_TAG_pointer_type:
		put_pointer(&type, depth);
		return;
	case DW_TAG_enumeration_type:
		put("enum", size, children(&type, DW_TAG_enumerator, NULL, 0), &type);
		children(&type, DW_TAG_enumerator, put_enumerator, 0);
		return;
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		if (!size || depth >= DEPTH_MAX)
			break;
		put("struct", size, children(&type, DW_TAG_member, NULL, 0), &type);
		children(&type, DW_TAG_member, put_member, depth);
		return;
	case DW_TAG_array_type:
		if (!is_plain_array(&type) || !type_of(&type, &of))
			break;
		put("array", size, elements(&type), &type);
		put_type(&of, depth + 1);
		return;
	default:
		break;
	}
	put("other", size, 0, &type);
}

/* A variable of a unit, or of a function in it. 1: it was found. */
static int put_variable(Dwarf_Die *in, const char *name)
{
	Dwarf_Die die, type;

	if (dwarf_child(in, &die))
		return 0;
	do {
		const char *own = dwarf_diename(&die);
		if (dwarf_tag(&die) == DW_TAG_subprogram && put_variable(&die, name))
			return 1;
		if (dwarf_tag(&die) != DW_TAG_variable || !own || strcmp(own, name) != 0)
			continue;
		if (!type_of(&die, &type))
			return 0;
		put_type(&type, 0);
		return 1;
	} while (!dwarf_siblingof(&die, &die));
	return 0;
}

int main(int argc, char **argv)
{
	Dwarf_Off at = 0, next;
	size_t header;
	int found = 0;

	int fd = argc == 3 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	Dwarf *d = fd < 0 ? NULL : dwarf_begin(fd, DWARF_C_READ);
	while (d && !found && !dwarf_nextcu(d, at, &next, &header, NULL, NULL, NULL)) {
		Dwarf_Die unit;
		found = dwarf_offdie(d, at + header, &unit) && put_variable(&unit, argv[2]);
		at = next;
	}
	dwarf_end(d);
	return found && !fflush(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
