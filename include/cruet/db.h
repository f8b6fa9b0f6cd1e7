/* The database: one statement, one call, and values beside it. Thin over the
 * service "db/1"; without a plugin that provides it, calls fail the request with
 * 500 and the log names such a plugin. Not part of cruet.h.
 *
 *	int err = cruet_db_exec(c, "insert into entries(name, text) values(?, ?)",
 *				name, text);
 *	if (err)
 *		return err;
 *
 *	cruet_db_rows *rows = cruet_db_query(
 *		c, "select id, name from entries where id < ? order by id desc limit 20",
 *		before);
 *	const cruet_db_row *row;
 *
 *	if (!rows)
 *		return cruet_err(c);
 *	while ((row = cruet_db_next(rows)))
 *		cruet_writef(c, "<li>%s", cruet_escape(c, cruet_db_str(row, "name")));
 *
 *	return cruet_jsonify(c, cruet_db_json(c, "select id, name from entries"));
 *
 * Values never stand in the text: each ? takes the next one after it. They may be
 * text (NULL is null), truth values, integers, reals, and what cruet_db_null(),
 * cruet_db_text() and cruet_db_blob() make, at most 16; anything else does not
 * compile. More, or a list made at run time, goes through the calls that end in _v.
 *
 * Works in requests, commands, timers and every other ctx; one thread per ctx. A
 * connection is the ctx's own while a statement runs, and from cruet_db_begin() to the
 * outermost commit or rollback; in between others may have it.
 * What was read lives as long as the ctx. A failure is recorded in the ctx with its
 * kind (below) and returned; NULL where a pointer is returned. Its text, which has
 * the statement in it, goes to the log and not to the client. [request] */
#ifndef CRUET_DB_H
#define CRUET_DB_H

#include <string.h>

#include "cruet/types.h"

struct cruet_errtype; /* error.h */

typedef struct cruet_db_rows cruet_db_rows; /* a result, and the place in it */
typedef struct cruet_db_row cruet_db_row;

enum cruet_db_kind {
	CRUET_DB_NULL = 1,
	CRUET_DB_INT = 2,
	CRUET_DB_REAL = 3,
	CRUET_DB_BOOL = 4, /* i is 0 or 1 */
	CRUET_DB_TEXT = 5, /* UTF-8; in a row a NUL follows, which len does not count */
	CRUET_DB_BLOB = 6  /* bytes */
};

/* One value, into a statement or out of a row. The layout is frozen. */
typedef struct cruet_db_value {
	uint32_t kind; /* enum cruet_db_kind */
	uint32_t reserved;
	size_t len;
	union {
		int64_t i;
		double r;
		const void *p; /* never NULL in a row */
	} as;
} cruet_db_value;

/* Takes one row; CRUET_OK asks for the next, anything else ends the walk. */
typedef int cruet_db_row_fn(cruet_ctx *c, const cruet_db_row *row, void *arg);

CRUET_BEGIN

/* --- kinds of failures, for cruet_on_kind() and cruet_err_kind() -------------- */

extern CRUET_EXPORT const struct cruet_errtype
	cruet_db_error_kind,       /* 500 "db.error": all of those below, and the rest  */
	cruet_db_unique_kind,      /* 409 "db.unique": such a row is there already      */
	cruet_db_foreign_key_kind, /* 409 "db.foreign_key": the other row is not there  */
	cruet_db_not_null_kind,    /* 422 "db.not_null": a value is missing             */
	cruet_db_check_kind,       /* 422 "db.check": a rule of the table says no       */
	cruet_db_busy_kind,        /* 503 "db.busy", with Retry-After: locked for too
				    * long, or no connection was free in time           */
	cruet_db_full_kind,        /* 503 "db.full": the disk is full                   */
	cruet_db_unavailable_kind, /* 503 "db.unavailable": gone, read-only, damaged    */
	cruet_db_timeout_kind,     /* 504 "db.timeout": a statement took too long       */
	cruet_db_syntax_kind;      /* 500 "db.syntax": the statement cannot be run      */
/* 404 "db.none", no child of "db.error": there is no such row. */
extern CRUET_EXPORT const struct cruet_errtype cruet_db_none_kind;

