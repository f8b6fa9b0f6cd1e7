#include "debug/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/text.h"
#include "debug/page_priv.h"
#include "http/negotiate.h"

static bool make_nonce(char nonce[33])
{
	unsigned char bytes[16];

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		return false;
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

static void begin_pairs(struct page_pairs *l)
{
	l->last = &l->first;
}

struct page *page_new(struct arena *a, int status, const char *title, const char *cause)
{
	struct page *p = arena_zalloc(a, sizeof *p);

	if (!p || !make_nonce(p->nonce))
		return NULL;
	p->arena = a;
	p->status = status;
	p->title = title;
	p->cause = cause;
	p->last_spot = &p->spots;
	p->last_section = &p->sections;
	begin_pairs(&p->cures);
	return p;
}

static void add(struct page *p, struct page_pairs *l, const char *name, const char *value)
{
	struct page_pair *one = arena_zalloc(p->arena, sizeof *one);

	if (!one)
		return;
	*one = (struct page_pair){.name = name ? name : "", .value = value ? value : ""};
	*l->last = one;
	l->last = &one->next;
}

void page_cure(struct page *p, const char *fmt, ...)
{
	va_list ap;

	if (!p)
		return;
	va_start(ap, fmt);
	const char *text = arena_vprintf(p->arena, fmt, ap);
	va_end(ap);
	if (text)
		add(p, &p->cures, NULL, text);
}

void page_place(struct page *p, const struct page_place *at)
{
	struct page_spot *s = p ? arena_zalloc(p->arena, sizeof *s) : NULL;

	if (!p)
		return;
	p->spot = s;
	if (!s)
		return;
	s->at = *at;
	begin_pairs(&s->values);
	*p->last_spot = s;
	p->last_spot = &s->next;
}

void page_value(struct page *p, const char *name, const char *value)
{
	if (p && p->spot)
		add(p, &p->spot->values, name, value);
}

void page_section(struct page *p, const char *title)
{
	struct page_section *s = p ? arena_zalloc(p->arena, sizeof *s) : NULL;

	if (!p)
		return;
	p->section = s;
	if (!s)
		return;
	s->title = title;
	begin_pairs(&s->pairs);
	*p->last_section = s;
	p->last_section = &s->next;
}

void page_pair(struct page *p, const char *name, const char *value)
{
	if (p && p->section)
		add(p, &p->section->pairs, name, value);
}

void page_text(struct page *p, const char *text)
{
	if (p && p->section)
		p->section->text = text && *text ? text : NULL;
}

/* --- forms ------------------------------------------------------------------------------ */

/* Programs that show to a person, in a terminal, what they are sent. */
static bool is_terminal_client(const char *user_agent)
{
	return user_agent &&
	       (text_starts(user_agent, "curl/") || text_starts(user_agent, "Wget/") ||
		text_starts(user_agent, "HTTPie/"));
}

enum page_form page_form(const char *accept, const char *user_agent, const char *requested_with)
{
	static const char *const offers[] = {"text/html", "application/json",
					     "application/problem+json", "text/plain", NULL};

	if (requested_with && *requested_with)
		return PAGE_JSON;
	if (!accept || !*accept || text_eq(accept, "*/*"))
		return is_terminal_client(user_agent) ? PAGE_TEXT : PAGE_HTML;
	const char *best = accept_best(accept, offers);
	return !best || best == offers[0] ? PAGE_HTML : best == offers[3] ? PAGE_TEXT : PAGE_JSON;
}

const char *page_type(enum page_form form)
{
	static const char *const types[] = {"text/html; charset=utf-8",
					    "text/plain; charset=utf-8", "application/json"};
	return types[form];
}

const char *page_policy(const struct page *p)
{
	return p ? arena_printf(p->arena,
				"default-src 'none'; style-src 'nonce-%s'; script-src 'nonce-%s'; "
				"connect-src 'self'; base-uri 'none'; form-action 'none'; "
				"frame-ancestors 'none'",
				p->nonce, p->nonce)
		 : NULL;
}

void page_write(struct buf *b, const struct page *p, enum page_form form)
{
	static void (*const forms[])(struct buf *b, const struct page *p) = {
		page_write_html, page_write_text, page_write_json};

	if (p)
		forms[form](b, p);
}

size_t page_shown(const char *value, size_t *more)
{
	size_t len = strlen(value), n = len;

	if (n > PAGE_VALUE_MAX)
		for (n = PAGE_VALUE_MAX; n && ((unsigned char)value[n] & 0xc0) == 0x80;)
			n--;
	*more = len - n;
	return n;
}
