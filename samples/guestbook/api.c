#include "api.h"

#include <cruet/validate.h>
#include "entries.h"
#include "visitor.h"

static const cruet_field_rule list_rules[] = {
	{"limit", "integer|between:1,100"},
	{"after", "integer|min:1"},
	{"before", "integer|min:1"},
	{NULL, NULL},
};

/* A link to the entries on one side of a key, or null. */
static void put_link(cruet_ctx *c, cruet_json *o, const char *name, const char *side,
		     int64_t key, int64_t limit)
{
	if (key)
		cruet_put_str(o, name,
			      cruet_url(c, "api.list", side, cruet_number(c, key), "limit",
					cruet_number(c, limit), (char *)0));
	else
		cruet_put_null(o, name);
}

/* Newest first. "next" leads to older entries, "previous" to newer ones. */
static int list(cruet_ctx *c)
{
	struct page page;
	cruet_valid *v = cruet_validate(c, CRUET_FROM_QUERY, list_rules);

	if (!v)
		return cruet_err(c);
	int64_t limit = cruet_valid_int(v, "limit", 20);
	int err = entries_page(c, cruet_valid_int(v, "after", 0),
			       cruet_valid_int(v, "before", 0), (int)limit, &page);
	if (err)
		return err;
	cruet_json *reply = cruet_object(c);
	cruet_json *entries = cruet_put_array(reply, "entries");
	for (size_t i = 0; i < page.n; i++)
		entry_put(c, cruet_push_object(entries), &page.entries[i]);
	put_link(c, reply, "next", "before", page.older, limit);
	put_link(c, reply, "previous", "after", page.newer, limit);
	return cruet_jsonify(c, reply);
}

static int reply_with(cruet_ctx *c, const struct entry *e)
{
	cruet_json *reply = cruet_object(c);

	entry_put(c, reply, e);
	return cruet_jsonify(c, reply);
}

static int show(cruet_ctx *c)
{
	struct entry e;
	int err = entries_find(c, cruet_arg_int(c, "id"), &e);

	return err ? err : reply_with(c, &e);
}

static int create(cruet_ctx *c)
{
	struct entry e;
	/* JSON alone: a form of another page can send anything else in a visitor's name. */
	cruet_valid *v = cruet_validate(c, CRUET_FROM_JSON, entry_rules);

	if (!v)
		return cruet_err(c);
	int err = entries_add(c, v, &e);
	if (err)
		return err;
	visitor_signed(c, &e);
	cruet_status(c, 201);
	cruet_set_header(c, "Location",
			 cruet_url(c, "api.show", "id", cruet_number(c, e.id), (char *)0));
	return reply_with(c, &e);
}

static int remove_own(cruet_ctx *c)
{
	struct entry e;
	int err = entries_find(c, cruet_arg_int(c, "id"), &e);

	if (err)
		return err;
	if (!visitor_owns(c, e.id))
		return cruet_fail(c, 403, "Only who wrote an entry can take it back.");
	err = entries_remove(c, e.id);
	return err ? err : cruet_empty(c, 204);
}

void api_routes(cruet_app *bp)
{
	cruet_validate_rules(bp, list_rules);
	cruet_get(bp, "/entries", list);
	cruet_post(bp, "/entries", create);
	cruet_get(bp, "/entries/<int:id>", show);
	cruet_del(bp, "/entries/<int:id>", remove_own);
}
