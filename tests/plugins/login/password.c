/* Hashes of other implementations are read: those of scrypt and pbkdf2 were made by
 * Werkzeug 3.1, those of argon2id are of the reference implementation's tests. */
#include "password.h"

#include <sodium.h>
#include <string.h>
#include "suite.h"

#define MIB (UINT64_C(1) << 20)

static const struct password_cost cost = {MIB, 1, 64 * MIB};

#define HORSE "correct horse"
#define GREET "gr\xc3\xbc\xc3\x9f dich \xe2\x98\x83"
#define HEX64 "7f7b6d89ea1cb322ecb43f18bf6b940d958c88fe9cef1e4c4f816d7257b003ea"

static const struct {
	const char *password, *hash;
} known[] = {
	{HORSE,
	 "scrypt:32768:8:1$BmnvjQmni3nF0NLo$4fb886ac3a248100eb805d0ec38959447bfe680e69df5"
	 "165aa40c1ff62b11a001c2411c29584b0937ee3dfb083e6065850232b9eb0780bfc08c91c41cfb5"
	 "786f"},
	{HORSE,
	 "scrypt:1024:8:2$9JrH3CDYR4j3aiKs$c103b4e6f55602ba6ed694452404a1b0f0a973d9de18cf"
	 "40673bc7dbd43f33f493d9d53bf29d723a69dddc03f33fa504aed31d2d67cb3183b97cb1d1c620e"
	 "e28"},
	{GREET,
	 "scrypt:1024:8:1$ZKaaCrEW4F60xLax$da6daa9bff5d3272b7535ff6d911ba94725aae1f2d0ad5"
	 "3ca60f3566d03af709099c91e1753855e3f92faa0ed107d0278a5968d1affc4b00c43161ca1daf1"
	 "5b4"},
	{HORSE, "pbkdf2:sha256:1000$vxJlXCXuw5hcydsA$" HEX64},
	{GREET,
	 "pbkdf2:sha256:2$ZIPJl4AaqcEscfBd$24f04aaeb8174a4ca885d1b4ad9ea1fdc3dea88a0a2b5f"
	 "cc4c379b927a892f40"},
	{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	 "xxxxx"
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	 "xxxxx"
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	 "pbkdf2:sha256:1$pAIuclnxppN6a1fM$"
	 "47f53924f0da3fca549bfb8f4594faed58add1136ed6ec732e2c4e"
	 "b3b353c262"},
	{"password",
	 "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9"
	 "U1bMCHGi/4"},
	{"password",
	 "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/"
	 "5U52iv1cDc"},
};

static enum password_result verify(const char *hash, const char *password)
{
	return password_verify(&cost, hash, password);
}

START_TEST(hashes_of_others_are_read)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const char *hash = known[i].hash;
		ck_assert_msg(verify(hash, known[i].password) == PASSWORD_RIGHT, "%s",
			      hash);
		ck_assert_msg(password_stale(&cost, hash), "%s", hash);
	}
}
END_TEST

START_TEST(another_password_is_wrong)
{
	static const char *const wrong[] = {"correct hors", "correct horse ",
					    "Correct horse", "x"};

	for (size_t i = 1; i < sizeof known / sizeof *known;
	     i++) /* the first takes long */
		for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++)
			ck_assert_msg(verify(known[i].hash, wrong[w]) == PASSWORD_WRONG,
				      "%s", known[i].hash);
}
END_TEST

START_TEST(what_is_made_is_read)
{
	char a[PASSWORD_HASH_SIZE], b[PASSWORD_HASH_SIZE];

	ck_assert(password_hash(&cost, HORSE, a));
	ck_assert(password_hash(&cost, HORSE, b));
	ck_assert_int_eq(strncmp(a, "$argon2id$v=19$m=1024,t=1,p=1$", 30), 0);
	ck_assert_str_ne(a, b); /* each has a salt of its own */
	ck_assert_int_eq(verify(a, HORSE), PASSWORD_RIGHT);
	ck_assert_int_eq(verify(b, HORSE), PASSWORD_RIGHT);
	ck_assert_int_eq(verify(a, GREET), PASSWORD_WRONG);
}
END_TEST

START_TEST(another_cost_makes_it_stale)
{
	const struct password_cost more = {2 * MIB, 1, 64 * MIB},
				   longer = {MIB, 2, 64 * MIB};
	char hash[PASSWORD_HASH_SIZE];

	ck_assert(password_hash(&cost, HORSE, hash));
	ck_assert(!password_stale(&cost, hash));
	ck_assert(password_stale(&more, hash));
	ck_assert(password_stale(&longer, hash));
	ck_assert(password_stale(&cost, ""));
	ck_assert(password_stale(&cost, "no hash at all"));
	hash[strlen("$argon2id$v=19$m=1024,t=1,p=")] = '2'; /* in other threads */
	ck_assert(password_stale(&cost, hash));
	ck_assert(password_hash(&cost, HORSE, hash));
	hash[strlen(hash) - 3] = '\0';
	ck_assert(password_stale(&cost, hash));
}
END_TEST

