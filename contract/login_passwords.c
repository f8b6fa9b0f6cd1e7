/* Promises of "login/1" about passwords. */
#include "login.h"

#include <cruet/login.h>

enum { TRIES = 1000, PASSWORD_MAX = 1024, HASH_SIZE = 128 };

static const char *hash_of(struct trial *t, const char *password)
{
	const char *hash = cruet_password_hash(t->c, password);

	if (!hash)
		broken("\"%s\" was not hashed: %s", password, cruet_err_text(t->c));
	return hash;
}

#define expect_check(hash, password, want) \
	expect_int(cruet_password_check(t->c, NULL, hash, password), want)

static void the_right_password_fits_and_no_other(struct trial *t)
{
	const char *hash = hash_of(t, "secret words");

	expect_check(hash, "secret words", CRUET_OK);
	static const char *const wrong[] = {"",		     "secret word", "secret words ",
					    " secret words", "Secret words", "x", NULL};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		expect_check(hash, wrong[i], CRUET_EDENIED);
	expect_int(cruet_err(t->c), CRUET_OK); /* what it means is the caller's to say */
}

static void a_hash_is_salted_and_tells_nothing(struct trial *t)
{
	const char *one = hash_of(t, "secret"), *other = hash_of(t, "secret");

	expect(strcmp(one, other) != 0);
	expect(!strstr(one, "secret"));
	expect(strlen(one) < HASH_SIZE);
	for (const char *at = one; *at; at++)
		expect(*at > ' ' && *at < 0x7f);
	expect_check(other, "secret", CRUET_OK);
	expect(!cruet_password_stale(t->c, one));
}

/* All of a long one counts, its last byte too. */
static void passwords_are_compared_whole(struct trial *t)
{
	char text[PASSWORD_MAX + 2];

	memset(text, 'x', sizeof text - 1);
	text[PASSWORD_MAX] = '\0';
	const char *hash = hash_of(t, text);
	expect_check(hash, text, CRUET_OK);
	text[PASSWORD_MAX - 1] = 'y';
	expect_check(hash, text, CRUET_EDENIED);
	hash = hash_of(t, "gr\xc3\xbc\xc3\x9f dich");
	expect_check(hash, "gr\xc3\xbc\xc3\x9f dich", CRUET_OK);
	expect_check(hash, "gr\xc3\xbc\xc3\x9f dicH", CRUET_EDENIED);
}

static void refuses(struct trial *t, const char *password)
{
	expect(!cruet_password_hash(t->c, password));
	expect_int(cruet_err_status(t->c), 422);
	cruet_err_clear(t->c);
}

static void what_is_no_password_is_refused(struct trial *t)
{
	char text[PASSWORD_MAX + 2];

	memset(text, 'x', sizeof text - 1);
	text[PASSWORD_MAX + 1] = '\0';
	refuses(t, text);
	refuses(t, "");
	refuses(t, NULL);
	expect_check(hash_of(t, "secret"), text, CRUET_EDENIED);
}

static void who_is_not_there_is_denied(struct trial *t)
{
	expect_check(NULL, "secret", CRUET_EDENIED);
	expect_check(NULL, NULL, CRUET_EDENIED);
	expect_check("", "", CRUET_EDENIED);
	expect_check("secret", "secret", CRUET_EDENIED); /* kept as it is */
	expect_check("!", "secret", CRUET_EDENIED);
	expect_int(cruet_err(t->c), CRUET_OK);
}

static void tries_of_an_account_have_an_end(struct trial *t)
{
	cruet_client *eve = trial_client(t);
	int n = 0;

	while (n < TRIES && cruet_client_get(eve, "/try?account=ann&password=wrong") == 200) {
		expect_text(cruet_client_body(eve), "denied");
		n++;
	}
	expect(n > 0);
	expect_get(eve, "/try?account=ann&password=right", 429);
	expect(cruet_client_header(eve, "Retry-After") != NULL);
	expect_says(eve, "/try?password=right", "right"); /* without an account nothing counts */
	cruet_client_free(eve);
}

const struct promise contract_login_passwords[] = {PROMISE(the_right_password_fits_and_no_other),
					   PROMISE(a_hash_is_salted_and_tells_nothing),
					   PROMISE(passwords_are_compared_whole),
					   PROMISE(what_is_no_password_is_refused),
					   PROMISE(who_is_not_there_is_denied),
					   PROMISE(tries_of_an_account_have_an_end),
					   {NULL, NULL}};
