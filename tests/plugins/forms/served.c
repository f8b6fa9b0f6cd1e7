/* Over sockets: what a page of another site sends is refused before a form is looked at. */
#include "../../net/raw.h"

#include <cruet/forms.h>

extern const cruet_plugin cruet_plugin_forms;

CRUET_FORM(note_form, "Save", {"note", "Note", "required"});

static int note(cruet_ctx *c)
{
	struct cruet_form *form = cruet_form_open(c, &note_form);

	if (cruet_form_ok(form))
		return cruet_textf(c, "noted %s", cruet_form_str(form, "note"));
	const char *html = cruet_form_html(form, NULL);
	return html ? cruet_html(c, html) : cruet_err(c);
}

static void setup(cruet_app *app)
{
	cruet_set(app, "secret_key", "0123456789abcdef0123456789abcdef");
	cruet_use(app, "session", NULL);
	cruet_use(app, "validate", NULL);
	cruet_use_static(app, &cruet_plugin_forms, NULL);
	cruet_add(app, "GET,POST", "/", note, "note", CRUET_HERE);
}

static char cookie[512], token[64];

static void look(struct wire *w)
{
	char value[512];

	put(w, "GET / HTTP/1.1\r\nHost: site.example\r\n\r\n");
	struct reply r = take_reply(w, false);
	ck_assert_int_eq(r.status, 200);
	ck_assert_ptr_nonnull(header(r.head, "Set-Cookie", value, sizeof value));
	snprintf(cookie, sizeof cookie, "%.*s", (int)strcspn(value, ";"), value);
	const char *at = strstr(r.body, "name=\"_csrf\" value=\"");
	ck_assert_ptr_nonnull(at);
	snprintf(token, sizeof token, "%.43s", at + strlen("name=\"_csrf\" value=\""));
}

/* With the visitor's cookie and, as cannot be, even the right token. */
static struct reply post(struct wire *w, const char *headers)
{
	char body[128], request[2048];

	snprintf(body, sizeof body, "note=salt&_csrf=%s", token);
	snprintf(request, sizeof request,
		 "POST / HTTP/1.1\r\nHost: site.example\r\nCookie: %s\r\n%s"
		 "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
		 cookie, headers, strlen(body), body);
	put(w, request);
	return take_reply(w, false);
}

START_TEST(pages_of_other_sites_cannot_send_a_form)
{
	static const char *const foreign[] = {
		"Origin: https://evil.example\r\n", "Origin: null\r\n",
		"Sec-Fetch-Site: cross-site\r\nOrigin: http://site.example\r\n",
		"Sec-Fetch-Site: same-site\r\nOrigin: http://evil.site.example\r\n", NULL};
	struct server s = server_start(setup, "server.threads=4");
	struct wire *w = dial(s.port);

	look(w);
	for (size_t i = 0; foreign[i]; i++) {
		struct reply r = post(w, foreign[i]);
		ck_assert_msg(r.status == 403, "%s gave %d", foreign[i], r.status);
		ck_assert_ptr_null(strstr(r.body, "<form"));
		ck_assert_ptr_null(strstr(r.body, "noted"));
	}
	assert_reply(post(w, "Origin: http://site.example\r\n"), 200, "noted salt");
	assert_reply(post(w, "Sec-Fetch-Site: same-origin\r\n"), 200, "noted salt");
	token[5] = token[5] == 'A' ? 'B' : 'A';
	ck_assert_int_eq(post(w, "Origin: http://site.example\r\n").status, 403);
	hang_up(w);
	server_stop(&s);
}
END_TEST

SUITE("forms served", pages_of_other_sites_cannot_send_a_form)