/* --- statements ----------------------------------------------------------------- */

/* int cruet_db_exec(cruet_ctx *c, const char *sql, VALUE...)
 * Runs one statement; rows that it gives are dropped. CRUET_OK or the failure. */
#define cruet_db_exec(c, ...) cruet_db_exec_v(c, CRUET__DB(__VA_ARGS__))
CRUET_API int cruet_db_exec_v(cruet_ctx *c, const char *sql, size_t n,
			      const cruet_db_value *values) CRUET_MUST_CHECK;

/* cruet_db_rows *cruet_db_query(cruet_ctx *c, const char *sql, VALUE...)
 * All rows, read and kept: what a statement such as "insert ... returning id"
 * writes is written. NULL is a failure; so is a result of more than 64 MiB. */
#define cruet_db_query(c, ...) cruet_db_query_v(c, CRUET__DB(__VA_ARGS__))
CRUET_API cruet_db_rows *cruet_db_query_v(cruet_ctx *c, const char *sql, size_t n,
					  const cruet_db_value *values) CRUET_MUST_CHECK;

/* const cruet_db_row *cruet_db_one(cruet_ctx *c, const char *sql, VALUE...)
 * The first row. None is a failure of its own kind, db.none: 404. */
#define cruet_db_one(c, ...) cruet_db_one_v(c, CRUET__DB(__VA_ARGS__))
CRUET_API const cruet_db_row *cruet_db_one_v(cruet_ctx *c, const char *sql, size_t n,
					     const cruet_db_value *values)
	CRUET_MUST_CHECK;

/* int cruet_db_get(cruet_ctx *c, TYPE *out, const char *sql, VALUE...)
 * The first column of the first row; no row is db.none. TYPE is int64_t, double,
 * bool or const char *. On failure *out is 0, false or NULL. */
#define cruet_db_get(c, out, ...)                       \
	_Generic((out), int64_t *: cruet_db_get_int_v,  \
		 double *: cruet_db_get_real_v,         \
		 bool *: cruet_db_get_bool_v,           \
		 const char **: cruet_db_get_str_v)(c, out, CRUET__DB(__VA_ARGS__))
CRUET_API int cruet_db_get_int_v(cruet_ctx *c, int64_t *out, const char *sql, size_t n,
				 const cruet_db_value *values) CRUET_MUST_CHECK;
CRUET_API int cruet_db_get_real_v(cruet_ctx *c, double *out, const char *sql, size_t n,
				  const cruet_db_value *values) CRUET_MUST_CHECK;
CRUET_API int cruet_db_get_bool_v(cruet_ctx *c, bool *out, const char *sql, size_t n,
				  const cruet_db_value *values) CRUET_MUST_CHECK;
CRUET_API int cruet_db_get_str_v(cruet_ctx *c, const char **out, const char *sql,
				 size_t n, const cruet_db_value *values) CRUET_MUST_CHECK;

/* cruet_json *cruet_db_json(cruet_ctx *c, const char *sql, VALUE...)
 * An array with one object per row, as cruet_db_row_json() makes it. */
#define cruet_db_json(c, ...) cruet_db_json_v(c, CRUET__DB(__VA_ARGS__))
CRUET_API cruet_json *cruet_db_json_v(cruet_ctx *c, const char *sql, size_t n,
				      const cruet_db_value *values);

/* cruet_json *cruet_db_json_one(cruet_ctx *c, const char *sql, VALUE...)
 * The first row as an object; none is db.none. */
#define cruet_db_json_one(c, ...) cruet_db_json_one_v(c, CRUET__DB(__VA_ARGS__))
CRUET_API cruet_json *cruet_db_json_one_v(cruet_ctx *c, const char *sql, size_t n,
					  const cruet_db_value *values);

/* int cruet_db_each(cruet_ctx *c, cruet_db_row_fn *fn, void *arg, const char *sql,
 *                   VALUE...)
 * For results of any size: fn gets row after row, and nothing is kept. A row and
 * what is read from it live until fn returns. fn may run other statements. What it
 * returns but for CRUET_OK ends the walk and is returned. */
