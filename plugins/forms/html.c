/* HTML of a form: its frame, the summary of what is wrong, and for each field a label, what
 * can be typed, help and errors, tied together for those who do not see them. */
#include "out.h"
#include "widget.h"

#include <string.h>

/* --- errors ------------------------------------------------------------------------ */

/* All errors of a list as one text. */
static void put_texts(struct out *o, const cruet_json *list)
{
	const char *before = "";

	for (const cruet_json *e = cruet_json_first(list); e; e = cruet_json_next(e)) {
		out_str(o, before);
		out_text(o, cruet_json_str(e, ""));
		before = " ";
	}
}

/* A hidden field cannot be gone to. */
static void put_link(struct out *o, const struct field *f)
{
	const cruet_json *errors = field_errors(f);

	if (!errors)
		return;
	out_str(o, "<li>");
	if (f->type != CRUET_FIELD_HIDDEN) {
		out_str(o, "<a href=\"#");
		out_text(o, f->id);
		out_str(o, "\">");
	}
	put_texts(o, errors);
	out_str(o, f->type == CRUET_FIELD_HIDDEN ? "</li>\n" : "</a></li>\n");
}

static bool is_wrong(const struct form *f)
{
	return f->general || cruet_valid_errors(f->head.valid);
}

/* Said at once by screen readers; a script may give it the focus. */
static void put_summary(struct out *o, const struct form *f)
{
	if (!is_wrong(f))
		return;
	out_str(o, "<div class=\"summary\" role=\"alert\" tabindex=\"-1\"");
	out_attr(o, "id", cruet_printf(o->c, "%s-summary", f->name));
	out_str(o, ">\n");
	for (const cruet_json *e = cruet_json_first(f->general); e; e = cruet_json_next(e)) {
		out_str(o, "<p>");
		out_text(o, cruet_json_str(e, ""));
		out_str(o, "</p>\n");
	}
	if (cruet_valid_errors(f->head.valid)) {
		out_str(o, "<ul>\n");
		for (size_t i = 0; i < f->n; i++)
			put_link(o, &f->fields[i]);
		out_str(o, "</ul>\n");
	}
	out_str(o, "</div>\n");
}

/* --- the frame --------------------------------------------------------------------- */

static void put_hidden(struct out *o, const char *name, const char *value)
{
	out_str(o, "<input type=\"hidden\"");
	out_attr(o, "name", name);
	out_attr(o, "value", value);
	out_str(o, ">\n");
}

/* What every form carries, and its own hidden fields. */
static void put_csrf(struct out *o, const struct form *f)
{
	const char *token = cruet_csrf_token(o->c);

	if (!token) {
		o->failed = true;
		return;
	}
	put_hidden(o, CSRF_FIELD, token);
	put_hidden(o, FORM_FIELD, f->name);
	for (size_t i = 0; i < f->n; i++)
		if (f->fields[i].type == CRUET_FIELD_HIDDEN)
			put_hidden(o, f->fields[i].def.name,
				   widget_text(o->c, field_shown(&f->fields[i])));
}

static bool has_files(const struct form *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->fields[i].type == CRUET_FIELD_FILE)
			return true;
	return false;
}

static void put_begin(struct out *o, const struct form *f)
{
	out_str(o, "<form class=\"form\" method=\"post\"");
	out_attr(o, "id", f->name);
	out_attr(o, "action", f->action);
	out_attr(o, "enctype", has_files(f) ? "multipart/form-data" : NULL);
	out_str(o, ">\n");
	put_csrf(o, f);
}

static void put_submit(struct out *o, const struct form *f)
{
	out_str(o, "<button>");
	out_text(o, f->def->submit ? f->def->submit : "Send");
	out_str(o, "</button>\n");
}

static void put_end(struct out *o, const struct form *f)
{
	(void)f;
	out_str(o, "</form>\n");
}

/* --- a field ----------------------------------------------------------------------- */

static void put_label(struct out *o, const struct field *f)
{
	out_str(o, "<label");
	out_attr(o, "for", f->id);
	out_str(o, ">");
	out_text(o, f->label);
	out_str(o, "</label>\n");
}

static void put_note(struct out *o, const struct field *f, const char *what)
{
	out_str(o, "<p");
	out_attr(o, "class", what);
	out_attr(o, "id", cruet_printf(o->c, "%s-%s", f->id, what));
	out_str(o, ">");
}

static void put_notes(struct out *o, const struct field *f)
{
	const cruet_json *errors = field_errors(f);

	if (f->def.help) {
		put_note(o, f, "help");
		out_text(o, f->def.help);
		out_str(o, "</p>\n");
	}
	if (errors) {
		put_note(o, f, "error");
		put_texts(o, errors);
		out_str(o, "</p>\n");
	}
}

static void put_legend(struct out *o, const struct field *f)
{
	out_str(o, "<legend>");
	out_text(o, f->label);
	out_str(o, "</legend>\n");
}

/* Buttons to choose from have their label in a frame of their own. */
static void put_group(struct out *o, const struct field *f)
{
	out_str(o, "<fieldset class=\"field\"");
	widget_group_state(o, f);
	out_str(o, ">\n");
	put_legend(o, f);
	widget_put(o, f);
	put_notes(o, f);
	out_str(o, "</fieldset>\n");
}

static void put_field(struct out *o, const struct field *f)
{
	if (f->type == CRUET_FIELD_HIDDEN)
		return;
	if (widget_is_group(f)) {
		put_group(o, f);
		return;
	}
	bool box = f->type == CRUET_FIELD_CHECKBOX;
	out_str(o, box ? "<div class=\"field check\">\n" : "<div class=\"field\">\n");
	if (!box)
		put_label(o, f);
	widget_put(o, f);
	if (box)
		put_label(o, f);
	put_notes(o, f);
	out_str(o, "</div>\n");
}

static void put_all(struct out *o, const struct form *f)
{
	put_begin(o, f);
	put_summary(o, f);
	for (size_t i = 0; i < f->n; i++)
		put_field(o, &f->fields[i]);
	put_submit(o, f);
	put_end(o, f);
}

/* --- parts ------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*put)(struct out *o, const struct form *f);
} parts[] = {{"begin", put_begin}, {"csrf", put_csrf}, {"summary", put_summary},
	     {"submit", put_submit}, {"end", put_end}};

const char *form_html(struct form *f, const char *part)
{
	struct out o = {.c = f->head.c};

	if (form_traits(f))
		return NULL;
	if (!part) {
		put_all(&o, f);
		return out_done(&o);
	}
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!strcmp(parts[i].name, part)) {
			parts[i].put(&o, f);
			return out_done(&o);
		}
	struct field *field = form_field_or_fail(f, part);
	return field ? field_html(field) : NULL;
}

/* What is hidden stands at the beginning of its form, and nowhere else. */
static const char *made(struct field *f, void (*put)(struct out *o, const struct field *f))
{
	struct out o = {.c = f->form->head.c};

	if (form_traits(f->form))
		return NULL;
	if (f->type != CRUET_FIELD_HIDDEN)
		put(&o, f);
	return out_done(&o);
}

const char *field_html(struct field *f)
{
	return made(f, put_field);
}

static void put_own_label(struct out *o, const struct field *f)
{
	(widget_is_group(f) ? put_legend : put_label)(o, f);
}

const char *field_label_html(struct field *f)
{
	return made(f, put_own_label);
}

const char *field_input_html(struct field *f)
{
	return made(f, widget_put);
}

const char *field_notes_html(struct field *f)
{
	return made(f, put_notes);
}
