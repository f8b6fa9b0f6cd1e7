/* What is wrong, as a reply. */
#include <string.h>

#include "app/ctx.h"
#include "base/text.h"
#include "cruet/error.h"
#include "cruet/request.h"
#include "cruet/response.h"
#include "debug/page.h"
#include "debug/reload.h"
#include "http/negotiate.h"
#include "plugin/registry.h"

bool trouble_wants_page(const cruet_ctx *c)
{
	static const char *const offers[] = {"application/json", "text/plain", "text/html", NULL};
	const char *accept = cruet_header(c, "Accept");

	return accept && !cruet_header(c, "X-Requested-With") &&
	       accept_best(accept, offers) == offers[2];
}

/* A header holds no line break, and not everything that a file may be called. */
const char *trouble_mark(cruet_ctx *c, const struct news *n)
{
	const struct state_place *at = n->state.places;

	if (!n->state.failed || !n->state.nplaces || !at->file || !field_value_ok(at->file))
		return "failed";
	return at->column ? arena_printf(&c->arena, "failed; %s:%u:%u", at->file, at->line, at->column)
			  : arena_printf(&c->arena, "failed; %s:%u", at->file, at->line);
}

static void put_places(struct page *p, const struct state *s)
{
	for (size_t i = 0; i < s->nplaces; i++)
		page_place(p, &(struct page_place){.file = s->places[i].path,
						   .line = s->places[i].line,
						   .column = s->places[i].column,
						   .says = s->places[i].says});
}

/* The linker found nothing of that name when the file was loaded. */
static void cure_symbol(struct page *p, cruet_ctx *c, const char *what)
{
	static const char said[] = "undefined symbol: ";
	const char *at = strstr(what, said);
	const char *name = at ? at + strlen(said) : "";
	size_t n = strcspn(name, " ,;:()\n");
	const char *symbol = n ? arena_strndup(&c->arena, name, n) : NULL;
	const char *plugin = symbol ? registry_exporter(c->host, symbol, &c->arena) : NULL;

	if (plugin)
		page_cure(p, "%s() is the plugin %s's own: plugins do not see each other's functions, "
			     "so ask for what it offers by cruet_bind().",
			  symbol, plugin);
	else if (symbol)
		page_cure(p, "No plugin on the path has %s(): add the source or the library that has it "
			     "to what is linked.",
			  symbol);
}

static struct page *make_page(cruet_ctx *c, const struct news *n)
{
	const struct state *s = &n->state;
	const char *what = news_trouble(n);
	struct page *p = page_new(&c->arena, 503, what,
				  n->serves ? "What was built before goes on to serve those that ask for "
					      "no page."
					    : "Nothing has been built yet that could serve.");

	page_cure(p, "Mend it and save: this page goes away by itself.");
	cure_symbol(p, c, what);
	if (!s->failed)
		return p;
	put_places(p, s);
	page_section(p, "What the compiler says");
	page_text(p, s->said);
	return p;
}

/* Who did not ask for a page is a program, or somebody at a terminal. */
static enum page_form form_for(const cruet_ctx *c)
{
	enum page_form form = page_form(cruet_header(c, "Accept"), cruet_header(c, "User-Agent"),
					cruet_header(c, "X-Requested-With"));

	return form == PAGE_HTML && !trouble_wants_page(c) ? PAGE_TEXT : form;
}

int trouble_refuse(cruet_ctx *c)
{
	return cruet_fail(c, 503, "There is nothing here yet that could serve.");
}

int trouble_reply(cruet_ctx *c, const struct news *n)
{
	enum page_form form = form_for(c);
	struct page *p = make_page(c, n);
	struct buf b;

	buf_init(&b, &c->arena, 0);
	page_write(&b, p, form);
	const char *policy = form == PAGE_HTML ? page_policy(p) : NULL;
	int err = p ? buf_err(&b) : CRUET_ENOMEM;
	if (!err && policy)
		err = cruet_set_header(c, "Content-Security-Policy", policy);
	if (!err)
		err = cruet_set_header(c, "Cache-Control", "no-store");
	if (!err)
		err = cruet_status(c, 503);
	return err ? err : cruet_send(c, page_type(form), b.p, b.len, NULL);
}