#define cruet_db_each(c, fn, arg, ...) \
	cruet_db_each_v(c, fn, arg, CRUET__DB(__VA_ARGS__))
CRUET_API int cruet_db_each_v(cruet_ctx *c, cruet_db_row_fn *fn, void *arg,
			      const char *sql, size_t n, const cruet_db_value *values)
	CRUET_MUST_CHECK;

/* Of the last statement of this ctx that succeeded: the id of the row it inserted,
 * 0 if none; and how many rows it inserted, changed or deleted. */
CRUET_API int64_t cruet_db_last_id(cruet_ctx *c);
CRUET_API int64_t cruet_db_changes(cruet_ctx *c);

/* --- rows -------------------------------------------------------------------------- */

/* The next row, at first the first one; NULL after the last, and for NULL. */
CRUET_API const cruet_db_row *cruet_db_next(cruet_db_rows *rows);
CRUET_API size_t cruet_db_count(const cruet_db_rows *rows); /* rows in all */

/* The value of a column. null gives 0, 0.0, false and NULL, and so does row NULL.
 * Numbers are text if asked for as text, and text that is a number is a number; a
 * value that is not what is asked for, and a column that is not there, fail the
 * request with 500 and a sentence. */
CRUET_API int64_t cruet_db_int(const cruet_db_row *row, const char *column);
CRUET_API double cruet_db_real(const cruet_db_row *row, const char *column);
CRUET_API bool cruet_db_bool(const cruet_db_row *row, const char *column);
CRUET_API const char *cruet_db_str(const cruet_db_row *row, const char *column);
/* Text or a blob as bytes; *len may hold NULs. */
CRUET_API const void *cruet_db_bytes(const cruet_db_row *row, const char *column,
				     size_t *len);
CRUET_API bool cruet_db_is_null(const cruet_db_row *row, const char *column);

/* The same by place, from 0. */
CRUET_API size_t cruet_db_columns(const cruet_db_row *row);
CRUET_API const char *cruet_db_column(const cruet_db_row *row, size_t i); /* its name */
CRUET_API const cruet_db_value *cruet_db_at(const cruet_db_row *row, size_t i);
CRUET_API int64_t cruet_db_int_at(const cruet_db_row *row, size_t i);
CRUET_API double cruet_db_real_at(const cruet_db_row *row, size_t i);
CRUET_API bool cruet_db_bool_at(const cruet_db_row *row, size_t i);
CRUET_API const char *cruet_db_str_at(const cruet_db_row *row, size_t i);

/* An object, its members named after the columns and in their order. Integers are
 * exact, a blob is base64 text (RFC 4648, with padding), text that is not UTF-8 and
 * a NUL in it become U+FFFD, an infinite real is null. NULL on failure. */
CRUET_API cruet_json *cruet_db_row_json(const cruet_db_row *row);

/* --- transactions --------------------------------------------------------------------- */

/* What is written after begin is kept with commit or undone with rollback. They
 * nest: an inner pair keeps or undoes its own part (a savepoint), and only the
 * outermost commit makes it last. A commit that fails has rolled back.
 *
 * A transaction that is open when the reply is complete, or when the ctx closes, is
 * rolled back. So a handler that fails simply returns; one that answers as if all
 * was well (below 400) and has not committed gets a 500 and a line in the log.
 * After a statement has failed inside, other databases than SQLite take nothing but
 * a rollback: so return, or roll back. */
CRUET_API int cruet_db_begin(cruet_ctx *c) CRUET_MUST_CHECK;
CRUET_API int cruet_db_commit(cruet_ctx *c) CRUET_MUST_CHECK;
CRUET_API int cruet_db_rollback(cruet_ctx *c);

/* --- setup ------------------------------------------------------------------------------- */

/* A step of the caller's schema: statements that run once in the life of a database,
 * in a transaction of their own, when the application starts. Steps run in plugin
 * order, those of one plugin by name ("001_users", "002_index"), those of the
 * application last; what has run is recorded per plugin. Copied. A plugin that calls
 * this needs "db/1"; an application has the provider's option schema too. [setup] */
