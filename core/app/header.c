/* Headers of a request that say more than their text: types, preferences,
 * credentials. */
#include <string.h>

#include "app/ctx.h"
#include "base/text.h"
#include "cruet/memory.h"
#include "cruet/request.h"
#include "http/base64.h"
#include "http/negotiate.h"
#include "http/params.h"

const char *cruet_mime(cruet_ctx *c)
{
	const char *type = cruet_header(c, "Content-Type");
	size_t n = type ? strcspn(type, ";") : 0;

	while (n && (type[n - 1] == ' ' || type[n - 1] == '\t'))
		n--;
	if (!n)
		return "";
	char *mime = arena_strndup(&c->arena, type, n);
	if (!mime)
		ctx_fail(c, CRUET_ENOMEM, NULL, false);
	for (char *p = mime; p && *p; p++)
		*p = to_lower(*p);
	return mime ? mime : "";
}

const char *cruet_mime_param(cruet_ctx *c, const char *name)
{
	const char *type = cruet_header(c, "Content-Type");
	return type ? params_get(&c->arena, type, name) : NULL;
}

bool cruet_is_json(cruet_ctx *c)
{
	const char *mime = cruet_mime(c);
	return !strcmp(mime, "application/json") ||
	       (text_starts(mime, "application/") && text_ends(mime, "+json"));
}

const char *cruet_accept(const cruet_ctx *c, const char *header, const char *const *offers)
{
	const char *value = cruet_header(c, header);

	if (!value)
		return offers[0];
	return text_ieq(header, "Accept-Language") ? accept_best_language(value, offers)
						   : accept_best(value, offers);
}

int cruet_accept_coding(const cruet_ctx *c, const char *coding)
{
	return (int)accept_coding(cruet_header(c, "Accept-Encoding"), coding);
}

/* user ":" password (RFC 7617). */
static bool basic(cruet_ctx *c, const char *token, cruet_auth *out)
{
	char *text = base64_decode(&c->arena, token);
	char *colon = text ? strchr(text, ':') : NULL;

	if (!colon)
		return false;
	*colon = '\0';
	out->user = text;
	out->password = colon + 1;
	return true;
}

/* The parameter username of a list such as `username="u", realm="r"`. */
static const char *user_of(cruet_ctx *c, const char *s)
{
	while (*s) {
		s += strspn(s, " \t,");
		bool user = text_ieqn(s, "username=", 9);
		s += strcspn(s, "=,");
		s += *s == '=';
		struct param p = {.quoted = *s == '"'};
		p.value = s += p.quoted;
		while (*s && *s != (p.quoted ? '"' : ','))
			s += p.quoted && s[0] == '\\' && s[1] ? 2 : 1;
		p.value_len = (size_t)(s - p.value);
		if (user)
			return params_value(&c->arena, &p);
		s += p.quoted && *s;
	}
	return NULL;
}

bool cruet_authorization(cruet_ctx *c, cruet_auth *out)
{
	const char *value = cruet_header(c, "Authorization");
	cruet_auth auth = {.size = sizeof auth};
	size_t n = value ? strcspn(value, " ") : 0, size = out->size;

	if (n && value[n]) {
		char *type = arena_strndup(&c->arena, value, n);
		for (char *p = type; p && *p; p++)
			*p = to_lower(*p);
		const char *token = value + n + strspn(value + n, " ");
		auth.type = type;
		if (!type || !*token) {
			auth.type = NULL;
		} else if (strcmp(type, "basic") != 0) {
			auth.token = token;
			auth.user = user_of(c, token);
		} else if (!basic(c, token, &auth)) {
			auth.type = NULL;
		}
	}
	memcpy(out, &auth, size < sizeof auth ? size : sizeof auth);
	out->size = (uint32_t)size;
	return auth.type;
}

bool cruet_bearer(cruet_ctx *c, const char *token)
{
	cruet_auth auth = {.size = sizeof auth};

	if (!cruet_authorization(c, &auth) || !auth.token || strcmp(auth.type, "bearer") != 0 ||
	    !token || !*token)
		return false;
	size_t len = strlen(token);
	bool fits = strlen(auth.token) == len;
	/* Of another length it is compared all the same, with the token itself. */
	return text_same_secret(fits ? auth.token : token, token, len) && fits;
}
