/* in, enum, not_in, contains, distinct, in_array, keys. */
#include "fixture.h"

#define IN "The selected f is invalid."

START_TEST(values_out_of_a_list)
{
	FITS("in:a,b,1.5,1", "\"a\"", "\"b\"", "1", "\"1\"", "1.5", "\"1.5\"");
	GIVES("in:a,b,1.5,1", IN, "\"c\"", "\"A\"", "\" a\"", "\"a,b\"", "2", "true",
	      "null", "[]", "[\"a\"]", "{}", "\"1.0\"");
	FITS("enum:a,b", "\"a\"");
	GIVES("enum:a,b", IN, "\"c\"");
	FITS("in:\"a,b\",\"c|d\",\" e\"", "\"a,b\"", "\"c|d\"", "\" e\"");
	FITS("in:true,false", "true", "\"true\"", "false");
	FITS("in: a , b ", "\"a\"", "\"b\"");
	FITS("in:a,", "null", "\"a\"");
}
END_TEST

START_TEST(all_elements_of_an_array_out_of_a_list)
{
	FITS("array|in:a,b", "[]", "[\"a\"]", "[\"a\", \"b\", \"a\"]", "{\"x\": \"a\"}");
	GIVES("array|in:a,b", IN, "[\"c\"]", "[\"a\", \"c\"]", "[[\"a\"]]", "[null]");
	FITS("array|not_in:a,b", "[]", "[\"c\"]", "[[\"a\"]]");
	GIVES("array|not_in:a,b", IN, "[\"a\"]", "[\"c\", \"b\"]");
}
END_TEST

START_TEST(values_that_are_not_welcome)
{
	FITS("not_in:a,b,1", "\"c\"", "\"A\"", "2", "true", "null", "[]", "\"ab\"");
	GIVES("not_in:a,b,1", IN, "\"a\"", "\"b\"", "1", "\"1\"", "1.0");
}
END_TEST

START_TEST(long_lists_are_looked_up)
{
	char rules[8192] = "in:";
	size_t n = 3;

	for (int i = 999; i >= 0; i--)
		n += (size_t)snprintf(rules + n, sizeof rules - n, "v%d%s", i,
				      i ? "," : "");
	FITS(rules, "\"v0\"", "\"v999\"", "\"v500\"");
	GIVES(rules, IN, "\"v1000\"", "\"v\"", "\"v0500\"");
}
END_TEST

START_TEST(arrays_contain_values)
{
	FITS("contains:a,1", "[\"a\", 1]", "[1, \"x\", \"a\"]", "[\"1\", \"a\"]",
	     "{\"x\": \"a\", \"y\": 1}");
	GIVES("contains:a,1", "The f field is missing a required value.", "[\"a\"]", "[]",
	      "[1]", "[[\"a\", 1]]", "\"a\"", "null", "1");
	FITS("doesnt_contain:a,1", "[]", "[\"b\"]", "[[\"a\"]]");
	GIVES("doesnt_contain:a,1",
	      "The f field must not contain any of the following: a, 1.", "[\"a\"]",
	      "[2, 1]", "\"b\"", "null");
}
END_TEST

START_TEST(arrays_have_members)
{
	FITS("required_array_keys:a,b", "{\"a\": null, \"b\": 1}",
	     "{\"c\": 1, \"b\": 1, \"a\": 1}");
	GIVES("required_array_keys:a,b", "The f field must contain entries for: a, b.",
	      "{\"a\": 1}", "{}", "[]", "[\"a\", \"b\"]", "\"a\"", "null");
	FITS("in_array_keys:a,b", "{\"a\": 1}", "{\"b\": 1, \"c\": 1}");
	GIVES("in_array_keys:a,b",
	      "The f field must contain at least one of the following keys: a, b.",
	      "{\"c\": 1}", "{}", "[]", "\"a\"", "null");
	FITS("required_array_keys:0,1", "[7, 8]", "[7, 8, 9]");
	GIVES("required_array_keys:0,1", "The f field must contain entries for: 0, 1.",
	      "[7]");
}
END_TEST

START_TEST(elements_are_distinct)
{
	const cruet_field_rule *table = TABLE({"a.*.id", "distinct"});
	gives(table, "{\"a\": [{\"id\": 1}, {\"id\": 2}, {\"id\": \"x\"}, {}, {}]}", "",
	      NULL);
	gives(table, "{\"a\": [{\"id\": 1}, {\"id\": 2}, {\"id\": 1}]}",
	      "{\"a.0.id\":[\"The a.0.id field has a duplicate value.\"],"
	      "\"a.2.id\":[\"The a.2.id field has a duplicate value.\"]}",
	      NULL);
	gives(table, "{\"a\": [{\"id\": 1}, {\"id\": \"1\"}]}",
	      "{\"a.0.id\":[\"The a.0.id field has a duplicate value.\"],"
	      "\"a.1.id\":[\"The a.1.id field has a duplicate value.\"]}",
	      NULL);
	gives(table,
	      "{\"a\": [{\"id\": \"a\"}, {\"id\": \"A\"}, {\"id\": true}, {\"id\": "
	      "\"true\"}]}",
	      "", NULL);
	gives(table, "{\"a\": {\"x\": {\"id\": 1}, \"y\": {\"id\": 1}}}",
	      "{\"a.x.id\":[\"The a.x.id field has a duplicate value.\"],"
	      "\"a.y.id\":[\"The a.y.id field has a duplicate value.\"]}",
	      NULL);
	gives(TABLE({"a.*", "distinct"}), "{\"a\": [[1], [2], [1, 2]]}", "", NULL);
	gives(TABLE({"a.*", "distinct"}), "{\"a\": [[1], [1]]}",
	      "{\"a.0\":[\"The a.0 field has a duplicate value.\"],"
	      "\"a.1\":[\"The a.1 field has a duplicate value.\"]}",
	      NULL);
	/* Of all, not of each list. */
	gives(TABLE({"a.*.*", "distinct"}), "{\"a\": [[1, 2], [3, 1]]}",
	      "{\"a.0.0\":[\"The a.0.0 field has a duplicate value.\"],"
	      "\"a.1.1\":[\"The a.1.1 field has a duplicate value.\"]}",
	      NULL);
}
END_TEST