CRUET_API int cruet_db_schema(cruet_app *app, const char *name, const char *sql);

CRUET_END

/* --- values ---------------------------------------------------------------------------------- */

static inline cruet_db_value cruet_db_null(void)
{
	cruet_db_value v = {CRUET_DB_NULL, 0, 0, {0}};
	return v;
}

static inline cruet_db_value cruet_db_blob(const void *p, size_t len) /* NULL: null */
{
	cruet_db_value v = {CRUET_DB_BLOB, 0, len, {0}};
	v.kind = p ? CRUET_DB_BLOB : CRUET_DB_NULL;
	v.as.p = p;
	return v;
}

static inline cruet_db_value cruet_db_text(const char *p, size_t len) /* NULL: null */
{
	cruet_db_value v = cruet_db_blob(p, len);
	v.kind = p ? CRUET_DB_TEXT : CRUET_DB_NULL;
	return v;
}

static inline cruet_db_value cruet__db_str(const char *s)
{
	return cruet_db_text(s, s ? strlen(s) : 0);
}

static inline cruet_db_value cruet__db_int(int64_t i)
{
	cruet_db_value v = {CRUET_DB_INT, 0, 0, {0}};
	v.as.i = i;
	return v;
}

/* More than an int64_t holds has no kind, and is refused when the statement runs. */
static inline cruet_db_value cruet__db_uint(uint64_t u)
{
	cruet_db_value v = cruet__db_int((int64_t)(u & INT64_MAX));
	v.kind = u <= INT64_MAX ? CRUET_DB_INT : 0;
	return v;
}

static inline cruet_db_value cruet__db_real(double r)
{
	cruet_db_value v = {CRUET_DB_REAL, 0, 0, {0}};
	v.as.r = r;
	return v;
}

static inline cruet_db_value cruet__db_bool(bool b)
{
	cruet_db_value v = cruet__db_int(b);
	v.kind = CRUET_DB_BOOL;
	return v;
}

static inline cruet_db_value cruet__db_same(cruet_db_value v)
{
	return v;
}

/* How a C value becomes one of the database's. */
#define CRUET__DB_VALUE(x)                                                            \
	_Generic((x), bool: cruet__db_bool, char *: cruet__db_str,                    \
		 const char *: cruet__db_str, float: cruet__db_real,                  \
		 double: cruet__db_real, cruet_db_value: cruet__db_same,              \
		 char: cruet__db_int, signed char: cruet__db_int,                     \
		 short: cruet__db_int, int: cruet__db_int, long: cruet__db_int,       \
		 long long: cruet__db_int, unsigned char: cruet__db_uint,             \
		 unsigned short: cruet__db_uint, unsigned: cruet__db_uint,            \
		 unsigned long: cruet__db_uint, unsigned long long: cruet__db_uint)(x)

/* sql, value... becomes sql, n, array. */
#define CRUET__DB(...)                                                            \
	CRUET__DB_PICK(__VA_ARGS__, CRUET__DB_16, CRUET__DB_15, CRUET__DB_14,      \
		       CRUET__DB_13, CRUET__DB_12, CRUET__DB_11, CRUET__DB_10,     \
		       CRUET__DB_9, CRUET__DB_8, CRUET__DB_7, CRUET__DB_6,         \
		       CRUET__DB_5, CRUET__DB_4, CRUET__DB_3, CRUET__DB_2,         \
		       CRUET__DB_1, CRUET__DB_0, 0)(__VA_ARGS__)
#define CRUET__DB_PICK(sql, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, pick, ...) \
	pick
