/* Whoever provides "json/1" writes the JSON of replies. */
#include "elements.h"

#include <cruet/svc/json.h>

extern const cruet_plugin cruet_plugin_sorted_json;

static int writes(void *self, cruet_ctx *c, const cruet_json *j, const char **p,
		  size_t *len)
{
	(void)c, (void)j;
	*p = self;
	*len = self ? strlen(self) : 0;
	return CRUET_OK;
}
static int fails(void *self, cruet_ctx *c, const cruet_json *j, const char **p,
		 size_t *len)
{
	(void)self, (void)j;
	*p = "x";
	*len = 1;
	return cruet_query(c, "say") ? cruet_fail(c, 503, "no ink") : CRUET_EIO;
}

static char one[] = "1", two[] = "2", none[] = "";
static const cruet_json_writer fixed = {.size = sizeof fixed, .write = writes};
static const cruet_json_writer failing = {.size = sizeof failing, .write = fails};

GIVER(one_writer, CRUET_JSON, &fixed, one);
GIVER(two_writer, CRUET_JSON, &fixed, two);
GIVER(null_writer, CRUET_JSON, &fixed, NULL);
GIVER(empty_writer, CRUET_JSON, &fixed, none);
GIVER(bad_writer, CRUET_JSON, &failing, NULL);

static cruet_json *thing(cruet_ctx *c)
{
	cruet_json *o = cruet_object(c), *list = cruet_put_array(o, "list");

	cruet_push_int(list, INT64_MAX);
	cruet_push_real(list, 0.5);
	cruet_push_null(list);
	cruet_put_object(o, "empty");
	cruet_put_bool(cruet_put_object(o, "b\"c"), "x", true);
	cruet_put_str(o, "a", "\xc3\xa4\n");
	return o;
}

static int show(cruet_ctx *c)
{
	return cruet_jsonify(c, thing(c));
}
static int as_text(cruet_ctx *c)
{
	const char *s = cruet_json_text(c, thing(c), NULL);
	return s ? cruet_text(c, s) : cruet_err(c);
}
static int misused(cruet_ctx *c)
{
	cruet_json *o = cruet_object(c);

	cruet_push_int(o, 1); /* no list */
	return cruet_jsonify(c, o);
}
static int deep(cruet_ctx *c)
{
	cruet_json *root = cruet_array(c), *in = root;

	for (int64_t n = cruet_query_int(c, "n", 1); n > 1; n--)
		in = cruet_push_array(in);
	cruet_push_int(in, 1);
	return cruet_jsonify(c, root);
}

static cruet_client *start(const cruet_plugin *p, cruet_app **app)
{
	*app = new_app();
	cruet_use_static(*app, p, NULL);
	cruet_get(*app, "/", show);
	cruet_get(*app, "/text", as_text);
	cruet_get(*app, "/misused", misused);
	cruet_get(*app, "/deep", deep);
	return client_of(*app);
}

START_TEST(sorted_and_indented)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_sorted_json, &app);

	assert_get(t, "/", 200);
	assert_header(t, "Content-Type", "application/json");
	assert_body(t, "{\n"
		       "  \"a\": \"\xc3\xa4\\n\",\n"
		       "  \"b\\\"c\": {\n"
		       "    \"x\": true\n"
		       "  },\n"
		       "  \"empty\": {},\n"
		       "  \"list\": [\n"
		       "    9223372036854775807,\n"
		       "    0.5,\n"
		       "    null\n"
		       "  ]\n"
		       "}\n");
	ck_assert_ptr_nonnull(cruet_client_body_json(t));
	done(app, t);
}
END_TEST

START_TEST(large_ones_too)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_sorted_json, &app);

	assert_get(t, "/deep?n=500", 200);
	ck_assert_uint_gt(cruet_client_body_len(t), 500000);
	done(app, t);
}
END_TEST

START_TEST(what_is_no_reply_stays_as_it_is)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_one_writer, &app);

	assert_get(t, "/", 200);
	assert_body(t, "1");
	assert_get(t, "/text", 200);
	assert_body(t, "{\"list\":[9223372036854775807,0.5,null],\"empty\":{},\"b\\\"c\":"
		       "{\"x\":true},"
		       "\"a\":\"\xc3\xa4\\n\"}");
	done(app, t);
}
END_TEST

/* The same sentences as without a plugin. */
START_TEST(it_gets_no_value_that_is_not_whole)
{
	cruet_app *app;
	cruet_client *t = start(&cruet_plugin_one_writer, &app);

	assert_get(t, "/misused", 500);
	ck_assert_ptr_nonnull(strstr(logged,
				     "500: JSON that cannot be: cruet_put_...() takes an "
				     "object and a name, cruet_push_...() an array\n"));
	assert_get(t, "/deep?n=1001", 200);
	assert_get(t, "/deep?n=1002", 500);
	ck_assert_ptr_nonnull(strstr(logged, "500: JSON of more than 1000 levels\n"));
	done(app, t);
}
END_TEST

static void assert_failure(const cruet_plugin *p, const char *path, int status,
			   const char *line)
{
	cruet_app *app;
	cruet_client *t = start(p, &app);

	assert_get(t, path, status);
	ck_assert_msg(strstr(logged, line) != NULL, "%s", logged);
	done(app, t);
}

START_TEST(who_writes_none_fails_the_request)
{
	assert_failure(&cruet_plugin_null_writer, "/", 500,
		       "500: 'null_writer' wrote no JSON\n");
	assert_failure(&cruet_plugin_empty_writer, "/", 500,
		       "500: 'empty_writer' wrote no JSON\n");
	assert_failure(&cruet_plugin_bad_writer, "/", 500,
		       "500: 'bad_writer' wrote no JSON\n");
	assert_failure(&cruet_plugin_bad_writer, "/?say=1", 503, "503: no ink\n");
}
END_TEST

START_TEST(two_of_them_must_be_told_apart)
{
	assert_conflict(&cruet_plugin_one_writer, &cruet_plugin_two_writer, CRUET_JSON,
			show, "2");
}
END_TEST

SUITE("elements_json", sorted_and_indented, large_ones_too,
      what_is_no_reply_stays_as_it_is, it_gets_no_value_that_is_not_whole,
      who_writes_none_fails_the_request, two_of_them_must_be_told_apart)
