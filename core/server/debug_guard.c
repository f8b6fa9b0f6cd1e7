/* Who may see pages that show what happens inside. A page of any site can send a browser to
 * this machine under a name of its own, so the host that is asked for has to be one that
 * nobody else can own; and a proxy makes of anybody somebody who asks from this machine. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "app/ctx.h"
#include "app/dispatch.h"
#include "base/text.h"
#include "cruet/request.h"
#include "debug/page.h"
#include "server/debugger.h"

enum { TRIES = 20 }; /* wrong ones, until the process ends */

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

static bool came_by_proxy(const cruet_ctx *c)
{
	return c->target.proxied || cruet_header(c, "Forwarded") || cruet_header(c, "X-Forwarded-For") ||
	       cruet_header(c, "X-Real-IP") || cruet_header(c, "Via");
}

static bool is_configured(const cruet_ctx *c)
{
	return *c->host->settings.trusted_hosts && target_trusted(c);
}

/* An address in numbers belongs to nobody who could turn it elsewhere. */
static bool is_own_host(const cruet_ctx *c)
{
	const char *host = c->target.host ? c->target.host : "";
	size_t n = host_len(host);

	return is_loopback(host, n) || is_configured(c) ||
	       (c->host->pin && (*host == '[' || is_number(host, n)));
}

static bool from_here(const cruet_ctx *c)
{
	const char *peer = c->head->peer ? c->head->peer : "";
	return (!*peer || is_loopback(peer, strlen(peer))) && !came_by_proxy(c);
}

/* What is wrong is counted, so that nobody can try all. */
static bool knows_pin(cruet_ctx *c)
{
	const char *pin = c->host->pin, *said = cruet_cookie(c, "cruet-pin");

	if (!pin || !said || strlen(said) != strlen(pin) ||
	    atomic_load(&c->host->wrong_pins) >= TRIES)
		return false;
	if (text_same_secret(said, pin, strlen(pin)))
		return true;
	if (atomic_fetch_add(&c->host->wrong_pins, 1) == TRIES - 1)
		cruet_log(c->host->root, CRUET_WARN,
			  "%d wrong PINs: pages of --debug are shown to this machine alone until the "
			  "next start",
			  TRIES);
	return false;
}

bool debug_guard_lets(cruet_ctx *c)
{
	return c->head && is_own_host(c) && (from_here(c) || knows_pin(c));
}

static const char ask[] =
	"<!doctype html>\n<html lang=en>\n<meta name=viewport content=\"width=device-width\">\n"
	"<title>PIN</title>\n<p>This request failed. The page that says why is for who writes the "
	"application: the PIN stands where the server was started.</p>\n"
	"<form><input name=pin placeholder=123-456-789 autocomplete=off autofocus> "
	"<button>Show it</button></form>\n"
	"<script>\ndocument.forms[0].onsubmit = (e) => {\n"
	"\te.preventDefault();\n"
	"\tdocument.cookie = `cruet-pin=${e.target.pin.value.trim()}; path=/; SameSite=Strict`;\n"
	"\tlocation.reload();\n};\n</script>\n";

bool debug_guard_asks(cruet_ctx *c)
{
	if (!c->head || !c->host->pin || !is_own_host(c) ||
	    page_form(cruet_header(c, "Accept"), cruet_header(c, "User-Agent"),
		      cruet_header(c, "X-Requested-With")) != PAGE_HTML)
		return false;
	fields_set(&c->reply, "Content-Type", "text/html; charset=utf-8");
	fields_set(&c->reply, "Cache-Control", "no-store");
	ctx_reply(c, &(struct out){.kind = OUT_BYTES, .p = ask, .len = sizeof ask - 1});
	return true;
}
