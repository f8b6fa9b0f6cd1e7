/* Texts with a form of their own. */
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "run.h"

static int test_email(struct attempt *a)
{
	const char *s = text_of(a->value);
	bool strict = false;

	for (size_t i = 0; i < a->rule->nparams; i++)
		strict |= !strcmp(a->rule->texts[i], "strict");
	return fits(s && is_email(s, strict));
}

static int test_url(struct attempt *a)
{
	const char *s = text_of(a->value);

	return fits(s && is_url(s, a->rule->texts, a->rule->nparams));
}

static bool check_schemes(const struct rule *r, char why[WHY_MAX])
{
	for (size_t i = 0; i < r->nparams; i++) {
		const char *s = r->texts[i];
		if (*s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789+-.")])
			continue;
		snprintf(why, WHY_MAX, "url: \"%.60s\": expected a scheme such as https",
			 s);
		return false;
	}
	return true;
}

static int test_uuid(struct attempt *a)
{
	const char *s = text_of(a->value);

	return fits(s && is_uuid(s, a->rule->nparams ? a->rule->texts[0][0] : 0));
}

static int test_ulid(struct attempt *a)
{
	const char *s = text_of(a->value);

	return fits(s && is_ulid(s));
}

static int test_ip(struct attempt *a)
{
	const char *s = text_of(a->value);

	return fits(s && (is_ipv4(s) || is_ipv6(s)));
}

static int test_ipv4(struct attempt *a)
{
	const char *s = text_of(a->value);

	return fits(s && is_ipv4(s));
}

static int test_ipv6(struct attempt *a)
{
	const char *s = text_of(a->value);

	return fits(s && is_ipv6(s));
}

static int test_mac_address(struct attempt *a)
{
	const char *s = text_of(a->value);

	return fits(s && is_mac(s));
}

static int test_timezone(struct attempt *a)
{
	const char *s = text_of(a->value);

	return fits(s && is_time_zone(s));
}

/* The reader of the core decides; what it says of the text is not the request's failure.
 */
static int test_json(struct attempt *a)
{
	cruet_ctx *c = a->run->c;
	const char *s = text_or_number(c, a->value);
	bool clean = !cruet_err(c);

	if (!s)
		return MISFIT;
	bool ok = cruet_json_parse(c, s, strlen(s)) != NULL;
	if (!ok && cruet_err(c) == CRUET_ENOMEM)
		return CRUET_ENOMEM;
	if (!ok && clean)
		cruet_err_clear(c);
	return fits(ok);
}

const struct rule_def format_rules[] = {
	{"email", 0, 2, TAKES_CHOICES, .test = test_email, .choices = "rfc|strict",
	 .message = "The :attribute field must be a valid email address."},
	{"url", 0, ANY, TAKES_TEXT, .test = test_url, .check = check_schemes,
	 .message = "The :attribute field must be a valid URL."},
	{"uuid", 0, 1, TAKES_CHOICES, .test = test_uuid, .choices = "1|2|3|4|5|6|7|8",
	 .message = "The :attribute field must be a valid UUID."},
	{"ulid", .test = test_ulid,
	 .message = "The :attribute field must be a valid ULID."},
	{"ip", .test = test_ip,
	 .message = "The :attribute field must be a valid IP address."},
	{"ipv4", .test = test_ipv4,
	 .message = "The :attribute field must be a valid IPv4 address."},
	{"ipv6", .test = test_ipv6,
	 .message = "The :attribute field must be a valid IPv6 address."},
	{"mac_address", .test = test_mac_address,
	 .message = "The :attribute field must be a valid MAC address."},
	{"timezone", .test = test_timezone,
	 .message = "The :attribute field must be a valid timezone."},
	{"json", .test = test_json,
	 .message = "The :attribute field must be a valid JSON string."},
	{NULL}};
