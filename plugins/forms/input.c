/* What was sent: read by field, checked by the rules, and kept to be shown again. */
#include <cruet/upload.h>
#include <string.h>
#include <strings.h>

#include "forms.h"

/* --- reading ----------------------------------------------------------------------- */

/* Browsers end each line of a text area with CR LF, and count it as one character. */
static const char *lines(cruet_ctx *c, const char *s)
{
	char *copy, *to;

	if (!strchr(s, '\r'))
		return s;
	copy = to = cruet_strdup(c, s);
	if (!copy)
		return s; /* the request is failing */
	for (const char *from = copy; *from; from++) {
		if (*from == '\r' && from[1] == '\n')
			continue;
		*to++ = *from == '\r' ? '\n' : *from;
	}
	*to = '\0';
	return copy;
}

/* Writers of JSON say nothing when memory runs out: what was written is looked for. */
static int put(cruet_json *input, const char *name, const char *value)
{
	cruet_put_str(input, name, value);
	return cruet_json_get(input, name) ? CRUET_OK : CRUET_ENOMEM;
}

static int push(cruet_json *input, const char *name, const char *value)
{
	/* The object is ours; reading gives it as one that is not to be changed. */
	cruet_json *list = (cruet_json *)cruet_json_get(input, name);

	if (!list)
		list = cruet_put_array(input, name);
	size_t before = cruet_json_len(list);
	cruet_push_str(list, value);
	return cruet_json_len(list) > before ? CRUET_OK : CRUET_ENOMEM;
}

static int read_many(cruet_ctx *c, const struct field *f, cruet_json *input)
{
	const char *name, *value;
	int err = CRUET_OK;

	for (size_t i = 0; !err && cruet_pair(c, CRUET_FROM_FORM, i, &name, &value); i++)
		if (!strcmp(name, f->def.name))
			err = push(input, name, value);
	return err;
}

/* Where no file was chosen, browsers send one without a name. */
static cruet_upload *file_at(cruet_ctx *c, const struct field *f, size_t i)
{
	cruet_upload *u = cruet_upload_get(c, f->def.name, i);

	return u && *cruet_upload_filename(u) ? u : NULL;
}

/* Rules see the name of a file. */
static int read_files(cruet_ctx *c, const struct field *f, cruet_json *input)
{
	const cruet_upload *u = file_at(c, f, 0);
	int err = CRUET_OK;

	if (u && !f->many)
		return put(input, f->def.name, cruet_upload_filename(u));
	for (size_t i = 0; !err && (u = file_at(c, f, i)); i++)
		err = push(input, f->def.name, cruet_upload_filename(u));
	return err;
}

static int read_field(cruet_ctx *c, const struct field *f, cruet_json *input)
{
	if (f->type == CRUET_FIELD_FILE)
		return read_files(c, f, input);
	if (f->many)
		return read_many(c, f, input);
	const char *value = cruet_form(c, f->def.name);
	if (value && f->type == CRUET_FIELD_TEXTAREA)
		value = lines(c, value);
	return value ? put(input, f->def.name, value) : CRUET_OK;
}

/* --- files ------------------------------------------------------------------------- */

static const char *size_words(cruet_ctx *c, uint64_t n)
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB"};
	size_t unit = 0;

	while (unit < 3 && n >= 1024 && n % 1024 == 0) {
		n /= 1024;
		unit++;
	}
	return cruet_printf(c, "%llu %s", (unsigned long long)n, units[unit]);
}

/* One of "image/png", "image/" followed by a star, ".png". */
static bool accepts(const char *want, size_t n, const char *filename, const char *mime)
{
	size_t len = strlen(filename);

	if (*want == '.')
		return len >= n && !strncasecmp(filename + len - n, want, n);
	if (!mime)
		return false;
	if (n > 1 && want[n - 1] == '*')
		return !strncasecmp(mime, want, n - 1);
	return !strncasecmp(mime, want, n) && (!mime[n] || mime[n] == ';' || mime[n] == ' ');
}

static bool accepted(const char *list, const cruet_upload *u)
{
	for (const char *p = list; *p;) {
		p += strspn(p, ", ");
		size_t n = strcspn(p, ", ");
		if (n && accepts(p, n, cruet_upload_filename(u), cruet_upload_mime(u)))
			return true;
		p += n;
	}
	return false;
}

