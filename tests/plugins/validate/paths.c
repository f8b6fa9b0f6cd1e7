/* Fields inside fields: names, stars, and what other rules mean by them. */
#include "fixture.h"

START_TEST(nested_fields_are_found)
{
	const cruet_field_rule *table = TABLE({"a.b.c", "required|integer"});
	gives(table, "{\"a\": {\"b\": {\"c\": 1}}}", "", "{\"a\":{\"b\":{\"c\":1}}}");
	gives(table, "{\"a\": {\"b\": {}}}",
	      "{\"a.b.c\":[\"The a.b.c field is required.\"]}", NULL);
	gives(table, "{\"a\": {\"b\": 5}}",
	      "{\"a.b.c\":[\"The a.b.c field is required.\"]}", NULL);
	gives(table, "{\"a\": null}", "{\"a.b.c\":[\"The a.b.c field is required.\"]}",
	      NULL);
	gives(table, "{}", "{\"a.b.c\":[\"The a.b.c field is required.\"]}", NULL);
}
END_TEST

START_TEST(names_may_have_dots_and_stars)
{
	gives(TABLE({"v1\\.0", "integer"}, {"a\\*", "integer"}, {"\\*", "integer"}),
	      "{\"v1.0\": \"x\", \"v1\": {\"0\": 1}, \"a*\": \"x\", \"*\": \"x\"}",
	      "{\"v1.0\":[\"The v1.0 field must be an integer.\"],"
	      "\"a*\":[\"The a* field must be an integer.\"],"
	      "\"*\":[\"The * field must be an integer.\"]}",
	      NULL);
	const cruet_valid *v =
		check_json("{\"v1.0\": \"5\"}", TABLE({"v1\\.0", "integer"}));
	ck_assert_int_eq(cruet_valid_int(v, "v1.0", 0), 5);
	gives(TABLE({"a\\.b.c\\.d", "required"}), "{\"a.b\": {}}",
	      "{\"a.b.c.d\":[\"The a.b.c.d field is required.\"]}", NULL);
	gives(TABLE({"a*b", "integer"}), "{\"a*b\": \"x\"}",
	      "{\"a*b\":[\"The a*b field must be an integer.\"]}", NULL);
	gives(TABLE({"\xc3\xbc", "integer"}), "{\"\xc3\xbc\": \"x\"}",
	      "{\"\xc3\xbc\":[\"The \xc3\xbc field must be an integer.\"]}", NULL);
}
END_TEST

START_TEST(indices_are_names_of_elements)
{
	const cruet_field_rule *table = TABLE({"a.1", "required|integer"});
	gives(table, "{\"a\": [\"x\", \"2\"]}", "", "{\"a\":[null,2]}");
	gives(table, "{\"a\": [1]}", "{\"a.1\":[\"The a.1 field is required.\"]}", NULL);
	gives(table, "{\"a\": {\"1\": 7}}", "", "{\"a\":{\"1\":7}}");
	gives(TABLE({"a.01", "required"}), "{\"a\": [1, 2]}",
	      "{\"a.01\":[\"The a.01 field is required.\"]}", NULL);
	gives(TABLE({"a.-1", "required"}), "{\"a\": [1, 2]}",
	      "{\"a.-1\":[\"The a.-1 field is required.\"]}", NULL);
	gives(TABLE({"a.99999999999999999999", "required"}), "{\"a\": [1, 2]}",
	      "{\"a.99999999999999999999\":[\"The a.99999999999999999999 field is "
	      "required.\"]}",
	      NULL);
}
END_TEST

START_TEST(stars_stand_for_all_there_is)
{
	const cruet_field_rule *table = TABLE({"a.*.b", "required|integer"});
	gives(table, "{\"a\": [{\"b\": 1}, {}, {\"b\": \"x\"}, 5, null]}",
	      "{\"a.1.b\":[\"The a.1.b field is required.\"],"
	      "\"a.2.b\":[\"The a.2.b field must be an integer.\"],"
	      "\"a.3.b\":[\"The a.3.b field is required.\"],"
	      "\"a.4.b\":[\"The a.4.b field is required.\"]}",
	      NULL);
	gives(table, "{\"a\": {\"x\": {}, \"y\": {\"b\": 1}}}",
	      "{\"a.x.b\":[\"The a.x.b field is required.\"]}", NULL);
	/* Where there is none, there is nothing to require it of. */
	gives(table, "{\"a\": []}", "", NULL);
	gives(table, "{\"a\": 5}", "", NULL);
	gives(table, "{}", "", NULL);
	gives(TABLE({"a.*.b.*.c", "required"}),
	      "{\"a\": [{\"b\": [{}, {\"c\": 1}]}, {}]}",
	      "{\"a.0.b.0.c\":[\"The a.0.b.0.c field is required.\"]}", NULL);
	gives(TABLE({"a.*.*.*.*", "integer"}), "{\"a\": [[[[1, \"x\"]]]]}",
	      "{\"a.0.0.0.1\":[\"The a.0.0.0.1 field must be an integer.\"]}", NULL);
}
END_TEST

