#include <cruet_test.h>

CRUET_TEST(says_hello, t)
{
	cruet_client *ada = cruet_test_client(t);

	ck_assert_int_eq(cruet_client_get(ada, "/"), 200);
	ck_assert_str_eq(cruet_client_body(ada), "Hello from my_site!\n");
	ck_assert_int_eq(cruet_client_get(ada, "/nowhere"), 404);
}
