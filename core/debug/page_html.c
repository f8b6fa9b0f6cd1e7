/* For a browser: one file that needs nothing else, readable on a phone and in the dark. All
 * that is not written here or in page.css and page.js goes through text(). */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "debug/page_priv.h"

static void text_n(struct buf *b, struct arena *a, const char *s, size_t len)
{
	struct buf clean;

	buf_init(&clean, a, 0);
	utf8_clean(&clean, s, len);
	html_escape(b, clean.p, clean.len);
}

static void text(struct buf *b, const struct page *p, const char *s)
{
	text_n(b, p->arena, s, strlen(s));
}

static void value(struct buf *b, const struct page *p, const char *s)
{
	size_t more, n = page_shown(s, &more);

	text_n(b, p->arena, s, n);
	if (more)
		buf_printf(b, " <i>... %zu more bytes</i>", more);
}

/* --- the head --------------------------------------------------------------------------- */

static void put_head(struct buf *b, const struct page *p)
{
	buf_str(b, "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n"
		   "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
		   "<meta name=color-scheme content=\"light dark\">\n<title>");
	text(b, p, p->title);
	buf_printf(b, "</title>\n<style nonce=%s>\n%s</style>\n", p->nonce, page_style);
}

static void put_banner(struct buf *b, const struct page *p)
{
	buf_printf(b, "<header>\n<p class=status>%d</p>\n<h1>", p->status);
	text(b, p, p->title);
	buf_str(b, "</h1>\n");
	if (p->cause) {
		buf_str(b, "<p class=cause>");
		text(b, p, p->cause);
		buf_str(b, "</p>\n");
	}
	buf_str(b, "<nav>\n<button data-copy=as-text>Copy as text</button>\n");
	if (p->curl)
		buf_str(b, "<button data-copy=as-curl>Copy as curl</button>\n"
			   "<button data-replay>Replay</button>\n");
	buf_str(b, "</nav>\n</header>\n");
}

static void put_cures(struct buf *b, const struct page *p)
{
	if (!p->cures.first)
		return;
	buf_str(b, "<section class=cures>\n<h2>What to do</h2>\n<ul>\n");
	for (const struct page_pair *one = p->cures.first; one; one = one->next) {
		buf_str(b, "<li>");
		text(b, p, one->value);
		buf_str(b, "</li>\n");
	}
	buf_str(b, "</ul>\n</section>\n");
}

/* --- places ----------------------------------------------------------------------------- */

/* A byte of it stands out: the one that the message is about. */
static void put_marked(struct buf *b, const struct page *p, const char *line, unsigned column)
{
	size_t len = strlen(line), at = column - 1;
	uint32_t cp;

	if (!column || at >= len) {
		text_n(b, p->arena, line, len);
		return;
	}
	size_t n = utf8_next(line + at, len - at, &cp);
	n = n ? n : 1;
	text_n(b, p->arena, line, at);
	buf_str(b, "<mark>");
	text_n(b, p->arena, line + at, n);
	buf_str(b, "</mark>");
	text_n(b, p->arena, line + at + n, len - at - n);
}

static void put_excerpt(struct buf *b, const struct page *p, const struct page_place *at)
{
	struct excerpt e;

	if (!at->file || !excerpt_read(&e, p->arena, at->file, at->line))
		return;
	buf_str(b, "<pre class=source>");
	for (size_t i = 0; i < e.n; i++) {
		unsigned number = e.first + (unsigned)i;
		bool here = number == at->line;
		buf_printf(b, "<span%s><i>%u</i><code>", here ? " class=here" : "", number);
		put_marked(b, p, e.lines[i], here ? at->column : 0);
		buf_str(b, "</code>\n</span>");
	}
	buf_str(b, "</pre>\n");
}

/* A link that editors take: vscode://file/srv/shop.c:9:1 */
static void put_file(struct buf *b, const struct page *p, const struct page_place *at)
{
	bool link = *at->file == '/';

	if (link) {
		buf_str(b, "<a href=\"vscode://file");
		percent_encode(b, at->file, strlen(at->file), "/", false);
		buf_printf(b, ":%u:%u\" title=\"Open in an editor\">", at->line ? at->line : 1,
			   at->column ? at->column : 1);
	}
	text(b, p, at->file);
	if (at->line)
		buf_printf(b, ":%u", at->line);
	buf_str(b, link ? "</a>" : "");
}

