/* What comes out of a check: types, shapes, and what is left out. */
#include "fixture.h"

START_TEST(texts_become_what_their_rule_says)
{
	gives(TABLE({"i", "integer"}, {"n", "numeric"}, {"d", "decimal:0,2"},
		    {"b", "boolean"}, {"a", "accepted"}, {"r", "declined"},
		    {"s", "string"}, {"x", "max:9"}),
	      "{\"i\": \" +12\", \"n\": \"1.50\", \"d\": \"2\", \"b\": \"0\", \"a\": "
	      "\"on\","
	      " \"r\": \"no\", \"s\": \"12\", \"x\": \"12\"}",
	      "",
	      "{\"i\":12,\"n\":1.5,\"d\":2,\"b\":false,\"a\":true,\"r\":false,\"s\":"
	      "\"12\","
	      "\"x\":\"12\"}");
	gives(TABLE({"b", "boolean"}, {"c", "boolean"}, {"a", "accepted"}),
	      "{\"b\": 1, \"c\": false, \"a\": 1}", "",
	      "{\"b\":true,\"c\":false,\"a\":true}");
	gives(TABLE({"a", "accepted_if:b,1"}), "{\"a\": \"yes\", \"b\": 1}", "",
	      "{\"a\":true}");
	gives(TABLE({"a", "accepted_if:b,1"}), "{\"a\": \"maybe\"}", "",
	      "{\"a\":\"maybe\"}");
}
END_TEST

START_TEST(integers_are_exact_to_64_bits)
{
	gives(TABLE({"a.*", "integer"}),
	      "{\"a\": [\"9223372036854775807\", \"-9223372036854775808\", "
	      "9223372036854775807, \"9007199254740993\", 9007199254740993, 1e3, 5.0, "
	      "1e17]}",
	      "",
	      "{\"a\":[9223372036854775807,-9223372036854775808,9223372036854775807,"
	      "9007199254740993,9007199254740993,1000,5,100000000000000000]}");
	gives(TABLE({"a.*", "numeric"}),
	      "{\"a\": [\"9223372036854775807\", \"-9223372036854775808\", \"1e3\", "
	      "\"9223372036854775808\", \"0.1\", \"1e-7\", \"-0.0\", 9007199254740993, "
	      "\"0.1000000000000000055511151231257827021181583404541015625\"]}",
	      "",
	      "{\"a\":[9223372036854775807,-9223372036854775808,1000,9.223372036854776e+"
	      "18,"
	      "0.1,1e-07,0,9007199254740993,0.1]}");
	const cruet_field_rule *table = TABLE({"i", "integer"}, {"n", "numeric"});
	cruet_valid *v =
		check_json("{\"i\": \"9223372036854775807\", \"n\": \"2.5\"}", table);
	ck_assert_int_eq(cruet_valid_int(v, "i", 0), INT64_MAX);
	ck_assert(cruet_valid_real(v, "n", 0) == 2.5);
}
END_TEST

