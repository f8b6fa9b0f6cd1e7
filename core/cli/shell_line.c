#include "cli/shell_line.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

/* struct cruet__shell is struct shell_env. */
const char line_prelude[] =
	"#include <cruet.h>\n#include <cruet/cache.h>\n#include <cruet/db.h>\n"
	"#include <cruet/session.h>\n#include <cruet/testing.h>\n#include <math.h>\n"
	"#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <time.h>\n"
	"struct cruet__shell {\n\tcruet_app *app;\n\tcruet_ctx *c;\n"
	"\tcruet_client *(*request)(const struct cruet__shell *, const char *, const char *,\n"
	"\t\tconst char *);\n"
	"\tvoid (*show)(const struct cruet__shell *, int, const void *, size_t);\n};\n"
	"static const struct cruet__shell *cruet__shell;\n"
	"static cruet_app *app __attribute__((unused));\n"
	"static cruet_ctx *c __attribute__((unused));\n"
	"static inline cruet_client *request(const char *method, const char *path, const char "
	"*body)\n{\n\treturn cruet__shell->request(cruet__shell, method, path, body);\n}\n"
	"static inline cruet_client *get(const char *path)\n{\n"
	"\treturn request(\"GET\", path, NULL);\n}\n"
	"static inline cruet_client *post(const char *path, const char *body)\n{\n"
	"\treturn request(\"POST\", path, body);\n}\n"
	"#define cruet__kind(v) _Generic((v), char *: 's', const char *: 's', bool: 'b', char: 'c', \\\n"
	"\tsigned char: 'i', short: 'i', int: 'i', long: 'i', long long: 'i', \\\n"
	"\tunsigned char: 'u', unsigned short: 'u', unsigned: 'u', unsigned long: 'u', \\\n"
	"\tunsigned long long: 'u', float: 'f', double: 'f', cruet_json *: 'j', \\\n"
	"\tconst cruet_json *: 'j', cruet_client *: 'r', default: '?')\n";

static const char begin_line[] =
	"void cruet__line(const struct cruet__shell *cruet__s);\n"
	"void cruet__line(const struct cruet__shell *cruet__s)\n{\n"
	"\tcruet__shell = cruet__s;\n\tapp = cruet__s->app;\n\tc = cruet__s->c;\n";

void memory_init(struct memory *m, struct arena *a)
{
	*m = (struct memory){.a = a};
}

/* The declarator without its initial value, and with a name in the object file that is its
 * line's alone: so a later line can declare the same name anew. */
static void put_declarator(struct buf *b, const struct memory *m, const struct declarator *d,
			   bool label)
{
	if (parse_has_own_type(d))
		buf_printf(b, "__typeof__((void)0, (%.*s)) %.*s", (int)(d->init_end - d->init), d->init,
			   (int)d->len, d->name);
	else
		buf_put(b, d->p, (size_t)(d->end - d->p));
	if (label)
		buf_printf(b, " __asm__(\"cruet__%u_%.*s\")", m->lines, (int)d->len, d->name);
}

static const char *declarations(const struct memory *m, const char *text, bool label)
{
	const char *p = parse_without_storage(text), *end = text + strlen(text);
	struct declarator d;
	struct buf b;

	buf_init(&b, m->a, 0);
	buf_str(&b, label ? "extern " : "");
	for (size_t n = 0; parse_declarator(&p, end, &d); n++) {
		buf_str(&b, n ? ", " : "");
		put_declarator(&b, m, &d, label);
	}
	buf_str(&b, ";\n");
	return buf_err(&b) ? NULL : b.p;
}

static void put_assignments(struct buf *b, const char *text)
{
	const char *p = parse_without_storage(text), *end = text + strlen(text);
	struct declarator d;

	while (parse_declarator(&p, end, &d)) {
		int len = (int)d.len, n = (int)(d.init_end - d.init);
		if (!d.init)
			continue;
		if (*d.init != '{')
			buf_printf(b, "\t%.*s = %.*s;\n", len, d.name, n, d.init);
		else
			buf_printf(b,
				   "\tmemcpy(&%.*s, &(__typeof__(%.*s))%.*s, sizeof %.*s);\n", len,
				   d.name, len, d.name, n, d.init, len, d.name);
	}
}

/* "int f(int x)" of the definition, with a name in the object file that is its own. */
static const char *prototype(const struct memory *m, const char *text, const char **name)
{
	const char *p = parse_without_storage(text), *word;
	size_t len;
	const char *end = parse_function(p, &word, &len);

	*name = word ? arena_strndup(m->a, word, len) : NULL;
	return *name ? arena_printf(m->a, "%.*s __asm__(\"cruet__%u_%s\");\n", (int)(end - p), p,
				    m->lines, *name)
		     : NULL;
}

