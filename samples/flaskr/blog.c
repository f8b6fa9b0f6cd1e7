#include "blog.h"

#include <cruet/db.h>
#include <cruet/forms.h>
#include <cruet/login.h>
#include <cruet/template.h>
#include <cruet/validate.h>
#include "auth.h"

CRUET_FORM(post_form, "Save", {"title", "Title", "required|string|max:200"},
	   {"body", "Body", "nullable|string|max:100000", CRUET_FIELD_TEXTAREA,
	    .rows = 12});

static int to_index(cruet_ctx *c)
{
	return cruet_redirect(c, 0, cruet_url(c, "blog.index", (char *)0));
}

static int index_page(cruet_ctx *c)
{
	const cruet_json *posts = cruet_db_json(
		c, "select post.id, title, body, created, author_id, username"
		   " from post join user on user.id = author_id"
		   " order by created desc, post.id desc limit 100");
	const cruet_var vars[] = {{"posts", cruet_value_json(posts)},
				  {NULL, cruet_value_none()}};

	return posts ? cruet_render_vars(c, "blog/index.html", vars) : cruet_err(c);
}

/* The post that the path names, if who asks has written it; others get a reply. */
static int own_post(cruet_ctx *c, const cruet_json **post)
{
	int64_t id = cruet_arg_int(c, "id");
	int err = cruet_login_required(c);

	if (err)
		return err;
	cruet_db_rows *rows = cruet_db_query(
		c, "select id, title, body, author_id from post where id = ?", id);
	if (!rows)
		return cruet_err(c);
	const cruet_db_row *row = cruet_db_next(rows);
	if (!row)
		return cruet_fail(c, 404, "Post id %lld does not exist.", (long long)id);
	if (cruet_db_int(row, "author_id") != auth_user(c))
		return cruet_fail(c, 403, "Only who wrote a post may change it.");
	*post = cruet_db_row_json(row);
	return *post ? CRUET_OK : cruet_err(c);
}

/* A post may have a title alone. */
static const char *body_of(struct cruet_form *form)
{
	const char *body = cruet_form_str(form, "body");

	return body ? body : "";
}

static int create(cruet_ctx *c)
{
	int err = cruet_login_required(c);

	if (err)
		return err;
	struct cruet_form *form = cruet_form_open(c, &post_form);
	if (!cruet_form_ok(form))
		return cruet_form_render(c, form, "blog/create.html", NULL);
	err = cruet_db_exec(c, "insert into post(title, body, author_id) values(?, ?, ?)",
			    cruet_form_str(form, "title"), body_of(form), auth_user(c));
	return err ? err : to_index(c);
}

static int update(cruet_ctx *c)
{
	const cruet_json *post;
	int err = own_post(c, &post);

	if (err)
		return err;
	struct cruet_form *form = cruet_form_open(c, &post_form);
	cruet_form_fill(form, post);
	if (!cruet_form_ok(form))
		return cruet_form_render(c, form, "blog/update.html", post);
	err = cruet_db_exec(c, "update post set title = ?, body = ? where id = ?",
			    cruet_form_str(form, "title"), body_of(form),
			    cruet_arg_int(c, "id"));
	return err ? err : to_index(c);
}

static int delete_post(cruet_ctx *c)
{
	const cruet_json *post;
	int err = own_post(c, &post);

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