START_TEST(stars_of_other_fields_stand_for_the_same_element)
{
	const cruet_field_rule *table = TABLE({"a.*.b", "required_with:a.*.c"});
	gives(table, "{\"a\": [{\"c\": 1}, {}, {\"c\": 1, \"b\": 1}]}",
	      "{\"a.0.b\":[\"The a.0.b field is required when a.0.c is present.\"]}",
	      NULL);
	gives(TABLE({"a.*.b.*.c", "same:a.*.d"}),
	      "{\"a\": [{\"d\": 1, \"b\": [{\"c\": 1}, {\"c\": 2}]}, {\"d\": 2, \"b\": "
	      "[{\"c\": 2}]}]}",
	      "{\"a.0.b.1.c\":[\"The a.0.b.1.c field must match a.0.d.\"]}", NULL);
	/* Of another array: the element at the same place. */
	gives(TABLE({"a.*", "same:b.*"}), "{\"a\": [1, 2, 3], \"b\": [1, 5]}",
	      "{\"a.1\":[\"The a.1 field must match b.1.\"],"
	      "\"a.2\":[\"The a.2 field must match b.2.\"]}",
	      NULL);
	gives(TABLE({"a.*", "same:b.*.v"}),
	      "{\"a\": {\"x\": 1, \"y\": 2}, \"b\": {\"y\": {\"v\": 2}, \"x\": {\"v\": "
	      "0}}}",
	      "{\"a.x\":[\"The a.x field must match b.x.v.\"]}", NULL);
	gives(TABLE({"a.*", "same:total"}), "{\"a\": [1, 2], \"total\": 2}",
	      "{\"a.0\":[\"The a.0 field must match total.\"]}", NULL);
}
END_TEST

/* More than are looked through one by one. */
START_TEST(long_objects_and_arrays_are_looked_up)
{
	char input[16384];
	size_t n = (size_t)snprintf(input, sizeof input, "{\"o\": {");

	for (int i = 0; i < 200; i++)
		n += (size_t)snprintf(input + n, sizeof input - n, "%s\"k%d\": %d",
				      i ? "," : "", i, i);
	n += (size_t)snprintf(input + n, sizeof input - n, "}, \"a\": [");
	for (int i = 0; i < 200; i++)
		n += (size_t)snprintf(input + n, sizeof input - n, "%s%d", i ? "," : "",
				      i);
	n += (size_t)snprintf(input + n, sizeof input - n, "], \"b\": [");
	for (int i = 0; i < 200; i++)
		n += (size_t)snprintf(input + n, sizeof input - n, "%s%d", i ? "," : "",
				      i == 150 ? -1 : i);
	snprintf(input + n, sizeof input - n, "]}");
	gives(TABLE({"o.k0", "required|size:0"}, {"o.k199", "required|size:199"},
		    {"o.k57", "required|size:57"}, {"o.k200", "required"},
		    {"a.199", "size:199"}, {"a.200", "required"}, {"a.*", "same:b.*"}),
	      input,
	      "{\"o.k200\":[\"The o.k200 field is required.\"],"
	      "\"a.200\":[\"The a.200 field is required.\"],"
	      "\"a.150\":[\"The a.150 field must match b.150.\"]}",
	      NULL);
}
END_TEST

START_TEST(long_names_are_shown_in_part)
{
	char input[1024], name[301];

	memset(name, 'k', 300);
	name[300] = '\0';
	snprintf(input, sizeof input, "{\"a\": {\"%s\": 1}}", name);
	const cruet_valid *v = check_json(input, TABLE({"a.*", "string"}));
	name[100] = '\0';
	ck_assert_str_eq(
		text_of_json(cruet_valid_errors(v)),
		cruet_printf(c, "{\"a.%s...\":[\"The a.%s... field must be a string.\"]}",
			     name, name));
	/* Not in the middle of a character. */
	memset(name, 'k', 99);
	memcpy(name + 99, "\xc3\xbc", 3);
	snprintf(input, sizeof input, "{\"a\": {\"%s\": 1}}", name);
	v = check_json(input, TABLE({"a.*", "string"}));
	name[99] = '\0';
	ck_assert_str_eq(
		text_of_json(cruet_valid_errors(v)),
		cruet_printf(c, "{\"a.%s...\":[\"The a.%s... field must be a string.\"]}",
			     name, name));
}
END_TEST

CTX_SUITE("validate_paths", nested_fields_are_found, names_may_have_dots_and_stars,
	  indices_are_names_of_elements, stars_stand_for_all_there_is,
	  stars_of_other_fields_stand_for_the_same_element,
	  long_objects_and_arrays_are_looked_up, long_names_are_shown_in_part)