#define CRUET__DB_LIST(...) (const cruet_db_value[]){__VA_ARGS__}
#define CRUET__DB_0(sql)       sql, 0, NULL
#define CRUET__DB_1(sql, ...)  sql, 1, CRUET__DB_LIST(CRUET__DB_V1(__VA_ARGS__))
#define CRUET__DB_2(sql, ...)  sql, 2, CRUET__DB_LIST(CRUET__DB_V2(__VA_ARGS__))
#define CRUET__DB_3(sql, ...)  sql, 3, CRUET__DB_LIST(CRUET__DB_V3(__VA_ARGS__))
#define CRUET__DB_4(sql, ...)  sql, 4, CRUET__DB_LIST(CRUET__DB_V4(__VA_ARGS__))
#define CRUET__DB_5(sql, ...)  sql, 5, CRUET__DB_LIST(CRUET__DB_V5(__VA_ARGS__))
#define CRUET__DB_6(sql, ...)  sql, 6, CRUET__DB_LIST(CRUET__DB_V6(__VA_ARGS__))
#define CRUET__DB_7(sql, ...)  sql, 7, CRUET__DB_LIST(CRUET__DB_V7(__VA_ARGS__))
#define CRUET__DB_8(sql, ...)  sql, 8, CRUET__DB_LIST(CRUET__DB_V8(__VA_ARGS__))
#define CRUET__DB_9(sql, ...)  sql, 9, CRUET__DB_LIST(CRUET__DB_V9(__VA_ARGS__))
#define CRUET__DB_10(sql, ...) sql, 10, CRUET__DB_LIST(CRUET__DB_V10(__VA_ARGS__))
#define CRUET__DB_11(sql, ...) sql, 11, CRUET__DB_LIST(CRUET__DB_V11(__VA_ARGS__))
#define CRUET__DB_12(sql, ...) sql, 12, CRUET__DB_LIST(CRUET__DB_V12(__VA_ARGS__))
#define CRUET__DB_13(sql, ...) sql, 13, CRUET__DB_LIST(CRUET__DB_V13(__VA_ARGS__))
#define CRUET__DB_14(sql, ...) sql, 14, CRUET__DB_LIST(CRUET__DB_V14(__VA_ARGS__))
#define CRUET__DB_15(sql, ...) sql, 15, CRUET__DB_LIST(CRUET__DB_V15(__VA_ARGS__))
#define CRUET__DB_16(sql, ...) sql, 16, CRUET__DB_LIST(CRUET__DB_V16(__VA_ARGS__))
#define CRUET__DB_V1(x)         CRUET__DB_VALUE(x)
#define CRUET__DB_V2(x, ...)   CRUET__DB_VALUE(x), CRUET__DB_V1(__VA_ARGS__)
#define CRUET__DB_V3(x, ...)   CRUET__DB_VALUE(x), CRUET__DB_V2(__VA_ARGS__)
#define CRUET__DB_V4(x, ...)   CRUET__DB_VALUE(x), CRUET__DB_V3(__VA_ARGS__)
#define CRUET__DB_V5(x, ...)   CRUET__DB_VALUE(x), CRUET__DB_V4(__VA_ARGS__)
#define CRUET__DB_V6(x, ...)   CRUET__DB_VALUE(x), CRUET__DB_V5(__VA_ARGS__)
#define CRUET__DB_V7(x, ...)   CRUET__DB_VALUE(x), CRUET__DB_V6(__VA_ARGS__)
#define CRUET__DB_V8(x, ...)   CRUET__DB_VALUE(x), CRUET__DB_V7(__VA_ARGS__)
#define CRUET__DB_V9(x, ...)   CRUET__DB_VALUE(x), CRUET__DB_V8(__VA_ARGS__)
#define CRUET__DB_V10(x, ...)  CRUET__DB_VALUE(x), CRUET__DB_V9(__VA_ARGS__)
#define CRUET__DB_V11(x, ...)  CRUET__DB_VALUE(x), CRUET__DB_V10(__VA_ARGS__)
#define CRUET__DB_V12(x, ...)  CRUET__DB_VALUE(x), CRUET__DB_V11(__VA_ARGS__)
#define CRUET__DB_V13(x, ...)  CRUET__DB_VALUE(x), CRUET__DB_V12(__VA_ARGS__)
#define CRUET__DB_V14(x, ...)  CRUET__DB_VALUE(x), CRUET__DB_V13(__VA_ARGS__)
#define CRUET__DB_V15(x, ...)  CRUET__DB_VALUE(x), CRUET__DB_V14(__VA_ARGS__)
#define CRUET__DB_V16(x, ...)  CRUET__DB_VALUE(x), CRUET__DB_V15(__VA_ARGS__)

#endif