/* Its type is found under that name, in debug information too. */
static void put_value(struct buf *b, const char *text)
{
	buf_str(b, begin_line);
	buf_printf(b,
		   "\t__auto_type cruet__value = (\n#line 1 \"line\"\n%s\n);\n"
		   "\tcruet__s->show(cruet__s, cruet__kind(cruet__value), &cruet__value, "
		   "sizeof cruet__value);\n}\n",
		   text);
}

static void put_variables(struct buf *b, const struct memory *m, const char *text, bool fixed)
{
	const char *known = declarations(m, text, true), *plain = declarations(m, text, false);

	if (known && plain)
		buf_printf(b, "%s#line 1 \"line\"\n%s;\n", known, fixed ? parse_without_storage(text) : plain);
	buf_str(b, begin_line);
	if (!fixed) {
		buf_str(b, "#line 1 \"line\"\n");
		put_assignments(b, text);
	}
	buf_str(b, "}\n");
}

/* Whether it declares this name, anew. */
static bool declares_name(const char *text, enum line_kind kind, const char *name)
{
	const char *p = parse_without_storage(text), *end = text + strlen(text);
	struct declarator d;

	if (kind == LINE_FUNCTION) {
		const char *word;
		size_t len;
		parse_function(p, &word, &len);
		return word && !strncmp(word, name, len) && !name[len];
	}
	while ((kind == LINE_FIXED || kind == LINE_VARIABLES) && parse_declarator(&p, end, &d))
		if (!strncmp(d.name, name, d.len) && !name[d.len])
			return true;
	return false;
}

const char *line_source(const struct memory *m, const char *text, enum line_kind kind)
{
	const char *name = NULL, *known;
	struct buf b;

	text = parse_begin(text);
	buf_init(&b, m->a, 0);
	buf_str(&b, "#include \"" LINE_PRELUDE "\"\n");
	for (const struct known *k = m->first; k; k = k->next)
		if (!k->name || !declares_name(text, kind, k->name))
			buf_str(&b, k->text);
	switch (kind) {
	case LINE_EXPRESSION:
		put_value(&b, text);
		break;
	case LINE_STATEMENT:
		buf_str(&b, begin_line);
		buf_printf(&b, "#line 1 \"line\"\n%s\n;}\n", text);
		break;
	case LINE_FIXED:
	case LINE_VARIABLES:
		put_variables(&b, m, text, kind == LINE_FIXED);
		break;
	case LINE_FUNCTION:
		known = prototype(m, text, &name);
		buf_printf(&b, "%s#line 1 \"line\"\n%s\n%s}\n", known ? known : "",
			   parse_without_storage(text), begin_line);
		break;
	case LINE_TYPE:
	case LINE_DIRECTIVE:
		buf_printf(&b, "#line 1 \"line\"\n%s%s\n%s}\n", text, kind == LINE_TYPE ? ";" : "",
			   begin_line);
		break;
	case LINE_NOTHING:
		return NULL;
	}
	return buf_err(&b) ? NULL : b.p;
}

/* --- remembering -------------------------------------------------------------------------- */

static bool know(struct memory *m, const char *name, const char *text)
{
	struct known *k = text ? arena_zalloc(m->a, sizeof *k) : NULL, **at = &m->first;

	if (!k)
		return false;
	k->name = name;
	k->text = text;
	while (*at)
		if (name && (*at)->name && !strcmp((*at)->name, name))
			*at = (*at)->next;
		else
			at = &(*at)->next;
	*at = k;
	return true;
}

/* Each variable by itself, as each may be declared anew. */
static bool know_variables(struct memory *m, const char *text)
{
	const char *p = parse_without_storage(text), *end = text + strlen(text), *base = p;
	struct declarator d;
	size_t base_len = 0;

	for (size_t n = 0; parse_declarator(&p, end, &d); n++) {
		struct buf b;
		buf_init(&b, m->a, 0);
		buf_str(&b, "extern ");
		if (n) {
			buf_put(&b, base, base_len);
			buf_char(&b, ' ');
		}
		put_declarator(&b, m, &d, true);
		buf_str(&b, ";\n");
		if (!n) { /* "const char" of "const char *a, b" */
			const char *q = d.name;
			while (q > base && strchr(" \t\r\n*(", q[-1]))
				q--;
			base_len = (size_t)(q - base);
		}
		const char *name = arena_strndup(m->a, d.name, d.len);
		if (buf_err(&b) || !name || !know(m, name, b.p))
			return false;
	}
	return true;
}

bool line_remember(struct memory *m, const char *text, enum line_kind kind)
{
	const char *name = NULL, *known;
	bool ok = true;

	text = parse_begin(text);
	if (kind == LINE_FIXED || kind == LINE_VARIABLES) {
		ok = know_variables(m, text);
	} else if (kind == LINE_FUNCTION) {
		known = prototype(m, text, &name);
		ok = know(m, name, known);
	} else if (kind == LINE_TYPE || kind == LINE_DIRECTIVE) {
		ok = know(m, NULL, arena_printf(m->a, kind == LINE_TYPE ? "%s;\n" : "%s\n", text));
	}
	m->lines++;
	return ok;
}
