/* Where a request was sent: the address as the client sees it, which behind a proxy
 * is what the proxy says (X-Forwarded-...). A header of that kind is believed only
 * as far as proxies of our own stand in front: the N-th value from the right. */
#include <arpa/inet.h>
#include <string.h>

#include "app/dispatch.h"
#include "app/ws.h"
#include "base/text.h"
#include "cruet/log.h"
#include "cruet/memory.h"
#include "cruet/request.h"

/* The n-th value from the right over all lines of a header; NULL if there are fewer,
 * it is empty, or memory ran out, which fails c. */
static char *forwarded(cruet_ctx *c, const char *name, int64_t n)
{
	const char *all = n ? cruet_header(c, name) : NULL;
	size_t end = all ? strlen(all) : 0;

	for (; all && n > 0; n--) {
		size_t start = end;
		while (start && all[start - 1] != ',')
			start--;
		if (n > 1) {
			if (!start)
				return NULL;
			end = start - 1;
			continue;
		}
		while (start < end && (all[start] == ' ' || all[start] == '\t'))
			start++;
		while (end > start && (all[end - 1] == ' ' || all[end - 1] == '\t'))
			end--;
		return end > start ? cruet_printf(c, "%.*s", (int)(end - start), all + start) : NULL;
	}
	return NULL;
}

static CRUET_COLD int bad(const char **why, const char *text)
{
	*why = text;
	return 400;
}

static CRUET_COLD int no_memory(const char **why)
{
	*why = "Out of memory.";
	return 503;
}

/* "example.com:80" with another port. */
static const char *with_port(struct arena *a, const char *host, const char *port)
{
	const char *colon = strrchr(host, ':');
	size_t n = colon && !strchr(colon, ']') ? (size_t)(colon - host) : strlen(host);
	return arena_printf(a, "%.*s:%s", (int)n, host, port);
}

static bool is_port(const char *s)
{
	size_t n = strspn(s, "0123456789");
	return n && n <= 5 && !s[n];
}

/* Takes off what some proxies write around an address: the port, and the brackets of an
 * IPv6 one. Both change with each connection or not at all, and who counts clients, or
 * compares them, means the address. False: there is none in it. */
static bool bare_address(char *s, const char **out)
{
	unsigned char unused[sizeof(struct in6_addr)];
	char *colon = strchr(s, ':'), *close = *s == '[' ? strchr(s, ']') : NULL;

	*out = s;
	if (close) {
		if (close[1] && !(close[1] == ':' && is_port(close + 2)))
			return false;
		*close = '\0';
		*out = s + 1;
		return inet_pton(AF_INET6, *out, unused) == 1;
	}
	if (colon && is_port(colon + 1) && !strchr(colon + 1, ':'))
		*colon = '\0';
	return inet_pton(AF_INET, *out, unused) == 1 || inet_pton(AF_INET6, *out, unused) == 1;
}

/* A client whose address a proxy does not tell, or hides, is the proxy. */
static void trust_peer(cruet_ctx *c, char *said)
{
	const char *address;

	c->target.proxied = true;
	if (bare_address(said, &address))
		c->target.peer = address;
	else if (!atomic_exchange(&c->host->peer_told, true))
		cruet_note(c, CRUET_WARN,
			   "X-Forwarded-For names the client \"%.80s\": expected an IP address: "
			   "such clients count as the proxy, %s (this is told once)",
			   said, c->target.peer);
}

static int trust_proxies(cruet_ctx *c, const char **why)
{
	const struct server_settings *s = &c->host->settings;
	struct destination *t = &c->target;
	char *v = forwarded(c, "X-Forwarded-For", s->proxy_for);

	if (v)
		trust_peer(c, v);
	const char *proto = forwarded(c, "X-Forwarded-Proto", s->proxy_proto);
	if (proto && !text_ieq(proto, "http") && !text_ieq(proto, "https"))
		return bad(why, "X-Forwarded-Proto is neither http nor https.");
	if (proto)
		t->scheme = text_ieq(proto, "https") ? "https" : "http";
	const char *host = forwarded(c, "X-Forwarded-Host", s->proxy_host);
	const char *port = forwarded(c, "X-Forwarded-Port", s->proxy_port);
	t->proxied |= proto || host || port;
	if (!host && (proto || port))
		host = c->door.authority; /* its usual port depends on the scheme */
	if (host && port) {
		host = with_port(&c->arena, host, port);
		if (!host)
			return no_memory(why);
	}
	int status = host && *host ? front_door_host(&c->arena, host, t->scheme, &t->host) : 0;
	if (status)
		return status == 400 ? bad(why, "The host that the proxy names is malformed.")
				     : no_memory(why);
	if (host)
		t->written = host;
	v = forwarded(c, "X-Forwarded-Prefix", s->proxy_prefix);
	t->proxied |= v != NULL;
	if (v && (*v != '/' || v[1] == '/'))
		return bad(why, "X-Forwarded-Prefix is no path.");
	if (v) {
		size_t n = strlen(v);
		while (n && v[n - 1] == '/')
			n--;
		t->root = arena_strndup(&c->arena, v, n);
	}
	return t->root && !c->failure.err ? 0 : no_memory(why);
}

/* The part of the host in front of the site's name; "" for the site itself, and for
 * a host that is none of it. */
static const char *subdomain(struct arena *a, const char *host, const char *name)
{
	size_t h = strlen(host), n = strlen(name);

	if (h > n + 1 && host[h - n - 1] == '.' && text_ieqn(host + h - n, name, n))
		return arena_strndup(a, host, h - n - 1);
	return "";
}

const char *target_domain(const struct server_settings *s, const char *host, struct arena *a)
{
	if (s->host_matching)
		return host;
	return s->subdomains && s->name ? subdomain(a, host, s->name) : "";
}

