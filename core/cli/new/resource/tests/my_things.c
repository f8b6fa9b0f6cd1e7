#include <cruet_test.h>

CRUET_TEST(one_of_my_things_is_kept, t)
{
	cruet_client *ada = cruet_test_client(t);

	ck_assert_int_eq(cruet_client_json(ada, "POST", "/api/my_things/", "{\"text\":\"buy salt\"}"), 201);
	ck_assert_str_eq(cruet_client_header(ada, "Location"), "/api/my_things/1");
	ck_assert_int_eq(cruet_client_get(ada, "/api/my_things/1"), 200);
	ck_assert_str_eq(cruet_client_body(ada), "{\"id\":1,\"text\":\"buy salt\",\"done\":false}\n");
}

CRUET_TEST(it_changes_and_goes, t)
{
	cruet_client *ada = cruet_test_client(t);

	cruet_client_json(ada, "POST", "/api/my_things/", "{\"text\":\"buy salt\"}");
	ck_assert_int_eq(cruet_client_json(ada, "PUT", "/api/my_things/1",
					   "{\"text\":\"buy salt\",\"done\":true}"), 200);
	ck_assert_str_eq(cruet_client_body(ada), "{\"id\":1,\"text\":\"buy salt\",\"done\":true}\n");
	ck_assert_int_eq(cruet_client_json(ada, "DELETE", "/api/my_things/1", NULL), 204);
	ck_assert_int_eq(cruet_client_get(ada, "/api/my_things/1"), 404);
	ck_assert_int_eq(cruet_client_get(ada, "/api/my_things/"), 200);
	ck_assert_str_eq(cruet_client_body(ada), "{\"my_things\":[]}\n");
}

CRUET_TEST(without_words_it_is_none, t)
{
	cruet_client *ada = cruet_test_client(t);

	ck_assert_int_eq(cruet_client_json(ada, "POST", "/api/my_things/", "{\"text\":\"\"}"), 422);
}
