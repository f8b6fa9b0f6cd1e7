/* For programs: the same as data. */
#include "base/buf.h"
#include "debug/page_priv.h"
#include "http/json_read.h"

static void member(struct buf *b, const char *name, const char *text)
{
	json_write_text(b, name);
	buf_char(b, ':');
	if (text)
		json_write_text(b, text);
	else
		buf_str(b, "null");
}

/* Names repeat, as those of headers do. */
static void pairs(struct buf *b, const char *name, const struct page_pairs *l)
{
	buf_printf(b, "\"%s\":[", name);
	for (const struct page_pair *one = l->first; one; one = one->next) {
		buf_char(b, '[');
		json_write_text(b, one->name);
		buf_char(b, ',');
		json_write_text(b, one->value);
		buf_str(b, one->next ? "]," : "]");
	}
	buf_char(b, ']');
}

static void number(struct buf *b, const char *name, unsigned n)
{
	if (n)
		buf_printf(b, "\"%s\":%u,", name, n);
	else
		buf_printf(b, "\"%s\":null,", name);
}

static void place(struct buf *b, const struct page_spot *s)
{
	buf_char(b, '{');
	member(b, "file", s->at.file);
	buf_char(b, ',');
	number(b, "line", s->at.line);
	number(b, "column", s->at.column);
	member(b, "func", s->at.function);
	buf_char(b, ',');
	member(b, "object", s->at.object);
	buf_char(b, ',');
	member(b, "says", s->at.says);
	buf_printf(b, ",\"foreign\":%s,", s->at.foreign ? "true" : "false");
	pairs(b, "values", &s->values);
	buf_str(b, s->next ? "}," : "}");
}

static void cures(struct buf *b, const struct page_pairs *l)
{
	buf_str(b, "\"cures\":[");
	for (const struct page_pair *one = l->first; one; one = one->next) {
		json_write_text(b, one->value);
		buf_str(b, one->next ? "," : "");
	}
	buf_str(b, "],");
}

void page_write_json(struct buf *b, const struct page *p)
{
	buf_char(b, '{');
	member(b, "error", p->title);
	buf_printf(b, ",\"status\":%d,", p->status);
	member(b, "signal", p->signal);
	buf_char(b, ',');
	member(b, "cause", p->cause);
	buf_char(b, ',');
	member(b, "id", p->id);
	buf_char(b, ',');
	cures(b, &p->cures);
	buf_str(b, "\"frames\":[");
	for (const struct page_spot *s = p->spots; s; s = s->next)
		place(b, s);
	buf_str(b, "],\"sections\":[");
	for (const struct page_section *s = p->sections; s; s = s->next) {
		buf_char(b, '{');
		member(b, "title", s->title);
		buf_char(b, ',');
		member(b, "text", s->text);
		buf_char(b, ',');
		pairs(b, "pairs", &s->pairs);
		buf_str(b, s->next ? "}," : "}");
	}
	buf_str(b, "]}\n");
}
