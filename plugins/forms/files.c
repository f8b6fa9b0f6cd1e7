/* Files of a form: which of them count, and what was said of their size and type. */
#include <cruet/upload.h>
#include <string.h>
#include <strings.h>

#include "forms.h"

/* Where no file was chosen, browsers send one without a name and without a byte: that one
 * alone is none. */
int files_find(struct field *f)
{
	cruet_ctx *c = f->form->head.c;
	size_t n = 0;

	while (cruet_upload_get(c, f->def.name, n))
		n++;
	f->files = cruet_alloc(c, (n + 1) * sizeof(cruet_upload *));
	for (size_t i = 0; f->files && i < n; i++) {
		cruet_upload *u = cruet_upload_get(c, f->def.name, i);
		if (*cruet_upload_filename(u) || cruet_upload_size(u))
			f->files[f->nfiles++] = u;
	}
	return f->files ? CRUET_OK : CRUET_ENOMEM;
}

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

static int check_file(const struct field *f, const cruet_upload *u)
{
	uint64_t most = f->def.max_size;

	if (most && cruet_upload_size(u) > most)
		return field_miss(f, "file_size", size_words(f->form->head.c, most));
	if (f->def.accept && !accepted(f->def.accept, u))
		return field_miss(f, "file_type", f->def.accept);
	return CRUET_OK;
}

int files_check(const struct form *f)
{
	int err = CRUET_OK;

	for (size_t i = 0; i < f->n && !err; i++) {
		const struct field *field = &f->fields[i];
		for (size_t k = 0; !err && k < field->nfiles; k++)
			err = check_file(field, field->files[k]);
	}
	return err;
}
