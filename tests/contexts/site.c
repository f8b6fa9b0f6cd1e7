/* Shows what a visitor sends in places that no template has: forms, replies, failures. The
 * templates are those of browser.py. */
#include <cruet.h>
#include <cruet/forms.h>
#include <cruet/session.h>
#include <cruet/template.h>

/* What the request says, which is to stand somewhere. */
static const char *said(cruet_ctx *c)
{
	const char *text = cruet_query(c, "v");

	return text ? text : "";
}

static int shown(cruet_ctx *c)
{
	return cruet_render(c, cruet_arg(c, "name"), NULL);
}

/* --- forms -------------------------------------------------------------------------- */

CRUET_FORM(all_kinds, "Send", {"line", "Line", "string"}, {"area", "Area", "string",
	   CRUET_FIELD_TEXTAREA}, {"hidden", NULL, "string", CRUET_FIELD_HIDDEN},
	   {"one", "One of", NULL, CRUET_FIELD_SELECT}, {"radio", "One", NULL, CRUET_FIELD_RADIO},
	   {"some", "Some of", NULL, CRUET_FIELD_CHECKBOX, CRUET_FIELD_MANY});

static int form(cruet_ctx *c)
{
	struct cruet_form *f = cruet_form_open(c, &all_kinds);
	const char *text = cruet_form(c, "line");
	cruet_choice *choices = cruet_alloc(c, 2 * sizeof *choices);

	if (!choices)
		return CRUET_ENOMEM;
	choices[0] = (cruet_choice){text ? text : "none", text ? text : "None"};
	choices[1] = (cruet_choice){NULL, NULL};
	cruet_form_choices(f, "one", choices);
	cruet_form_choices(f, "radio", choices);
	cruet_form_choices(f, "some", choices);
	if (cruet_form_ok(f)) {
		cruet_form_fail(f, "line", "%s is taken already.", text);
		cruet_form_fail(f, NULL, "%s cannot be sent.", text);
	}
	cruet_form_action(f, cruet_url(c, "form", "v", text, (char *)0));
	return cruet_form_render(c, f, "form.html", NULL);
}

/* --- what goes on to another page ------------------------------------------------------ */

static int upload(cruet_ctx *c)
{
	cruet_upload *u = cruet_upload_get(c, "file", 0);

	if (!u)
		return cruet_err(c);
	cruet_flash(c, NULL, "%s is here.", cruet_upload_filename(u));
	return cruet_text(c, "thanks");
}

static int redirect(cruet_ctx *c)
{
	return cruet_redirect(c, 0,
			      cruet_url(c, "shown", "name", "request.html", "v", said(c),
					(char *)0));
}

/* --- replies without templates ---------------------------------------------------------- */

static int html(cruet_ctx *c)
{
	const char *safe = cruet_escape(c, said(c));

	cruet_write(c, "<!doctype html><title>C</title>");
	cruet_writef(c, "<p title=\"%s\">%s</p>", safe, safe);
	return cruet_html(c, NULL);
}

static int json(cruet_ctx *c)
{
	cruet_json *o = cruet_object(c);

	cruet_put_str(o, "v", said(c));
	return cruet_jsonify(c, o);
}

static int text(cruet_ctx *c)
{
	return cruet_text(c, said(c));
}

static int fails(cruet_ctx *c)
{
	return cruet_fail(c, 422, "%s is no number.", said(c));
}

CRUET_APP(app)
{
	cruet_need(app, "template/1");
	cruet_need(app, "forms/1");
	cruet_get(app, "/t/<name>", shown);
	cruet_add(app, "GET,POST", "/form", form, "form", CRUET_HERE);
	cruet_post(app, "/upload", upload);
	cruet_get(app, "/redirect", redirect);
	cruet_get(app, "/html", html);
	cruet_get(app, "/json", json);
	cruet_get(app, "/text", text);
	cruet_get(app, "/fails", fails);
}
