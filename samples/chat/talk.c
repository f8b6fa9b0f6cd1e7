#include "talk.h"

#include <string.h>

#include "room.h"

static const char everybody[] = "room";

static struct room *room_of(cruet_ctx *c)
{
	return cruet_state(cruet_scope(c));
}

/* What is left of a text without the blanks around it; NULL: out of memory. */
static const char *trimmed(cruet_ctx *c, const char *s)
{
	static const char blanks[] = " \t\r\n";

	s += strspn(s, blanks);
	size_t n = strlen(s);
	while (n && strchr(blanks, s[n - 1]))
		n--;
	return cruet_printf(c, "%.*s", (int)n, s);
}

static bool is_line(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7F)
			return false;
	return true;
}

static int tell(cruet_ctx *c, const cruet_json *what)
{
	size_t len;
	const char *text = cruet_json_text(c, what, &len);

	if (!text)
		return cruet_err(c);
	return cruet_ws_publish(c, everybody, CRUET_WS_TEXT, text, len) < 0 ? cruet_err(c)
									    : CRUET_OK;
}

static int tell_of(cruet_ctx *c, const char *type, const char *name)
{
	cruet_json *o = cruet_object(c);

	cruet_put_str(o, "type", type);
	cruet_put_str(o, "name", name);
	return tell(c, o);
}

/* --- who comes --------------------------------------------------------------- */

static int welcome(cruet_ws *w, cruet_ctx *c, const struct room *r, const char *name)
{
	cruet_json *o = cruet_object(c);
	size_t len;

	cruet_put_str(o, "type", "welcome");
	cruet_put_str(o, "name", name);
	room_describe(r, o);
	const char *text = cruet_json_text(c, o, &len);
	return text ? cruet_ws_send(w, CRUET_WS_TEXT, text, len) : cruet_err(c);
}

/* With the lock held: nobody comes or speaks between the welcome and the news of it. */
static int enter(cruet_ws *w, cruet_ctx *c, struct room *r, const char *name)
{
	int err = room_enter(r, name);

	if (err == CRUET_EEXIST)
		return cruet_fail(c, 409, "Somebody called %s is here already.", name);
	if (err == CRUET_ELIMIT)
		return cruet_fail(c, 503, "The room is full.");
	if (err)
		return err;
	/* From here on closed() takes the name back. */
	err = cruet_ws_set(w, name, strlen(name));
	if (err) {
		room_leave(r, name);
		return err;
	}
	err = tell_of(c, "joined", name);
	if (!err)
		err = welcome(w, c, r, name);
	return err ? err : cruet_ws_join(w, everybody);
}

static int opened(cruet_ws *w, cruet_ctx *c)
{
	struct room *r = room_of(c);
	const char *asked = cruet_query(c, "name");
	const char *name = asked ? trimmed(c, asked) : "";

	if (!name)
		return CRUET_ENOMEM;
	if (!*name || strlen(name) > NAME_MAX_BYTES || !is_line(name))
		return cruet_fail(c, 422, "A name has 1 to %d bytes.", NAME_MAX_BYTES);
	pthread_mutex_lock(&r->lock);
	int err = enter(w, c, r, name);
	pthread_mutex_unlock(&r->lock);
	return err;
}

static void closed(cruet_ws *w, cruet_ctx *c, int code)
{
	struct room *r = room_of(c);
	const char *name = cruet_ws_get(w, NULL);

	(void)code;
	if (!name) /* it never got in */
		return;
	pthread_mutex_lock(&r->lock);
	room_leave(r, name);
	if (tell_of(c, "left", name))
		cruet_note(c, CRUET_WARN, "nobody was told that %s left", name);
	pthread_mutex_unlock(&r->lock);
}

/* --- what is said ------------------------------------------------------------ */

static int said(cruet_ws *w, cruet_ctx *c, int kind, const void *p, size_t len)
{
	struct room *r = room_of(c);
	const char *name = cruet_ws_get(w, NULL);

	if (kind != CRUET_WS_TEXT)
		return cruet_fail(c, 415, "JSON is spoken here.");
	const cruet_json *in = cruet_json_parse(c, p, len);
	if (!in)
		return cruet_err(c);
	const char *text = trimmed(c, cruet_json_str(cruet_json_get(in, "say"), ""));
	if (!text)
		return CRUET_ENOMEM;
	if (!*text || strlen(text) > TEXT_MAX_BYTES)
		return cruet_fail(c, 422, "Say 1 to %d bytes.", TEXT_MAX_BYTES);

	int64_t now = cruet_now(cruet_scope(c));
	cruet_json *o = cruet_object(c);
	room_put_said(o, name, text, now);
	pthread_mutex_lock(&r->lock);
	int err = room_remember(r, name, text, now);
	if (!err)
		err = tell(c, o);
	pthread_mutex_unlock(&r->lock);
	return err;
}

int talk_routes(cruet_app *app)
{
	return cruet_websocket(app, &(cruet_ws_rule){.size = sizeof(cruet_ws_rule),
						     .path = "/talk",
						     .name = "talk",
						     .open = opened,
						     .message = said,
						     .close = closed,
						     .max_message = 8192,
						     .max_queue = 262144,
						     .here = CRUET_HERE});
}