START_TEST(getters_give_defaults_for_what_is_not_there)
{
	const cruet_field_rule *table =
		TABLE({"a.b", "integer"}, {"s", "string"}, {"n", "nullable|integer"},
		      {"bad", "integer"}, {"t", "boolean"}, {"l.*", "integer"});
	cruet_valid *v =
		check_json("{\"a\": {\"b\": 5}, \"s\": \"x\", \"n\": null, "
			   "\"bad\": \"x\", \"t\": \"1\", \"l\": [4, 5], \"no\": 1}",
			   table);
	ck_assert_int_eq(cruet_valid_int(v, "a.b", -1), 5);
	ck_assert_int_eq(cruet_valid_int(v, "a.c", -1), -1);
	ck_assert_int_eq(cruet_valid_int(v, "n", -1), -1);
	ck_assert_int_eq(cruet_valid_int(v, "bad", -1), -1);
	ck_assert_int_eq(cruet_valid_int(v, "l.1", -1), 5);
	ck_assert_int_eq(cruet_valid_int(v, "l.2", -1), -1);
	ck_assert_str_eq(cruet_valid_str(v, "s"), "x");
	ck_assert_ptr_null(cruet_valid_str(v, "a"));
	ck_assert_ptr_null(cruet_valid_get(v, "no"));
	ck_assert_int_eq(cruet_json_kind(cruet_valid_get(v, "n")), CRUET_JSON_NULL);
	ck_assert(cruet_valid_bool(v, "t", false));
	ck_assert(cruet_valid_bool(v, "s", true));
	ck_assert_str_eq(cruet_valid_old(v, "bad"), "x");
	ck_assert_str_eq(cruet_valid_old(v, "no"), "1");
	ck_assert_str_eq(cruet_valid_old(v, "a.b"), "5");
	ck_assert_str_eq(cruet_valid_old(v, "a"), "");
	ck_assert_str_eq(cruet_valid_error(v, "bad"),
			 "The bad field must be an integer.");
	ck_assert_ptr_null(cruet_valid_error(v, "s"));
	ck_assert(cruet_invalid(v));
	ck_assert(cruet_invalid(NULL));
	ck_assert_ptr_null(cruet_valid_error(NULL, "s"));
	ck_assert_ptr_null(cruet_valid_errors(NULL));
	ck_assert_str_eq(cruet_valid_old(NULL, "s"), "");
	ck_assert_int_eq(cruet_valid_int(NULL, "s", 3), 3);
}
END_TEST

START_TEST(only_what_has_a_rule_and_was_sent_comes_out)
{
	gives(TABLE({"a", "string"}, {"b", "string"}, {"c", ""}),
	      "{\"c\": {\"d\": [1]}, \"x\": 1, \"a\": \"\"}", "",
	      "{\"a\":\"\",\"c\":{\"d\":[1]}}");
	gives(TABLE({"a", "integer"}, {"b", "integer"}), "{\"a\": \"x\", \"b\": 1}",
	      "{\"a\":[\"The a field must be an integer.\"]}", "{\"b\":1}");
	gives(TABLE({"a", "required"}), "{}", "{\"a\":[\"The a field is required.\"]}",
	      "{}");
}
END_TEST

START_TEST(blank_text_is_no_number)
{
	gives(TABLE({"i", "integer"}, {"b", "boolean"}, {"n", "nullable|numeric"},
		    {"s", "nullable|string"}),
	      "{\"i\": \"\", \"b\": \" \", \"n\": \"\", \"s\": \"\"}", "",
	      "{\"n\":null,\"s\":\"\"}");
	gives(TABLE({"i", "present|integer"}), "{\"i\": \"\"}", "", "{}");
}
END_TEST

START_TEST(a_row_with_parts_gives_only_these)
{
	const cruet_field_rule *table = TABLE(
		{"u", "required|array"}, {"u.name", "string"}, {"u.tags.*", "string"});
	gives(table, "{\"u\": {\"name\": \"a\", \"admin\": true, \"tags\": [\"x\"]}}", "",
	      "{\"u\":{\"name\":\"a\",\"tags\":[\"x\"]}}");
	gives(table, "{\"u\": {\"admin\": true}}", "", "{\"u\":{}}");
	gives(table, "{\"u\": []}", "{\"u\":[\"The u field is required.\"]}",
	      "{\"u\":[]}");
	gives(TABLE({"u.*.a", "string"}), "{\"u\": []}", "", "{\"u\":[]}");
	gives(TABLE({"u", "array"}, {"u.*.a", "string"}), "{\"u\": []}", "",
	      "{\"u\":[]}");
	gives(TABLE({"u", ""}, {"u.a", "string"}), "{\"u\": \"text\"}", "",
	      "{\"u\":\"text\"}");
}
END_TEST

