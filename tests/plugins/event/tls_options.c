/* What the config may say, and the sentence for each thing that it may not. */
#include "../../suite.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "tls_options.h"

static struct tls_options o;
static cJSON *tree;

static int read_from(const char *json, char **why)
{
	tree = cJSON_Parse(json);
	ck_assert_msg(tree != NULL, "no JSON: %s", json);
	return tls_options_read(tree, &o, why);
}

static void done(void)
{
	tls_options_fini(&o);
	cJSON_Delete(tree);
}

static void good(const char *json)
{
	char *why;
	int err = read_from(json, &why);

	ck_assert_msg(!err, "%s: %s", json, why);
	ck_assert_ptr_null(why);
}

static void bad(const char *json, const char *sentence)
{
	char *why;
	int err = read_from(json, &why);

	ck_assert_int_eq(err, CRUET_EINVAL);
	ck_assert_str_eq(why, sentence);
	ck_assert(!o.listen && !o.redirect && !o.pairs);
	free(why);
	done();
}

START_TEST(reads_the_least)
{
	good("{\"listen\": \":8443\", \"certificate\": \"cert.pem\"}");
	ck_assert_str_eq(o.listen[0], ":8443");
	ck_assert_ptr_null(o.listen[1]);
	ck_assert_ptr_null(o.redirect[0]);
	ck_assert_uint_eq(o.npairs, 1);
	ck_assert_str_eq(o.pairs[0].certificate, "cert.pem");
	ck_assert_ptr_null(o.pairs[0].key);
	ck_assert_ptr_null(o.client_ca);
	ck_assert_int_eq(o.client, TLS_CLIENT_NONE);
	ck_assert(o.tickets && !o.strict_sni && !o.only_13);
	done();
}
END_TEST

START_TEST(reads_everything)
{
	good("{\"listen\": [\"0.0.0.0:8443\", \"[::]:8443\"], \"certificate\": \"a.pem\","
	     " \"names\": [{\"certificate\": \"b.pem\", \"key\": \"b.key\"},"
	     "             {\"certificate\": \"c.pem\"}], \"key\": \"a.key\","
	     " \"strict_sni\": true, \"client_ca\": \"ca.pem\", \"client\": \"ask\","
	     " \"min_version\": \"1.3\", \"tickets\": false, \"redirect\": "
	     "\"0.0.0.0:80\"}");
	ck_assert_str_eq(o.listen[1], "[::]:8443");
	ck_assert_ptr_null(o.listen[2]);
	ck_assert_str_eq(o.redirect[0], "0.0.0.0:80");
	ck_assert_ptr_null(o.redirect[1]);
	ck_assert_uint_eq(o.npairs, 3);
	ck_assert_str_eq(o.pairs[0].key, "a.key");
	ck_assert_str_eq(o.pairs[1].certificate, "b.pem");
	ck_assert_str_eq(o.pairs[1].key, "b.key");
	ck_assert_str_eq(o.pairs[2].certificate, "c.pem");
	ck_assert_ptr_null(o.pairs[2].key);
	ck_assert_str_eq(o.client_ca, "ca.pem");
	ck_assert_int_eq(o.client, TLS_CLIENT_ASK);
	ck_assert(!o.tickets && o.strict_sni && o.only_13);
	done();
}
END_TEST

START_TEST(client_ca_alone_requires)
{
	good("{\"listen\": \":8443\", \"certificate\": \"adhoc\", \"client_ca\": "
	     "\"ca.pem\"}");
	ck_assert_int_eq(o.client, TLS_CLIENT_REQUIRE);
	done();
}
END_TEST

