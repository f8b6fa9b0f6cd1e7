/* email, url, uuid, ulid, ip, mac_address, timezone, json. */
#include "fixture.h"

#define EMAIL "The f field must be a valid email address."
#define URL   "The f field must be a valid URL."

START_TEST(mail_addresses)
{
	FITS("email", "\"a@b.de\"", "\"first.last@example.com\"",
	     "\"a+tag@example.co.uk\"", "\"user@localhost\"", "\"x@y\"",
	     "\"o'neil@example.com\"", "\"!#$%&'*+-/=?^_`{|}~@example.com\"",
	     "\"\\u00fc@example.com\"", "\"a@b\\u00fccher.example\"",
	     "\"a@xn--bcher-kva.example\"", "\"\\\"a b\\\"@example.com\"",
	     "\"\\\"a@b\\\"@example.com\"", "\"\\\"a\\\\\\\"b\\\"@example.com\"",
	     "\"a@[192.0.2.1]\"", "\"a@[IPv6:2001:db8::1]\"", "\"a@1.2.3.4\"",
	     "\"a@a-b.example\"",
	     "\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg@example."
	     "com\"");
	GIVES("email", EMAIL, "\"a\"", "\"@\"", "\"a@\"", "\"@b.de\"", "\"a@b@c.de\"",
	      "\"a b@c.de\"", "\"a@b c.de\"", "\" a@b.de\"", "\"a@b.de \"",
	      "\"a@b.de\\n\"", "\".a@b.de\"", "\"a.@b.de\"", "\"a..b@c.de\"", "\"a@.de\"",
	      "\"a@b..de\"", "\"a@b.de.\"", "\"a@-b.de\"", "\"a@b-.de\"", "\"a@b_c.de\"",
	      "\"a,b@c.de\"", "\"a;b@c.de\"", "\"a<b>@c.de\"", "\"(x)a@c.de\"",
	      "\"a@c.de (x)\"", "\"\\\"a@example.com\"", "\"\\\"a\\\"b@example.com\"",
	      "\"a@[192.0.2.256]\"", "\"a@[192.0.2.1\"", "\"a@[]\"", "\"a@[IPv6:]\"",
	      "\"a@[IPv6:1]\"", "\"a@[::1]\"", "\"Ada <a@b.de>\"", "1", "true", "null",
	      "[]", "[\"a@b.de\"]",
	      "\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg@"
	      "example.com\"",
	      "\"a@aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg."
	      "de\"");
	FITS("email:strict", "\"a@b.de\"", "\"\\u00fc@example.com\"");
	GIVES("email:strict", EMAIL, "\"a@localhost\"", "\"\\\"a\\\"@b.de\"",
	      "\"a@[192.0.2.1]\"");
	FITS("email:rfc", "\"a@localhost\"");
	GIVES("email:rfc,strict", EMAIL, "\"a@localhost\"");
}
END_TEST

