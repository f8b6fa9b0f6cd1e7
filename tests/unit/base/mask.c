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

START_TEST(values_in_targets)
{
	const char *const cases[][2] = {
		{"/a/b", "/a/b"},
		{"/a?", "/a?"},
		{"/a?page=2&api_token=t&x", "/a?page=2&api_token=********&x"},
		{"/a?password=", "/a?password=********"},
		{"/a?password", "/a?password"},
		{"/a?user[passwd]=p=q&&=&k=v", "/a?user[passwd]=********&&=&k=v"},
		{"/a?secret=?&secret=&", "/a?secret=********&secret=********&"},
		{"", ""},
	};
	char out[64];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		mask_target(out, sizeof out, cases[i][0]);
		ck_assert_str_eq(out, cases[i][1]);
		mask_target(out, 4, cases[i][0]); /* what does not fit is left out */
		ck_assert_int_eq(strncmp(out, cases[i][1], 3), 0);
		ck_assert_uint_le(strlen(out), 3);
	}
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
      values_in_targets, no_memory_shows_nothing)