/* Inside {"listen": ":1", "certificate": "c", HERE}. */
static const char *const sentences[][2] = {
	{"\"keys\": 1", "tls.keys: there is no such key; did you mean key?"},
	{"\"certifcate\": 1",
	 "tls.certifcate: there is no such key; did you mean certificate?"},
	{"\"Listen\": 1", "tls.Listen: there is no such key; did you mean listen?"},
	{"\"zebra\": 1", "tls.zebra: there is no such key"},
	{"\"\": 1", "tls.: there is no such key"},
	{"\"listen\": \":2\"", "tls.listen is given twice"},
	{"\"names\": [], \"names\": []", "tls.names is given twice"},
	{"\"key\": 5", "tls.key = 5: expected the path of a PEM file"},
	{"\"key\": \"\"", "tls.key = \"\": expected the path of a PEM file"},
	{"\"key\": null", "tls.key = null: expected the path of a PEM file"},
	{"\"client_ca\": {}",
	 "tls.client_ca = an object: expected the path of a PEM file"},
	{"\"redirect\": []", "tls.redirect = an empty list: expected an address such as "
			     "\"0.0.0.0:8443\", or a list of them"},
	{"\"redirect\": [\":80\", 1]",
	 "tls.redirect = a list: expected an address such as "
	 "\"0.0.0.0:8443\", or a list of them"},
	{"\"redirect\": 80", "tls.redirect = 80: expected an address such as "
			     "\"0.0.0.0:8443\", or a list of them"},
	{"\"strict_sni\": \"yes\"", "tls.strict_sni = \"yes\": expected true or false"},
	{"\"tickets\": 0.5", "tls.tickets = 0.5: expected true or false"},
	{"\"client\": \"maybe\"",
	 "tls.client = \"maybe\": expected \"ask\" or \"require\""},
	{"\"client\": true", "tls.client = true: expected \"ask\" or \"require\""},
	{"\"client\": \"ask\"", "tls.client_ca is missing: expected the path of a PEM "
				"file with the authorities that "
				"sign client certificates, as client is given"},
	{"\"min_version\": \"1.1\"",
	 "tls.min_version = \"1.1\": expected \"1.2\" or \"1.3\""},
	{"\"min_version\": 1.2", "tls.min_version = 1.2: expected \"1.2\" or \"1.3\""},
	{"\"names\": {}", "tls.names = an object: expected a list of objects such as "
			  "{\"certificate\": \"cert.pem\", \"key\": \"key.pem\"}"},
	{"\"names\": [\"x.pem\"]",
	 "tls.names[0] = \"x.pem\": expected an object such as "
	 "{\"certificate\": \"cert.pem\", \"key\": \"key.pem\"}"},
	{"\"names\": [{\"certificate\": \"a\"}, {\"certificate\": \"b\", \"kay\": "
	 "\"c\"}]",
	 "tls.names[1].kay: there is no such key; did you mean key?"},
	{"\"names\": [{\"certificate\": \"a\", \"listen\": \"c\"}]",
	 "tls.names[0].listen: there is no such key"},
	{"\"names\": [{\"key\": \"a\"}]", "tls.names[0].certificate is missing: expected "
					  "the path of a PEM file, or \"adhoc\" "
					  "for a certificate made for this run"},
	{"\"names\": [{\"certificate\": false}]",
	 "tls.names[0].certificate = false: expected the path of a PEM file, or "
	 "\"adhoc\" for "
	 "a certificate made for this run"},
	{"\"names\": [{\"certificate\": \"adhoc\", \"key\": \"k\"}]",
	 "tls.names[0].key = \"k\": an adhoc certificate brings its own key: leave it "
	 "out"},
};

START_TEST(says_what_is_wrong)
{
	char json[256];

	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
		snprintf(json, sizeof json,
			 "{\"listen\": \":1\", \"certificate\": \"c\", %s}",
			 sentences[i][0]);
		bad(json, sentences[i][1]);
	}
}
END_TEST

START_TEST(without_addresses_it_has_those_of_the_server)
{
	good("{\"certificate\": \"cert.pem\"}");
	ck_assert_ptr_null(o.listen[0]);
	done();
}
END_TEST

START_TEST(says_what_is_missing)
{
	bad("{\"listen\": \":1\"}", "tls.certificate is missing: expected the path of a "
				    "PEM file, or \"adhoc\" for a "
				    "certificate made for this run");
	bad("{\"listen\": \":1\", \"certificate\": \"adhoc\", \"key\": \"k\"}",
	    "tls.key = \"k\": an adhoc certificate brings its own key: leave it out");
	bad("\"cert.pem\"", "tls = \"cert.pem\": expected an object such as {\"listen\": "
			    "\"0.0.0.0:8443\", \"certificate\": \"cert.pem\", \"key\": "
			    "\"key.pem\"}");
	bad("[1]",
	    "tls = a list: expected an object such as {\"listen\": \"0.0.0.0:8443\", "
	    "\"certificate\": \"cert.pem\", \"key\": \"key.pem\"}");
}
END_TEST

/* A list of n times what stands in of. */
static char *many(const char *key, const char *of, size_t n)
{
	size_t room = 64 + n * (strlen(of) + 1);
	char *s = malloc(room), *end = s;

	ck_assert_ptr_nonnull(s);
	end += sprintf(end, "{\"listen\": \":1\", \"certificate\": \"c\", \"%s\": [",
		       key);
	for (size_t i = 0; i < n; i++)
		end += sprintf(end, "%s%s", i ? "," : "", of);
	sprintf(end, "]}");
	return s;
}

START_TEST(more_than_enough_is_refused)
{
	static const struct {
		const char *key, *of;
		size_t most;
		const char *sentence;
	} all[] = {{"redirect", "\":2\"", 64,
		    "tls.redirect: 65 addresses: expected at most 64"},
		   {"names", "{\"certificate\":\"d\"}", 1000,
		    "tls.names: 1001 certificates: expected at most 1000"}};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		char *fits = many(all[i].key, all[i].of, all[i].most);
		char *over = many(all[i].key, all[i].of, all[i].most + 1);
		good(fits);
		done();
		bad(over, all[i].sentence);
		free(fits);
		free(over);
	}
}
END_TEST

START_TEST(long_values_are_cut_in_messages)
{
	char json[512], sentence[512], key[301];

	memset(key, 'x', 300);
	key[300] = '\0';
	snprintf(json, sizeof json, "{\"%s\": 1}", key);
	snprintf(sentence, sizeof sentence, "tls.%.60s: there is no such key", key);
	bad(json, sentence);
	snprintf(json, sizeof json, "{\"client\": \"%s\"}", key);
	snprintf(sentence, sizeof sentence,
		 "tls.client = \"%.60s...\": expected \"ask\" or \"require\"", key);
	bad(json, sentence);
}
END_TEST

SUITE("tls_options", reads_the_least, reads_everything, client_ca_alone_requires,
      says_what_is_wrong, without_addresses_it_has_those_of_the_server,
      says_what_is_missing, more_than_enough_is_refused,
      long_values_are_cut_in_messages)