START_TEST(elements_keep_their_place)
{
	gives(TABLE({"a.*.p", "integer"}),
	      "{\"a\": [{\"p\": \"1\", \"x\": 0}, {}, {\"p\": \"3\"}, 4, [], {}]}", "",
	      "{\"a\":[{\"p\":1},{},{\"p\":3},null,[],{}]}");
	gives(TABLE({"a.*", "integer"}), "{\"a\": [1, \"x\", \"3\"]}",
	      "{\"a.1\":[\"The a.1 field must be an integer.\"]}", "{\"a\":[1,null,3]}");
	gives(TABLE({"a.2", "integer"}), "{\"a\": [1, 2, \"3\", 4]}", "",
	      "{\"a\":[null,null,3,null]}");
	gives(TABLE({"a.*.*", "integer"}), "{\"a\": [[\"1\", \"2\"], [], [\"3\"]]}", "",
	      "{\"a\":[[1,2],[],[3]]}");
	gives(TABLE({"a.*.p", "integer"}, {"a.*.q", "string"}),
	      "{\"a\": [{\"q\": \"x\"}, {\"p\": 2, \"q\": \"y\"}]}", "",
	      "{\"a\":[{\"q\":\"x\"},{\"p\":2,\"q\":\"y\"}]}");
	gives(TABLE({"a.*.p", "integer"}), "{\"a\": {\"k\": {\"p\": \"1\"}, \"l\": {}}}",
	      "", "{\"a\":{\"k\":{\"p\":1},\"l\":{}}}");
}
END_TEST

START_TEST(stars_and_names_may_meet)
{
	gives(TABLE({"a.*", "integer"}, {"a.1", "max:5"}), "{\"a\": [\"1\", \"2\"]}", "",
	      "{\"a\":[1,2]}");
	gives(TABLE({"a.*", ""}, {"a.0.b", "integer"}),
	      "{\"a\": [{\"b\": \"1\", \"c\": 2}, {\"b\": 3}]}", "",
	      "{\"a\":[{\"b\":1},{}]}");
	gives(TABLE({"a.*.b", "integer"}, {"a.k.c", "integer"}),
	      "{\"a\": {\"k\": {\"b\": 1, \"c\": \"2\", \"d\": 3}}}", "",
	      "{\"a\":{\"k\":{\"b\":1,\"c\":2}}}");
}
END_TEST

START_TEST(the_root_may_be_an_array)
{
	gives(TABLE({"*.id", "required|integer"}), "[{\"id\": \"1\"}, {\"id\": 2}, {}]",
	      "{\"2.id\":[\"The 2.id field is required.\"]}",
	      "[{\"id\":1},{\"id\":2},{}]");
	gives(TABLE({"*", "integer"}), "[\"1\", \"x\"]",
	      "{\"1\":[\"The 1 field must be an integer.\"]}", "[1,null]");
	gives(TABLE({"a", "required"}), "[]", "{\"a\":[\"The a field is required.\"]}",
	      "[]");
	gives(TABLE({"a", "required"}), "5", "{\"a\":[\"The a field is required.\"]}",
	      "{}");
	gives(TABLE({"a", "string"}), "null", "", "{}");
	gives(TABLE({"*", "integer"}), "\"x\"", "", "{}");
	cruet_valid *v = check_json("[{\"id\": \"1\"}]", TABLE({"*.id", "integer"}));
	ck_assert_int_eq(cruet_valid_int(v, "0.id", 0), 1);
}
END_TEST

