/* The promises of "template/1": what values become, and where templates come from. The
 * language is the provider's own. The templates are those of this file, in the language of
 * Jinja2, where the provider has none of their names: docs/plugins/contracts.md says what each
 * is to show, for who writes them in another one. */
#include "template.h"

static const struct {
	const char *name, *source;
} sources[] = {
	{"contract/hello.html", "Hello {{ name }}!"},
	{"contract/hello.txt", "Hello {{ name }}!"},
	{"contract/list.html", "{% for one in list %}{{ one }};{% endfor %}"},
	{"contract/member.html", "{{ object.name }} {{ object.inner.name }}"},
	{"contract/include.html", "[{% include 'contract/hello.html' %}]"},
	{"contract/self.html", "{% include 'contract/self.html' %}"},
	{"contract/missing.html", "{% include 'contract/nowhere.html' %}"},
	{"contract/broken.html", "one\n{% if %}"},
	{"contract/filter.html", "{{ name|contract_twice }}"},
	{"contract/test.html", "{% if name is contract_long %}long{% else %}short{% endif %}"},
	{"contract/function.html", "{{ contract_joined('a', name) }}"},
	{"contract/global.html", "{{ contract_global }}"},
	{"contract/object.html", "{{ object }} {{ object.name }} {{ object('a') }}"},
	{"contract/late.html", "{% for one in list %}{{ one }};{% endfor %}{{ object.bad }}"},
};

static int load(cruet_ctx *c, const char *name, void *arg, cruet_value *out)
{
	(void)c, (void)arg;
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		if (!strcmp(sources[i].name, name)) {
			*out = cruet_value_text(sources[i].source);
			return CRUET_OK;
		}
	return CRUET_ENOENT;
}

static int load_later(cruet_ctx *c, const char *name, void *arg, cruet_value *out)
{
	if (!strcmp(name, "contract/hello.html")) /* another loader has it, which goes first */
		*out = cruet_value_text("from the second loader");
	else if (!strcmp(name, "contract/fails.html"))
		return CRUET_EIO;
	else
		return load(c, "", arg, out);
	return CRUET_OK;
}

/* --- words ------------------------------------------------------------------------- */

static int twice(cruet_ctx *c, const cruet_value *args, size_t n, void *arg, cruet_value *out)
{
	(void)arg;
	if (n != 1 || args[0].kind != CRUET_VALUE_TEXT)
		return cruet_fail(c, 418, "contract_twice takes a text");
	*out = cruet_value_text(cruet_printf(c, "%.*s%.*s", (int)args[0].len, args[0].as.s,
					     (int)args[0].len, args[0].as.s));
	return CRUET_OK;
}

static int is_long(cruet_ctx *c, const cruet_value *args, size_t n, void *arg, cruet_value *out)
{
	(void)c;
	*out = cruet_value_bool(n && args[0].len > *(const uint32_t *)arg);
	return CRUET_OK;
}

static int joined(cruet_ctx *c, const cruet_value *args, size_t n, void *arg, cruet_value *out)
{
	(void)arg;
	if (n != 2)
		return CRUET_EINVAL;
	*out = cruet_value_html(cruet_printf(c, "<%.*s+%.*s>", (int)args[0].len, args[0].as.s,
					     (int)args[1].len, args[1].as.s));
	return CRUET_OK;
}

/* --- the site ---------------------------------------------------------------------- */

static int h_page(cruet_ctx *c)
{
	cruet_json *vars = cruet_object(c);

	cruet_put_str(vars, "name", cruet_query(c, "name"));
	return cruet_render(c, cruet_query(c, "page"), vars);
}

static int h_stream(cruet_ctx *c)
{
	struct template_rows *rows = cruet_alloc(c, sizeof *rows);
	const cruet_template_object object = {&template_rows, rows};
	const cruet_var vars[] = {{"list", cruet_value_host(&object)},
				  {"object", cruet_value_host(&object)},
				  {"name", cruet_value_text(cruet_query(c, "name"))},
				  LAST};

	*rows = (struct template_rows){.left = (size_t)cruet_query_int(c, "rows", 0)};
	return cruet_render_stream(c, cruet_query(c, "page"), vars);
}

static void setup(struct trial *t)
{
	static const uint32_t length = 3;

	cruet_template_loader(t->app, load, NULL);
	cruet_template_loader(t->app, load_later, NULL);
	cruet_template_filter(t->app, "contract_twice", twice, NULL);
	cruet_template_test(t->app, "contract_long", is_long, (void *)&length);
	cruet_template_function(t->app, "contract_joined", joined, NULL);
	cruet_template_global(t->app, "contract_global", cruet_value_text("for all"));
	cruet_get(t->app, "/page", h_page);
	cruet_get(t->app, "/stream", h_stream);
}

const struct contract contract_template = {
	.service = CRUET_TEMPLATE,
	.need = CRUET_UPTO(cruet_template, loader),
	.setup = setup,
	.parts = {template_values, template_words, template_replies}};

/* --- means ------------------------------------------------------------------------- */

static int row(cruet_ctx *c, void *self, size_t i, cruet_value *out)
{
	struct template_rows *rows = self;

	(void)c;
	if (i >= rows->left)
		return CRUET_ENOENT;
	rows->asked++;
	*out = cruet_value_int((int64_t)i);
	return CRUET_OK;
}

static int member(cruet_ctx *c, void *self, const char *name, cruet_value *out)
{
	(void)self;
	if (!strcmp(name, "bad"))
		return cruet_fail(c, 418, "this member fails");
	if (strcmp(name, "name") != 0)
		return CRUET_ENOENT;
	*out = cruet_value_text("<name>");
	return CRUET_OK;
}

static int call(cruet_ctx *c, void *self, const cruet_value *args, const char *const *names,
		size_t n, cruet_value *out)
{
	(void)self;
	if (n != 1 || names[0])
		return CRUET_EINVAL;
	*out = cruet_value_text(
		cruet_printf(c, "called with %.*s", (int)args[0].len, args[0].as.s));
	return CRUET_OK;
}

static int as_text(cruet_ctx *c, void *self, cruet_value *out)
{
	(void)c, (void)self;
	*out = cruet_value_text("<rows>");
	return CRUET_OK;
}

const cruet_template_type template_rows = {.size = sizeof template_rows,
					   .name = "rows",
					   .get = member,
					   .row = row,
					   .call = call,
					   .text = as_text};

const char *template_text(cruet_ctx *c, const char *name, const cruet_var *vars)
{
	const char *text = cruet_render_text(c, name, vars, NULL);

	if (!text)
		broken("%s: %s", name, cruet_err_text(c));
	return text;
}

void template_fails(const char *file, int line, cruet_ctx *c, const char *name,
		    const cruet_var *vars, int status, const char *says)
{
	const char *text = cruet_render_text(c, name, vars, NULL);

	if (text)
		trial_broken(file, line, "%s gave \"%.100s\": expected a failure", name, text);
	if (cruet_err_status(c) != status || !strstr(cruet_err_text(c), says))
		trial_broken(file, line, "%s failed with %d: %s: expected %d: ...%s...", name,
			     cruet_err_status(c), cruet_err_text(c), status, says);
	cruet_err_clear(c);
}
