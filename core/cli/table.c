#include "cli/table.h"

#include <stdarg.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/text.h"
#include "cli/json_out.h"
#include "cruet/error.h"

struct table_row {
	struct table_row *next;
	const char *cells[TABLE_COLUMNS];
};

void table_init(struct table *t, struct arena *a, size_t columns)
{
	*t = (struct table){.a = a, .columns = columns};
	t->last = &t->first;
}

/* In characters: bytes that continue one do not count. */
static size_t width(const char *s)
{
	size_t n = 0;
	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static const char *visible(struct arena *a, const char *s)
{
	size_t cap = 4 * strlen(s) + 2;
	char *out = arena_alloc(a, cap);
	if (out)
		text_visible(out, cap, s);
	return out;
}

void table_row(struct table *t, ...)
{
	struct table_row *row = arena_zalloc(t->a, sizeof *row);
	va_list ap;

	va_start(ap, t);
	for (size_t i = 0; row && i < t->columns; i++) {
		const char *cell = va_arg(ap, const char *);
		row->cells[i] = visible(t->a, cell ? cell : "");
		if (!row->cells[i]) {
			row = NULL;
			break;
		}
		size_t w = width(row->cells[i]);
		if (w > t->width[i])
			t->width[i] = w;
	}
	va_end(ap);
	t->failed |= !row;
	if (!row)
		return;
	t->rows++;
	*t->last = row;
	t->last = &row->next;
}

int table_print(const struct table *t, const char *indent, FILE *out)
{
	if (t->failed)
		return CRUET_ENOMEM;
	for (const struct table_row *row = t->first; row; row = row->next) {
		size_t used = t->columns, gap = 0;
		while (used && !*row->cells[used - 1])
			used--;
		fputs(indent, out);
		for (size_t i = 0; i < used; i++) {
			fprintf(out, "%*s%s", (int)gap, "", row->cells[i]);
			gap = t->width[i] - width(row->cells[i]) + 2;
		}
		fputc('\n', out);
	}
	return CRUET_OK;
}

/* --- for programs ------------------------------------------------------------------------- */

static cJSON *row_json(const struct table *t, const struct table_row *row, bool *ok)
{
	cJSON *out = cJSON_CreateObject();

	for (size_t i = 0; out && i < t->columns; i++) {
		char *name = arena_strdup(t->a, t->first->cells[i]);
		const char *cell = row->cells[i];
		for (char *p = name; p && *p; p++)
			*p = to_lower(*p);
		*ok &= name != NULL;
		if (name)
			json_add_text(out, name, *cell && strcmp(cell, "-") != 0 ? cell : NULL, ok);
	}
	return out;
}

int table_show(const struct table *t, bool json)
{
	cJSON *all = json && !t->failed ? cJSON_CreateArray() : NULL;
	bool ok = all;

	if (!json)
		return table_print(t, "", stdout);
	for (const struct table_row *row = t->first ? t->first->next : NULL; row && ok; row = row->next)
		json_push(all, row_json(t, row, &ok), &ok);
	ok = ok && !json_print(all, t->a);
	cJSON_Delete(all);
	return ok ? CRUET_OK : CRUET_ENOMEM;
}