START_TEST(urls)
{
	FITS("url", "\"http://example.com\"", "\"https://example.com/\"",
	     "\"HTTPS://EXAMPLE.COM/a\"", "\"http://localhost:8000\"",
	     "\"http://a.b:65535/x?y#z\"", "\"http://user@example.com\"",
	     "\"http://user:pass@example.com:80/\"", "\"http://192.0.2.1/\"",
	     "\"http://[2001:db8::1]:8080/a\"",
	     "\"http://b\\u00fccher.example/\\u00fc?q=\\u00fc#\\u00fc\"",
	     "\"http://example.com/a%20b?c=%2F\"", "\"http://example.com?a=b\"",
	     "\"http://example.com#a\"", "\"http://example.com./\"",
	     "\"http://a_b.example/\"", "\"ftp://example.com/f\"",
	     "\"wss://example.com\"", "\"http://example.com/(a)!$&'*+,;=:@~\"",
	     "\"http://example.com/?a[]=1\"", "\"postgres://u:p@db.example/x\"");
	GIVES("url", URL, "\"example.com\"", "\"//example.com\"", "\"http:example.com\"",
	      "\"http:/example.com\"", "\"http://\"", "\"http:///a\"", "\"http://?a\"",
	      "\"http://:80\"", "\"http://example.com:\"", "\"http://example.com:a\"",
	      "\"http://example.com:65536\"", "\"http://example.com:123456\"",
	      "\"http://exa mple.com\"", "\"http://example.com/a b\"",
	      "\" http://example.com\"", "\"http://example.com \"",
	      "\"http://example.com\\n\"", "\"http://example.com/%\"",
	      "\"http://example.com/%2\"", "\"http://example.com/%zz\"",
	      "\"http://a..b\"", "\"http://.a\"", "\"http://-a\"",
	      "\"http://@example.com\"", "\"http://a@b@c.example\"", "\"http://[::1\"",
	      "\"http://[::1]a\"", "\"http://[1.2.3.4]\"", "\"http://[]\"",
	      "\"http://example.com/<a>\"", "\"http://example.com/\\\"\"",
	      "\"http://example.com/\\\\\"", "\"javascript://example.com/%0aalert(1)\"",
	      "\"javascript:alert(1)\"", "\"data:text/html,x\"", "\"data://x\"",
	      "\"vbscript://x\"", "\"mailto:a@b.de\"", "\"://example.com\"",
	      "\"1http://example.com\"", "\"httpx://example.com\"", "1", "null", "[]");
	FITS("url:https", "\"https://example.com\"");
	GIVES("url:https", URL, "\"http://example.com\"", "\"ftp://example.com\"");
	FITS("url:http,myapp", "\"myapp://open\"", "\"http://a\"");
}
END_TEST

START_TEST(uuids)
{
	FITS("uuid", "\"550e8400-e29b-41d4-a716-446655440000\"",
	     "\"550E8400-E29B-41D4-A716-446655440000\"",
	     "\"00000000-0000-0000-0000-000000000000\"",
	     "\"ffffffff-ffff-ffff-ffff-ffffffffffff\"");
	GIVES("uuid", "The f field must be a valid UUID.",
	      "\"550e8400e29b41d4a716446655440000\"",
	      "\"550e8400-e29b-41d4-a716-44665544000\"",
	      "\"550e8400-e29b-41d4-a716-4466554400000\"",
	      "\"g50e8400-e29b-41d4-a716-446655440000\"",
	      "\"{550e8400-e29b-41d4-a716-446655440000}\"",
	      "\"550e8400-e29b-41d4-a716-446655440000 \"",
	      "\"550e8400e-29b-41d4-a716-446655440000\"", "1", "null");
	FITS("uuid:4", "\"550e8400-e29b-41d4-a716-446655440000\"");
	GIVES("uuid:4", "The f field must be a valid UUID.",
	      "\"550e8400-e29b-11d4-a716-446655440000\"",
	      "\"550e8400-e29b-41d4-c716-446655440000\"",
	      "\"00000000-0000-0000-0000-000000000000\"");
	FITS("uuid:7", "\"01890a5d-ac96-774b-bcce-b302099a8057\"");
}
END_TEST

START_TEST(ulids)
{
	FITS("ulid", "\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"", "\"01arz3ndektsv4rrffq69g5fav\"",
	     "\"7ZZZZZZZZZZZZZZZZZZZZZZZZZ\"");
	GIVES("ulid", "The f field must be a valid ULID.",
	      "\"8ZZZZZZZZZZZZZZZZZZZZZZZZZ\"", "\"01ARZ3NDEKTSV4RRFFQ69G5FA\"",
	      "\"01ARZ3NDEKTSV4RRFFQ69G5FAVX\"", "\"01ARZ3NDEKTSV4RRFFQ69G5FAI\"",
	      "\"01ARZ3NDEKTSV4RRFFQ69G5FAL\"", "\"01ARZ3NDEKTSV4RRFFQ69G5FAO\"",
	      "\"01ARZ3NDEKTSV4RRFFQ69G5FAU\"", "\"01ARZ3NDEK-SV4RRFFQ69G5FAV\"", "1",
	      "null");
}
END_TEST

