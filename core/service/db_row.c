/* cruet/db.h: what is read from a row. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/ctx.h"
#include "base/real.h"
#include "base/text.h"
#include "service/db.h"

/* --- columns --------------------------------------------------------------------- */

static int no_column(const struct db_set *set, const char *name)
{
	struct buf b;

	buf_init(&b, &set->c->arena, 0);
	buf_printf(&b, "there is no column \"%s\": the statement gives ",
		   name ? name : "");
	for (size_t i = 0; i < set->ncolumns; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", set->names[i]);
	return ctx_fail(set->c, CRUET_EINVAL, b.p, false);
}

/* Its place; false, with a failure, if there is none. */
static bool find(const cruet_db_row *row, const char *name, size_t *at)
{
	if (!row)
		return false;
	const struct db_set *set = row->set;
	for (size_t i = 0; name && i < set->ncolumns; i++)
		if (!strcmp(set->names[i], name)) {
			*at = i;
			return true;
		}
	no_column(set, name);
	return false;
}

size_t cruet_db_columns(const cruet_db_row *row)
{
	return row ? row->set->ncolumns : 0;
}

const char *cruet_db_column(const cruet_db_row *row, size_t i)
{
	return i < cruet_db_columns(row) ? row->set->names[i] : NULL;
}

const cruet_db_value *cruet_db_at(const cruet_db_row *row, size_t i)
{
	if (i < cruet_db_columns(row))
		return &row->values[i];
	if (row)
		ctx_fail(row->set->c, CRUET_EINVAL,
			 arena_printf(&row->set->c->arena,
				      "there is no column %zu: the statement gives %zu, "
				      "counted from 0",
				      i, row->set->ncolumns),
			 false);
	return NULL;
}

/* --- values ---------------------------------------------------------------------- */

static int misfit(const cruet_db_row *row, size_t i, const char *what)
{
	cruet_ctx *c = row->set->c;
	return ctx_fail(c, CRUET_EINVAL,
			arena_printf(&c->arena, "column \"%s\" holds %s",
				     row->set->names[i], what),
			false);
}

static bool whole(double r)
{
	return r >= -0x1p63 && r < 0x1p63 && r == trunc(r);
}

/* No value, or none that is there: the failure is recorded already. */
static const cruet_db_value *value_at(const cruet_db_row *row, size_t i, int *err)
{
	const cruet_db_value *v = cruet_db_at(row, i);

	*err = v || !row ? CRUET_OK : CRUET_EINVAL;
	return v && v->kind != CRUET_DB_NULL ? v : NULL;
}

int db_int(const cruet_db_row *row, size_t i, int64_t *out)
{
	int err;
	const cruet_db_value *v = value_at(row, i, &err);

	*out = 0;
	if (!v)
		return err;
	switch (v->kind) {
	case CRUET_DB_INT:
	case CRUET_DB_BOOL:
		*out = v->as.i;
		return CRUET_OK;
	case CRUET_DB_REAL:
		if (!whole(v->as.r))
			return misfit(row, i, "a real that is no 64-bit integer");
		*out = (int64_t)v->as.r;
		return CRUET_OK;
	case CRUET_DB_TEXT:
		if (!text_intn(v->as.p, v->len, out))
			return misfit(row, i, "text that is no 64-bit integer");
		return CRUET_OK;
	default:
		return misfit(row, i, "bytes: read it with cruet_db_bytes()");
	}
}

int db_real(const cruet_db_row *row, size_t i, double *out)
{
	int err;
	const cruet_db_value *v = value_at(row, i, &err);

	*out = 0;
	if (!v)
		return err;
	switch (v->kind) {
	case CRUET_DB_INT:
	case CRUET_DB_BOOL:
		*out = (double)v->as.i;
		return CRUET_OK;
	case CRUET_DB_REAL:
		*out = v->as.r;
		return CRUET_OK;
	case CRUET_DB_TEXT:
		if (strlen(v->as.p) != v->len || !real_read(v->as.p, out))
			return misfit(row, i, "text that is no number");
		return CRUET_OK;
	default:
		return misfit(row, i, "bytes: read it with cruet_db_bytes()");
	}
}

int db_bool(const cruet_db_row *row, size_t i, bool *out)
{
	double r;
	int err = db_real(row, i, &r);

	*out = r != 0;
	return err;
}

static const char *printed(const cruet_db_row *row, const cruet_db_value *v)
{
	struct arena *a = &row->set->c->arena;
	char *text = arena_alloc(a, 32);

	if (!text)
		ctx_fail(row->set->c, CRUET_ENOMEM, NULL, false);
	else if (v->kind == CRUET_DB_REAL)
		real_put(text, 32, v->as.r);
	else
		snprintf(text, 32, "%lld", (long long)v->as.i);
	return text;
}

int db_str(const cruet_db_row *row, size_t i, const char **out)
{
	int err;
	const cruet_db_value *v = value_at(row, i, &err);

	*out = NULL;
	if (!v)
		return err;
	switch (v->kind) {
	case CRUET_DB_TEXT:
		if (strlen(v->as.p) != v->len)
			return misfit(row, i,
				      "text with a NUL in it: read it with "
				      "cruet_db_bytes()");
		*out = v->as.p;
		return CRUET_OK;
	case CRUET_DB_BLOB:
		return misfit(row, i, "bytes: read it with cruet_db_bytes()");
	default:
		*out = printed(row, v);
		return *out ? CRUET_OK : CRUET_ENOMEM;
	}
}

/* --- readers --------------------------------------------------------------------- */

int64_t cruet_db_int(const cruet_db_row *row, const char *column)
{
	size_t i;
	return find(row, column, &i) ? cruet_db_int_at(row, i) : 0;
}

double cruet_db_real(const cruet_db_row *row, const char *column)
{
	size_t i;
	return find(row, column, &i) ? cruet_db_real_at(row, i) : 0;
}

bool cruet_db_bool(const cruet_db_row *row, const char *column)
{
	size_t i;
	return find(row, column, &i) && cruet_db_bool_at(row, i);
}

const char *cruet_db_str(const cruet_db_row *row, const char *column)
{
	size_t i;
	return find(row, column, &i) ? cruet_db_str_at(row, i) : NULL;
}

const void *cruet_db_bytes(const cruet_db_row *row, const char *column, size_t *len)
{
	size_t i;
	const cruet_db_value *v = find(row, column, &i) ? &row->values[i] : NULL;
	const char *text;

	*len = 0;
	if (v && (v->kind == CRUET_DB_TEXT || v->kind == CRUET_DB_BLOB)) {
		*len = v->len;
		return v->as.p;
	}
	if (!v || db_str(row, i, &text) || !text)
		return NULL;
	*len = strlen(text);
	return text;
}

bool cruet_db_is_null(const cruet_db_row *row, const char *column)
{
	size_t i;
	return !find(row, column, &i) || row->values[i].kind == CRUET_DB_NULL;
}

int64_t cruet_db_int_at(const cruet_db_row *row, size_t i)
{
	int64_t v;
	db_int(row, i, &v);
	return v;
}

double cruet_db_real_at(const cruet_db_row *row, size_t i)
{
	double v;
	db_real(row, i, &v);
	return v;
}

bool cruet_db_bool_at(const cruet_db_row *row, size_t i)
{
	bool v;
	db_bool(row, i, &v);
	return v;
}

const char *cruet_db_str_at(const cruet_db_row *row, size_t i)
{
	const char *v;
	db_str(row, i, &v);
	return v;
}
