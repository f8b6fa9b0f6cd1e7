/* Values, and what objects of the application are asked. */
#include "template.h"

static const char evil[] = "<b>&\"'{{ name }}{% if 1 %}";

static void a_variable_is_shown(struct trial *t)
{
	const cruet_var text[] = {{"name", cruet_value_text("gr\xc3\xbc\xc3\x9f dich")}, LAST},
			number[] = {{"name", cruet_value_int(INT64_MIN)}, LAST},
			part[] = {{"name", cruet_value_bytes("Adam", 3)}, LAST},
			empty[] = {{"name", cruet_value_text("")}, LAST};

	expect_renders(t->c, "contract/hello.txt", text, "Hello gr\xc3\xbc\xc3\x9f dich!");
	expect_renders(t->c, "contract/hello.txt", number, "Hello -9223372036854775808!");
	expect_renders(t->c, "contract/hello.txt", part, "Hello Ada!");
	expect_renders(t->c, "contract/hello.txt", empty, "Hello !");
}

static void html_is_escaped_by_the_name(struct trial *t)
{
	const cruet_var vars[] = {{"name", cruet_value_text("<b>&\"'")}, LAST},
			html[] = {{"name", cruet_value_html("<b>&amp;</b>")}, LAST};
	const char *text = template_text(t->c, "contract/hello.html", vars);

	expect(strstr(text, "&lt;b&gt;&amp;"));
	expect(!strpbrk(text + strlen("Hello "), "<>\"'"));
	expect_renders(t->c, "contract/hello.txt", vars, "Hello <b>&\"'!");
	expect_renders(t->c, "contract/hello.html", html, "Hello <b>&amp;</b>!");
}

static void data_is_no_template(struct trial *t)
{
	const cruet_var vars[] = {{"name", cruet_value_text(evil)}, LAST};

	expect_renders(t->c, "contract/hello.txt", vars,
		       "Hello <b>&\"'{{ name }}{% if 1 %}!");
	expect(strstr(template_text(t->c, "contract/hello.html", vars),
		      "{{ name }}{% if 1 %}"));
}

static void json_is_read_where_it_is(struct trial *t)
{
	cruet_json *object = cruet_object(t->c), *list = cruet_array(t->c);
	const cruet_var vars[] = {{"object", cruet_value_json(object)},
				  {"list", cruet_value_json(list)},
				  LAST};

	cruet_put_str(object, "name", "Ada");
	cruet_put_str(cruet_put_object(object, "inner"), "name", "Byron");
	expect_renders(t->c, "contract/list.html", vars, "");
	cruet_push_str(list, "one");
	cruet_push_int(list, 2);
	cruet_push_str(list, "<3>");
	expect_renders(t->c, "contract/member.html", vars, "Ada Byron");
	expect_renders(t->c, "contract/list.html", vars, "one;2;&lt;3&gt;;");
}

static void the_caller_goes_before_the_request(struct trial *t)
{
	const cruet_var vars[] = {{"name", cruet_value_text("Ada")}, LAST},
			other[] = {{"other", cruet_value_text("x")}, LAST};

	cruet_template_set(t->c, "name", cruet_value_text("Byron"));
	expect_renders(t->c, "contract/hello.txt", vars, "Hello Ada!");
	expect_renders(t->c, "contract/hello.txt", other, "Hello Byron!");
	expect_renders(t->c, "contract/hello.txt", NULL, "Hello Byron!");
}

static void objects_are_asked(struct trial *t)
{
	struct template_rows rows = {.left = 3};
	const cruet_template_object object = {&template_rows, &rows};
	const cruet_var vars[] = {{"object", cruet_value_host(&object)},
				  {"list", cruet_value_host(&object)},
				  LAST};

	expect_renders(t->c, "contract/object.html", vars,
		       "&lt;rows&gt; &lt;name&gt; called with a");
	expect_int((int64_t)rows.asked, 0);
	expect_renders(t->c, "contract/list.html", vars, "0;1;2;");
	expect_int((int64_t)rows.asked, 3);
	expect_fails(t->c, "contract/late.html", vars, 418, "this member fails");
}

static void rows_without_end_are_ended(struct trial *t)
{
	struct template_rows rows = {.left = SIZE_MAX};
	const cruet_template_object object = {&template_rows, &rows};
	const cruet_var vars[] = {{"list", cruet_value_host(&object)}, LAST};

	expect_fails(t->c, "contract/list.html", vars, 500, "");
}

const struct promise template_values[] = {PROMISE(a_variable_is_shown),
					  PROMISE(html_is_escaped_by_the_name),
					  PROMISE(data_is_no_template),
					  PROMISE(json_is_read_where_it_is),
					  PROMISE(the_caller_goes_before_the_request),
					  PROMISE(objects_are_asked),
					  PROMISE(rows_without_end_are_ended),
					  {NULL, NULL}};
