#include "pages.h"

#include <cruet/template.h>

#include "posts.h"

static void put_post(cruet_json *o, const struct post *p)
{
	cruet_put_str(o, "slug", p->slug);
	cruet_put_str(o, "title", p->title);
	cruet_put_str(o, "date", p->date);
	cruet_put_str(o, "teaser", p->teaser);
	cruet_put_str(o, "text", p->text);
}

static int front(cruet_ctx *c)
{
	cruet_json *vars = cruet_object(c);
	cruet_json *posts = cruet_put_array(vars, "posts");
	const struct post *p;

	for (size_t i = 0; (p = post_at(i)); i++)
		put_post(cruet_push_object(posts), p);
	return cruet_render(c, "front.html", vars);
}

static int post(cruet_ctx *c)
{
	const struct post *p = post_named(cruet_arg(c, "slug"));
	cruet_json *vars = cruet_object(c);

	if (!p)
		return cruet_fail(c, 404, "There is no such post.");
	put_post(cruet_put_object(vars, "post"), p);
	return cruet_render(c, "post.html", vars);
}

static int about(cruet_ctx *c)
{
	return cruet_render(c, "about.html", NULL);
}

static int not_found(cruet_ctx *c)
{
	return cruet_render(c, "not_found.html", NULL);
}

void pages_routes(cruet_app *app)
{
	cruet_get(app, "/", front);
	cruet_get(app, "/posts/<slug>", post);
	cruet_get(app, "/about", about);
	cruet_on_error(app, 404, not_found);
}
