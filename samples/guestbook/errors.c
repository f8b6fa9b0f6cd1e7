#include "errors.h"

#include <cruet/template.h>
#include <string.h>

/* What may be shown: the words of cruet_fail(). What failed inside (a status of 500
 * and more, or a kind of error such as db.none) stays inside, in the log. */
static const char *words(cruet_ctx *c)
{
	int status = cruet_err_status(c);

	if (status >= 500)
		return "Something went wrong on our side. Please try again in a moment.";
	if (status == 404)
		return "Nothing is here, or not any more.";
	return cruet_err_kind(c) ? "This could not be done." : cruet_err_text(c);
}

static int problem(cruet_ctx *c)
{
	cruet_json *p = cruet_object(c);

	cruet_put_int(p, "status", cruet_err_status(c));
	cruet_put_str(p, "detail", words(c));
	int r = cruet_jsonify(c, p);
	cruet_set_header(c, "Content-Type", "application/problem+json");
	return r;
}

static const char *heading(int status)
{
	switch (status) {
	case 403:
		return "That is not allowed";
	case 404:
		return "There is no such page";
	default:
		return status < 500 ? "That did not work" : "Our mistake";
	}
}

int error_reply(cruet_ctx *c)
{
	cruet_json *vars = cruet_object(c);

	if (!strncmp(cruet_path(c), "/api/", 5))
		return problem(c);
	cruet_put_str(vars, "heading", heading(cruet_err_status(c)));
	cruet_put_str(vars, "words", words(c));
	return cruet_render(c, "error.html", vars);
}