START_TEST(what_is_excluded_is_neither_checked_nor_given)
{
	const cruet_field_rule *table =
		TABLE({"pickup", "boolean"},
		      {"address", "exclude_if:pickup,true|required|array"},
		      {"address.street", "required|string"});
	gives(table, "{\"pickup\": \"1\", \"address\": {\"street\": 5}}", "",
	      "{\"pickup\":true}");
	gives(table, "{\"pickup\": \"1\"}", "", "{\"pickup\":true}");
	gives(table, "{\"pickup\": \"0\"}",
	      "{\"address\":[\"The address field is required.\"],"
	      "\"address.street\":[\"The address.street field is required.\"]}",
	      "{\"pickup\":false}");
	gives(TABLE({"a", "exclude"}, {"b", "string"}), "{\"a\": 1, \"b\": \"x\"}", "",
	      "{\"b\":\"x\"}");
	/* Rules before it have their say. */
	gives(TABLE({"a", "integer|exclude"}), "{\"a\": \"x\"}",
	      "{\"a\":[\"The a field must be an integer.\"]}", "{}");
	gives(TABLE({"a", "exclude|integer"}), "{\"a\": \"x\"}", "", "{}");
}
END_TEST

START_TEST(conditions_that_exclude)
{
	static const struct {
		const char *rules, *input;
		bool excluded;
	} cases[] = {
		{"exclude_if:o,a,b", "{\"f\": 1, \"o\": \"b\"}", true},
		{"exclude_if:o,a,b", "{\"f\": 1, \"o\": \"c\"}", false},
		{"exclude_if:o,a,b", "{\"f\": 1}", false},
		{"exclude_if:o,null", "{\"f\": 1}", false},
		{"exclude_if:o,null", "{\"f\": 1, \"o\": null}", true},
		{"exclude_unless:o,a", "{\"f\": 1, \"o\": \"a\"}", false},
		{"exclude_unless:o,a", "{\"f\": 1, \"o\": \"b\"}", true},
		{"exclude_unless:o,a", "{\"f\": 1}", true},
		{"exclude_unless:o,null", "{\"f\": 1}", false},
		{"exclude_with:o", "{\"f\": 1, \"o\": null}", true},
		{"exclude_with:o", "{\"f\": 1}", false},
		{"exclude_without:o", "{\"f\": 1, \"o\": 1}", false},
		{"exclude_without:o", "{\"f\": 1, \"o\": \"\"}", true},
		{"exclude_without:o", "{\"f\": 1}", true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const cruet_valid *v =
			check_json(cases[i].input, TABLE({"f", cases[i].rules}));
		ck_assert(!cruet_invalid(v));
		ck_assert_msg(!cruet_valid_get(v, "f") == cases[i].excluded, "%s with %s",
			      cases[i].rules, cases[i].input);
		fresh_ctx();
	}
}
END_TEST

START_TEST(elements_are_excluded_one_by_one)
{
	const cruet_field_rule *table = TABLE({"a.*", "exclude_if:a.*.gone,true|array"},
					      {"a.*.id", "required|integer"});
	gives(table, "{\"a\": [{\"id\": 1}, {\"gone\": true}, {\"id\": \"3\"}]}", "",
	      "{\"a\":[{\"id\":1},null,{\"id\":3}]}");
	gives(table, "{\"a\": [{\"gone\": true, \"id\": \"x\"}, {}]}",
	      "{\"a.1.id\":[\"The a.1.id field is required.\"]}", NULL);
}
END_TEST

START_TEST(what_is_excluded_is_missing_for_others)
{
	gives(TABLE({"a", "exclude_if:c,1"}, {"b", "required_with:a"}),
	      "{\"a\": 1, \"c\": 1}", "", "{}");
	gives(TABLE({"a", "exclude_if:c,1"}, {"b", "required_with:a"}), "{\"a\": 1}",
	      "{\"b\":[\"The b field is required when a is present.\"]}", "{\"a\":1}");
}
END_TEST

CTX_SUITE("validate_values", texts_become_what_their_rule_says,
	  integers_are_exact_to_64_bits, getters_give_defaults_for_what_is_not_there,
	  only_what_has_a_rule_and_was_sent_comes_out, blank_text_is_no_number,
	  a_row_with_parts_gives_only_these, elements_keep_their_place,
	  stars_and_names_may_meet, the_root_may_be_an_array,
	  what_is_excluded_is_neither_checked_nor_given, conditions_that_exclude,
	  elements_are_excluded_one_by_one, what_is_excluded_is_missing_for_others)
