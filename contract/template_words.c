/* What is added to the language, where templates come from, and what is wrong with them. */
#include "template.h"

static void words_of_the_application_are_words(struct trial *t)
{
	const cruet_var vars[] = {{"name", cruet_value_text("<ab>")}, LAST},
			brief[] = {{"name", cruet_value_text("a")}, LAST},
			number[] = {{"name", cruet_value_int(1)}, LAST};

	expect_renders(t->c, "contract/filter.html", vars, "&lt;ab&gt;&lt;ab&gt;");
	expect_renders(t->c, "contract/test.html", vars, "long");
	expect_renders(t->c, "contract/test.html", brief, "short");
	expect_renders(t->c, "contract/function.html", brief, "<a+a>");
	expect_renders(t->c, "contract/global.html", NULL, "for all");
	expect_fails(t->c, "contract/filter.html", number, 418, "contract_twice takes a text");
}

static void templates_include_each_other(struct trial *t)
{
	const cruet_var vars[] = {{"name", cruet_value_text("<Ada>")}, LAST};

	expect_renders(t->c, "contract/include.html", vars, "[Hello &lt;Ada&gt;!]");
	expect_fails(t->c, "contract/self.html", vars, 500, "contract/self.html");
}

static void what_is_not_there_is_named(struct trial *t)
{
	expect_fails(t->c, "contract/nowhere.html", NULL, 500, "contract/nowhere.html");
	cruet_render_text(t->c, "contract/nowhere.html", NULL, NULL);
	expect(cruet_err_kind(t->c) == &cruet_template_error);
	cruet_err_clear(t->c);
	expect_fails(t->c, "contract/missing.html", NULL, 500, "contract/nowhere.html");
	expect_fails(t->c, "../contract/hello.html", NULL, 500, "");
	expect_fails(t->c, "", NULL, 500, "");
}

static void what_is_broken_names_the_line(struct trial *t)
{
	cruet_render_text(t->c, "contract/broken.html", NULL, NULL);
	expect(cruet_err_kind(t->c) == &cruet_template_error);
	cruet_err_clear(t->c);
	expect_fails(t->c, "contract/broken.html", NULL, 500, "contract/broken.html");
	expect_fails(t->c, "contract/broken.html", NULL, 500, "2");
}

static void a_loader_may_fail(struct trial *t)
{
	const cruet_var vars[] = {{"name", cruet_value_text("Ada")}, LAST};

	expect(!cruet_render_text(t->c, "contract/fails.html", NULL, NULL));
	cruet_err_clear(t->c);
	expect_renders(t->c, "contract/hello.html", vars, "Hello Ada!");
}

/* What the plain functions hide: a NUL, who frees it, and what a failure leaves alone. */
static void a_text_belongs_to_who_asked(struct trial *t)
{
	const cruet_template *vt = t->s.vt;
	const cruet_var list[] = {{"name", cruet_value_text("Ada")}, LAST};
	const cruet_template_vars vars = {.size = sizeof vars, .list = list};
	cruet_template_text one = {.size = sizeof one}, other = {.size = sizeof other};

	expect_int(vt->render(t->s.self, t->c, "contract/hello.txt", &vars, &one), CRUET_OK);
	expect_int(vt->render(t->s.self, t->c, "contract/global.html", &vars, &other), CRUET_OK);
	expect_bytes(one.p, one.len, "Hello Ada!", 10);
	expect_int(one.p[one.len], 0);
	other.release(other.owner);
	expect_bytes(one.p, one.len, "Hello Ada!", 10);
	const char *p = one.p;
	expect(vt->render(t->s.self, t->c, "contract/broken.html", &vars, &one) != CRUET_OK);
	cruet_err_clear(t->c);
	expect(one.p == p && one.len == 10);
	one.release(one.owner);
}

const struct promise template_words[] = {PROMISE(words_of_the_application_are_words),
					 PROMISE(templates_include_each_other),
					 PROMISE(what_is_not_there_is_named),
					 PROMISE(what_is_broken_names_the_line),
					 PROMISE(a_loader_may_fail),
					 PROMISE(a_text_belongs_to_who_asked),
					 {NULL, NULL}};
