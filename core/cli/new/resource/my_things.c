#include "my_things.h"

#include <cruet/db.h>
#include <cruet/validate.h>

#define COLUMNS "id, text, done"

static const cruet_field_rule rules[] = {
	{"text", "required|string|max:1000"},
	{"done", "boolean"},
	{NULL, NULL},
};

static void put_one(cruet_json *o, const cruet_db_row *row)
{
	cruet_put_int(o, "id", cruet_db_int(row, "id"));
	cruet_put_str(o, "text", cruet_db_str(row, "text"));
	cruet_put_bool(o, "done", cruet_db_bool(row, "done"));
}

/* NULL: 404 or worse, which cruet_err() tells. */
static const cruet_db_row *find(cruet_ctx *c, int64_t id)
{
	return cruet_db_one(c, "select " COLUMNS " from my_things where id = ?", id);
}

static int reply_with(cruet_ctx *c, int64_t id)
{
	const cruet_db_row *row = find(c, id);
	cruet_json *reply = cruet_object(c);

	if (!row)
		return cruet_err(c);
	put_one(reply, row);
	return cruet_jsonify(c, reply);
}

static int list(cruet_ctx *c)
{
	cruet_db_rows *rows = cruet_db_query(c, "select " COLUMNS " from my_things order by id");
	cruet_json *reply = cruet_object(c), *all = cruet_put_array(reply, "my_things");
	const cruet_db_row *row;

	while ((row = cruet_db_next(rows)))
		put_one(cruet_push_object(all), row);
	return cruet_err(c) ? cruet_err(c) : cruet_jsonify(c, reply);
}

static int show(cruet_ctx *c)
{
	return reply_with(c, cruet_arg_int(c, "id"));
}

static int add(cruet_ctx *c)
{
	cruet_valid *v = cruet_validate(c, CRUET_FROM_BODY, rules);

	if (!v)
		return cruet_err(c);
	int err = cruet_db_exec(c, "insert into my_things(text, done) values(?, ?)",
				cruet_valid_str(v, "text"),
				cruet_valid_bool(v, "done", false));
	if (err)
		return err;
	int64_t id = cruet_db_last_id(c);
	cruet_status(c, 201);
	cruet_set_header(c, "Location",
			 cruet_url(c, "my_things.show", "id", cruet_number(c, id), (char *)0));
	return reply_with(c, id);
}

static int change(cruet_ctx *c)
{
	int64_t id = cruet_arg_int(c, "id");
	cruet_valid *v = cruet_validate(c, CRUET_FROM_BODY, rules);

	if (!v || !find(c, id))
		return cruet_err(c);
	int err = cruet_db_exec(c, "update my_things set text = ?, done = ? where id = ?",
				cruet_valid_str(v, "text"),
				cruet_valid_bool(v, "done", false), id);
	return err ? err : reply_with(c, id);
}

static int remove_one(cruet_ctx *c)
{
	int64_t id = cruet_arg_int(c, "id");

	if (!find(c, id))
		return cruet_err(c);
	int err = cruet_db_exec(c, "delete from my_things where id = ?", id);
	return err ? err : cruet_empty(c, 204);
}

void my_things_routes(cruet_app *bp)
{
	cruet_validate_rules(bp, rules);
	cruet_get(bp, "/", list);
	cruet_post(bp, "/", add);
	cruet_get(bp, "/<int:id>", show);
	cruet_put(bp, "/<int:id>", change);
	cruet_del(bp, "/<int:id>", remove_one);
}
