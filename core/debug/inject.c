#include "debug/inject.h"

#include <string.h>

#include "base/text.h"

struct span {
	const char *p;
	size_t len;
};

static bool is(struct span s, const char *word)
{
	return s.len == strlen(word) && text_ieqn(s.p, word, s.len);
}

/* The next word of s, which becomes what follows it; its len is 0 at the end. */
static struct span next_word(struct span *s)
{
	struct span w;

	while (s->len && strchr(" \t\r\n\f", *s->p)) {
		s->p++;
		s->len--;
	}
	w.p = s->p;
	while (s->len && !strchr(" \t\r\n\f", *s->p)) {
		s->p++;
		s->len--;
	}
	w.len = (size_t)(s->p - w.p);
	return w;
}

/* The part up to an end, which is skipped. */
static struct span next_part(struct span *s, char end)
{
	const char *stop = memchr(s->p, end, s->len);
	struct span part = {s->p, stop ? (size_t)(stop - s->p) : s->len};

	s->p += part.len + (stop != NULL);
	s->len -= part.len + (stop != NULL);
	return part;
}

/* The sources of a directive; false: the policy has none of that name. */
static bool directive(struct span policy, const char *name, struct span *sources)
{
	while (policy.len) {
		*sources = next_part(&policy, ';');
		if (is(next_word(sources), name))
			return true;
	}
	return false;
}

/* False: nothing is forbidden. */
static bool sources_of(struct span policy, const char *const *names, struct span *sources)
{
	for (; *names; names++)
		if (directive(policy, *names, sources))
			return true;
	return false;
}

/* The site itself is among them, or all of its scheme. */
static bool has_site(struct span sources, const char *scheme)
{
	for (struct span w; (w = next_word(&sources)).len;) {
		if (is(w, "'self'") || is(w, "*"))
			return true;
		if (w.p[w.len - 1] == ':' && text_ieqn(w.p, scheme, w.len - 1) &&
		    !scheme[w.len - 1])
			return true;
	}
	return false;
}

static bool has_word(struct span sources, const char *word)
{
	for (struct span w; (w = next_word(&sources)).len;)
		if (is(w, word))
			return true;
	return false;
}

static struct span nonce_of(struct span sources)
{
	static const char start[] = "'nonce-";
	const size_t n = sizeof start - 1;

	for (struct span w; (w = next_word(&sources)).len;)
		if (w.len > n + 1 && text_ieqn(w.p, start, n) && w.p[w.len - 1] == '\'')
			return (struct span){w.p + n, w.len - n - 1};
	return (struct span){NULL, 0};
}

static bool lets_script_run(struct leave *l, struct span sources, const char *scheme)
{
	struct span nonce = nonce_of(sources);

	if (!nonce.p) /* 'strict-dynamic' makes nothing of the site's own address */
		return has_site(sources, scheme) && !has_word(sources, "'strict-dynamic'");
	if (l->nonce)
		return l->nonce_len == nonce.len && !memcmp(l->nonce, nonce.p, nonce.len);
	l->nonce = nonce.p;
	l->nonce_len = nonce.len;
	return true;
}

static void ask_one(struct leave *l, struct span policy, const char *scheme)
{
	static const char *const scripts[] = {"script-src-elem", "script-src", "default-src", NULL};
	static const char *const connects[] = {"connect-src", "default-src", NULL};
	struct span sources;

	if (sources_of(policy, scripts, &sources) && !lets_script_run(l, sources, scheme))
		l->refused = true;
	if (sources_of(policy, connects, &sources) && !has_site(sources, scheme))
		l->refused = true;
}

void leave_ask(struct leave *l, const char *policies, const char *scheme)
{
	struct span all = {policies, strlen(policies)};

	while (all.len)
		ask_one(l, next_part(&all, ','), scheme);
}

size_t inject_place(const char *html, size_t len)
{
	static const char end[] = "</body";
	const size_t n = sizeof end - 1;

	for (size_t i = len; i >= n; i--)
		if (text_ieqn(html + i - n, end, n))
			return i - n;
	return len;
}
