/* For a terminal: what could move its cursor or change its colours is shown and not sent. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "debug/page_priv.h"

/* What a terminal, or somebody's eye, takes for a command: C0 and C1, and marks that
 * turn the direction of text. */
static bool is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x200e && cp <= 0x200f) ||
	       (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

/* indent: what a new line begins with; NULL: there is none, it is shown as \n. */
static void put(struct buf *b, const char *s, size_t len, const char *indent)
{
	uint32_t cp;

	for (size_t n; len; s += n, len -= n) {
		n = utf8_next(s, len, &cp);
		if (!n) {
			buf_printf(b, "\\x%02x", (unsigned char)*s);
			n = 1;
		} else if (*s == '\n' && indent) {
			buf_printf(b, "\n%s", indent);
		} else if (*s == '\t') {
			buf_char(b, '\t');
		} else if (is_control(cp)) {
			buf_printf(b, cp < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)cp);
		} else {
			buf_put(b, s, n);
		}
	}
}

static void put_line(struct buf *b, const char *s)
{
	put(b, s, strlen(s), NULL);
}

static void put_value(struct buf *b, const char *s, const char *indent)
{
	size_t more, n = page_shown(s, &more);

	put(b, s, n, indent);
	if (more)
		buf_printf(b, " ... (%zu more bytes)", more);
}

static void put_pairs(struct buf *b, const struct page_pairs *l, const char *indent)
{
	for (const struct page_pair *one = l->first; one; one = one->next) {
		buf_str(b, indent);
		put_line(b, one->name);
		buf_str(b, ": ");
		put_value(b, one->value, "      ");
		buf_char(b, '\n');
	}
}

/* Below the byte of that column, with the tabs that stand before it. */
static void put_caret(struct buf *b, const char *line, unsigned column)
{
	buf_str(b, "         | ");
	for (unsigned i = 1; i < column && line[i - 1]; i++) {
		bool inner = ((unsigned char)line[i - 1] & 0xc0) == 0x80;
		if (!inner)
			buf_char(b, line[i - 1] == '\t' ? '\t' : ' ');
	}
	buf_str(b, "^\n");
}

static void put_excerpt(struct buf *b, const struct page *p, const struct page_place *at)
{
	struct excerpt e;

	if (!at->file || !excerpt_read(&e, p->arena, at->file, at->line))
		return;
	for (size_t i = 0; i < e.n; i++) {
		unsigned number = e.first + (unsigned)i;
		buf_printf(b, "  %c %4u | ", number == at->line ? '>' : ' ', number);
		put_line(b, e.lines[i]);
		buf_char(b, '\n');
		if (number == at->line && at->column)
			put_caret(b, e.lines[i], at->column);
	}
}

static void put_place(struct buf *b, const struct page *p, const struct page_spot *s)
{
	const struct page_place *at = &s->at;

	buf_str(b, at->foreign ? "  - " : "  * ");
	if (at->function)
		put_line(b, at->function);
	if (at->file) {
		buf_str(b, at->function ? " (" : "");
		put_line(b, at->file);
		if (at->line)
			buf_printf(b, ":%u", at->line);
		if (at->column)
			buf_printf(b, ":%u", at->column);
		buf_str(b, at->function ? ")" : "");
	} else {
		buf_str(b, at->function ? " in " : "");
		put_line(b, at->object ? at->object : "code that is not known");
	}
	if (at->says) {
		buf_str(b, ": ");
		put_line(b, at->says);
	}
	buf_char(b, '\n');
	if (!at->foreign)
		put_excerpt(b, p, at);
	put_pairs(b, &s->values, "      ");
}

static void put_section(struct buf *b, const struct page_section *s)
{
	if (!s->text && !s->pairs.first)
		return;
	buf_char(b, '\n');
	put_line(b, s->title);
	buf_char(b, '\n');
	put_pairs(b, &s->pairs, "  ");
	if (!s->text)
		return;
	buf_str(b, "  ");
	put_value(b, s->text, "  ");
	buf_char(b, '\n');
}

void page_write_text(struct buf *b, const struct page *p)
{
	buf_printf(b, "%d ", p->status);
	put_line(b, p->title);
	buf_char(b, '\n');
	if (p->cause) {
		put(b, p->cause, strlen(p->cause), "");
		buf_char(b, '\n');
	}
	for (const struct page_pair *one = p->cures.first; one; one = one->next) {
		buf_str(b, "-> ");
		put(b, one->value, strlen(one->value), "   ");
		buf_char(b, '\n');
	}
	if (p->spots)
		buf_char(b, '\n');
	for (const struct page_spot *s = p->spots; s; s = s->next)
		put_place(b, p, s);
	for (const struct page_section *s = p->sections; s; s = s->next)
		put_section(b, s);
	if (p->id) {
		buf_str(b, "\nID: ");
		put_line(b, p->id);
		buf_char(b, '\n');
	}
}