START_TEST(ip_addresses)
{
	FITS("ip", "\"192.0.2.1\"", "\"::1\"", "\"2001:db8::1\"");
	GIVES("ip", "The f field must be a valid IP address.", "\"192.0.2\"",
	      "\"192.0.2.256\"", "\"a\"", "\"192.0.2.1/24\"", "1", "null");
	FITS("ipv4", "\"0.0.0.0\"", "\"255.255.255.255\"", "\"127.0.0.1\"");
	GIVES("ipv4", "The f field must be a valid IPv4 address.", "\"::1\"", "\"1.2.3\"",
	      "\"1.2.3.4.5\"", "\"01.2.3.4\"", "\"1.2.3.4 \"", "\" 1.2.3.4\"",
	      "\"1.2.3.-4\"", "\"0x1.2.3.4\"", "\"1.2.3.4\\n\"", "1");
	FITS("ipv6", "\"::\"", "\"::1\"", "\"2001:DB8:0:0:0:0:0:1\"",
	     "\"::ffff:192.0.2.1\"");
	GIVES("ipv6", "The f field must be a valid IPv6 address.", "\"1.2.3.4\"",
	      "\":::\"", "\"1::2::3\"", "\"12345::\"", "\"fe80::1%eth0\"", "\"[::1]\"",
	      "\"::g\"", "\"1:2:3\"", "null");
}
END_TEST

START_TEST(mac_addresses)
{
	FITS("mac_address", "\"00:1a:2B:3c:4D:5e\"", "\"00-1A-2B-3C-4D-5E\"",
	     "\"001a.2b3c.4d5e\"");
	GIVES("mac_address", "The f field must be a valid MAC address.",
	      "\"00:1a:2b:3c:4d\"", "\"00:1a:2b:3c:4d:5e:6f\"", "\"00:1a-2b:3c:4d:5e\"",
	      "\"001a2b3c4d5e\"", "\"00:1g:2b:3c:4d:5e\"", "\"001a:2b3c:4d5e\"",
	      "\"0:1a:2b:3c:4d:5e5\"", "\":\"", "\"00 1a 2b 3c 4d 5e\"", "1", "null");
}
END_TEST

START_TEST(time_zones_are_those_of_the_list)
{
	FITS("timezone", "\"UTC\"", "\"Europe/Berlin\"",
	     "\"America/Argentina/Buenos_Aires\"", "\"Asia/Calcutta\"",
	     "\"Asia/Kolkata\"", "\"Africa/Abidjan\"", "\"Zulu\"");
	GIVES("timezone", "The f field must be a valid timezone.", "\"Europe/berlin\"",
	      "\"Europe/\"", "\"Europe\"", "\"CEST\"", "\"+02:00\"", "\"Factory\"",
	      "\"Mars/Base\"", "\"../etc/passwd\"", "1", "null");
}
END_TEST

START_TEST(json_in_a_text)
{
	FITS("json", "\"{}\"", "\"[1, 2]\"", "\"1\"", "\"\\\"a\\\"\"", "\"null\"",
	     "\" true \"", "12", "\"{\\\"a\\\": [1]}\"");
	GIVES("json", "The f field must be a valid JSON string.", "\"{\"", "\"a\"",
	      "\"{'a': 1}\"", "\"[1,]\"", "\"01\"", "\"{} {}\"",
	      "\"{\\\"a\\\": 1, \\\"a\\\": 2}\"", "\"NaN\"", "{}", "[]", "true", "null");
}
END_TEST

CTX_SUITE("validate_formats", mail_addresses, urls, uuids, ulids, ip_addresses,
	  mac_addresses, time_zones_are_those_of_the_list, json_in_a_text)
