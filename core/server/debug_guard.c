/* Who may see pages that show what happens inside. A page of any site can send a browser to
 * this machine under a name of its own, so the host that is asked for has to be one that
 * nobody else can own; and a proxy makes of anybody somebody who asks from this machine. A
 * script of another site may be let in by the application, which trusts it with its replies
 * and not with this. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "app/ctx.h"
#include "app/dispatch.h"
#include "app/scope.h"
#include "base/arena.h"
#include "base/fields.h"
#include "base/text.h"
#include "cruet/log.h"
#include "http/cookie.h"
#include "server/debugger.h"

enum { TRIES = 20, /* wrong ones, until the server ends */
       COOKIES_MAX = 100 };

bool debugger_make_pin(char pin[DEBUG_PIN + 1])
{
	uint32_t n[3];

	if (getrandom(n, sizeof n, 0) != sizeof n)
		return false;
	snprintf(pin, DEBUG_PIN + 1, "%03u-%03u-%03u", n[0] % 1000, n[1] % 1000, n[2] % 1000);
	return true;
}

/* --- addresses -------------------------------------------------------------------------- */

/* Of "host:port", "[::1]:80" or either without a port: the length of the host. */
static size_t host_len(const char *s)
{
	const char *end = *s == '[' ? strchr(s, ']') : NULL;
	const char *colon = strrchr(end ? end : s, ':');

	return colon && (end || strchr(s, ':') == colon) ? (size_t)(colon - s) : strlen(s);
}

static bool is_number(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_digit(s[i]) && s[i] != '.')
			return false;
	return n > 0;
}

static bool same(const char *s, size_t n, const char *word)
{
	return strlen(word) == n && text_ieqn(s, word, n);
}

/* A name or a number that leads to this machine, whoever resolves it. */
static bool is_loopback(const char *s, size_t n)
{
	static const char domain[] = ".localhost";
	const size_t d = sizeof domain - 1;

	return same(s, n, "localhost") || same(s, n, "::1") || same(s, n, "[::1]") ||
	       (n > d && text_ieqn(s + n - d, domain, d)) ||
	       (text_starts(s, "127.") && is_number(s, n));
}

bool debug_guard_is_local(const char *address)
{
	const char *scheme = strstr(address, "://");
	const char *s = scheme ? scheme + 3 : address;

	bool port = *s == ':' || !s[strspn(s, "0123456789")]; /* alone: of the loopback */

	if (port || text_starts(address, "unix:"))
		return true;
	return is_loopback(s, host_len(s));
}

/* --- requests --------------------------------------------------------------------------- */

/* That proxies add. */
static bool is_proxys(const char *header)
{
	return text_ieq(header, "Forwarded") || text_ieqn(header, "X-Forwarded-", 12) ||
	       text_ieq(header, "X-Real-IP") || text_ieq(header, "Via");
}

bool debug_guard_is_proxied(const cruet_ctx *c)
{
	bool proxied = c->target.proxied;

	for (size_t i = 0; i < c->head->nfields; i++)
		proxied |= is_proxys(c->head->fields[i].name);
	return proxied;
}

/* An address in numbers belongs to nobody who could turn it elsewhere. */
static bool is_own_host(const struct host *h, const char *host)
{
	size_t n = host_len(host);

	return is_loopback(host, n) || target_host_named(&h->settings, host) ||
	       (h->pin && (*host == '[' || is_number(host, n)));
}

static bool from_here(const struct debug_client *who)
{
	const char *peer = who->peer ? who->peer : "";
	return (!*peer || is_loopback(peer, strlen(peer))) && !who->proxied;
}

/* "123-456-789" as a number, which is less than UINT32_MAX. False: it has another form. */
static bool read_pin(const char *s, uint32_t *out)
{
	uint32_t n = 0;

	for (size_t i = 0; i < DEBUG_PIN; i++) {
		bool dash = i % 4 == 3;
		if (dash ? s[i] != '-' : !is_digit(s[i]))
			return false;
		n = dash ? n : n * 10 + (uint32_t)(s[i] - '0');
	}
	*out = n;
	return !s[DEBUG_PIN];
}

/* What is wrong is counted, so that nobody can try all. */
static bool is_pin(const struct host *h, const char *said)
{
	uint32_t n;

	if (!read_pin(said, &n) || atomic_load(&h->pin->wrong) >= TRIES)
		return false;
	if (text_same_secret(said, h->pin->text, DEBUG_PIN))
		return true;
	if (atomic_exchange(&h->pin->last, n + 1) == n + 1)
		return false;
	if (atomic_fetch_add(&h->pin->wrong, 1) == TRIES - 1)
		cruet_log(h->root, CRUET_WARN,
			  "%d wrong PINs: pages of --debug are shown to this machine alone until the "
			  "next start",
			  TRIES);
	return false;
}

/* Of several cookies of that name the first one counts, as usual: a request is one try. */
static bool knows_pin(const struct host *h, const char *cookies)
{
	struct fields all;
	const char *said;
	struct arena a;

	arena_init(&a, 1024);
	fields_init(&all, &a);
	if (cookies)
		cookie_parse(&all, cookies, COOKIES_MAX);
	said = fields_get_exact(&all, "cruet-pin");
	bool knows = said && is_pin(h, said);
	arena_fini(&a);
	return knows;
}

/* What a script of another site asks for it may read, if the application lets it. What that
 * site only leads the browser to, it cannot. */
static bool is_foreign(const struct debug_client *who)
{
	return !origin_is_own(who->site, who->origin, who->host) &&
	       !(who->site && who->mode && text_eq(who->mode, "navigate"));
}

enum debug_guard debug_guard(struct host *h, const struct debug_client *who)
{
	if (!who->host || !is_own_host(h, who->host) || is_foreign(who))
		return DEBUG_HIDE;
	if (from_here(who) || (h->pin && knows_pin(h, who->cookies)))
		return DEBUG_SHOW;
	return h->pin ? DEBUG_ASK_PIN : DEBUG_HIDE;
}

/* The policy below names it by its SHA-256. */
#define SCRIPT                                                                                     \
	"\ndocument.forms[0].onsubmit = (e) => {\n"                                                \
	"\te.preventDefault();\n"                                                                  \
	"\tdocument.cookie = `cruet-pin=${e.target.pin.value.trim()}; path=/; SameSite=Strict`;\n" \
	"\tlocation.reload();\n};\n"

const cruet_field debug_guard_ask_fields[] = {
	{"Content-Security-Policy",
	 "default-src 'none'; script-src 'sha256-PngVmdkQxl+vLed6oZicxmy/HBUwR0CB5pFzUI/Ypp0='; "
	 "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
	{"Set-Cookie", "cruet-pin=; Path=/; Max-Age=0; SameSite=Strict"},
	{NULL, NULL}};

const char debug_guard_ask[] =
	"<!doctype html>\n<html lang=en>\n<meta name=viewport content=\"width=device-width\">\n"
	"<title>PIN</title>\n<p>This request failed. The page that says why is for who writes the "
	"application: the PIN stands where the server was started.</p>\n"
	"<form><input id=pin placeholder=123-456-789 autocomplete=off autofocus> "
	"<button>Show it</button></form>\n"
	"<script>" SCRIPT "</script>\n";
