#include "entries.h"

#include <cruet/db.h>
#include <time.h>

#define COLUMNS "id, written, name, message"

const cruet_field_rule entry_rules[] = {
	{"name", ENTRY_NAME},
	{"message", ENTRY_MESSAGE},
	{NULL, NULL},
};

static void read_entry(struct entry *e, const cruet_db_row *row)
{
	e->id = cruet_db_int(row, "id");
	e->written = cruet_db_int(row, "written");
	e->name = cruet_db_str(row, "name");
	e->message = cruet_db_str(row, "message");
}

/* Both ways begin at a key and walk along the table's own order, so nothing is
 * counted and nothing skipped. */
static cruet_db_rows *query(cruet_ctx *c, int64_t after, int64_t before, int limit)
{
	if (after)
		return cruet_db_query(
			c,
			"select * from (select " COLUMNS " from entries"
			" where id > ? order by id limit ?) order by id desc",
			after, limit);
	return cruet_db_query(c,
			      "select " COLUMNS " from entries"
			      " where id < ? order by id desc limit ?",
			      before ? before : INT64_MAX, limit);
}

static int look_around(cruet_ctx *c, struct page *p)
{
	int64_t newest = p->entries[0].id, oldest = p->entries[p->n - 1].id;
	const cruet_db_row *row =
		cruet_db_one(c,
			     "select exists(select 1 from entries where id > ?) as newer,"
			     " exists(select 1 from entries where id < ?) as older",
			     newest, oldest);

	if (!row)
		return cruet_err(c);
	p->newer = cruet_db_bool(row, "newer") ? newest : 0;
	p->older = cruet_db_bool(row, "older") ? oldest : 0;
	return CRUET_OK;
}

int entries_page(cruet_ctx *c, int64_t after, int64_t before, int limit, struct page *out)
{
	cruet_db_rows *rows = query(c, after, before, limit);

	*out = (struct page){.n = 0};
	if (!rows)
		return cruet_err(c);
	size_t n = cruet_db_count(rows);
	if (!n)
		return CRUET_OK;
	struct entry *entries = cruet_alloc(c, n * sizeof *entries);
	if (!entries)
		return CRUET_ENOMEM;
	for (size_t i = 0; i < n; i++)
		read_entry(&entries[i], cruet_db_next(rows));
	out->entries = entries;
	out->n = n;
	return look_around(c, out);
}

int entries_find(cruet_ctx *c, int64_t id, struct entry *out)
{
	const cruet_db_row *row =
		cruet_db_one(c, "select " COLUMNS " from entries where id = ?", id);

	if (!row)
		return cruet_err(c);
	read_entry(out, row);
	return CRUET_OK;
}

int entries_add(cruet_ctx *c, const cruet_valid *v, struct entry *out)
{
	*out = (struct entry){
		.written = cruet_now(cruet_scope(c)) / 1000,
		.name = cruet_valid_str(v, "name"),
		.message = cruet_valid_str(v, "message"),
	};
	int err = cruet_db_exec(
		c, "insert into entries(written, name, message) values(?, ?, ?)",
		out->written, out->name, out->message);
	out->id = err ? 0 : cruet_db_last_id(c);
	return err;
}

int entries_remove(cruet_ctx *c, int64_t id)
{
	int err = cruet_db_exec(c, "delete from entries where id = ?", id);

	if (!err && !cruet_db_changes(c))
		return cruet_fail(c, 404, "There is no entry %lld.", (long long)id);
	return err;
}

static struct tm utc(const struct entry *e)
{
	struct tm tm = {.tm_mday = 1};
	time_t t = (time_t)e->written;

	gmtime_r(&t, &tm);
	return tm;
}

const char *entry_time(cruet_ctx *c, const struct entry *e)
{
	char text[40] = "";
	struct tm tm = utc(e);

	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return cruet_strdup(c, text);
}

const char *entry_day(cruet_ctx *c, const struct entry *e)
{
	char text[40] = "";
	struct tm tm = utc(e);

	strftime(text, sizeof text, "%e %B %Y, %H:%M UTC", &tm);
	return cruet_strdup(c, text + (*text == ' '));
}

void entry_put(cruet_ctx *c, cruet_json *o, const struct entry *e)
{
	cruet_put_int(o, "id", e->id);
	cruet_put_str(o, "name", e->name);
	cruet_put_str(o, "message", e->message);
	cruet_put_str(o, "written", entry_time(c, e));
}

void entries_setup(cruet_app *app)
{
	cruet_validate_rules(app, entry_rules);
	cruet_validate_message(app, "name.required", "Please tell us your name.");
	cruet_validate_message(app, "message.required", "Please write a few words.");
}
