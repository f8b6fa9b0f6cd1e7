/* What is shown of secrets. */
#include "base/mask.h"

#include "base/arena.h"
#include "fail_alloc.h"
#include "suite.h"

START_TEST(names_of_secrets)
{
	const char *const secret[] = {"secret_key", "settings.smtp.password", "API_TOKEN",
				      "passwd",     "db_pass",                "dbpass",
				      "key",        "signing-keys",           "signingKey",
				      "apikey",     "oauth",                  "Credentials",
				      "passphrase", "x.y.aws_secret",         NULL};
	for (size_t i = 0; secret[i]; i++)
		ck_assert_msg(mask_name(secret[i]), "%s is shown", secret[i]);
}
END_TEST

START_TEST(names_that_only_look_like_it)
{
	const char *const plain[] = {"monkey", "keyboard", "passage",     "author", "",
				     ".",      "listen",   "secret.page", NULL};
	for (size_t i = 0; plain[i]; i++)
		ck_assert_msg(!mask_name(plain[i]), "%s is masked", plain[i]);
}
END_TEST

START_TEST(passwords_in_urls)
{
	const char *const cases[][2] = {
		{"postgres://ann:pw@db/site", "postgres://ann:********@db/site"},
		{"redis://:pw@h", "redis://:********@h"},
		{"a://u:p@x,b://u:q@y", "a://u:********@x,b://u:********@y"},
		{"http://h:80/a@b", "http://h:80/a@b"},
		{"http://ann@h/", "http://ann@h/"},
		{"http://h?u:p@x", "http://h?u:p@x"},
		{"mail ann:pw@h", "mail ann:pw@h"},
		{"://", "://"},
		{"://:@", "://:********@"},
		{"", ""},
	};
	struct arena a;

	arena_init(&a, 1024);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(mask_urls(cases[i][0], &a), cases[i][1]);
	arena_fini(&a);
}
END_TEST

START_TEST(no_memory_shows_nothing)
{
	struct arena a;

	arena_init(&a, 64);
	fail_alloc_at(1);
	ck_assert_ptr_null(mask_urls("a://u:pw@x", &a));
	fail_alloc_at(0);
	arena_fini(&a);
}
END_TEST

SUITE("mask", names_of_secrets, names_that_only_look_like_it, passwords_in_urls,
      no_memory_shows_nothing)