int target_read(cruet_ctx *c, const char **why)
{
	const struct server_settings *s = &c->host->settings;
	struct destination *t = &c->target;

	*t = (struct destination){.scheme = c->head->scheme,
			     .peer = c->head->peer,
			     .host = c->door.host,
			     .written = c->door.authority,
			     .root = "",
			     .domain = ""};
	if (s->proxy_for | s->proxy_proto | s->proxy_host | s->proxy_port | s->proxy_prefix) {
		int status = trust_proxies(c, why);
		if (status)
			return status;
	}
	if (!(s->host_matching | s->subdomains))
		return 0;
	t->domain = target_domain(s, t->host, &c->arena);
	return t->domain ? 0 : no_memory(why);
}

bool target_host_named(const struct server_settings *s, const char *host)
{
	const char *colon = strrchr(host, ':');
	size_t n = colon && !strchr(colon, ']') ? (size_t)(colon - host) : strlen(host);
	for (const char *const *t = s->trusted_hosts; *t; t++) {
		size_t len = strlen(*t);
		if (**t == '.' ? (n >= len && text_ieqn(host + n - len, *t, len)) ||
					 (n == len - 1 && text_ieqn(host, *t + 1, n))
			       : n == len && text_ieqn(host, *t, n))
			return true;
	}
	return false;
}

bool target_trusted(const cruet_ctx *c)
{
	const struct server_settings *s = &c->host->settings;
	return !*s->trusted_hosts || target_host_named(s, c->target.host);
}

struct lookup target_lookup(const cruet_ctx *c)
{
	return (struct lookup){
		.method = c->head->method,
		.raw_path = c->door.raw_path,
		.plain = c->door.plain,
		.query = c->door.query,
		.domain = c->target.domain,
		.websocket = ws_asked(c),
	};
}

const char *target_url(cruet_ctx *c, const char *path, const char *domain)
{
	const struct server_settings *s = &c->host->settings;
	const char *host = domain && s->host_matching ? domain : c->target.host;

	if (s->name && !s->host_matching) {
		const char *sub = domain ? domain : c->target.domain;
		host = *sub ? arena_printf(&c->arena, "%s.%s", sub, s->name) : s->name;
	}
	if (!host || *path != '/')
		return host ? path : NULL;
	return *host ? arena_printf(&c->arena, "%s://%s%s%s", c->target.scheme, host,
				    c->target.root, path)
		     : arena_printf(&c->arena, "%s%s", c->target.root, path);
}

/* --- what the application reads ------------------------------------------------------- */

const char *cruet_scheme(const cruet_ctx *c)
{
	return c->target.scheme ? c->target.scheme : c->host->settings.scheme;
}

const char *cruet_host(const cruet_ctx *c)
{
	const struct destination *t = &c->target;

	if (!t->host || !strcmp(t->host, t->written))
		return t->host ? t->host : "";
	/* In the case it was written in; the usual port was taken off its end. */
	const char *shown = arena_strndup((struct arena *)&c->arena, t->written, strlen(t->host));
	if (!shown)
		ctx_fail((cruet_ctx *)c, CRUET_ENOMEM, NULL, false);
	return shown ? shown : t->host;
}

const char *cruet_peer(const cruet_ctx *c)
{
	if (c->target.peer)
		return c->target.peer;
	return c->head && c->head->peer ? c->head->peer : ""; /* it was refused */
}

bool cruet_proxied(const cruet_ctx *c)
{
	return c->target.proxied;
}

const char *cruet_root(const cruet_ctx *c)
{
	return c->target.root ? c->target.root : c->host->settings.root;
}

const char *cruet_query_string(const cruet_ctx *c)
{
	return c->door.query ? c->door.query : "";
}

/* A URI as people read it: what is percent-encoded UTF-8 beyond ASCII is decoded. */
static char *readable(struct arena *a, const char *uri)
{
	size_t len = strlen(uri), n;
	struct buf b;

	buf_init(&b, a, 0);
	for (size_t i = 0; i < len; i += n) {
		char raw[4];
		uint32_t cp;
		size_t k = 0;
		while (k < 4 && i + 3 * k + 2 < len && uri[i + 3 * k] == '%' &&
		       hex_value(uri[i + 3 * k + 1]) >= 8 && hex_value(uri[i + 3 * k + 2]) >= 0) {
			raw[k] = (char)(hex_value(uri[i + 3 * k + 1]) << 4 |
					hex_value(uri[i + 3 * k + 2]));
			k++;
		}
		size_t used = k ? utf8_next(raw, k, &cp) : 0;
		n = used ? 3 * used : 1;
		buf_put(&b, used ? raw : uri + i, used ? used : 1);
	}
	return buf_err(&b) ? NULL : b.p;
}

static const char *address(cruet_ctx *c, const char *path, const char *query)
{
	struct buf b;

	buf_init(&b, &c->arena, 0);
	buf_printf(&b, "%s://%s%s", cruet_scheme(c), c->target.host ? c->target.host : "",
		   cruet_root(c));
	percent_encode(&b, path, strlen(path), "!$&'()*+,/:;=@%", false);
	if (*query)
		buf_printf(&b, "?%s", query);
	char *text = buf_err(&b) ? NULL : readable(&c->arena, b.p);
	if (!text)
		ctx_fail(c, CRUET_ENOMEM, NULL, false);
	return text;
}

const char *cruet_full_url(cruet_ctx *c)
{
	return address(c, cruet_path(c), cruet_query_string(c));
}

const char *cruet_base_url(cruet_ctx *c)
{
	return address(c, cruet_path(c), "");
}

const char *cruet_root_url(cruet_ctx *c)
{
	return address(c, "/", "");
}
