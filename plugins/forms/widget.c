#include "widget.h"

#include <stdlib.h>
#include <string.h>

/* type of <input> */
static const char *const input_types[] = {
	[CRUET_FIELD_AUTO] = "text",	 [CRUET_FIELD_TEXT] = "text",
	[CRUET_FIELD_PASSWORD] = "password", [CRUET_FIELD_EMAIL] = "email",
	[CRUET_FIELD_URL] = "url",	 [CRUET_FIELD_TEL] = "tel",
	[CRUET_FIELD_SEARCH] = "search", [CRUET_FIELD_NUMBER] = "number",
	[CRUET_FIELD_DATE] = "date",	 [CRUET_FIELD_TIME] = "time",
	[CRUET_FIELD_DATETIME] = "datetime-local", [CRUET_FIELD_COLOR] = "color",
	[CRUET_FIELD_CHECKBOX] = "checkbox", [CRUET_FIELD_RADIO] = "radio",
	[CRUET_FIELD_FILE] = "file",	 [CRUET_FIELD_HIDDEN] = "hidden"};

const char *widget_text(cruet_ctx *c, const cruet_json *v)
{
	const char *text = cruet_json_str(v, NULL);

	if (text || !v || cruet_json_kind(v) == CRUET_JSON_NULL)
		return text ? text : "";
	return cruet_json_text(c, v, NULL);
}

bool widget_is_group(const struct field *f)
{
	return f->type == CRUET_FIELD_RADIO || (f->type == CRUET_FIELD_CHECKBOX && f->many);
}

/* --- what all of them say ---------------------------------------------------------- */

static void put_described(struct out *o, const struct field *f)
{
	const char *help = f->def.help ? cruet_printf(o->c, "%s-help", f->id) : NULL;
	const char *error = field_errors(f) ? cruet_printf(o->c, "%s-error", f->id) : NULL;

	out_attr(o, "aria-describedby",
		 help && error ? cruet_printf(o->c, "%s %s", help, error)
		 : help	       ? help
			       : error);
}

static void put_state(struct out *o, const struct field *f)
{
	put_described(o, f);
	out_attr(o, "aria-invalid", field_errors(f) ? "true" : NULL);
}

void widget_group_state(struct out *o, const struct field *f)
{
	bool radio = f->type == CRUET_FIELD_RADIO;

	out_attr(o, "role", radio ? "radiogroup" : NULL);
	out_attr(o, "aria-required", radio && f->required ? "true" : NULL);
	put_described(o, f);
	out_attr(o, "aria-invalid", radio && field_errors(f) ? "true" : NULL);
}

static void put_name(struct out *o, const struct field *f)
{
	out_attr(o, "id", f->id);
	out_attr(o, "name", f->def.name);
}

/* --- each kind --------------------------------------------------------------------- */

/* 1.25 with 2 places is 125. false: it has more places, or is no such number. */
static bool scaled(const char *s, size_t places, int64_t *out)
{
	bool minus = *s == '-';
	size_t whole = strspn(s += minus, "0123456789");
	const char *behind = s[whole] == '.' ? s + whole + 1 : "";
	size_t n = strspn(behind, "0123456789");

	if (!whole || whole + places > 18 || n > places || behind[n] ||
	    (s[whole] && s[whole] != '.'))
		return false;
	*out = strtoll(s, NULL, 10);
	for (size_t i = 0; i < places; i++)
		*out = *out * 10 + (i < n ? behind[i] - '0' : 0);
	return true;
}

static bool is_multiple(const char *value, const char *of)
{
	const char *point = strchr(of, '.');
	size_t places = point ? strlen(point + 1) : 0;
	int64_t v, step;

	return scaled(of, places, &step) && step && scaled(value, places, &v) && v % step == 0;
}

/* Browsers count steps from the least value, or else from the one that stands there: from one
 * that is no multiple they would take the wrong ones. */
static const char *step_of(const struct field *f, const char *value)
{
	const char *step = f->step ? f->step : "1";

	if (f->type != CRUET_FIELD_NUMBER || f->min || !value || !*value ||
	    is_multiple(value, step))
		return f->step;
	return "any";
}

static void put_input(struct out *o, const struct field *f)
{
	bool file = f->type == CRUET_FIELD_FILE;
	const char *text = NULL;

	out_str(o, "<input");
	put_name(o, f);
	out_attr(o, "type", input_types[f->type]);
	if (f->type != CRUET_FIELD_PASSWORD && !file) {
		text = widget_text(o->c, field_shown(f));
		/* a colour that is none is not said: browsers take black for it */
		out_attr(o, "value", f->type == CRUET_FIELD_COLOR && text && !*text ? NULL : text);
	}
	out_attr(o, "autocomplete", f->def.autocomplete);
	out_attr(o, "inputmode", f->inputmode);
	out_attr(o, "min", f->min);
	out_attr(o, "max", f->max);
	out_attr(o, "step", step_of(f, text));
	out_attr(o, "minlength", f->minlength);
	out_attr(o, "maxlength", f->maxlength);
	out_attr(o, "pattern", f->pattern);
	out_attr(o, "accept", file ? f->def.accept : NULL);
	out_flag(o, "multiple", file && f->many);
	/* a colour is always there, and HTML does not know the word for it */
	out_flag(o, "required", f->required && f->type != CRUET_FIELD_COLOR);
	put_state(o, f);
	out_str(o, ">\n");
}