static void put_pairs(struct buf *b, const struct page *p, const struct page_pairs *l)
{
	if (!l->first)
		return;
	buf_str(b, "<table>\n");
	for (const struct page_pair *one = l->first; one; one = one->next) {
		buf_str(b, "<tr><th>");
		text(b, p, one->name);
		buf_str(b, "<td>");
		value(b, p, one->value);
		buf_char(b, '\n');
	}
	buf_str(b, "</table>\n");
}

static void put_place_name(struct buf *b, const struct page *p, const struct page_place *at)
{
	if (at->function) {
		buf_str(b, "<b>");
		text(b, p, at->function);
		buf_str(b, "</b> ");
	}
	if (at->file)
		put_file(b, p, at);
	else
		text(b, p, at->object ? at->object : "code that is not known");
}

static void put_place(struct buf *b, const struct page *p, const struct page_spot *s)
{
	buf_str(b, "<article>\n<h3>");
	put_place_name(b, p, &s->at);
	buf_str(b, "</h3>\n");
	if (s->at.says) {
		buf_str(b, "<p class=says>");
		text(b, p, s->at.says);
		buf_str(b, "</p>\n");
	}
	put_excerpt(b, p, &s->at);
	put_pairs(b, p, &s->values);
	buf_str(b, "</article>\n");
}

/* Neighbours of libraries are one line, until somebody wants to see them. Returns the first
 * place behind them. */
static const struct page_spot *put_foreign(struct buf *b, const struct page *p,
					   const struct page_spot *s)
{
	unsigned n = 0;

	for (const struct page_spot *one = s; one && one->at.foreign; one = one->next)
		n++;
	buf_printf(b, "<details class=foreign>\n<summary>%u %s of libraries</summary>\n<ul>\n", n,
		   n == 1 ? "frame" : "frames");
	for (; s && s->at.foreign; s = s->next) {
		buf_str(b, "<li>");
		put_place_name(b, p, &s->at);
		buf_str(b, "</li>\n");
	}
	buf_str(b, "</ul>\n</details>\n");
	return s;
}

static void put_places(struct buf *b, const struct page *p)
{
	const struct page_spot *s = p->spots;

	if (!s)
		return;
	buf_str(b, "<section>\n<h2>Where</h2>\n");
	while (s) {
		if (s->at.foreign) {
			s = put_foreign(b, p, s);
		} else {
			put_place(b, p, s);
			s = s->next;
		}
	}
	buf_str(b, "</section>\n");
}

/* --- the rest --------------------------------------------------------------------------- */

static void put_section(struct buf *b, const struct page *p, const struct page_section *s)
{
	if (!s->text && !s->pairs.first)
		return;
	buf_str(b, "<details open class=facts>\n<summary>");
	text(b, p, s->title);
	buf_str(b, "</summary>\n");
	put_pairs(b, p, &s->pairs);
	if (s->text) {
		buf_str(b, "<pre>");
		value(b, p, s->text);
		buf_str(b, "</pre>\n");
	}
	buf_str(b, "</details>\n");
}

/* What a button copies. The first line end in a textarea is none of its text. */
static void put_copy(struct buf *b, const struct page *p, const char *id, const char *what)
{
	buf_printf(b, "<textarea id=%s hidden readonly>\n", id);
	text(b, p, what);
	buf_str(b, "</textarea>\n");
}

void page_write_html(struct buf *b, const struct page *p)
{
	struct buf plain;

	buf_init(&plain, p->arena, 0);
	page_write_text(&plain, p);
	put_head(b, p);
	put_banner(b, p);
	buf_str(b, "<main>\n");
	put_cures(b, p);
	put_places(b, p);
	for (const struct page_section *s = p->sections; s; s = s->next)
		put_section(b, p, s);
	buf_str(b, "</main>\n");
	if (p->id) {
		buf_str(b, "<footer>ID <code>");
		text(b, p, p->id);
		buf_str(b, "</code></footer>\n");
	}
	put_copy(b, p, "as-text", plain.p);
	if (p->curl)
		put_copy(b, p, "as-curl", p->curl);
	buf_printf(b, "<script nonce=%s>\n%s%s</script>\n", p->nonce, page_script,
		   p->script ? p->script : "");
}