START_TEST(distinct_may_be_strict_or_blind_to_case)
{
	gives(TABLE({"a.*", "distinct:strict"}), "{\"a\": [1, \"1\", true, null]}", "",
	      NULL);
	gives(TABLE({"a.*", "distinct:strict"}), "{\"a\": [\"1\", \"1\", 1]}",
	      "{\"a.0\":[\"The a.0 field has a duplicate value.\"],"
	      "\"a.1\":[\"The a.1 field has a duplicate value.\"]}",
	      NULL);
	gives(TABLE({"a.*", "distinct:strict"}), "{\"a\": [1, 1.0]}",
	      "{\"a.0\":[\"The a.0 field has a duplicate value.\"],"
	      "\"a.1\":[\"The a.1 field has a duplicate value.\"]}",
	      NULL);
	gives(TABLE({"a.*", "distinct:ignore_case"}),
	      "{\"a\": [\"Stra\\u00dfe\", \"\\u00dcber\", \"x\", \"STRA\\u00dfe\", "
	      "\"\\u00fcBER\"]}",
	      "{\"a.0\":[\"The a.0 field has a duplicate value.\"],"
	      "\"a.1\":[\"The a.1 field has a duplicate value.\"],"
	      "\"a.3\":[\"The a.3 field has a duplicate value.\"],"
	      "\"a.4\":[\"The a.4 field has a duplicate value.\"]}",
	      NULL);
	gives(TABLE({"a.*", "distinct:ignore_case"}),
	      "{\"a\": [\"\\ud801\\udc00\", \"\\ud801\\udc28\", \"\\u4f60\", "
	      "\"\\u2c65\", \"\\u023a\"]}",
	      "{\"a.0\":[\"The a.0 field has a duplicate value.\"],"
	      "\"a.1\":[\"The a.1 field has a duplicate value.\"],"
	      "\"a.3\":[\"The a.3 field has a duplicate value.\"],"
	      "\"a.4\":[\"The a.4 field has a duplicate value.\"]}",
	      NULL);
}
END_TEST

START_TEST(a_row_without_a_star_asks_its_own_elements)
{
	FITS("distinct", "[1, 2]", "[]", "\"a\"", "1", "[\"a\", \"A\"]",
	     "{\"a\": 1, \"b\": 2}");
	GIVES("distinct", "The f field has a duplicate value.", "[1, 1]", "[2, 1, \"2\"]",
	      "{\"a\": 1, \"b\": 1}", "[[1], [1]]");
	FITS("distinct:strict", "[1, \"1\"]");
	GIVES("distinct:ignore_case", "The f field has a duplicate value.",
	      "[\"a\", \"A\"]");
}
END_TEST

START_TEST(values_out_of_another_field)
{
	const cruet_field_rule *table =
		TABLE({"f", "in_array:all.*"}, {"g", "in_array:all"},
		      {"h", "in_array:rows.*.id"});
	const char *const fit[] = {"1", "\"1\"", "\"b\"", "\"\"", NULL};
	const char *const misfit[] = {"2", "\"B\"", "null", "[1]", "true", NULL};
	for (size_t i = 0; fit[i]; i++)
		gives(table, cruet_printf(c, "{\"all\": [1, \"b\"], \"f\": %s}", fit[i]),
		      "", NULL);
	for (size_t i = 0; misfit[i]; i++)
		gives(table,
		      cruet_printf(c, "{\"all\": [1, \"b\"], \"f\": %s}", misfit[i]),
		      "{\"f\":[\"The f field must exist in all.*.\"]}", NULL);
	gives(table,
	      "{\"all\": [1], \"g\": 1, \"rows\": [{\"id\": 7}, {}], \"h\": \"7\"}", "",
	      NULL);
	gives(table, "{\"all\": 1, \"g\": 1, \"rows\": [{\"id\": 7}, {}], \"h\": 8}",
	      "{\"g\":[\"The g field must exist in all.\"],"
	      "\"h\":[\"The h field must exist in rows.*.id.\"]}",
	      NULL);
	gives(table, "{\"f\": 1}", "{\"f\":[\"The f field must exist in all.*.\"]}",
	      NULL);
	/* The stars of the other field stand for all there is, here too. */
	gives(TABLE({"a.*.pick", "in_array:a.*.id"}),
	      "{\"a\": [{\"id\": 1, \"pick\": 2}, {\"id\": 2, \"pick\": 3}]}",
	      "{\"a.1.pick\":[\"The a.1.pick field must exist in a.*.id.\"]}", NULL);
}
END_TEST

CTX_SUITE("validate_lists", values_out_of_a_list, all_elements_of_an_array_out_of_a_list,
	  values_that_are_not_welcome, long_lists_are_looked_up, arrays_contain_values,
	  arrays_have_members, elements_are_distinct,
	  distinct_may_be_strict_or_blind_to_case,
	  a_row_without_a_star_asks_its_own_elements, values_out_of_another_field)