/* The line break behind the tag is dropped by browsers; without it the first one of the text
 * would be. */
static void put_textarea(struct out *o, const struct field *f)
{
	const char *text = widget_text(o->c, field_shown(f));

	out_str(o, "<textarea");
	put_name(o, f);
	out_attr(o, "rows", cruet_number(o->c, f->def.rows > 0 ? f->def.rows : 6));
	out_attr(o, "autocomplete", f->def.autocomplete);
	out_attr(o, "minlength", f->minlength);
	out_attr(o, "maxlength", f->maxlength);
	out_flag(o, "required", f->required);
	put_state(o, f);
	out_str(o, ">\n");
	out_text(o, text ? text : "");
	out_str(o, "</textarea>\n");
}

/* Checked as it was sent, or as a row of a database says it. */
static bool is_on(const struct field *f)
{
	static const char *const on[] = {"1", "true", "on", "yes"};

	for (size_t i = 0; i < sizeof on / sizeof *on; i++)
		if (field_shows(f, on[i]))
			return true;
	return false;
}

static void put_checkbox(struct out *o, const struct field *f)
{
	out_str(o, "<input");
	put_name(o, f);
	out_str(o, " type=\"checkbox\" value=\"1\"");
	out_flag(o, "checked", is_on(f));
	out_flag(o, "required", f->required);
	put_state(o, f);
	out_str(o, ">\n");
}

static const char *choice_label(const cruet_choice *choice)
{
	return choice->label ? choice->label : choice->value;
}

/* The first has the id of the field, so that the summary leads to it. */
static void put_button(struct out *o, const struct field *f, size_t i)
{
	const cruet_choice *choice = &f->offers[i];
	const char *id = i ? cruet_printf(o->c, "%s-%zu", f->id, i + 1) : f->id;

	out_str(o, "<div class=\"choice\"><input");
	out_attr(o, "id", id);
	out_attr(o, "name", f->def.name);
	out_attr(o, "type", input_types[f->type]);
	out_attr(o, "value", choice->value);
	out_flag(o, "checked", field_shows(f, choice->value));
	/* of boxes each would be required */
	out_flag(o, "required", f->required && f->type == CRUET_FIELD_RADIO);
	if (f->type == CRUET_FIELD_CHECKBOX)
		out_attr(o, "aria-invalid", field_errors(f) ? "true" : NULL);
	out_str(o, "> <label");
	out_attr(o, "for", id);
	out_str(o, ">");
	out_text(o, choice_label(choice));
	out_str(o, "</label></div>\n");
}

static void put_option(struct out *o, const char *value, const char *label, bool selected)
{
	out_str(o, "<option");
	out_attr(o, "value", value);
	out_flag(o, "selected", selected);
	out_str(o, ">");
	out_text(o, label);
	out_str(o, "</option>\n");
}

static bool offers_nothing(const struct field *f)
{
	for (const cruet_choice *choice = f->offers; choice && choice->value; choice++)
		if (!*choice->value)
			return true;
	return false;
}

static void put_select(struct out *o, const struct field *f)
{
	out_str(o, "<select");
	put_name(o, f);
	out_attr(o, "autocomplete", f->def.autocomplete);
	out_flag(o, "multiple", f->many);
	out_flag(o, "required", f->required);
	put_state(o, f);
	out_str(o, ">\n");
	if (!f->many && !offers_nothing(f))
		put_option(o, "", "\xe2\x80\x93", false);
	for (const cruet_choice *choice = f->offers; choice && choice->value; choice++)
		put_option(o, choice->value, choice_label(choice), field_shows(f, choice->value));
	out_str(o, "</select>\n");
}

void widget_put(struct out *o, const struct field *f)
{
	if (widget_is_group(f)) {
		for (size_t i = 0; f->offers && f->offers[i].value; i++)
			put_button(o, f, i);
		return;
	}
	switch (f->type) {
	case CRUET_FIELD_TEXTAREA:
		put_textarea(o, f);
		break;
	case CRUET_FIELD_CHECKBOX:
		put_checkbox(o, f);
		break;
	case CRUET_FIELD_SELECT:
		put_select(o, f);
		break;
	default:
		put_input(o, f);
	}
}