START_TEST(what_is_no_hash_is_unreadable)
{
	static const char *const none[] = {
		"",
		"x",
		"$",
		"secret",
		"$2b$12$abc",
		"$argon2id$",
		"$argon2id$v=19$m=,t=1,p=1$a$b",
		"$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg",
		"$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg",
		"$argon2id$v=19$m=256,t=2,p=64$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg",
		"$argon2id$v=19$m=256,t=2,p=1",
		"$argon2id$v=19$m=256,t=2,p=1$",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$",
		"$argon2id$v=19$m=256,t=2,p=1$YQ$nf65EOgLrQMR/uIPnA4rEg", /* a short salt */
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEh", /* odd bits */
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg$",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg==",
		"scrypt:",
		"scrypt:1024:8:1",
		"scrypt:1024:8:1$",
		"scrypt:1024:8:1$a$",
		"scrypt:1024:8:1$a$" HEX64,
		"scrypt:1024:8:1$$" HEX64 HEX64,
		"scrypt:1000:8:1$a$" HEX64 HEX64,
		"scrypt:0:8:1$a$" HEX64 HEX64,
		"scrypt:1:8:1$a$" HEX64 HEX64,
		"scrypt:-2:8:1$a$" HEX64 HEX64,
		"scrypt:01024:8:1$a$" HEX64 HEX64,
		"scrypt: 1024:8:1$a$" HEX64 HEX64,
		"scrypt:1024:8:1$a$" HEX64 HEX64 "00",
		"scrypt:1024:8$a$" HEX64 HEX64,
		"scrypt:99999999999999999999:8:1$a$" HEX64 HEX64,
		"pbkdf2:sha256",
		"pbkdf2:sha256$a$" HEX64,
		"pbkdf2:sha256:0$a$" HEX64,
		"pbkdf2:sha256:1000$$" HEX64,
		"pbkdf2:sha256:1000$a$" HEX64 "0",
		"pbkdf2:sha256:1000$a$g" HEX64,
		"pbkdf2:sha256:1000$a$b$" HEX64,
		"pbkdf2:sha1:1000$a$" HEX64,
		"pbkdf2:sha512:1000$a$" HEX64 HEX64,
		"pbkdf2:sha256:99999999999999999999$a$" HEX64,
		"sha256$a$" HEX64,
		"plain$$x"};
	char large[PASSWORD_STORED_MAX + 2];

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		ck_assert_msg(verify(none[i], HORSE) == PASSWORD_UNREADABLE, "%s",
			      none[i]);
	memset(large, 'a', sizeof large);
	memcpy(large, "pbkdf2:sha256:1$", 16);
	large[sizeof large - 1] = '\0';
	ck_assert_int_eq(verify(large, HORSE), PASSWORD_UNREADABLE);
}
END_TEST

/* A column that is too short for it, at any length: nobody could ever log in, and whose
 * hash takes no time has a name that exists. Keys of 16 and of 24 bytes are keys. */
START_TEST(a_hash_that_was_cut_is_unreadable)
{
	char hash[PASSWORD_HASH_SIZE];

	ck_assert(password_hash(&cost, HORSE, hash));
	size_t start = strlen(hash) - 43; /* of a key of 32 bytes */
	for (size_t len = strlen(hash); len--;) {
		size_t key = len > start ? 3 * (len - start) / 4 : 0;
		hash[len] = '\0';
		ck_assert_msg(verify(hash, HORSE) == PASSWORD_UNREADABLE || key == 24 ||
				      key == 16,
			      "%s", hash);
	}
}
END_TEST

/* What OWASP recommends, with a memory_max of as much: 128 * 131072 * 8 bytes. */
START_TEST(a_table_of_all_the_memory_may_be)
{
	static const struct password_cost just = {MIB, 1, MIB}, less = {MIB, 1, MIB - 1};
	static const char hash[] = "scrypt:1024:8:2$9JrH3CDYR4j3aiKs$c103b4e6f55602ba6ed69445"
				   "2404a1b0f0a973d9de18cf40673bc7dbd43f33f493d9d53bf29d723a69"
				   "dddc03f33fa504aed31d2d67cb3183b97cb1d1c620ee28";

	ck_assert_int_eq(password_verify(&just, hash, HORSE), PASSWORD_RIGHT);
	ck_assert_int_eq(password_verify(&less, hash, HORSE), PASSWORD_COSTLY);
	ck_assert_int_eq(password_verify(&just, "scrypt:2:1:129$a$" HEX64 HEX64, HORSE),
			 PASSWORD_COSTLY); /* much beside a small table */
}
END_TEST

START_TEST(what_takes_too_much_is_not_begun)
{
	static const char *const costly[] = {
		"$argon2id$v=19$m=65537,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg",
		"$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg",
		"$argon2id$v=19$m=65536,t=5,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg",
		"$argon2id$v=19$m=256,t=4294967295,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		"uIPnA4rEg",
		"$argon2id$v=19$m=9999999999,t=9999999999,p=1$c29tZXNhbHQ$nf65EOgLrQMR/"
		"uIPnA4rEg",
		"scrypt:131072:8:1$a$" HEX64 HEX64,
		"scrypt:1048576:8:1$a$" HEX64 HEX64,
		"scrypt:4294967296:8:1$a$" HEX64 HEX64,
		"scrypt:2:9999999999:1$a$" HEX64 HEX64,
		"scrypt:2:65536:65536$a$" HEX64 HEX64,
		"scrypt:1024:8:9999999999$a$" HEX64 HEX64,
		"scrypt:32768:8:9$a$" HEX64 HEX64,
		"scrypt:2:1:65535$a$" HEX64 HEX64,
		"pbkdf2:sha256:2000001$a$" HEX64,
		"pbkdf2:sha256:9999999999$a$" HEX64};

	for (size_t i = 0; i < sizeof costly / sizeof *costly; i++)
		ck_assert_msg(verify(costly[i], HORSE) == PASSWORD_COSTLY, "%s",
			      costly[i]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		hashes_of_others_are_read,     another_password_is_wrong,
		what_is_made_is_read,	       another_cost_makes_it_stale,
		what_is_no_hash_is_unreadable, a_hash_that_was_cut_is_unreadable,
		a_table_of_all_the_memory_may_be, what_takes_too_much_is_not_begun};

	return sodium_init() < 0 ? EXIT_FAILURE
				 : suite_run("login_password", tests,
					     sizeof tests / sizeof *tests, 60);
}
