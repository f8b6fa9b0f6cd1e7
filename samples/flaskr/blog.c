#include "blog.h"

#include <cruet/db.h>
#include <cruet/forms.h>
#include <cruet/login.h>
#include <cruet/template.h>
#include <cruet/validate.h>
#include <string.h>
#include "auth.h"

enum { PER_PAGE = 20 };

/* What is sent is longer than what is typed: a letter takes 9 bytes at most, and a form
 * server.field_max. */
CRUET_FORM(post_form, "Save", {"title", "Title", "required|string|max:200"},
	   {"body", "Body", "nullable|string|max:50000", CRUET_FIELD_TEXTAREA,
	    .rows = 12});

static int to_index(cruet_ctx *c)
{
	return cruet_redirect(c, 0, cruet_url(c, "blog.index", (char *)0));
}

/* Newest first; one more than a page holds says that there are older ones. */
static int index_page(cruet_ctx *c)
{
	int64_t before = cruet_query_int(c, "before", 0);
	const cruet_json *posts = cruet_db_json(
		c,
		"select post.id, title, body, created, author_id, username"
		" from post join user on user.id = author_id"
		" where post.id < ? order by post.id desc limit ?",
		before > 0 ? before : INT64_MAX, PER_PAGE + 1);
	const cruet_var vars[] = {{"posts", cruet_value_json(posts)},
				  {"per_page", cruet_value_int(PER_PAGE)},
				  {NULL, cruet_value_none()}};

	return posts ? cruet_render_vars(c, "blog/index.html", vars) : cruet_err(c);
}

/* --- one's own posts -------------------------------------------------------------- */

/* The post that the path names. */
static int find_post(cruet_ctx *c, const cruet_json **post)
{
	int64_t id = cruet_arg_int(c, "id");
	cruet_db_rows *rows = cruet_db_query(
		c, "select id, title, body, author_id from post where id = ?", id);

	if (!rows)
		return cruet_err(c);
	const cruet_db_row *row = cruet_db_next(rows);
	if (!row)
		return cruet_fail(c, 404, "Post id %lld does not exist.", (long long)id);
	*post = cruet_db_row_json(row);
	return *post ? CRUET_OK : cruet_err(c);
}

static int check_author(cruet_ctx *c, const cruet_json *post)
{
	if (cruet_json_int(cruet_json_get(post, "author_id"), 0) == auth_user(c))
		return CRUET_OK;
	return cruet_fail(c, 403, "Only who wrote a post may change it.");
}

/* Who is not logged in is sent to do so; but who was logged out while writing gets the
 * page again, with all that was typed. */
static int check_login(cruet_ctx *c, struct cruet_form *form, const char *page,
		       const cruet_json *vars)
{
	if (auth_user(c) || strcmp(cruet_method(c), "POST") != 0)
		return cruet_login_required(c);
	cruet_form_ok(form); /* reads it */
	cruet_form_fail(form, NULL,
			"You are logged out. Log in in another window, then save this "
			"once more.");
	cruet_status(c, 403);
	return cruet_form_render(c, form, page, vars);
}

/* A post may have a title alone. */
static const char *body_of(struct cruet_form *form)
{
	const char *body = cruet_form_str(form, "body");

	return body ? body : "";
}

static int create(cruet_ctx *c)
{
	static const char page[] = "blog/create.html";
	struct cruet_form *form = cruet_form_open(c, &post_form);
	int err = check_login(c, form, page, NULL);

	if (err)
		return err;
	if (!cruet_form_ok(form))
		return cruet_form_render(c, form, page, NULL);
	err = cruet_db_exec(c, "insert into post(title, body, author_id) values(?, ?, ?)",
			    cruet_form_str(form, "title"), body_of(form), auth_user(c));
	return err ? err : to_index(c);
}

static int update(cruet_ctx *c)
{
	static const char page[] = "blog/update.html";
	const cruet_json *post;
	int err = find_post(c, &post);

	if (err)
		return err;
	struct cruet_form *form = cruet_form_open(c, &post_form);
	cruet_form_fill(form, post);
	err = check_login(c, form, page, post);
	if (!err)
		err = check_author(c, post);
	if (err)
		return err;
	if (!cruet_form_ok(form))
		return cruet_form_render(c, form, page, post);
	err = cruet_db_exec(c, "update post set title = ?, body = ? where id = ?",
			    cruet_form_str(form, "title"), body_of(form),
			    cruet_arg_int(c, "id"));
	return err ? err : to_index(c);
}

static int delete_post(cruet_ctx *c)
{
	const cruet_json *post;
	int err = cruet_login_required(c);

	if (!err)
		err = find_post(c, &post);
	if (!err)
		err = check_author(c, post);
	if (!err)
		err = cruet_csrf_check(c);
	if (!err)
		err = cruet_db_exec(c, "delete from post where id = ?",
				    cruet_arg_int(c, "id"));
	return err ? err : to_index(c);
}

void blog_routes(cruet_app *blog)
{
	cruet_form_check(blog, &post_form);
	cruet_validate_message(blog, "title.required", "Title is required.");
	cruet_add(blog, "GET", "/", index_page, "index", CRUET_HERE);
	cruet_add(blog, "GET,POST", "/create", create, "create", CRUET_HERE);
	cruet_add(blog, "GET,POST", "/<int:id>/update", update, "update", CRUET_HERE);
	cruet_add(blog, "POST", "/<int:id>/delete", delete_post, "delete", CRUET_HERE);
}