static int check_file(struct form *f, const struct field *field, const cruet_upload *u)
{
	cruet_ctx *c = f->head.c;
	const char *words = field_words(field);

	if (!words)
		return CRUET_ENOMEM;
	if (field->def.max_size && cruet_upload_size(u) > field->def.max_size)
		return cruet_valid_fail(f->head.valid, field->def.name,
					"The %s field must be a file of at most %s.", words,
					size_words(c, field->def.max_size));
	if (field->def.accept && !accepted(field->def.accept, u))
		return cruet_valid_fail(f->head.valid, field->def.name,
					"The %s field must be a file of one of these types: %s.", words,
					field->def.accept);
	return CRUET_OK;
}

static int check_files(struct form *f)
{
	int err = CRUET_OK;

	for (size_t i = 0; i < f->n && !err; i++) {
		const struct field *field = &f->fields[i];
		const cruet_upload *u;
		if (field->type != CRUET_FIELD_FILE)
			continue;
		for (size_t k = 0; !err && (u = file_at(f->head.c, field, k)); k++)
			err = check_file(f, field, u);
	}
	return err;
}

/* --- checking ---------------------------------------------------------------------- */

static bool was_sent(const struct form *f)
{
	cruet_ctx *c = f->head.c;
	const char *which = csrf_changes(c) ? cruet_form(c, FORM_FIELD) : NULL;

	return csrf_changes(c) && (!which || !strcmp(which, f->def->name));
}

static int add_general(struct form *f, const char *text)
{
	if (!f->general)
		f->general = cruet_array(f->head.c);
	size_t before = cruet_json_len(f->general);
	cruet_push_str(f->general, text);
	return cruet_json_len(f->general) > before ? CRUET_OK : CRUET_ENOMEM;
}

static int check(struct form *f)
{
	cruet_ctx *c = f->head.c;

	f->input = cruet_object(c);
	if (!f->input)
		return CRUET_ENOMEM;
	for (size_t i = 0; i < f->n; i++) {
		int err = read_field(c, &f->fields[i], f->input);
		if (err)
			return err;
	}
	f->foreign = !csrf_right(c);
	if (cruet_err(c))
		return cruet_err(c);
	if (f->foreign)
		return add_general(f, "This form was shown too long ago, or in another session. "
				      "Please send it again.");
	const cruet_field_rule *rules = form_rules(f);
	if (!rules)
		return CRUET_ENOMEM;
	f->head.valid = cruet_check_json(c, f->input, 0, rules);
	return f->head.valid ? check_files(f) : cruet_err(c);
}

static bool clean(const struct form *f)
{
	return !f->general && !cruet_invalid(f->head.valid);
}

bool form_ok(struct form *f)
{
	if (!f->checked) {
		int before = cruet_err(f->head.c);
		f->checked = true;
		f->sent = !before && was_sent(f);
		f->head.err = f->sent ? check(f) : cruet_err(f->head.c);
		if (f->head.err || !f->sent)
			return false;
		if (!clean(f))
			f->head.err = cruet_status(f->head.c, f->foreign ? 403 : 422);
	}
	return f->sent && !f->head.err && clean(f);
}

int form_fail(struct form *f, const char *field, const char *text)
{
	if (field && !form_field_or_fail(f, field))
		return cruet_err(f->head.c);
	int err = field && f->head.valid ? cruet_valid_fail(f->head.valid, field, "%s", text)
					 : add_general(f, text);
	return err || !f->sent || f->foreign ? err : cruet_status(f->head.c, 422);
}

/* --- what is shown ------------------------------------------------------------------ */

const cruet_json *field_shown(const struct field *f)
{
	if (f->type == CRUET_FIELD_PASSWORD || f->type == CRUET_FIELD_FILE)
		return NULL;
	return f->form->input ? cruet_json_get(f->form->input, f->def.name) : f->first;
}

static bool is_value(cruet_ctx *c, const cruet_json *v, const char *value)
{
	const char *text = cruet_json_str(v, NULL);

	if (!text && v)
		text = cruet_json_text(c, v, NULL);
	return text && !strcmp(text, value);
}

bool field_shows(const struct field *f, const char *value)
{
	const cruet_json *v = field_shown(f);
	cruet_ctx *c = f->form->head.c;

	if (cruet_json_kind(v) != CRUET_JSON_ARRAY)
		return is_value(c, v, value);
	for (v = cruet_json_first(v); v; v = cruet_json_next(v))
		if (is_value(c, v, value))
			return true;
	return false;
}

const cruet_json *field_errors(const struct field *f)
{
	return cruet_json_get(cruet_valid_errors(f->form->head.valid), f->def.name);
}
